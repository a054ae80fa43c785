"""`conformance run`: the suite's pytest run as a command."""

from __future__ import annotations

import gc
import os
import re
import shlex
import traceback
from pathlib import Path
from typing import TYPE_CHECKING, Final

import click

from conformance.call_stack import call_with_room
from conformance.cli.options import RUN, pytest_arguments, table_options
from conformance.cli.repeat import MOST_RUNS, Repeated, repeat

if TYPE_CHECKING:
    from collections.abc import Sequence

INI: Final = Path(__file__).resolve().parent / "pytest.ini"
# Only these plugins are loaded: others on the machine must not change a verdict or cost time.
PLUGINS: Final = ("conformance.plugin.entry", "pytest_base_url.plugin", "xdist.plugin")
USAGE_ERROR: Final = 2
_PYTEST_USAGE_ERROR: Final = 4
_SUITE_ERROR: Final = 3
_GIVEN: Final = "conformance.given"
_WORKERS: Final = re.compile(r"[0-9]{1,3}|auto|logical")
COLLECTIONS: Final = (20_000, 20, 50)


class _Remembering(click.Command):
    """A command that keeps its arguments, so that reports can name the command that repeats the run."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Keep the arguments as they were given."""
        ctx.meta[_GIVEN] = tuple(args)
        return super().parse_args(ctx, args)


@click.command(cls=_Remembering, context_settings={"ignore_unknown_options": False})
@click.argument("url", required=False)
@click.argument("for_pytest", metavar="[PYTEST_ARGUMENTS]...", nargs=-1, type=click.UNPROCESSED)
@table_options(*RUN)
@click.option(
    "--repeat",
    "runs",
    type=click.IntRange(1, MOST_RUNS),
    metavar="N",
    help="Run the judged set N times; a rule whose verdicts differ is flaky, and failed if it failed once.",
)
@click.option("-n", "--workers", metavar="N", help="Number of processes that run tests (or auto).")
@click.option("-v", "--verbose", is_flag=True, help="Name every test and show where it failed.")
@click.option("-q", "--quiet", is_flag=True, help="Tell the headline and what failed, no more.")
@click.option("--watch", is_flag=True, help="Run again what failed, whenever a file in this folder changes.")
@click.option("--color", type=click.Choice(["auto", "yes", "no"]), default="auto", help="Colours.  [default: auto]")
@click.pass_context
def run(
    context: click.Context,
    /,
    url: str | None,
    for_pytest: tuple[str, ...],
    workers: str | None,
    runs: int | None,
    *,
    verbose: bool,
    quiet: bool,
    watch: bool,
    color: str,
    **options: str | bool | None,
) -> None:
    r"""
    Certify the target at URL, or the embedded implementation when no URL, --app or --target is given.

    \b
    conformance run                                   certify the embedded implementation
    conformance run https://api.example.com/v1        certify a deployment; its key is in CONFORMANCE_API_KEY
    conformance run --app mypackage.main:app          certify an application that you develop
    conformance run URL --spec openapi.yaml           test any API with its own OpenAPI document
    conformance run URL --minimum-judged 90%          let a gate be sure that enough was judged
    conformance run URL --repeat 5                    find the rules whose verdicts are not constant
    conformance run URL -- -k idempotency             hand arguments to pytest
    conformance run --app mypackage.main:app --next   stop at the first cause and explain it
    conformance run --app mypackage.main:app --watch  run again what failed when files change

    \b
    Exit status: 0 conformant, or incomplete with nothing broken
                 1 a requirement (MUST) is broken, or the gate objects
                 2 the command can't be carried out as it was written
                 3 the suite itself erred
                 5 nothing could be judged, for example because nothing answers at URL
    """
    if url is not None and url.startswith("-"):  # `run -- -k name`: click gives the first argument to URL
        for_pytest = (url, *for_pytest)
        url = None
    if url is not None and "://" not in url:
        raise click.UsageError(f"{url} is no URL; write it with http:// or https://.", context)
    if url is not None:
        options = {**options, "base_url": url}
    if quiet and verbose:
        raise click.UsageError("--quiet and --verbose contradict each other; leave one of them out.", context)
    if workers is not None and not _WORKERS.fullmatch(workers):
        raise click.UsageError(f"-n must be a number of processes, auto or logical, not {workers!r:.40}.", context)
    if runs is not None and runs > 1:
        reports = Path(str(options.get("report_dir") or "reports"))
        given = _without_repeat(context.meta[_GIVEN], for_pytest)
        cap = options.get("max_credits")
        context.exit(repeat(Repeated(given, for_pytest, reports, None if cap is None else str(cap)), runs))
    said = {"said": shlex.join(["conformance", "run", *context.meta[_GIVEN]])}
    arguments = [*_base_arguments(verbose=verbose, quiet=quiet), f"--color={color}", "--pyargs", "conformance.suite"]
    arguments += pytest_arguments({**options, **said})
    arguments += ["-n", workers] if workers is not None else []
    if watch:
        # Imported here: it needs a library that no other run does.
        from conformance.cli.implementing import watched

        reports = Path(str(options.get("report_dir") or "reports"))
        context.exit(watched([*arguments, *for_pytest], reports, Path.cwd(), run_pytest))
    context.exit(run_pytest([*arguments, *for_pytest]))


def _without_repeat(given: Sequence[str], for_pytest: Sequence[str]) -> tuple[str, ...]:
    """The arguments of the command but `--repeat` and what is for pytest."""
    words = list(given[: len(given) - len(for_pytest)] if for_pytest else given)
    words = [word for word in words if word != "--" and not word.startswith("--repeat=")]
    if "--repeat" in words:
        at = words.index("--repeat")
        del words[at : at + 2]
    return tuple(words)


def _base_arguments(*, verbose: bool, quiet: bool) -> list[str]:
    plugins = [part for plugin in PLUGINS for part in ("-p", plugin)]
    # With the working folder as its root, pytest prints the ids of tests and not paths relative to it.
    base = ["-c", str(INI), "--rootdir", str(Path.cwd()), "-p", "no:cacheprovider", *plugins]
    if verbose:
        return [*base, "-v"]
    # The plugin's progress display replaces pytest's dots and percentages.
    own = ["-qq", "--conformance-quiet"] if quiet else ["-q"]
    shown = [*own, "--conformance-progress", "-o", "console_output_style=classic"]
    return [*base, *shown, "--no-header", "--tb=no", "-rN", "--disable-warnings"]


class _FreezeAtEnd:
    """pytest collects garbage several times at its end, which is wasted time in a process that is about to end."""

    def pytest_unconfigure(self) -> None:
        """Exclude all present objects from garbage collection."""
        gc.freeze()


def run_pytest(arguments: list[str]) -> int:
    """Run pytest with these arguments in this process; returns the exit status of the command."""
    os.environ["PYTEST_DISABLE_PLUGIN_AUTOLOAD"] = "1"
    os.environ.pop("PYTEST_ADDOPTS", None)
    import pytest

    # Most objects of a run stay until its end: collecting garbage as often as by default takes a tenth of the time.
    gc.set_threshold(*COLLECTIONS)
    try:
        status = int(call_with_room(pytest.main, arguments, plugins=[_FreezeAtEnd()]))
    except OSError:  # a closed console, too many open files: `main` reports it
        raise
    except Exception:  # noqa: BLE001 - Python would exit with 1, which means that the target is at fault
        traceback.print_exc()
        return _SUITE_ERROR
    return USAGE_ERROR if status == _PYTEST_USAGE_ERROR else status
