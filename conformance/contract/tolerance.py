"""The tolerance matrix: under which liberties of servers the suite was seen to stay silent."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from functools import cache, cached_property
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Final

from conformance.contract.files import check_against_schema, read_json, system_folder

if TYPE_CHECKING:
    from collections.abc import Mapping

TOLERANCE_FILE: Final = "tolerance-matrix.json"


@dataclass(frozen=True, slots=True, order=True)
class Way:
    """How a run went about it: with `play` money or under a `cap`, and with how many workers (0: in one process)."""

    money: str
    workers: int

    def __str__(self) -> str:
        """In the words of the command line, nearly."""
        return f"{'play money' if self.money == 'play' else 'a cap'}, -n {self.workers}"


WAYS: Final = tuple(Way(money, workers) for workers in (0, 2) for money in ("play", "cap"))
"""All ways to carry a run out that a matrix may have."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ToleratedRun:
    """
    One run against a reference that took some liberties.

    `failed` and `erred` are requirements with these verdicts: none, where the suite stays silent. `judged` is how many
    were judged, `passed` are those that passed of the ones that the liberties touch; of combinations they are not kept.
    """

    liberties: tuple[str, ...]
    way: Way
    failed: frozenset[str]
    erred: frozenset[str]
    judged: int
    passed: frozenset[str]

    @property
    def silent(self) -> bool:
        """Whether nothing failed and the suite itself did not err."""
        return not self.failed and not self.erred

    @property
    def key(self) -> tuple[tuple[str, ...], Way]:
        """What no two runs of a matrix share."""
        return self.liberties, self.way


class ToleranceMatrix:
    """All runs against the reference of one system that took liberties."""

    def __init__(self, system: str, runs: tuple[ToleratedRun, ...]) -> None:
        self.system = system
        self.runs = runs

    @property
    def alone(self) -> tuple[ToleratedRun, ...]:
        """The runs against a reference that took a single liberty."""
        return tuple(run for run in self.runs if len(run.liberties) == 1)

    @property
    def combined(self) -> tuple[ToleratedRun, ...]:
        """The runs against one that took several."""
        return tuple(run for run in self.runs if len(run.liberties) > 1)

    def silent_on(self, requirement_id: str) -> tuple[str, ...]:
        """The liberties that touch a requirement, under which it passed and in no run failed or erred."""
        return self._silent.get(requirement_id, ())

    @cached_property
    def _silent(self) -> Mapping[str, tuple[str, ...]]:
        passed: dict[str, set[str]] = defaultdict(set)
        alarmed: dict[str, set[str]] = defaultdict(set)
        for run in self.alone:
            for name in run.passed:
                passed[name].update(run.liberties)
            for name in run.failed | run.erred:
                alarmed[name].update(run.liberties)
        return MappingProxyType({name: tuple(sorted(found - alarmed[name])) for name, found in passed.items()})


@cache
def load_tolerance(system: str) -> ToleranceMatrix | None:
    """
    The tolerance matrix of a system as it was last written, None where there is none.

    Raises:
        UnknownSystemError: no such system is described here.
        UnreadableFileError: the file can't be read.
        InvalidContractError: the file breaks its schema.
    """
    path = system_folder(system) / TOLERANCE_FILE
    if not path.exists():
        return None
    content = read_json(path)
    check_against_schema(content, "tolerance-matrix", path)
    return parse_tolerance(content)


def parse_tolerance(content: Mapping[str, Any]) -> ToleranceMatrix:
    """A tolerance matrix that has already passed its schema."""
    return ToleranceMatrix(content["system"], tuple(_run(entry) for entry in content["runs"]))


def _run(entry: Mapping[str, Any]) -> ToleratedRun:
    return ToleratedRun(
        liberties=tuple(entry["liberties"]),
        way=Way(entry["money"], entry["workers"]),
        failed=frozenset(entry["failed"]),
        erred=frozenset(entry["erred"]),
        judged=entry["judged"],
        passed=frozenset(entry["passed"]),
    )
