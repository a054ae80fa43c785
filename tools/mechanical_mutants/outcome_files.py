"""The files of the documentation that hold what is known about mechanical mutants."""

from __future__ import annotations

from importlib.metadata import version
from typing import TYPE_CHECKING, Final

from mechanical_mutants.classes import read_judgements
from mechanical_mutants.publishing import as_page
from mechanical_mutants.results import Results, as_text, read_results, results_of

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from mechanical_mutants.classes import Judgement
    from mechanical_mutants.making import MechanicalMutant, Place
    from mechanical_mutants.trying import Tried

RESULTS: Final = "mechanical-mutants.json"
PAGE: Final = "mechanical-mutants.md"
SURVIVORS: Final = "mechanical-survivors.yaml"


class OutcomeFiles:
    """
    The outcomes of a choice of mutants, as far as they are known, and the hand-written classes of survivors.

    Outcomes of mutants outside of the choice, or of changes that are others now, are dropped.
    """

    def __init__(self, folder: Path, choice: Sequence[MechanicalMutant]) -> None:
        self._folder = folder
        self._changes = {mutant.place: mutant.becomes for mutant in choice}
        earlier = read_results(folder / RESULTS)
        self._rows = {row.place: row for row in earlier.rows if self._fits(row)} if earlier else {}

    def knows(self, mutant: MechanicalMutant) -> bool:
        """Whether the outcome of a mutant is known."""
        return mutant.place in self._rows

    def survived(self, mutant: MechanicalMutant) -> bool:
        """Whether a mutant is known to survive."""
        return mutant.place in {row.place for row in self.results().survivors}

    def add(self, row: Tried) -> None:
        """Take an outcome in, in place of the earlier one."""
        self._rows[row.place] = row

    def results(self) -> Results:
        """All outcomes that are known."""
        return results_of(version("mutmut"), self._rows.values())

    def judgements(self) -> Mapping[Place, Judgement]:
        """The classes of survivors; raises BadClassError."""
        return read_judgements(self._folder / SURVIVORS)

    def write(self) -> None:
        """Write the results and the page about them."""
        results = self.results()
        (self._folder / RESULTS).write_text(as_text(results), "utf-8")
        (self._folder / PAGE).write_text(as_page(results, self.judgements()), "utf-8")

    def _fits(self, row: Tried) -> bool:
        return self._changes.get(row.place) == row.becomes
