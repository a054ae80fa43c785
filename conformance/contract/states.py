"""What a document says of the states of its things: their member, what moves them, from where, and where they end."""

from __future__ import annotations

import re
from dataclasses import dataclass
from itertools import pairwise, product
from typing import TYPE_CHECKING, Any, Final

from conformance.contract.resources import words_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from conformance.contract.document import Document, Operation
    from conformance.contract.resources import Resource, ResourceGraph

_NAMES: Final = frozenset({"status", "state", "phase", "stage"})
# Words for states that custom takes as an end, and for those in which something is still being done.
_ENDED: Final = frozenset(
    [
        "cancelled",
        "canceled",
        "closed",
        "done",
        "completed",
        "complete",
        "finished",
        "failed",
        "succeeded",
        "success",
        "successful",
        "rejected",
        "declined",
        "expired",
        "refunded",
        "delivered",
        "returned",
        "ended",
        "archived",
        "aborted",
        "terminated",
        "resolved",
        "void",
        "voided",
        "error",
        "deleted",
    ]
)
_UNDER_WAY: Final = frozenset(
    [
        "queued",
        "pending",
        "running",
        "processing",
        "working",
        "started",
        "progress",
        "waiting",
        "scheduled",
        "submitted",
        "rendering",
        "building",
        "preparing",
    ]
)
_WORKING: Final = frozenset(
    "queued running processing working started progress rendering building preparing".split()  # noqa: SIM905 - words
)
# What the times of a job are called, in the order in which they come.
_STAGES: Final = (
    frozenset({"created", "submitted", "requested", "queued"}),
    frozenset({"started", "begun"}),
    frozenset({"completed", "finished", "ended", "succeeded", "failed", "done"}),
)
# Members that show what came of a job, and how far it has come.
RESULTS: Final = ("result", "results", "output", "outputs")
PROGRESS: Final = ("progress", "percent", "percentage")
# Operations of such names are there to bring back what has ended.
_REVIVING: Final = frozenset(
    [
        "reopen",
        "restore",
        "retry",
        "restart",
        "resume",
        "unarchive",
        "undo",
        "revive",
        "reset",
        "rerun",
        "requeue",
        "reactivate",
        "uncancel",
    ]
)
_ARROW: Final = re.compile(r"-+>|=+>|→|⟶|➔")
_ONLY: Final = re.compile(r"\b(only|unless|must (?:still )?be|has to be|needs? to be)\b", re.IGNORECASE)
_NEVER: Final = re.compile(r"\b(already|can ?not|can't|no longer|never)\b", re.IGNORECASE)
_NOT: Final = re.compile(r"\bnot\b|n't\b", re.IGNORECASE)
# "A solved ticket becomes open" says from where it does.
_TURNS: Final = re.compile(r"\b(becomes?|turns (?:to|into)|goes to|moves to)\b", re.IGNORECASE)
# What something becomes, in "it can't be cancelled", is not the state that it is in.
_BECOMES: Final = re.compile(r"\b(?:be|become|becomes|to)\s+\w+", re.IGNORECASE)
# That an answer 409 is about the state of a thing, and not about a name that is taken.
_ABOUT_STATE: Final = re.compile(r"\b(already|state|status|only|cannot|can't|no longer|not)\b", re.IGNORECASE)
_CONFLICT: Final = "409"
# That an answer 409 is given to what has come to its end.
_HAS_ENDED: Final = re.compile(
    r"\b(?:has|have|is|was)\s+(?:already\s+)?(?:ended|finished|over|done|completed?)\b", re.IGNORECASE
)
# Before "a published post" these say that it becomes one, or is what is answered.
_NOT_ITS_SUBJECT: Final = frozenset(
    "as into to be become becomes is return returns get gets give gives show shows create creates yield yields".split()  # noqa: SIM905 - words
)


@dataclass(frozen=True, slots=True)
class States:
    """
    The states of a kind of thing: the member that shows them, and their names.

    `steps` are the pairs that follow each other by the prose of the document; empty where it names none.
    """

    member: str
    values: tuple[str, ...]
    steps: frozenset[tuple[str, str]]

    def is_end(self, value: object) -> bool:
        """Whether a state is one that custom, or the prose of the document, takes as an end."""
        if self.steps:
            return isinstance(value, str) and not any(one == value for one, _ in self.steps) and self._follows(value)
        return isinstance(value, str) and bool(_ENDED & set(words_of(value)))

    def _follows(self, value: str) -> bool:
        return any(other == value for _, other in self.steps)

    def is_under_way(self, value: object) -> bool:
        """Whether something is still being done in a state."""
        return isinstance(value, str) and bool(_UNDER_WAY & set(words_of(value)))

    def allows(self, before: str, after: str) -> bool:
        """Whether the prose lets one state come after another, at once or after others; true where it says nothing."""
        if not self.steps or before == after:
            return True
        reached, left = {before}, [before]
        while left:
            here = left.pop()
            for one, other in self.steps:
                if one == here and other not in reached:
                    reached.add(other)
                    left.append(other)
        return after in reached


def states_of(graph: ResourceGraph, resource: Resource) -> States | None:
    """The states of a resource; None where no member of it that can be read shows any."""
    for name, member in graph.shown_members(resource).items():
        values = tuple(value for value in member.get("enum", ()) if isinstance(value, str))
        named = words_of(name)
        if named and named[-1] in _NAMES and len(values) > 1:
            return States(name, values, frozenset(_steps(_prose(graph, resource, member), values)))
    return None


def actions_of(document: Document, resource: Resource) -> tuple[Operation, ...]:
    """The operations that do something with one thing: POST or PUT to a fixed name below its path, without a body."""
    return tuple(
        operation
        for operation in document.operations.values()
        if operation.method in ("POST", "PUT")
        and operation.path.rpartition("/")[0] == resource.item
        and "{" not in operation.path.rpartition("/")[2]
        and not operation.body_required
        and not _makes(document, operation)
    )


def _makes(document: Document, operation: Operation) -> bool:
    """Whether a path is one of things of its own, of which each has a path below it."""
    return any(other.path.startswith(f"{operation.path}/{{") for other in document.operations.values())


def is_job(document: Document, graph: ResourceGraph, resource: Resource) -> bool:
    """Whether something is done about a thing after its making, by its states, its members, or how it is answered."""
    states = states_of(graph, resource)
    if states is None or not any(map(states.is_under_way, states.values)):
        return False
    words = {word for value in states.values for word in words_of(value)}
    shown = {name.lower() for name in graph.shown_members(resource)}
    accepted = any(answer.key == "202" for answer in document.operations[resource.create].answers)
    return accepted or bool(words & _WORKING or shown & {*RESULTS, *PROGRESS} or results_of(document, resource))


def results_of(document: Document, resource: Resource) -> tuple[Operation, ...]:
    """The operations that hand out what comes of a thing once it is done."""
    return tuple(
        operation
        for operation in document.operations.values()
        if operation.method == "GET"
        and operation.path.startswith(f"{resource.item}/")
        and operation.path.rpartition("/")[2] in ("result", "results", "output", "download", "content", "report")
        and any(answer.key in ("404", "409", "425") for answer in operation.answers)
    )


def stage_of(name: str) -> int | None:
    """Which time of a job a member has by its name ("started_at"), counted from the first; None for any other."""
    words = words_of(name)
    if len(words) != len(("created", "at")) or words[1] not in ("at", "on", "time"):
        return None
    return next((number for number, names in enumerate(_STAGES) if words[0] in names), None)


def revives(operation: Operation) -> bool:
    """Whether an operation is there to bring back what has ended."""
    return bool(_REVIVING & {*words_of(operation.id), *words_of(operation.path.rpartition("/")[2])})


def excludes(
    document: Document, operation: Operation, states: States, before: str, *, own: bool, later: bool = False
) -> str:
    """
    What a document says that keeps an operation from being done in a state; empty where it says nothing.

    `own`: it is the state that the operation itself leads to, so that "already" is about it. `later`: it comes after
    one of those in which the operation takes a thing by what is said of it.
    """
    raw = document.content["paths"][operation.path][operation.method.lower()]
    if _CONFLICT not in raw["responses"]:
        return ""
    refusals = [str(document.resolve(raw["responses"][_CONFLICT]).get("description", ""))]
    described = _told_of(raw)
    allowed, forbidden = _said_of_states(refusals, described, states)
    if (later or states.is_end(before)) and any(map(_ABOUT_STATE.search, refusals)):
        allowed |= subjects_of(raw, states)
    if before not in allowed and (allowed or before in forbidden):
        deciding = allowed or {before}
        return next(text for text in (*refusals, *described) if _named(text, states.values) & deciding).strip()
    if allowed or any(_HAS_ENDED.search(text) for text in _successes(document, raw)):
        return ""
    saying = [*([_HAS_ENDED] if states.is_end(before) else ()), *([_ABOUT_STATE] if own else ())]
    return next((text.strip() for words in saying for text in refusals if words.search(text)), "")


def _successes(document: Document, raw: Mapping[str, Any]) -> Iterator[str]:
    """What is said of the answers to an operation that was carried out; such an answer may be meant for an end too."""
    for status, answer in raw["responses"].items():
        if str(status).startswith("2"):
            yield str(document.resolve(answer).get("description", ""))


def _said_of_states(refusals: Sequence[str], described: Sequence[str], states: States) -> tuple[set[str], set[str]]:
    """The states in which sentences say that something is done, and those in which they say that it is not."""
    allowed, forbidden = set[str](), set[str]()
    for sentence in _sentences(refusals):
        if _ONLY.search(sentence) or (_NOT.search(sentence) and not _NEVER.search(sentence)):
            allowed |= _named(sentence, states.values)
        else:
            forbidden |= _named(_BECOMES.sub("", sentence), states.values)
    for sentence in _sentences(described):
        turns = _TURNS.search(sentence)
        if turns is not None:
            allowed |= _named(sentence[: turns.start()], states.values)
        if _ONLY.search(sentence) and not _NOT.search(sentence) and not _NEVER.search(sentence):
            allowed |= _named(sentence, states.values)
        elif _NEVER.search(sentence) and not _ONLY.search(sentence):
            forbidden |= _named(_BECOMES.sub("", sentence), states.values)
    return allowed, forbidden


def subjects_of(raw: Mapping[str, Any], states: States) -> set[str]:
    """The states in which an operation takes a thing by what is said of it: "an issued invoice", "a draft"."""
    if _CONFLICT not in raw["responses"]:
        return set()
    known = "|".join(map(_words, sorted(states.values, key=len, reverse=True)))
    listed = rf"(?:(?P<before>\w+)\s+)?\ban?\s+(?P<states>(?:{known})(?:(?:,\s*(?:or\s+)?|\s+or\s+)(?:{known}))*)\b"
    found: set[str] = set()
    for text in _told_of(raw):
        for match in re.finditer(listed, text.lower()):
            if match["before"] not in _NOT_ITS_SUBJECT:
                found |= _named(match["states"], states.values)
    return found


def _told_of(raw: Mapping[str, Any]) -> list[str]:
    return [str(raw.get("description", "")), str(raw.get("summary", ""))]


def _sentences(texts: Sequence[str]) -> Iterator[str]:
    for text in texts:
        yield from re.split(r"[.;\n]", text)


def _prose(graph: ResourceGraph, resource: Resource, member: Mapping[str, Any]) -> Iterator[str]:
    yield str(member.get("description", ""))
    for name in filter(None, (resource.create, resource.read, resource.modify, resource.replace)):
        raw = graph.raw(name).raw
        yield f"{raw.get('summary', '')}. {raw.get('description', '')}"


def _steps(texts: Iterator[str], values: tuple[str, ...]) -> Iterator[tuple[str, str]]:
    for text in texts:
        for sentence in re.split(r"[.;\n]", text):
            parts = [_named(part, values) for part in _ARROW.split(sentence)]
            for one, other in pairwise(parts):
                yield from product(one, other)


def _named(text: str, values: tuple[str, ...]) -> set[str]:
    plain = text.lower()
    return {value for value in values if re.search(rf"(?<![a-z0-9]){_words(value)}(?![a-z0-9])", plain)}


def _words(value: str) -> str:
    return "[ _-]".join(re.escape(word) for word in re.split(r"[ _-]", value.lower()))
