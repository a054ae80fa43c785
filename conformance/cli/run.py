"""`conformance run`: the comfortable form of the suite's pytest run."""

from __future__ import annotations

import gc
import os
import shlex
import traceback
from pathlib import Path
from typing import TYPE_CHECKING, Final

import click

if TYPE_CHECKING:
    from collections.abc import Mapping

INI: Final = Path(__file__).resolve().parent / "pytest.ini"
# Only these plugins take part: what else is installed on the machine must not change a verdict or cost time.
PLUGINS: Final = ("conformance.plugin.entry", "pytest_base_url.plugin", "xdist.plugin")
USAGE_ERROR: Final = 2
_PYTEST_USAGE_ERROR: Final = 4
_SUITE_ERROR: Final = 3
_GIVEN: Final = "conformance.given"
COLLECTIONS: Final = (20_000, 20, 50)


class _Remembering(click.Command):
    """A command that keeps how it was called, so that reports can say how to run the same again."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Keep the arguments as they were given."""
        ctx.meta[_GIVEN] = tuple(args)
        return super().parse_args(ctx, args)


@click.command(cls=_Remembering, context_settings={"ignore_unknown_options": False})
@click.argument("url", required=False)
@click.argument("pytest_arguments", nargs=-1, type=click.UNPROCESSED)
@click.option("--app", metavar="MODULE:APP", help="Certify an ASGI application; it is served on loopback.")
@click.option("--factory", is_flag=True, help="The --app is a function that makes the application.")
@click.option("--python", metavar="PATH", help="Interpreter of the environment in which the --app is installed.")
@click.option("--system", metavar="NAME", help="Which system the target implements.")
@click.option("--spec", metavar="FILE", help="OpenAPI document that the target implements.")
@click.option("--conventions", metavar="FILE", help="What that document can't say (conventions.yaml).")
@click.option("--target", metavar="FILE", help="Statement of the target (target.toml).")
@click.option("--api-key-env", metavar="VARIABLE", help="Environment variable that holds the API key.")
@click.option("--control-url", metavar="URL", help="Control interface of the target, where it has one.")
@click.option("--ca-file", metavar="FILE", help="Certificates of a private CA that signed the target's.")
@click.option("--proxy", metavar="URL|env", help="HTTP proxy for targets elsewhere; env: what the environment names.")
@click.option("--rate", metavar="N/s", help="At most so many requests per second (or N/min).")
@click.option("--concurrency", type=int, metavar="N", help="At most so many requests at the same time.")
@click.option("--probes", metavar="FILE", help="Plant an idempotency key, and judge those that earlier runs planted.")
@click.option("--report-dir", metavar="FOLDER", help="Where the folder of this run is made.  [default: reports]")
@click.option("--alluredir", metavar="FOLDER", help="Also write results for Allure into this folder.")
@click.option("--seed", type=int, metavar="N", help="Seed of everything that is drawn at random.")
@click.option(
    "--examples",
    type=click.IntRange(min=1),
    metavar="N",
    help="Drawn requests per operation and kind.  [default: half as many as it has constraints, at most 40]",
)
@click.option("--max-time", metavar="DURATION", help="Then draw more, in rounds, for so long (30s, 2m).")
@click.option("--histories", type=click.IntRange(min=0), metavar="N", help="Histories that a model plays; 0: none.")
@click.option("--heavy/--no-heavy", default=None, help="Send 100 MB files.  [default: to play money on this machine]")
@click.option(
    "--tier",
    type=click.Choice(["read", "free", "paid"]),
    help="How far to go with real money.  [default: free; with --max-credits: paid]",
)
@click.option("--max-credits", metavar="N", help="Spend real money; never have more than this at stake.")
@click.option("--failed", metavar="RUN", help="Judge again what failed in the run of this folder.")
@click.option("--strict", is_flag=True, help="Let a broken SHOULD fail the run as a broken MUST does.")
@click.option("--levels", metavar="LIST", help="Judge only requirements of these levels, such as MUST,SHOULD.")
@click.option("--surfaces", metavar="LIST", help="Judge only these surfaces.  [default: what the target offers]")
@click.option("--expected-failures", metavar="FILE", help="Requirements that fail, until when and why (YAML).")
@click.option("--known-flaky", metavar="FILE", help="Requirements that fail now and then, in the same form.")
@click.option("--minimum-judged", metavar="N|N%", help="Fail the run if fewer of the MUST that apply were judged.")
@click.option("-n", "--workers", metavar="N", help="Number of processes that run tests (or auto).")
@click.option("-v", "--verbose", is_flag=True, help="Name every test and show where it failed.")
@click.option("-q", "--quiet", is_flag=True, help="Tell the headline and what failed, no more.")
@click.option("--color", type=click.Choice(["auto", "yes", "no"]), default="auto", help="Colours.  [default: auto]")
@click.pass_context
def run(
    context: click.Context,
    /,
    url: str | None,
    pytest_arguments: tuple[str, ...],
    workers: str | None,
    *,
    verbose: bool,
    quiet: bool,
    color: str,
    factory: bool,
    heavy: bool | None,
    strict: bool,
    **options: str | int | None,
) -> None:
    r"""
    Certify the target at URL, or the embedded implementation when no URL, --app or --target is given.

    \b
    conformance run                                   certify the embedded implementation
    conformance run https://api.example.com/v1        certify a deployment; its key is in CONFORMANCE_API_KEY
    conformance run --app mypackage.main:app          certify an application that you develop
    conformance run URL --spec openapi.yaml           test any API with its own OpenAPI document
    conformance run URL --minimum-judged 90%          let a gate be sure that enough was judged
    conformance run URL -- -k idempotency             hand arguments to pytest

    \b
    Exit status: 0 conformant, or incomplete with nothing broken
                 1 a requirement (MUST) is broken, or the gate objects
                 2 the command can't be carried out as it was written
                 3 the suite itself erred
                 5 nothing could be judged, for example because nobody answers at URL
    """
    if url is not None and url.startswith("-"):  # `run -- -k name`: click gives the first argument to URL
        pytest_arguments = (url, *pytest_arguments)
        url = None
    if url is not None and "://" not in url:
        raise click.UsageError(f"{url} is no URL; write it with http:// or https://.", context)
    if url is not None:
        options = {**options, "base_url": url}
    if quiet and verbose:
        raise click.UsageError("--quiet and --verbose contradict each other; leave one of them out.", context)
    arguments = [*_base_arguments(verbose=verbose, quiet=quiet), f"--color={color}", *_suite_arguments(options)]
    arguments += ["--conformance-said", shlex.join(["conformance", "run", *context.meta[_GIVEN]])]
    arguments += ["--conformance-factory"] * factory + ["--conformance-strict"] * strict
    arguments += [] if heavy is None else ["--conformance-heavy", "yes" if heavy else "no"]
    arguments += ["-n", workers] if workers is not None else []
    context.exit(_run_pytest([*arguments, *pytest_arguments]))


def _base_arguments(*, verbose: bool, quiet: bool) -> list[str]:
    plugins = [part for plugin in PLUGINS for part in ("-p", plugin)]
    # With the present folder as its root, pytest prints the ids of tests as they are, not as paths from here.
    base = ["-c", str(INI), "--rootdir", str(Path.cwd()), "-p", "no:cacheprovider", *plugins]
    if verbose:
        return [*base, "-v"]
    # The plugin's own progress takes the place of pytest's dots and percentages.
    own = ["-qq", "--conformance-quiet"] if quiet else ["-q"]
    shown = [*own, "--conformance-progress", "-o", "console_output_style=classic"]
    return [*base, *shown, "--no-header", "--tb=no", "-rN", "--disable-warnings"]


def _suite_arguments(options: Mapping[str, str | int | None]) -> list[str]:
    named = {"base_url": "--base-url"}
    given = [
        part
        for name, value in options.items()
        if value is not None
        for part in (named.get(name, f"--conformance-{name.replace('_', '-')}"), str(value))
    ]
    return ["--pyargs", "conformance.suite", *given]


class _LeaveWaste:
    """At its end pytest looks for waste several times; this process is about to give all of its memory back."""

    def pytest_unconfigure(self) -> None:
        """Keep what is there now out of that search."""
        gc.freeze()


def _run_pytest(arguments: list[str]) -> int:
    os.environ["PYTEST_DISABLE_PLUGIN_AUTOLOAD"] = "1"
    os.environ.pop("PYTEST_ADDOPTS", None)
    import pytest

    # What a run makes stays until its end: looking for waste as often as Python does takes a tenth of the time.
    gc.set_threshold(*COLLECTIONS)
    try:
        status = int(pytest.main(arguments, plugins=[_LeaveWaste()]))
    except Exception:  # noqa: BLE001 - Python would end with 1, which says that the target is at fault
        traceback.print_exc()
        return _SUITE_ERROR
    return USAGE_ERROR if status == _PYTEST_USAGE_ERROR else status
