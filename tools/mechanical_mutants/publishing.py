"""The results as a page: the rates, and every survivor with its class."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from jinja2 import Environment, PackageLoader, StrictUndefined

from mechanical_mutants.classes import SurvivorClass, judgement_of
from mechanical_mutants.trying import Outcome

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from mechanical_mutants.classes import Judgement
    from mechanical_mutants.making import Place
    from mechanical_mutants.results import Results
    from mechanical_mutants.trying import Tried


@dataclass(frozen=True, slots=True)
class Rates:
    """
    How many mutants were killed, of how many.

    Dead ones count for neither rate. `raw` takes all others; `observable` leaves out survivors that were found
    to be equivalent or not observable. Survivors that were not judged yet count against the suite.
    """

    killed: int
    alive: int
    excused: int

    @property
    def raw(self) -> float:
        """Killed of all that could be judged, from 0 to 1."""
        return self.killed / max(self.alive, 1)

    @property
    def observable(self) -> float:
        """Killed of those that could be found at all, from 0 to 1."""
        return self.killed / max(self.alive - self.excused, 1)


def rates_of(results: Results, judgements: Mapping[Place, Judgement]) -> Rates:
    """The rates of the results as they are judged."""
    survivors = results.survivors
    found = [judgement_of(row, judgements) for row in survivors]
    excused = sum(each is not None and each.survivor_class is not SurvivorClass.HOLE for each in found)
    killed = results.number(Outcome.KILLED)
    return Rates(killed=killed, alive=killed + len(survivors), excused=excused)


def headline(results: Results, judgements: Mapping[Place, Judgement]) -> str:
    """The results in one line."""
    rates = rates_of(results, judgements)
    return (
        f"{len(results.rows)} mechanical mutants, {results.number(Outcome.DEAD)} dead, "
        f"{rates.killed} of {rates.alive} killed ({100 * rates.raw:.1f} %), "
        f"{rates.killed} of {rates.alive - rates.excused} observable ({100 * rates.observable:.1f} %)"
    )


def as_page(results: Results, judgements: Mapping[Place, Judgement]) -> str:
    """The results as a page to be read."""
    environment = Environment(
        loader=PackageLoader("mechanical_mutants"),
        autoescape=False,  # noqa: S701 - Markdown made of our own words
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    environment.filters["code"] = _code
    environment.filters["cell"] = lambda text: " ".join(str(text).split()).replace("|", "\\|")
    return environment.get_template("mechanical-mutants.md").render(
        headline=headline(results, judgements),
        mutmut=results.mutmut,
        modules=_counts(results, lambda row: row.place.module.partition(".reference.")[2]),
        operators=_counts(results, lambda row: row.place.operator),
        outcomes=list(Outcome),
        survivors=[
            (title, [(row, judgement_of(row, judgements)) for row in _of_class(results, judgements, wanted)])
            for title, wanted in (
                ("Not judged yet", None),
                ("Holes", SurvivorClass.HOLE),
                ("Not observable", SurvivorClass.NOT_OBSERVABLE),
                ("Equivalent", SurvivorClass.EQUIVALENT),
            )
        ],
    )


def _of_class(results: Results, judgements: Mapping[Place, Judgement], wanted: SurvivorClass | None) -> Sequence[Tried]:
    found = [(row, judgement_of(row, judgements)) for row in results.survivors]
    return [row for row, judgement in found if (judgement.survivor_class if judgement else None) is wanted]


def _counts(results: Results, name_of: Callable[[Tried], str]) -> list[tuple[str, dict[Outcome, int]]]:
    names = sorted({name_of(row) for row in results.rows})
    return [
        (name, {each: sum(name_of(row) == name and row.outcome is each for row in results.rows) for each in Outcome})
        for name in names
    ]


def _code(text: str) -> str:
    """A text as code in a cell of a table."""
    return f"`{text.replace('`', chr(39)).replace('|', chr(92) + '|')}`" if text else "*(removed)*"
