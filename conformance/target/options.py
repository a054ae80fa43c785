"""
The table of options: every setting of a run, once.

Command line, pytest options, target.toml and its JSON Schema, the settings that workers get, and the reference pages
follow from it. A new setting is one field, here or in `TargetOptions`; what uses it reads that field from the settings
of the run. Nothing heavy is imported here: pytest loads the table in every run.
"""

from __future__ import annotations

from dataclasses import dataclass, fields
from functools import cache
from typing import Final

from conformance.target import kinds
from conformance.target.kinds import Setting, setting
from conformance.target.target_options import TargetOptions

# So many histories take less than a second on a local target.
HISTORIES: Final = 8


@dataclass(frozen=True, slots=True, kw_only=True)
class Options(TargetOptions):
    """What is stated about a run; None, or the default, where nothing is."""

    probes_file: str | None = setting(
        kinds.FILE,
        flag="probes",
        help="plant an idempotency key at every run and judge those of earlier runs by real time",
        doc=(
            "plant an idempotency key, and judge those that earlier runs planted at this target: between 12 and 23 "
            "hours old they must be recognised, after 25 they must be free"
        ),
        examples=("probes.json", None),
    )
    report_dir: str | None = setting(
        kinds.FOLDER,
        flag="report-dir",
        help="where the folder of this run is made  [default: reports]",
        doc="where the run's folder is made; default `reports`",
        examples=("somewhere", None),
        judging=True,
        passing=True,
    )
    alluredir: str | None = setting(
        kinds.FOLDER,
        flag="alluredir",
        help="also write results for Allure into this folder (to pytest, --alluredir means the same)",
        doc="also write [results for Allure](../how-to/read-it-in-allure.md) into this folder",
        examples=("allure", None),
        passing=True,
    )
    overlay: str | None = setting(
        kinds.FILE,
        flag="write-overlay",
        help="propose changes of the document of --spec in this file, as an OpenAPI Overlay",
        doc=(
            "propose in this file, as an OpenAPI Overlay (YAML, or JSON by its name), "
            "[changes that would make the document true](../how-to/correct-a-document.md)"
        ),
        examples=("overlay.yaml", None),
        judging=True,
        passing=True,
    )
    seed: int | None = setting(
        kinds.SEED,
        flag="seed",
        help="seed of everything that is drawn at random",
        doc="seed of everything that is drawn at random; the report names the one that was used",
        examples=("7", None),
    )
    examples: int | None = setting(
        kinds.COUNT,
        flag="examples",
        help="drawn requests per operation and kind  [default: half as many as it has constraints, at most 40]",
        doc=(
            "[drawn requests](../explanation/drawn-requests.md) per operation and kind; "
            "default: half as many as the operation has constraints, at most 40, "
            "and fewer where answers show nothing new"
        ),
        examples=("3", None),
    )
    max_requests: int | None = setting(
        kinds.COUNT,
        flag="requests",
        help="send at most so many requests that are made from the document; what is left out stays open",
        doc=(
            "send at most so many requests that are [made from the document](../explanation/drawn-requests.md), over "
            "all processes, repetitions included; what has no room is left out, and what it would judge is inconclusive"
        ),
        examples=("200", None),
    )
    max_seconds: float = setting(
        kinds.DURATION,
        0.0,
        flag="max-time",
        help="then draw more requests, in rounds over all operations, for so long (30s, 2m)",
        doc=(
            "afterwards draw more, in [rounds over all operations](../explanation/drawn-requests.md), "
            "for so long: `45` (seconds), `30s`, `2m`, `1h`, at most 30 days"
        ),
        examples=("2m", None),
    )
    max_wall_seconds: float | None = setting(
        kinds.DURATION,
        flag="max-wall",
        help="the whole run takes no longer than this (90s, 20m, 2h)",
        doc="the whole run takes no longer than this, written like `--max-time`",
        examples=("20m", None),
    )
    histories: int = setting(
        kinds.COUNT_OR_NONE,
        HISTORIES,
        flag="histories",
        help="histories that a model plays, where money is play and there is a control interface; 0: none",
        doc=(
            "[histories that a model plays](../explanation/histories.md), with play money and a control interface; "
            f"default {HISTORIES}, 0: none"
        ),
        examples=("2", None),
    )
    heavy: bool | None = setting(
        kinds.SWITCH,
        flag="heavy",
        help="send files of 100 MB, or don't  [default: only to play money on this machine]",
        doc=(
            "send files of 100 MB to judge the size limit of uploads, or don't; default: only to play money on this "
            "machine. With play money on another machine `--heavy` also allows races of more than two requests"
        ),
        examples=("no", None),
    )
    tier_name: str | None = setting(
        kinds.one_of("read", "free", "paid"),
        flag="tier",
        help="how far to go with real money  [default: free; with a cap: paid]",
        doc=(
            "how far to go with real money: create nothing; also ask for what must be refused; also buy "
            "([tiers](../explanation/money.md#tiers)). Default: `free`, with a cap `paid`. With play money a "
            "tier leaves out the scenarios that need a higher one"
        ),
        examples=("read", None),
    )
    max_credits: str | None = setting(
        kinds.AMOUNT,
        flag="max-credits",
        help="spend real money, and at no time have more than this at stake",
        doc=(
            "buy, and never have more than N at stake, in the unit of the system; an amount such as `310` or `130.50`. "
            "It is held for play money too, if given. `--tier paid` without a cap buys nothing"
        ),
        examples=("130.50", None),
    )
    max_purchases: int | None = setting(
        kinds.COUNT_OR_NONE,
        flag="max-purchases",
        help="the same, counted in purchases: for a target whose prices are not known",
        doc=(
            "buy, and never have more than N purchases at stake, whatever each costs: for a target whose "
            "[prices are not known](../explanation/money.md#purchases-in-place-of-prices). In place of `--max-credits`"
        ),
        examples=("12", None),
    )
    repeats: str | None = setting(
        kinds.RUN,
        flag="failed",
        help="judge again what failed in an earlier run, given by its folder, with the tasks it paid for",
        doc=(
            "judge again only what failed, or was an error, in the run of this folder; what that run paid for is reused"
        ),
        examples=("run-earlier", None),
    )
    recorded: str | None = setting(
        kinds.RUN,
        flag="recording",
        help="send nothing and judge again what the run of this folder has recorded",
        hidden=True,
        examples=("run-recorded", None),
        passing=True,
    )
    only: tuple[str, ...] = setting(
        kinds.names("ID,ID", "requirement"),
        (),
        flag="only",
        help="judge only these requirements, by their ids",
        doc="judge only these requirements, by their ids; what no test of them needs is not sent",
        examples=("SONG-01,SONG-02", None),
        judging=True,
    )
    include: tuple[str, ...] = setting(
        kinds.names("LIST", "operation"),
        (),
        flag="include",
        help="judge only these operations, by id, tag, method or path (/orders/*)",
        doc=(
            "judge only operations of these ids, tags, methods or paths (`getOrder,POST,/orders/*`); what these need, "
            "such as what makes a thing, is still sent"
        ),
        examples=("getOrder,POST", None),
    )
    exclude: tuple[str, ...] = setting(
        kinds.names("LIST", "operation"),
        (),
        flag="exclude",
        help="leave these operations out, named in the same ways",
        doc="leave these operations out, named in the same ways",
        examples=("DELETE,/admin/*", None),
    )
    next_cause: bool = setting(
        kinds.FLAG,
        default=False,
        flag="next",
        help="stop at the first broken MUST on what an operation is for, and explain the first cause",
        doc="stop at the first broken MUST on what an operation is for; show the first cause alone and explain it",
    )
    compared: str | None = setting(
        kinds.FILE,
        flag="compared",
        help="earlier runs of the same judged set, whose verdicts count as well (JSON)",
        hidden=True,
        examples=("runs.json", None),
        passing=True,
    )
    strict: bool = setting(
        kinds.FLAG,
        default=False,
        flag="strict",
        help="let a broken SHOULD fail the run as a broken MUST does",
        doc="a broken SHOULD fails the run as a broken MUST does",
        judging=True,
    )
    provisional: bool = setting(
        kinds.FLAG,
        default=False,
        flag="provisional",
        help="judge rules that are known only from examples, clients or other routes, as SHOULD",
        judging=True,
    )
    destructive: bool = setting(
        kinds.FLAG,
        default=False,
        flag="destructive",
        help="let requests delete what the run has not made (DELETE, and what is named reset, purge, drop)",
    )
    expected_failures: str | None = setting(
        kinds.FILE,
        flag="expected-failures",
        help="requirements that may fail until a day, and why (YAML); that one passes fails the run",
        doc=(
            "requirements that fail, why, who is responsible and until when; none of them fails the run, but one that "
            "passes, is past its day or is unknown does "
            "([known failures](../how-to/gate-a-deployment.md#failures-that-are-known))"
        ),
        examples=("expected.yaml", None),
        judging=True,
        passing=True,
    )
    known_flaky: str | None = setting(
        kinds.FILE,
        flag="known-flaky",
        help="requirements that may fail or pass until a day, in the same form",
        doc="requirements that fail now and then, in the same form: they may fail or pass until their day",
        examples=("flaky.yaml", None),
        judging=True,
        passing=True,
    )
    levels: tuple[str, ...] = setting(
        kinds.names("LIST", "level"),
        (),
        flag="levels",
        help="judge only requirements of these levels, such as MUST or MUST,SHOULD",
        doc="judge only requirements of these levels: `MUST`, `MUST,SHOULD`; default: all",
        examples=("MUST,SHOULD", None),
        judging=True,
    )
    minimum_judged: str | None = setting(
        kinds.text("N|N%"),
        flag="minimum-judged",
        help="fail the run if fewer of the MUST requirements that apply were judged",
        doc="fail the run if fewer of the MUST requirements that apply were judged, as a number or a share (`90%`)",
        examples=("90%", None),
        judging=True,
        passing=True,
    )
    quiet: bool = setting(
        kinds.FLAG,
        default=False,
        flag="quiet",
        help="tell the headline and what failed, no more",
        hidden=True,
        judging=True,
        passing=True,
    )
    progress: bool = setting(
        kinds.FLAG,
        default=False,
        flag="progress",
        help="show how far the run has come, not dots",
        hidden=True,
        judging=True,
        passing=True,
    )
    said: str | None = setting(
        kinds.text("COMMAND"),
        flag="said",
        help="how the run was asked for, to be named in its reports in place of pytest's arguments",
        hidden=True,
        examples=("conformance run", None),
        judging=True,
        passing=True,
    )


@cache
def rows() -> tuple[Setting, ...]:
    """The rows of the table."""
    return tuple(Setting(row.name, row.metadata["about"]) for row in fields(Options))


def on_command_line() -> tuple[Setting, ...]:
    """The settings that an option states."""
    return tuple(row for row in rows() if row.about.flag is not None)


def in_target_file() -> tuple[Setting, ...]:
    """The settings that target.toml states."""
    return tuple(row for row in rows() if row.about.member)
