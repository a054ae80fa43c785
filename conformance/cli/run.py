"""`conformance run`: the comfortable form of the suite's pytest run."""

from __future__ import annotations

import gc
import os
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
_COLLECTIONS: Final = (20_000, 20, 50)


@click.command(context_settings={"ignore_unknown_options": False})
@click.argument("url", required=False)
@click.argument("pytest_arguments", nargs=-1, type=click.UNPROCESSED)
@click.option("--app", metavar="MODULE:APP", help="Certify an ASGI application; it is served on loopback.")
@click.option("--factory", is_flag=True, help="The --app is a function that makes the application.")
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
@click.option("--seed", type=int, metavar="N", help="Seed of everything that is drawn at random.")
@click.option("--examples", type=click.IntRange(min=1), metavar="N", help="Drawn requests per operation and kind.")
@click.option("--heavy/--no-heavy", default=None, help="Send 100 MB files.  [default: to play money on this machine]")
@click.option(
    "--tier",
    type=click.Choice(["read", "free", "paid"]),
    help="How far to go with real money.  [default: free; with --max-credits: paid]",
)
@click.option("--max-credits", metavar="N", help="Spend real money; never have more than this at stake.")
@click.option("--failed", metavar="RUN", help="Judge again what failed in the run of this folder.")
@click.option("--strict", is_flag=True, help="Let a broken SHOULD fail the run as a broken MUST does.")
@click.option("-n", "--workers", metavar="N", help="Number of processes that run tests (or auto).")
@click.option("-v", "--verbose", is_flag=True, help="Name every test and show where it failed.")
@click.pass_context
def run(
    context: click.Context,
    /,
    url: str | None,
    pytest_arguments: tuple[str, ...],
    workers: str | None,
    *,
    verbose: bool,
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
    conformance run URL -- -k idempotency             hand arguments to pytest

    \b
    Exit status: 0 conformant, or incomplete with nothing broken
                 1 a requirement (MUST) is broken
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
    arguments = [*_base_arguments(verbose=verbose), *_suite_arguments(options)]
    arguments += ["--conformance-factory"] * factory + ["--conformance-strict"] * strict
    arguments += [] if heavy is None else ["--conformance-heavy", "yes" if heavy else "no"]
    arguments += ["-n", workers] if workers is not None else []
    context.exit(_run_pytest([*arguments, *pytest_arguments]))


def _base_arguments(*, verbose: bool) -> list[str]:
    plugins = [part for plugin in PLUGINS for part in ("-p", plugin)]
    quiet = ["-v"] if verbose else ["-q", "--no-header", "--tb=no", "-rN", "--disable-warnings"]
    # With the present folder as its root, pytest prints the ids of tests as they are, not as paths from here.
    return ["-c", str(INI), "--rootdir", str(Path.cwd()), "-p", "no:cacheprovider", *plugins, *quiet]


def _suite_arguments(options: Mapping[str, str | int | None]) -> list[str]:
    named = {"base_url": "--base-url"}
    given = [
        part
        for name, value in options.items()
        if value is not None
        for part in (named.get(name, f"--conformance-{name.replace('_', '-')}"), str(value))
    ]
    return ["--pyargs", "conformance.suite", *given]


def _run_pytest(arguments: list[str]) -> int:
    os.environ["PYTEST_DISABLE_PLUGIN_AUTOLOAD"] = "1"
    os.environ.pop("PYTEST_ADDOPTS", None)
    import pytest

    # What a run makes stays until its end: looking for waste as often as Python does takes a tenth of the time.
    gc.set_threshold(*_COLLECTIONS)
    status = int(pytest.main(arguments))
    return USAGE_ERROR if status == _PYTEST_USAGE_ERROR else status
