"""The outcomes of all mutants that were tried, as values and as a file."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from mechanical_mutants.making import Place
from mechanical_mutants.trying import Outcome, Tried

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

_VERSION: Final = "1.0"


@dataclass(frozen=True, slots=True)
class Results:
    """What came of the mutants, by their places; `mutmut` is the version of the tool that made them."""

    mutmut: str
    rows: tuple[Tried, ...]

    @property
    def survivors(self) -> tuple[Tried, ...]:
        """The mutants that nothing failed with, be it that the suite itself erred."""
        return tuple(row for row in self.rows if row.outcome in {Outcome.SURVIVED, Outcome.ERRED})

    def number(self, outcome: Outcome) -> int:
        """How many mutants came to this."""
        return sum(row.outcome is outcome for row in self.rows)


def results_of(mutmut: str, rows: Iterable[Tried]) -> Results:
    """The rows in the order of their places."""
    return Results(mutmut, tuple(sorted(rows, key=lambda row: row.place)))


def read_results(file: Path) -> Results | None:
    """What was written before, None when nothing was."""
    if not file.exists():
        return None
    content = json.loads(file.read_text("utf-8"))
    return results_of(content["mutmut"], map(_row, content["mutants"]))


def as_text(results: Results) -> str:
    """The results as they are written; `read_results` takes nothing but the tool's version and the mutants."""
    content = {
        "results_version": _VERSION,
        "mutmut": results.mutmut,
        "summary": {"mutants": len(results.rows), **{each.value: results.number(each) for each in Outcome}},
        "mutants": [_entry(row) for row in results.rows],
    }
    return f"{json.dumps(content, indent=1, ensure_ascii=False)}\n"


def _row(entry: dict[str, Any]) -> Tried:
    place = Place(entry["module"], entry["line"], entry["operator"], entry["occurrence"])
    outcome = Outcome(entry["outcome"])
    return Tried(place, entry["becomes"], outcome, tuple(entry["failed"]), entry["unjudged"])


def _entry(row: Tried) -> dict[str, Any]:
    return {
        "id": row.place.id,
        "module": row.place.module,
        "line": row.place.line,
        "operator": row.place.operator,
        "occurrence": row.place.occurrence,
        "becomes": row.becomes,
        "outcome": row.outcome.value,
        "failed": list(row.failed),
        "unjudged": row.unjudged,
    }
