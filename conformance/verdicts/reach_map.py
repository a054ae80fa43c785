"""
The map of a run: with what kind of thing each operation on one thing was asked, as far as the recording tells.

A thing is known by the values of the path that names it. It is there from the answer that hands out its name (what made
it, a list that shows it, an accepted request for it), and ended from the answer that accepts its deletion.
"""

from __future__ import annotations

import re
from collections import defaultdict
from dataclasses import dataclass, field
from datetime import timedelta
from enum import StrEnum
from functools import cached_property
from itertools import islice
from typing import TYPE_CHECKING, Final
from urllib.parse import unquote, urlsplit

import jsonpointer

from conformance.contract.document import SAFE_METHODS
from conformance.contract.outcomes import Outcome
from conformance.contract.resources import ResourceGraph
from conformance.generation.resources import segment, values_from

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from datetime import datetime

    from conformance.contract.contract import Contract
    from conformance.contract.document import Link, Operation
    from conformance.contract.resources import Resource
    from conformance.journal.reader import Recording
    from conformance.journal.records import Exchange

_PARAMETER: Final = re.compile(r"\{([^{}]+)\}")
# A list, or a run, of more tells no more of the suite, and may be made long by a target.
_MOST_ITEMS: Final = 1000
_MOST_THINGS: Final = 100_000
# What is answered before a target looks for anything.
_AT_THE_DOOR: Final = frozenset({Outcome.UNAUTHENTICATED, Outcome.THROTTLED, Outcome.NO_ANSWER})


class ThingAsked(StrEnum):
    """With what an operation on one thing is asked."""

    EXISTING = "existing"
    NEVER = "never"
    ENDED = "ended"
    OTHER_KIND = "other_kind"
    OTHERS = "others"

    @property
    def words(self) -> str:
        """The way in words."""
        return _WORDS[self]


_WORDS: Final = {
    ThingAsked.EXISTING: "a thing that exists",
    ThingAsked.NEVER: "one that never did",
    ThingAsked.ENDED: "one that was ended",
    ThingAsked.OTHER_KIND: "one of another kind",
    ThingAsked.OTHERS: "one of another account",
}


@dataclass(frozen=True, slots=True)
class Reached:
    """How many exchanges asked an operation in one way, and how many of them were accepted."""

    exchanges: int = 0
    accepted: int = 0


@dataclass(frozen=True, slots=True)
class OperationReach:
    """In which ways one operation was asked; a way that this document or this run can't have is not among them."""

    operation: str
    label: str
    ways: Mapping[ThingAsked, Reached]

    @property
    def unreached(self) -> tuple[ThingAsked, ...]:
        """The ways in which it was never asked."""
        return tuple(way for way, reached in self.ways.items() if not reached.exchanges)


# The kind of a thing (its path, parameters without names) and the values of its path.
_Thing = tuple[str, tuple[str, ...]]


@dataclass(slots=True)
class _Known:
    """What is known of a thing: which account made it (None: it was there), and whether it was ended."""

    maker: str | None = None
    ended: bool = False


@dataclass
class _Things:
    """The things that were seen so far."""

    known: dict[_Thing, _Known] = field(default_factory=dict)
    kinds: defaultdict[str, set[str]] = field(default_factory=lambda: defaultdict(set))

    def note(self, thing: _Thing, maker: str | None, *, made: bool) -> None:
        """A thing is there; one that was ended is there again only when it was `made`."""
        there = self.known.get(thing)
        if there is None:
            if len(self.known) < _MOST_THINGS:
                self.known[thing] = _Known(maker)
                self.kinds[thing[1][-1]].add(thing[0])
        elif made and there.ended:
            self.known[thing] = _Known(maker)
        elif made and there.maker is None:
            there.maker = maker

    def end(self, thing: _Thing) -> None:
        """A thing was ended."""
        if thing in self.known:
            self.known[thing].ended = True

    def is_ended(self, things: Sequence[_Thing]) -> bool:
        """Whether one of these was ended: a thing, or what it hangs under."""
        return any(thing in self.known and self.known[thing].ended for thing in things)

    def is_of_another_kind(self, thing: _Thing) -> bool:
        """Whether what names a thing that is not known is the name of something else."""
        return bool(self.kinds.get(thing[1][-1], set()) - {thing[0]})


class _Paths:
    """What the paths of a document name."""

    def __init__(self, contract: Contract) -> None:
        self._graph = ResourceGraph(contract.document.content)
        self._operations = contract.document.operations

    def on_things(self) -> tuple[Operation, ...]:
        """The operations on one thing, or on what hangs under one."""
        return tuple(operation for operation in self._operations.values() if "{" in operation.path)

    def kind(self, prefix: str) -> str:
        """The kind of thing that a path names which ends in a parameter."""
        named = self._graph.of_path(prefix)
        last = _PARAMETER.findall(prefix)[-1]
        for parameter, resource in named[-1:]:
            if parameter == last and resource.item.count("{") == prefix.count("{"):
                prefix = resource.item
        return _PARAMETER.sub("{}", prefix)

    def things(self, operation: Operation, values: Mapping[str, str]) -> list[_Thing]:
        """The things that a path names, the outermost first, as far as the values are known."""
        found: list[_Thing] = []
        known: tuple[str, ...] = ()
        for prefix, name in self._prefixes.get(operation.path, ()):
            if name not in values:
                break
            known = (*known, values[name])
            found.append((self._kinds[prefix], known))
        return found

    @cached_property
    def _prefixes(self) -> Mapping[str, tuple[tuple[str, str], ...]]:
        paths = {operation.path for operation in self.on_things()}
        return {path: tuple((path[: m.end()], m[1]) for m in _PARAMETER.finditer(path)) for path in paths}

    @cached_property
    def _kinds(self) -> Mapping[str, str]:
        return {prefix: self.kind(prefix) for found in self._prefixes.values() for prefix, _ in found}

    @property
    def kinds(self) -> frozenset[str]:
        """All kinds of things."""
        return frozenset(self._kinds.values())

    @cached_property
    def ending(self) -> frozenset[str]:
        """The kinds that some operation ends."""
        deletions = (o for o in self.on_things() if o.method == "DELETE" and o.path.endswith("}"))
        return frozenset(self._kinds[operation.path] for operation in deletions)

    def can_end(self, operation: Operation) -> bool:
        """Whether the document has a deletion of the thing that an operation is about, or of what it hangs under."""
        return any(self._kinds[prefix] in self.ending for prefix, _ in self._prefixes[operation.path])

    @cached_property
    def lists(self) -> Mapping[str, tuple[Resource, ...]]:
        """The resources that each operation lists."""
        found: defaultdict[str, tuple[Resource, ...]] = defaultdict(tuple)
        for resource in self._graph.resources:
            if resource.list is not None and resource.items is not None:
                found[resource.list] += (resource,)
        return found


def values_of(operation: Operation, url: str) -> dict[str, str]:
    """The values of an operation's path in a URL, whatever stands before the path; none where it does not fit."""
    segments = operation.path.split("/")
    asked = "/".join(["", *urlsplit(url).path.split("/")[-len(segments) + 1 :]])
    pattern = re.sub(r"\\\{[^/]+?\\\}", "([^/]+)", re.escape(operation.path))
    found = re.fullmatch(pattern, asked)
    return dict(zip(_PARAMETER.findall(operation.path), map(unquote, found.groups()), strict=True)) if found else {}


class _Survey:
    """A walk over a recording in the order of time: an answer tells of things from the moment when it was there."""

    def __init__(self, contract: Contract) -> None:
        self._contract = contract
        self._operations = contract.document.operations
        self.paths = _Paths(contract)
        self._things = _Things()
        self._links: defaultdict[str, list[Link]] = defaultdict(list)
        for link in contract.document.links:
            if link.parameters and link.target in self._operations:
                self._links[link.source].append(link)
        self._counts: defaultdict[tuple[str, ThingAsked], list[int]] = defaultdict(lambda: [0, 0])

    def take(self, exchanges: Sequence[Exchange]) -> None:
        """Go over exchanges."""
        for _, ends, _, exchange, operation in sorted(self._moments(exchanges), key=lambda moment: moment[:3]):
            if ends:
                self._learn(exchange, operation)
            elif "{" in operation.path:
                self._count(exchange, operation)

    def _moments(self, exchanges: Sequence[Exchange]) -> Iterator[tuple[datetime, bool, int, Exchange, Operation]]:
        for number, exchange in enumerate(exchanges):
            operation = self._operations.get(exchange.operation or "")
            asked = operation is not None and operation.method == exchange.request.method
            if operation is None or not asked or exchange.origin != "target" or exchange.response is None:
                continue
            yield exchange.at, False, number, exchange, operation
            if exchange.interpretation.outcome is Outcome.ACCEPTED:
                yield exchange.at + timedelta(seconds=exchange.elapsed_seconds), True, number, exchange, operation

    def reached(self, operation: Operation, way: ThingAsked) -> Reached:
        """How often an operation was asked in a way."""
        return Reached(*self._counts.get((operation.id, way), (0, 0)))

    def _count(self, exchange: Exchange, operation: Operation) -> None:
        outcome = exchange.interpretation.outcome
        values = values_of(operation, exchange.request.url)
        if outcome in _AT_THE_DOOR or not values:
            return
        accepted = outcome is Outcome.ACCEPTED
        counted = self._counts[operation.id, self._way(operation, values, exchange.account, accepted=accepted)]
        counted[0] += 1
        counted[1] += accepted

    def _way(
        self, operation: Operation, values: Mapping[str, str], account: str | None, *, accepted: bool
    ) -> ThingAsked:
        things = self.paths.things(operation, values)
        known = self._things.known.get(things[-1])
        if self._things.is_ended(things):
            return ThingAsked.ENDED
        if known is not None:
            foreign = account is not None and known.maker is not None and account != known.maker
            return ThingAsked.OTHERS if foreign else ThingAsked.EXISTING
        if accepted and not _may_do_without(operation):
            return ThingAsked.EXISTING
        return ThingAsked.OTHER_KIND if self._things.is_of_another_kind(things[-1]) else ThingAsked.NEVER

    def _learn(self, exchange: Exchange, operation: Operation) -> None:
        """Take from an accepted answer what it tells of things."""
        values = values_of(operation, exchange.request.url)
        things = self.paths.things(operation, values)
        if things and operation.method == "DELETE" and operation.path.endswith("}"):
            self._things.end(things[-1])
        elif things:
            makes = operation.method == "PUT" and operation.path.endswith("}")
            fresh = makes and things[-1] not in self._things.known
            again = makes and self._things.is_ended(things[-1:])
            self._things.note(things[-1], exchange.account if fresh or again else None, made=again)
        self._learn_links(exchange, operation, values)
        self._learn_lists(exchange, operation, values)

    def _learn_links(self, exchange: Exchange, operation: Operation, values: Mapping[str, str]) -> None:
        maker = None if operation.method in SAFE_METHODS else exchange.account
        for link in self._links.get(operation.id, ()):
            linked = values_from(link, exchange, values)
            things = self.paths.things(self._operations[link.target], linked.path) if linked else []
            if things:
                self._things.note(things[-1], maker, made=operation.method == "POST")

    def _learn_lists(self, exchange: Exchange, operation: Operation, values: Mapping[str, str]) -> None:
        for resource in self.paths.lists.get(operation.id, ()):
            member = jsonpointer.unescape(resource.pointer.rpartition("/")[2])
            parents = tuple(values[name] for name in _PARAMETER.findall(operation.path) if name in values)
            if len(parents) + 1 != resource.item.count("{"):
                continue
            items = exchange.get(resource.items or "")
            for item in islice(items if isinstance(items, list) else (), _MOST_ITEMS):
                name = segment(item.get(member)) if isinstance(item, dict) else None
                if name is not None:
                    self._things.note((self.paths.kind(resource.item), (*parents, name)), None, made=False)


def _may_do_without(operation: Operation) -> bool:
    """Whether an operation may be accepted for a thing that is not there: it makes one there, or ends none."""
    return operation.method in ("PUT", "DELETE") and operation.path.endswith("}")


def reach_map(contract: Contract, recording: Recording) -> tuple[OperationReach, ...]:
    """
    The map of a run, in the order of the document: operations without a parameter in their path are not in it.

    A way is left out where there can be none: nothing ends such things, there is but one kind of things, or the
    document asks for no key.
    """
    survey = _Survey(contract)
    survey.take(recording.exchanges)
    paths = survey.paths
    found = []
    for operation in paths.on_things():
        impossible = {
            ThingAsked.ENDED: not paths.can_end(operation),
            ThingAsked.OTHER_KIND: len(paths.kinds) == 1,
            ThingAsked.OTHERS: not operation.secured,
        }
        ways = {way: survey.reached(operation, way) for way in ThingAsked}
        possible = {way: seen for way, seen in ways.items() if seen.exchanges or not impossible.get(way)}
        found.append(OperationReach(operation.id, operation.location, possible))
    return tuple(found)


def in_words(reaches: Sequence[OperationReach]) -> tuple[tuple[ThingAsked, tuple[str, ...]], ...]:
    """For each way the operations that were never asked in it, by method and path."""
    named = ((way, tuple(one.label for one in reaches if way in one.unreached)) for way in ThingAsked)
    return tuple((way, labels) for way, labels in named if labels)
