"""Many runs beside each other as one page: requirements down, implementations or dates across."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from conformance.contract.contract import load_contract
from conformance.contract.files import known_systems
from conformance.report.compare.difference import check_comparable
from conformance.report.html import anchor, asset, templates
from conformance.report.text import one_line
from conformance.verdicts.model import Verdict

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from conformance.report.compare.read import PastRun, ReportEntry

_MOST_NAMES: Final = 5
_LONGEST_NAME: Final = 60
_WORDS = {verdict: verdict.words for verdict in Verdict}
# Colour alone says nothing to many readers, nor on paper.
_SIGNS: Final = {
    Verdict.PASS: "✓",
    Verdict.FAIL: "✗",
    Verdict.ERROR: "!",
    Verdict.INCONCLUSIVE: "?",
    Verdict.NOT_APPLICABLE: "/",
}


@dataclass(frozen=True, slots=True)
class _Column:
    """A run; `page` is the address of its own report, as seen from this page."""

    run: PastRun
    page: str | None


@dataclass(frozen=True, slots=True)
class _Row:
    """One requirement; None for a run whose contract does not have it."""

    about: ReportEntry
    anchor: str
    cells: tuple[ReportEntry | None, ...]

    @property
    def differs(self) -> bool:
        """Whether the runs don't agree on it."""
        return len({cell and cell.verdict for cell in self.cells}) > 1

    @property
    def fails(self) -> bool:
        """Whether it is broken in any of the runs."""
        return any(cell is not None and cell.verdict is Verdict.FAIL for cell in self.cells)


@dataclass(frozen=True, slots=True)
class _Overlap:
    """How many of the requirements of a surface that apply are met in a run."""

    met: int
    applicable: int
    broken: bool

    @property
    def colour(self) -> str:
        """The verdict whose colour shows it."""
        if self.broken:
            return str(Verdict.FAIL)
        whole = self.applicable and self.met == self.applicable
        return str(Verdict.PASS if whole else Verdict.INCONCLUSIVE if self.applicable else Verdict.NOT_APPLICABLE)


@dataclass(frozen=True, slots=True)
class _Surface:
    """The requirements of one surface, and how each run did on all of them."""

    name: str
    rows: tuple[_Row, ...]
    shares: tuple[_Overlap, ...]

    @property
    def differing(self) -> tuple[_Row, ...]:
        """What the runs don't agree on: first what fails in any of them."""
        return tuple(sorted((row for row in self.rows if row.differs), key=lambda row: not row.fails))

    @property
    def alike(self) -> tuple[_Row, ...]:
        """What the runs agree on: first what fails in all of them."""
        return tuple(sorted((row for row in self.rows if not row.differs), key=lambda row: not row.fails))


def matrix_page(runs: Sequence[PastRun], folder: Path) -> str:
    """
    The page, with links from `folder`, where it is to stand, to the pages of the runs.

    Runs of different systems are lined up by the capabilities that their conventions name.

    It loads nothing and runs no script. All text is escaped and bounded: reports may come from anywhere.

    Raises:
        IncomparableRunsError: the runs are of different systems, and not of all of them is known what they share.
    """
    systems = list(dict.fromkeys(run.system for run in runs))
    surfaces = _surfaces(runs) if len(systems) == 1 else _capabilities(runs)
    rows = [row for surface in surfaces for row in surface.rows]
    return (
        templates()
        .get_template("matrix.html")
        .render(
            system=", ".join(one_line(system, _LONGEST_NAME) for system in systems[:_MOST_NAMES]),
            shared=len(systems) > 1,
            contracts=sorted({run.contract_version for run in runs}),
            columns=[_Column(run, run.page_from(folder)) for run in runs],
            surfaces=surfaces,
            differing=sum(row.differs for row in rows),
            failing=sum(row.fails for row in rows),
            requirements=len(rows),
            totals=_shares(rows, runs),
            words=_WORDS,
            signs=_SIGNS,
            style=asset("matrix.css"),
        )
    )


def _surfaces(runs: Sequence[PastRun]) -> list[_Surface]:
    by_surface: defaultdict[str, list[_Row]] = defaultdict(list)
    # The newest wording stands last on the command line.
    known = {name: entry for run in runs for name, entry in run.entries.items()}
    for name, entry in known.items():
        cells = tuple(run.entries.get(name) for run in runs)
        by_surface[entry.surface].append(_Row(entry, anchor(name), cells))
    return [_Surface(name, tuple(rows), _shares(rows, runs)) for name, rows in by_surface.items()]


def _capabilities(runs: Sequence[PastRun]) -> list[_Surface]:
    """The requirements of each capability, whichever system they are of: those of others are left empty in a run."""
    named = _capabilities_by_system(runs)
    known = {name: entry for run in runs for name, entry in run.entries.items()}
    grouped: dict[str, list[_Row]] = {}
    for capability in dict.fromkeys(capability for capabilities in named.values() for capability in capabilities):
        ids = [name for capabilities in named.values() for name in capabilities.get(capability, ())]
        rows = [
            _Row(known[one], anchor(one), tuple(run.entries.get(one) for run in runs)) for one in ids if one in known
        ]
        grouped[capability] = rows
    return [_Surface(name, tuple(rows), _shares(rows, runs)) for name, rows in grouped.items() if rows]


def _capabilities_by_system(runs: Sequence[PastRun]) -> Mapping[str, Mapping[str, tuple[str, ...]]]:
    """
    The capabilities of each system that there are runs of, with the ids of their requirements.

    Raises:
        IncomparableRunsError: a system is unknown here, or its conventions name no capabilities.
    """
    systems = dict.fromkeys(run.system for run in runs)
    named = {name: load_contract(name).conventions.capabilities for name in systems if name in known_systems()}
    if len(named) < len(systems) or not all(named.values()):
        check_comparable(runs)
    return named


def _shares(rows: Sequence[_Row], runs: Sequence[PastRun]) -> tuple[_Overlap, ...]:
    return tuple(_share(rows, position) for position in range(len(runs)))


def _share(rows: Sequence[_Row], position: int) -> _Overlap:
    verdicts = [cell.verdict for row in rows if (cell := row.cells[position]) is not None]
    return _Overlap(
        met=verdicts.count(Verdict.PASS),
        applicable=len(verdicts) - verdicts.count(Verdict.NOT_APPLICABLE),
        broken=Verdict.FAIL in verdicts,
    )
