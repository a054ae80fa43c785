"""The requirement registry: normative statements as data, where they come from, and those derived from the document."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Final, Literal

from conformance.contract.errors import InvalidContractError
from conformance.contract.outcomes import matches_status

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from conformance.contract.conventions import Conventions, DerivedKind, Level, Release
    from conformance.contract.document import Document, Operation


DERIVED_KINDS: Mapping[str, tuple[str, str]] = {
    "accepts": (
        "Valid requests are accepted",
        "A request that every reading of the documents allows is answered with a documented success.",
    ),
    "refuses": (
        "Invalid requests are refused",
        "A request that breaks the document is refused with a 4xx.",
    ),
    "credentials": (
        "Requests without a usable key are refused",
        "A request whose key is absent, malformed, of another scheme or unknown is refused.",
    ),
    "conforms": (
        "Responses conform to the document",
        "Status, media type, headers and body of every response are as the document says.",
    ),
}

Concern = Literal["purpose", "option", "answer", "refusal", "form"]
"""
What a requirement is about; what a person who builds the target mends first comes first.

`purpose`: what an operation is for, who may use it, and what it costs. `option`: what a request may ask for besides, as
filters, orders, pages, and retries of what costs nothing. `refusal`: what has to be refused. `form`: how an answer is
written, and methods and headers that the document does not speak of. `answer`: as the answers are that disagree, the
purpose where one of them is a success, the form where all are refusals.
"""
_CONCERNS: Final[Mapping[str, Concern]] = {"refuses": "refusal", "conforms": "answer"}


@dataclass(frozen=True, slots=True)
class Source:
    """Where a requirement is written: the tag of a document, a section of it, and the line of a seed, if one has it."""

    document: str
    section: str
    seed: str | None = None


@dataclass(frozen=True, slots=True)
class Place:
    """
    A place of a response that one requirement alone judges.

    An absent member means "any". `status` is "success": the exact code of a success.
    """

    operation: str | None = None
    statuses: tuple[str, ...] = ()
    header: str | None = None
    pointer: str | None = None
    status: str | None = None

    def covers(self, operation: str | None, code: int) -> bool:
        """Whether responses of `operation` with the HTTP status `code` have this place."""
        if self.operation is not None and self.operation != operation:
            return False
        return not self.statuses or any(matches_status(pattern, code) for pattern in self.statuses)


@dataclass(frozen=True, slots=True)
class Requirement:
    """
    One normative statement, where it is written, how it is judged and what a target must offer for that.

    `rests_on` are narrower requirements: while one of them fails, it explains a fail of this one. `follows` are those
    whose fail most likely brings a fail of this one along, which stays a fail. `since` is the first version of the
    contract that judges it (None: the first of all), `until` the last one (None: the newest).
    """

    id: str
    title: str
    level: Level
    surface: str
    release: Release
    statement: str
    sources: tuple[Source, ...]
    judged_by: str
    needs: tuple[str, ...] = ()
    owns: tuple[Place, ...] = ()
    provisional: bool = False
    notes: str | None = None
    operation: str | None = None
    rests_on: tuple[str, ...] = ()
    since: str | None = None
    until: str | None = None
    concern: Concern = "purpose"
    follows: tuple[str, ...] = ()

    @property
    def monitor(self) -> str | None:
        """The name of the monitor that judges this requirement, if one does."""
        return self._judge("monitor")

    @property
    def generated_kind(self) -> str | None:
        """The kind of derived requirement, if it was derived from the document."""
        return self._judge("generated")

    def _judge(self, kind: str) -> str | None:
        prefix, _, name = self.judged_by.partition(":")
        return name if prefix == kind else None


class Registry:
    """All requirements of one contract, in the order in which reports show them."""

    def __init__(self, requirements: tuple[Requirement, ...]) -> None:
        self._by_id = {requirement.id: requirement for requirement in requirements}
        if len(self._by_id) != len(requirements):
            ids = [requirement.id for requirement in requirements]
            twice = sorted({name for name in ids if ids.count(name) > 1})
            sentence = f"Requirement ids must be unique, but these are not: {', '.join(twice)}."
            raise InvalidContractError(sentence)
        unknown = sorted({name for r in requirements for name in r.rests_on if name not in self._by_id})
        if unknown:
            sentence = f"Requirements rest on others that do not exist: {', '.join(unknown)}."
            raise InvalidContractError(sentence)

    def __iter__(self) -> Iterator[Requirement]:
        return iter(self._by_id.values())

    def __len__(self) -> int:
        return len(self._by_id)

    def __contains__(self, requirement_id: str) -> bool:
        return requirement_id in self._by_id

    def __getitem__(self, requirement_id: str) -> Requirement:
        return self._by_id[requirement_id]

    @cached_property
    def owned_places(self) -> tuple[Place, ...]:
        """Every place that belongs to one requirement and is therefore left alone by the general ones."""
        return tuple(place for requirement in self for place in requirement.owns)


def derived_id(system: str, operation_id: str, kind: str) -> str:
    """The id of the requirement of `kind` that is derived for an operation."""
    return f"{system.upper()}-{operation_id}-{kind.upper()}"


def parse_requirements(content: Mapping[str, Any]) -> tuple[Requirement, ...]:
    """The hand-written requirements of a `requirements.yaml` that has already passed its schema."""
    return tuple(_requirement(entry) for entry in content["requirements"])


def derive_requirements(document: Document, conventions: Conventions) -> tuple[Requirement, ...]:
    """The requirements that follow from the document alone: one per operation and kind that has a weight."""
    return tuple(
        derived_requirement(conventions, operation, kind, weight)
        for operation in document.operations.values()
        for kind, weight in conventions.generated.items()
        if kind in DERIVED_KINDS and derivable(operation, kind) and not conventions.retires(operation.id)
    )


def derivable(operation: Operation, kind: str) -> bool:
    """Whether the document says enough of an operation for a kind of derived requirement."""
    if kind == "credentials":
        return operation.secured
    if kind == "refuses":
        return operation.refusable
    if kind == "conforms":
        return bool(operation.answers)
    return kind != "accepts" or operation.certain


def derived_requirement(conventions: Conventions, operation: Operation, kind: str, weight: DerivedKind) -> Requirement:
    """The requirement of a kind that the document implies for an operation."""
    title, statement = DERIVED_KINDS[kind]
    return Requirement(
        id=derived_id(conventions.system, operation.id, kind),
        title=f"{operation.id}: {title[0].lower()}{title[1:]}",
        level=weight.level,
        surface=operation.surface,
        release=operation.release,
        statement=f"{operation.method} {operation.path}: {statement[0].lower()}{statement[1:]}",
        sources=(Source("OpenAPI", operation.location),),
        judged_by=f"generated:{kind}",
        provisional=weight.provisional,
        rests_on=weight.rests_on.get(operation.id, ()),
        operation=operation.id,
        since=operation.since,
        concern=_CONCERNS.get(kind, "purpose"),
    )


def _requirement(entry: Mapping[str, Any]) -> Requirement:
    return Requirement(
        id=entry["id"],
        title=entry["title"],
        level=entry["level"],
        surface=entry["surface"],
        release=entry["release"],
        statement=entry["statement"],
        sources=tuple(Source(s["document"], s["section"], s.get("seed")) for s in entry["sources"]),
        judged_by=entry["judged_by"],
        needs=tuple(entry.get("needs", ())),
        owns=tuple(_place(place) for place in entry.get("owns", ())),
        provisional=entry.get("provisional", False),
        notes=entry.get("notes"),
        rests_on=tuple(entry.get("rests_on", ())),
        since=entry.get("since"),
        until=entry.get("until"),
        concern=entry.get("concern", "purpose"),
    )


def _place(part: Mapping[str, Any]) -> Place:
    return Place(
        operation=part.get("operation"),
        statuses=tuple(part.get("statuses", ())),
        header=part.get("header"),
        pointer=part.get("pointer"),
        status=part.get("status"),
    )


@dataclass(frozen=True, slots=True)
class SourceDocument:
    """A document behind a tag: its title, and where it was published."""

    title: str
    address: str


@dataclass(frozen=True, slots=True)
class Question:
    """What a run looks at without judging it, and what each document, by its tag, says about it."""

    question: str
    documents: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Sources:
    """All documents by their tags, and all open questions by the ids of their observations."""

    documents: Mapping[str, SourceDocument] = field(default_factory=dict)
    questions: Mapping[str, Question] = field(default_factory=dict)


def parse_sources(content: Mapping[str, Any]) -> Sources:
    """The sources of a `requirements.yaml` that has already passed its schema."""
    documents = {tag: SourceDocument(entry["title"], entry["address"]) for tag, entry in content["documents"].items()}
    questions = {
        entry["id"]: Question(entry["question"], MappingProxyType(dict(entry["documents"])))
        for entry in content["observations"]
    }
    return Sources(MappingProxyType(documents), MappingProxyType(questions))
