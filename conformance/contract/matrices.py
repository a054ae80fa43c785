"""What the suite was seen to do: the kill matrix, its live column, and under which liberties it stays silent."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from functools import cache, cached_property
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Final

from conformance.contract.contract import load_contract
from conformance.contract.errors import InvalidContractError
from conformance.contract.files import check_against_schema, read_json, read_yaml, system_folder

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping


MATRIX_FILE: Final = "kill-matrix.json"
LIVE_FILE: Final = "live-column.json"
MISSES_FILE: Final = "live-misses.yaml"
REASONS: Final = ("needs time", "needs a forced failure", "needs an empty wallet", "would cost more")
"""Why a fault may go unseen on a live deployment; there is no other reason."""
TOLERANCE_FILE: Final = "tolerance-matrix.json"


@dataclass(frozen=True, slots=True, kw_only=True)
class ProvedMutant:
    """
    One mutant of a reference, and what the suite found.

    `failed` are the requirements that failed under the whole suite, `failed_by_document` those that failed under
    monitors and requests drawn from the document, or in a run with nothing but the document. `consequences` are
    declared: requirements that the fault must break as well, each with the reason.
    """

    id: str
    system: str
    breaks: str
    story: str
    failed: frozenset[str]
    failed_by_document: frozenset[str]
    consequences: Mapping[str, str] = field(default_factory=dict)

    @property
    def killed(self) -> bool:
        """Whether the requirement that it breaks fails."""
        return self.breaks in self.failed

    @property
    def attributed(self) -> bool:
        """Whether nothing fails but the requirement that it breaks and the declared consequences, all of them."""
        return self.failed == {self.breaks, *self.consequences}

    @property
    def killed_by_document(self) -> bool:
        """Whether the requirement that it breaks fails without any hand-written test."""
        return self.breaks in self.failed_by_document

    @property
    def noticed_by_document(self) -> bool:
        """Whether anything fails without a hand-written test, be it another requirement."""
        return bool(self.failed_by_document)


@dataclass(frozen=True, slots=True)
class ProvedReference:
    """What failed when the suite was run against a reference as it is: nothing, if suite and reference are right."""

    system: str
    failed: frozenset[str]
    failed_by_document: frozenset[str]


@dataclass(frozen=True, slots=True)
class ProvableRequirement:
    """A requirement that a mutant may prove."""

    id: str
    system: str
    level: str


class KillMatrix:
    """What the suite found under all mutants of one or more systems."""

    def __init__(
        self,
        requirements: tuple[ProvableRequirement, ...],
        mutants: tuple[ProvedMutant, ...],
        references: tuple[ProvedReference, ...],
    ) -> None:
        self.requirements = requirements
        self.mutants = mutants
        self.references = references

    def killers(self, requirement_id: str) -> tuple[ProvedMutant, ...]:
        """The mutants that prove a requirement: each breaks it, and it failed."""
        return self._killers.get(requirement_id, ())

    def alike(self, failed: Collection[str]) -> tuple[ProvedMutant, ...]:
        """The mutants under which exactly these requirements failed; none, when nothing failed."""
        return self._by_pattern.get(frozenset(failed), ()) if failed else ()

    @cached_property
    def _killers(self) -> Mapping[str, tuple[ProvedMutant, ...]]:
        found: dict[str, list[ProvedMutant]] = defaultdict(list)
        for mutant in self.mutants:
            if mutant.killed:
                found[mutant.breaks].append(mutant)
        return MappingProxyType({name: tuple(mutants) for name, mutants in found.items()})

    @cached_property
    def _by_pattern(self) -> Mapping[frozenset[str], tuple[ProvedMutant, ...]]:
        found: dict[frozenset[str], list[ProvedMutant]] = defaultdict(list)
        for mutant in self.mutants:
            found[mutant.failed].append(mutant)
        return MappingProxyType({pattern: tuple(mutants) for pattern, mutants in found.items()})


@cache
def load_matrix(system: str) -> KillMatrix | None:
    """
    The kill matrix of a system as it was last written, None where there is none.

    Raises:
        UnknownSystemError: no such system is described here.
        UnreadableFileError: the file can't be read.
        InvalidContractError: the file breaks its schema.
    """
    path = system_folder(system) / MATRIX_FILE
    if not path.exists():
        return None
    content = read_json(path)
    check_against_schema(content, "kill-matrix", path)
    return parse_matrix(content)


def parse_matrix(content: Mapping[str, Any]) -> KillMatrix:
    """A kill matrix that has already passed its schema; what follows from other members of it is not read."""
    return KillMatrix(
        requirements=tuple(
            ProvableRequirement(entry["id"], entry["system"], entry["level"]) for entry in content["requirements"]
        ),
        mutants=tuple(_mutant(entry) for entry in content["mutants"]),
        references=tuple(
            ProvedReference(entry["system"], frozenset(entry["failed"]), frozenset(entry["failed_by_document"]))
            for entry in content["references"]
        ),
    )


def _mutant(entry: Mapping[str, Any]) -> ProvedMutant:
    return ProvedMutant(
        id=entry["id"],
        system=entry["system"],
        breaks=entry["breaks"],
        story=entry["story"],
        failed=frozenset(entry["failed"]),
        failed_by_document=frozenset(entry["failed_by_document"]),
        consequences=MappingProxyType({item["requirement"]: item["reason"] for item in entry["consequences"]}),
    )


@dataclass(frozen=True, slots=True)
class LiveColumn:
    """
    What was found of one system's faults with real money, a cap and no control interface.

    `failed` are the requirements that failed under each mutant that was tried, `misses` why one is not killed there,
    and `explained_by` the narrower requirements that explain a fail of each.
    """

    system: str
    cap: str
    failed: Mapping[str, frozenset[str]]
    misses: Mapping[str, str] = field(default_factory=dict)
    explained_by: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    def killed(self, mutant: str, breaks: str, consequences: Collection[str] = ()) -> bool | None:
        """
        Whether a requirement failed that a mutant is declared to break; None where it was not tried.

        A narrower one that explains the fail counts as well: an account that others use is read in other ways than one
        of the scenario's own, so that it may be the one that fails.
        """
        if mutant not in self.failed:
            return None
        return not self.failed[mutant].isdisjoint({breaks, *consequences, *self.explained_by.get(breaks, ())})


@cache
def load_live_column(system: str) -> LiveColumn | None:
    """
    The live column of a system as it was last written, None where there is none.

    Raises:
        ContractError: one of its files can't be read or breaks its schema, or a mutant is missed for two reasons.
    """
    path = system_folder(system) / LIVE_FILE
    if not path.is_file():
        return None
    content = read_json(path)
    check_against_schema(content, "live-column", path)
    failed = {name: frozenset(ids) for name, ids in content["mutants"].items()}
    return live_column(system, content["cap"], failed)


def live_column(system: str, cap: str, failed: Mapping[str, frozenset[str]]) -> LiveColumn:
    """A column of these rows, with what the system's files say of them (raises `ContractError`)."""
    explained_by = {requirement.id: requirement.rests_on for requirement in load_contract(system).registry}
    return LiveColumn(system, cap, MappingProxyType(dict(failed)), read_misses(system), MappingProxyType(explained_by))


def read_misses(system: str) -> Mapping[str, str]:
    """The reason of each mutant of a system that is missed on a live deployment (raises `ContractError`)."""
    path = system_folder(system) / MISSES_FILE
    if not path.is_file():
        return MappingProxyType({})
    content = read_yaml(path)
    check_against_schema(content, "live-misses", path)
    found: dict[str, str] = {}
    for reason, names in content["missed"].items():
        for name in names:
            if name in found:
                raise InvalidContractError(f"{path} names {name} under two reasons.")
            found[name] = reason
    return MappingProxyType(found)


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
