"""Values that one operation hands out and another takes: by the document's links, and by what was seen."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from random import Random

    from conformance.contract.document import Document, Link, Operation
    from conformance.journal.records import Exchange


@dataclass(frozen=True, slots=True)
class LinkedValues:
    """Values for path parameters, for places of the body, and for query parameters."""

    path: Mapping[str, str]
    body: Mapping[str, object]
    query: Mapping[str, str] = field(default_factory=dict)

    def beside(self, others: LinkedValues) -> LinkedValues:
        """These values with those of others for places that these leave open."""
        return LinkedValues({**others.path, **self.path}, {**others.body, **self.body}, {**others.query, **self.query})


def links_to(document: Document, operation: Operation) -> tuple[Link, ...]:
    """
    The links whose sources can be called to get the values that `operation` needs, none twice for the same place.

    What hands over most of a path comes first, so that values that belong together stay together; of those sources
    that are called without values of their own. A link of an operation to itself only pages on.
    """
    candidates = [link for link in document.links if link.target == operation.id and link.source != operation.id]
    candidates.sort(key=lambda link: (-len(link.parameters), _needs_values(document, link.source)))
    chosen: list[Link] = []
    covered: set[str] = set()
    for link in candidates:
        places = {*link.parameters, *link.body_values}
        if not places <= covered:
            chosen.append(link)
            covered |= places
    return tuple(chosen)


def sources_of(document: Document, operation: Operation) -> tuple[str, ...]:
    """The operations that are called before a request for `operation` has its values, each once, in their order."""
    found: dict[str, None] = {}
    _collect_sources(document, operation, found, (operation.id,))
    return tuple(found)


def _collect_sources(document: Document, operation: Operation, found: dict[str, None], within: tuple[str, ...]) -> None:
    for link in links_to(document, operation):
        if link.source not in within:
            _collect_sources(document, document.operations[link.source], found, (*within, link.source))
            found[link.source] = None


def values_from(link: Link, exchange: Exchange, called_with: Mapping[str, str] | None = None) -> LinkedValues | None:
    """
    The values of a link, from the answer of its source and the path values that the source was called with.

    None when the answer lacks one of them.
    """
    path = {name: segment(_of_link(value, exchange, called_with or {})) for name, value in link.parameters.items()}
    body = {pointer: evaluated(expression, exchange) for pointer, expression in link.body_values.items()}
    known = {name: segment for name, segment in path.items() if segment is not None}
    if len(known) < len(path) or any(value is None for value in body.values()):
        return None
    return LinkedValues(known, body)


_OF_AN_EXCHANGE: Final = ("$request.", "$response.")
_OF_REQUEST_PATH: Final = "$request.path."


def _of_link(expression: str, exchange: Exchange, called_with: Mapping[str, str]) -> object:
    if expression.startswith(_OF_REQUEST_PATH):
        return called_with.get(expression.removeprefix(_OF_REQUEST_PATH))
    return evaluated(expression, exchange)


def _needs_values(document: Document, operation_id: str) -> bool:
    operation = document.operations[operation_id]
    return "{" in operation.path or any(link.body_values for link in document.links if link.target == operation_id)


def segment(value: object) -> str | None:
    """A value as the segment of a path, None for what can't be one: objects, nothing, halves of surrogate pairs."""
    if isinstance(value, bool) or not isinstance(value, str | int):
        return None
    text = str(value)
    return text if text.isprintable() and text.strip(".") else None


def evaluated(expression: str, exchange: Exchange) -> object:
    """What a runtime expression of a link says about an answer; None where the answer has no such place."""
    kind, _, rest = expression.partition("#")
    if kind == "$response.body":
        return exchange.get(rest)
    if kind == "$request.body":
        return exchange.sent(rest)
    if expression.startswith("$response.header."):
        return exchange.header(expression.removeprefix("$response.header."))
    return None if expression.startswith(_OF_AN_EXCHANGE) else expression


# The latest of each are kept: of what was handed out long ago most has ended.
_KEPT: Final = 24
_DEEPEST: Final = 4
_ITEMS: Final = 8
_LONGEST: Final = 200
# One in so many requests asks for something that the target never handed out, as random requests do.
_STRANGE: Final = 8
_Use = tuple[str, str, str]


class SeenValues:
    """
    What earlier answers handed out, by the operation and the place of its request that it is for.

    A link of the document says so; else a parameter in path or query takes what successful answers have under its
    own name. Sets of values are kept whole, so that values that belong together stay together.

    Unless `foreign` is set, an operation that changes something gets only what answers to such operations had: what
    was merely read may belong to others.
    """

    def __init__(self, document: Document, *, foreign: bool = True) -> None:
        self._foreign = foreign
        self._reads = {operation.id for operation in document.operations.values() if operation.reads_only}
        self._links: dict[str, list[Link]] = defaultdict(list)
        for link in document.links:
            self._links[link.source].append(link)
        self._places: dict[str, list[tuple[str, str]]] = defaultdict(list)
        for operation in document.operations.values():
            for parameter in operation.parameters:
                if parameter.location in ("path", "query"):
                    self._places[parameter.name].append((operation.id, parameter.location))
        self._kept: dict[_Use, dict[Any, None]] = defaultdict(dict)

    def note(self, exchange: Exchange) -> None:
        """Keep what a successful answer hands out."""
        if not exchange.accepted or exchange.operation is None:
            return
        merely_read = not self._foreign and exchange.operation in self._reads
        for use, value in self._handed_out(exchange):
            if not merely_read or use[0] in self._reads:
                self._keep(use, value)

    def _handed_out(self, exchange: Exchange) -> Iterator[tuple[_Use, object]]:
        for link in self._links.get(exchange.operation or "", ()):
            for name, expression in link.parameters.items():
                for place in ("path", "query"):
                    if (link.target, place) in self._places.get(name, ()):
                        yield (link.target, place, name), segment(evaluated(expression, exchange))
            for pointer, expression in link.body_values.items():
                yield (link.target, "body", pointer), evaluated(expression, exchange)
        for name, value in _members(exchange):
            for operation, place in self._places.get(name, ()):
                yield (operation, place, name), segment(value)

    def some(self, operation: Operation, random: Random) -> LinkedValues | None:
        """Values for a request of an operation, drawn from what was seen; None where there is nothing for its path."""
        path = {
            p.name: self._one(operation, "path", p.name, random) for p in operation.parameters if p.location == "path"
        }
        if any(value is None for value in path.values()) or (path and random.randrange(_STRANGE) == 0):
            return None
        query = {name: self._one(operation, "query", name, random) for name in self._names(operation, "query")}
        body = {pointer: self._one(operation, "body", pointer, random) for pointer in self._names(operation, "body")}
        asked = {name: value for name, value in query.items() if random.randrange(2)}
        return LinkedValues(path, body, asked)

    def _names(self, operation: Operation, place: str) -> list[str]:
        return [name for known, where, name in self._kept if (known, where) == (operation.id, place)]

    def _one(self, operation: Operation, place: str, name: str, random: Random) -> Any:  # noqa: ANN401 - any JSON value
        kept = self._kept.get((operation.id, place, name))
        return random.choice(list(kept)) if kept else None

    def _keep(self, use: _Use, value: object) -> None:
        if not isinstance(value, str | int) or isinstance(value, bool) or not 0 < len(str(value)) <= _LONGEST:
            return
        kept = self._kept[use]
        kept.pop(value, None)
        kept[value] = None
        if len(kept) > _KEPT:
            del kept[next(iter(kept))]


def _members(exchange: Exchange) -> Iterator[tuple[str, Any]]:
    """The names and values in the body of an answer, as far as it is not very deep or long."""
    whole = exchange.get("")
    level = [whole]
    for _ in range(_DEEPEST):
        inner: list[Any] = []
        for part in level:
            if isinstance(part, dict):
                yield from part.items()
                inner += part.values()
            elif isinstance(part, list):
                inner += part[:_ITEMS]
        level = inner
