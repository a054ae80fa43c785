"""`make bench`: measure, keep the results as JSON, and put them as tables into docs/benchmark.md."""

from __future__ import annotations

import argparse
import os
import sys
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from applications.faults import KINDS

from compare import mutants
from compare.comparing import compare
from compare.figures import figures
from compare.installing import install
from compare.planted import SCHEMATHESIS, kept_runs, ours, runs
from compare.planted_results import results
from compare.publishing import keep, kept, publish
from compare.servers import measured, servers
from compare.servers_page import complaints
from compare.subjects import read_subject
from compare.tools import TOOLS

if TYPE_CHECKING:
    from collections.abc import Sequence

    from compare.comparing import Row
    from compare.tools import Tool

_STUDIO: Final = Path(__file__).parent / "studio"
_USUAL: Final = ("faults", "mutants", "figures")
_PARTS: Final = (*_USUAL, "applications", "servers")


def main() -> None:
    """Carry out what the options ask for."""
    options = _options()
    if {"faults", "mutants"} & set(options.parts):
        install()
    if options.subject is not None:
        _compare_locally(options)
        return
    if "faults" in options.parts:
        _compare_faults(options)
    if "mutants" in options.parts:
        _compare_mutants(options)
    if "figures" in options.parts:
        keep("figures", {"figures": figures(exchanges=options.exchanges, rounds=options.rounds)})
    if "applications" in options.parts:
        _compare_applications(options)
    if "servers" in options.parts:
        _compare_servers(options)
    publish()


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, prog="make bench BENCH_ARGS=…")
    say = parser.add_argument
    say(
        "parts",
        nargs="*",
        default=list(_USUAL),
        help=f"what to measure: {', '.join(_PARTS)}; default: {', '.join(_USUAL)}",
    )
    say("--repetitions", type=int, default=1, help="runs of each tool against the sound server")
    say("--fault-repetitions", type=int, default=1, help="runs of each tool against each fault")
    say("--slow", action="store_true", help="also the tools that take minutes")
    say("--only", default="", metavar="TEXT", help="only tools with this text in their names; nothing is kept")
    say("--mutants", type=int, default=4, metavar="N", help="how many of our mutants")
    say("--seed", type=int, default=1, help="what draws the mutants")
    say("--exchanges", type=int, default=20_000, metavar="N", help="how many exchanges memory is watched over")
    say("--rounds", type=int, default=2, help="how often each of the figures is measured")
    say("--kinds", default=",".join(KINDS), help="which applications with planted faults")
    say("--max-time", default="5s", help="how long rounds over the applications take")
    say("--at-once", type=int, default=os.cpu_count() or 1, metavar="N", help="how many runs over applications at once")
    say("--kept", action="store_true", help="measure no application, show what was measured so far")
    say("--anew", action="store_true", help="measure again what an earlier comparison of applications has measured")
    say("--subject", type=Path, metavar="FOLDER", help="another server with faults (subject.toml); nothing is kept")
    options = parser.parse_args()
    unknown = set(options.parts) - set(_PARTS)
    if unknown:
        parser.error(f"there is no part {', '.join(sorted(unknown))}; there are {', '.join(_PARTS)}")
    return options


def _chosen(tools: Sequence[Tool], options: argparse.Namespace) -> list[Tool]:
    return [tool for tool in tools if options.only.lower() in tool.name.lower() and (options.slow or not tool.slow)]


def _compare_locally(options: argparse.Namespace) -> None:
    """Compare on somebody's own server; the rows are printed."""
    for row in _rows(read_subject(options.subject), TOOLS, options):
        print(row)


def _compare_faults(options: argparse.Namespace) -> None:
    subject = read_subject(_STUDIO)
    rows = _rows(subject, TOOLS, options)
    if not options.only:
        keep("faults", {"subject": subject.name, "faults": subject.faults, **_repetitions(options), "rows": rows})


def _compare_mutants(options: argparse.Namespace) -> None:
    drawn = mutants.sample(options.mutants, options.seed)
    print(f"{len(drawn.subject.faults)} of {drawn.population} mutants, seed {drawn.seed}", flush=True)
    rows = _rows(drawn.subject, mutants.TOOLS, options)
    about = {"seed": drawn.seed, "population": drawn.population, "faults": drawn.subject.faults}
    if not options.only:
        keep("mutants", {"subject": drawn.subject.name, **about, **_repetitions(options), "rows": rows})


def _compare_applications(options: argparse.Namespace) -> None:
    tools = [tool for tool in (ours(None), ours(options.max_time), SCHEMATHESIS) if options.only in tool.name]
    kinds = options.kinds.split(",")
    measured = kept_runs if options.kept else partial(runs, at_once=options.at_once, anew=options.anew)
    done = measured(tools, kinds)
    if not options.only and kinds == list(KINDS):
        keep("planted", results(done))


def _compare_servers(options: argparse.Namespace) -> None:
    """Measure servers that others published, or show those that were measured; what is not decided yet is printed."""
    done = {one["name"]: one for one in (kept("servers") or {"servers": []})["servers"]}
    for server in servers():
        if options.only in server.name and not options.kept:
            done[server.name] = measured(server)
            keep("servers", {"servers": [done[name] for name in sorted(done)]})
    for complaint in complaints({"servers": list(done.values())}):
        print(complaint, file=sys.stderr)


def _rows(subject: Any, tools: Sequence[Tool], options: argparse.Namespace) -> list[dict[str, Any]]:  # noqa: ANN401
    chosen = _chosen(tools, options)
    rows: list[Row] = compare(
        subject,
        chosen,
        repetitions=options.repetitions,
        fault_repetitions=options.fault_repetitions,
        at_once=os.cpu_count() or 1,
    )
    return [{**row.as_json(), "package": tool.package} for row, tool in zip(rows, chosen, strict=True)]


def _repetitions(options: argparse.Namespace) -> dict[str, int]:
    return {"repetitions": options.repetitions, "fault_repetitions": options.fault_repetitions}


if __name__ == "__main__":
    main()
