"""`conformance judge`: judge a recording, and send nothing."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import click

from conformance.cli.options import JUDGE, name_of, pytest_arguments, table_options
from conformance.cli.watch import contract_to_watch, tell

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from conformance.traffic.records import Watched

_REPORT: Final = "report.json"
_REASON_LIMIT: Final = 160
_GATE: Final = tuple(flag for flag in JUDGE if flag not in {"spec", "conventions", "report-dir", "strict"})
_PRICES_OF: Final = "statement of the target (target.toml), for the prices in --har"


@click.command()
@click.argument("run_folder", metavar="[RUN]", required=False)
@click.option(
    "--har", metavar="FILE", help="Judge traffic that a browser or proxy recorded (HAR 1.2) instead of a run."
)
@table_options("system", "target", system="which system the traffic of --har is of", target_file=_PRICES_OF)
@click.option("--base-url", metavar="URL", help="Where the API is in --har.  [default: where most requests went]")
@table_options(*JUDGE)
@click.option("-v", "--verbose", is_flag=True, help="Name every test and show where it failed.")
@click.pass_context
def judge(
    context: click.Context,
    /,
    *,
    run_folder: str | None,
    har: str | None,
    base_url: str | None,
    verbose: bool,
    system: str | None,
    target_file: str | None,
    **options: Any,  # noqa: ANN401 - a text or a flag
) -> None:
    r"""
    Judge what the run in the folder RUN has recorded once more, with the tests and rules of today; nothing is sent.

    \b
    conformance judge reports/run-20261120-101500-1a2b
    conformance judge --har traffic.har --system NAME      what others caused, by rules that need no scenario

    What is not in the recording is inconclusive. The exit status is that of a run.
    """
    if (run_folder is None) == (har is None):
        raise click.UsageError("Name the folder of a run, or a file with --har; one of them.", context)
    reports = Path(options["report_dir"] or "reports")
    if har is not None:
        for flag in _GATE:
            if options[name_of(flag)]:
                raise click.UsageError(f"--{flag} goes with the folder of a run, not with --har.", context)
        watched = contract_to_watch(context, system, options["spec"], options["conventions"], target=target_file)
        context.exit(_judge_har(context, Path(har), watched, base_url, reports, strict=options["strict"]))
    if any(given is not None for given in (system, target_file, base_url)):
        raise click.UsageError("--system, --target and --base-url belong to --har; a run knows its own.", context)
    context.exit(_judge_run(Path(run_folder or ""), reports, options, verbose=verbose))


def _judge_run(recorded: Path, reports: Path, options: Mapping[str, Any], *, verbose: bool) -> int:
    """Judge a run's recording and tell what differs from its report; returns the exit status."""
    from conformance.cli.run import run

    before = set(reports.glob(f"*/{_REPORT}"))
    given = pytest_arguments({**options, "recorded": str(recorded)})
    status = run.main([*["--verbose"] * verbose, "--", *given], standalone_mode=False)
    made = set(reports.glob(f"*/{_REPORT}")) - before
    if made:
        for line in _differences(recorded, made.pop()):
            click.echo(line)
    return int(status or 0)


def _judge_har(
    context: click.Context, file: Path, watched: Watched, base_url: str | None, reports: Path, *, strict: bool
) -> int:
    from conformance.traffic.errors import WatchingError
    from conformance.traffic.har import read_har
    from conformance.traffic.judge import judge_traffic
    from conformance.traffic.records import Records

    try:
        traffic = read_har(file, watched.contract, base_url)
        with Records.begun(watched, traffic.base_url, reports) as records:
            # All keys first: an answer may show a key that only a later request carries.
            for exchange in traffic.exchanges:
                records.learn(exchange)
            for exchange in traffic.exchanges:
                records.keep(exchange)
        judged = judge_traffic(records, strict=strict)
    except WatchingError as error:
        raise click.UsageError(str(error), context) from error
    return tell(judged)


def _differences(recorded: Path, report: Path) -> Iterator[str]:
    """How the verdicts of a new report differ from those of the run, in lines."""
    from conformance.report.text import one_line

    new = json.loads(report.read_text("utf-8"))
    try:
        old = json.loads((recorded / _REPORT).read_text("utf-8"))
        before = {str(entry["id"]): str(entry["verdict"]) for entry in old["requirements"]}
        version = one_line(str(old["suite_version"]), _REASON_LIMIT)
    except (OSError, ValueError, LookupError, TypeError, AttributeError, RecursionError):
        yield f"\n{recorded} holds no report to compare these verdicts with."
        return
    after = {entry["id"]: entry for entry in new["requirements"]}
    changed = [entry for entry in after.values() if before.get(entry["id"]) != entry["verdict"]]
    gone = [name for name in before if name not in after]
    of = f"those of the run, which version {version} judged"
    if not changed and not gone:
        yield f"\nAll {len(after)} verdicts are {of}."
        return
    yield f"\n{len(changed) + len(gone)} verdicts differ from {of}:"
    for entry in changed:
        was = before.get(entry["id"], "not asked")
        reason = f"  {one_line(entry['reason'], _REASON_LIMIT)}" if entry["reason"] else ""
        yield f"  {entry['id']:<32}  {was} → {entry['verdict']}{reason}"
    for name in gone:
        yield f"  {name:<32}  {before[name]} → not asked any more"
