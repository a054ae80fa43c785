"""The kill matrix: which faults the suite was seen to find, and which requirements are proved by them."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from functools import cache, cached_property
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Final

from conformance.contract.files import check_against_schema, read_json, system_folder

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

MATRIX_FILE: Final = "kill-matrix.json"


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
