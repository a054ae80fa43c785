"""
Reach before judgement: what was answered because a thing does not exist decides nothing else.

A 404, 405 or 501 is what a path gives that is not there. An operation that gave nothing else is missing: that is said
once, by the requirement that it accepts valid requests, and what needs the operation is inconclusive. Where all of a
surface is missing that a target need not have, nothing of it applies. Nor is anything met for good where too many
answers could not be read.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, replace
from fnmatch import fnmatchcase
from functools import cached_property
from typing import TYPE_CHECKING, Final
from urllib.parse import parse_qsl, urlsplit

from conformance.contract.outcomes import Outcome, is_method_refused, is_said_of_nothing
from conformance.contract.requirements import derived_id
from conformance.journal.records import Location
from conformance.verdicts.model import MISSING, Evidence, RequirementOutcome, Verdict

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping, Sequence

    from conformance.contract.contract import Contract
    from conformance.contract.document import Operation
    from conformance.journal.reader import Recording
    from conformance.journal.records import Exchange


# These come from what stands before every path, whether it exists or not.
_AT_THE_DOOR: Final = frozenset({Outcome.UNAUTHENTICATED, Outcome.FORBIDDEN, Outcome.THROTTLED})
# These may come before a target looks for the thing that a path names.
_WITHOUT_A_LOOK: Final = _AT_THE_DOOR | {Outcome.REFUSED}
# One request may ask for something that is not there; several that are all refused as absent leave no doubt.
_ENOUGH: Final = 3
# What a method answers may depend on the state of one thing.
_TWICE: Final = 2
_MOST_SHOWN: Final = 6
_QUOTES: Final = ("'", '"', "`")


@dataclass(frozen=True)
class Reach:
    """
    Which operations of the contract a run has reached, and which are not there.

    `surfaces` are those in question (none named: all). That an operation of another one is missing is no fault, but
    what such an operation answered decides nothing either.
    """

    contract: Contract
    recording: Recording
    surfaces: Collection[str] = ()

    @cached_property
    def by_operation(self) -> Mapping[str, tuple[Exchange, ...]]:
        """The answers of the target by the operation that was asked for."""
        found: dict[str, list[Exchange]] = defaultdict(list)
        for exchange in self.recording.exchanges:
            operation = self.contract.document.operations.get(exchange.operation or "")
            if operation is None or operation.method != exchange.request.method:
                continue
            if exchange.response is not None and exchange.origin == "target":
                found[exchange.operation or ""].append(exchange)
        return {name: tuple(answers) for name, answers in found.items()}

    @cached_property
    def absent(self) -> frozenset[str]:
        """The operations that answered as what is not there, and never in another way that shows that they are."""
        return frozenset(
            name
            for name, answers in self.by_operation.items()
            if any(is_said_of_nothing(each.status) for each in answers) and not any(map(_shows_existence, answers))
        )

    @cached_property
    def missing(self) -> Mapping[str, tuple[Exchange, ...]]:
        """
        The absent operations of which nothing leaves another explanation, with the answers: no place, no value.

        A resource in the path may be what is absent, unless every answer says that it does not have the method, or the
        resource is there and what is said below it is not what the document has for that. Of a system with scenarios of
        its own a test says so.
        """
        refused = {
            name: tuple(each for each in self.by_operation[name] if is_said_of_nothing(each.status))
            for name in self.absent
        }
        return {
            name: answers
            for name, answers in refused.items()
            if self._lacks_method(answers)
            or self._lacks_path(name, answers)
            or (
                "{" not in self._operation(name).path
                and len(answers) >= _ENOUGH
                and not any(map(_is_said_of_a_value, answers))
            )
        }

    def _lacks_method(self, answers: Sequence[Exchange]) -> bool:
        refused = len(answers) >= _TWICE and all(is_method_refused(each.status) for each in answers)
        return refused and self.contract.conventions.embedded is None

    def _lacks_path(self, name: str, answers: Sequence[Exchange]) -> bool:
        """Whether something that is there has nothing under the path of an operation, in words that are not its own."""
        operation = self._operation(name)
        below = operation.path.rpartition("}")[2].count("/")
        if not below or "{" not in operation.path or self.contract.conventions.embedded is not None:
            return False
        under = [answer for answer in answers if _path_above(answer, below) in self._there]
        return len(under) >= _TWICE and not any(_is_documented(answer, operation) for answer in answers)

    @cached_property
    def _there(self) -> frozenset[str]:
        """The paths of what was read or made, and not deleted."""
        accepted = [each for each in self.recording.exchanges if each.origin == "target" and each.accepted]
        read = {_path_above(each, 0) for each in accepted if each.request.method == "GET"}
        deleted = {_path_above(each, 0) for each in accepted if each.request.method == "DELETE"}
        made = {
            f"{_path_above(each, 0)}/{text}"
            for each in accepted
            if each.request.method == "POST"
            for text in _texts(each.get(""))
        }
        return frozenset((read | made) - deleted)

    @cached_property
    def unoffered(self) -> frozenset[str]:
        """The surfaces that a target need not have, and of which every operation that was asked for is absent."""
        optional = () if self.surfaces or self.nowhere else self.contract.conventions.optional_surfaces
        asked = [self._operation(name) for name in self.by_operation]
        return frozenset(
            surface
            for surface in optional
            if (own := {operation.id for operation in asked if operation.surface == surface}) and own <= self.absent
        )

    def _is_unoffered(self, requirement_id: str) -> bool:
        registry = self.contract.registry
        return requirement_id in registry and registry[requirement_id].surface in self.unoffered

    @cached_property
    def unreached(self) -> Mapping[str, tuple[Exchange, ...]]:
        """
        The operations on one thing that never got a thing that exists, with their answers.

        That bodies were refused shows nothing of the thing, as many targets read these first. By a document of the
        user's only: scenarios of a system know what they ask for.
        """
        if self.contract.conventions.embedded is not None or self.nowhere:
            return {}
        return {
            name: answers
            for name, answers in self.by_operation.items()
            if "{" in self._operation(name).path
            and name not in self.missing
            and self._is_in_question(name)
            and any(is_said_of_nothing(each.status) for each in answers)
            and all(is_said_of_nothing(each.status) or each.outcome in _WITHOUT_A_LOOK for each in answers)
        }

    @property
    def nowhere(self) -> bool:
        """Whether operations were asked for, and none of those in question was reached."""
        answers = (answer for name in self.in_question for answer in self.by_operation[name])
        return any(name in self.absent for name in self.in_question) and not any(map(_shows_existence, answers))

    @cached_property
    def in_question(self) -> tuple[str, ...]:
        """The operations in question that were asked for."""
        return tuple(name for name in self.by_operation if self._is_in_question(name))

    def _is_in_question(self, name: str) -> bool:
        return not self.surfaces or self._operation(name).surface in self.surfaces

    def _operation(self, name: str) -> Operation:
        return self.contract.document.operations[name]

    def blames(self) -> tuple[RequirementOutcome, ...]:
        """A fail for each operation that is missing, by the requirement that says it once; none where all are."""
        if self.nowhere:
            return ()
        return tuple(
            RequirementOutcome(
                self._owner(name),
                Verdict.FAIL,
                f"{MISSING}::{name}",
                f"expected an operation {self._operation(name).location}, got {_statuses(answers)} for every request",
                tuple(_refused(answer) for answer in answers[:_MOST_SHOWN]),
            )
            for name, answers in self.missing.items()
            if self._is_blamed(name) and self._operation(name).surface not in self.unoffered
        )

    def weighed(self, outcome: RequirementOutcome) -> RequirementOutcome:
        """The outcome, inconclusive where it rests on operations that were never seen to exist."""
        if self._is_unoffered(outcome.requirement):
            surface = self.contract.registry[outcome.requirement].surface
            return replace(outcome, verdict=Verdict.NOT_APPLICABLE, reason=not_offered(surface))
        if outcome.verdict in (Verdict.PASS, Verdict.FAIL) and self.nowhere:
            return replace(outcome, verdict=Verdict.INCONCLUSIVE, reason="no operation of the document was reached")
        shown = [self._known[each.exchange] for each in outcome.evidence if each.exchange in self._known]
        if not shown:
            return outcome
        if outcome.verdict is Verdict.PASS and all(each.outcome.refusal for each in shown):
            unseen = sorted({str(each.operation) for each in shown if each.operation in self._undecided})
            return _open(outcome, self._unseen(unseen[0])) if unseen else outcome
        if outcome.verdict is Verdict.FAIL and all(map(self._is_missing, shown)):
            return replace(outcome, verdict=Verdict.INCONCLUSIVE, reason=self._unseen(str(shown[0].operation)))
        return outcome

    @cached_property
    def _undecided(self) -> frozenset[str]:
        expected = (name for name in self.absent if self._operation(name).surface not in self.unoffered)
        return frozenset(filter(self._is_in_question, expected)) | frozenset(self.unreached)

    @cached_property
    def _known(self) -> Mapping[str, Exchange]:
        return {answer.id: answer for answers in self.by_operation.values() for answer in answers}

    def _is_missing(self, exchange: Exchange) -> bool:
        name = str(exchange.operation)
        explained = name in self.missing and (self._is_blamed(name) or not self._is_in_question(name))
        return explained and is_said_of_nothing(exchange.status)

    def _is_blamed(self, name: str) -> bool:
        """Whether a requirement of the run says that a missing operation should be there."""
        return self._is_in_question(name) and self._owner(name) in self.contract.registry

    def _unseen(self, name: str) -> str:
        where = self._operation(name).location
        if name in self.missing and self._is_blamed(name):
            return f"blocked by {self._owner(name)}: the target has no {where}"
        return f"{where} was never seen to be there: every answer to it was {_statuses(self.by_operation[name])}"

    def _owner(self, name: str) -> str:
        """The requirement that says it: of operations that no request is sure to be accepted by, the one on answers."""
        accepts = derived_id(self.contract.system, name, "accepts")
        return accepts if accepts in self.contract.registry else derived_id(self.contract.system, name, "conforms")


def _path_above(exchange: Exchange, segments: int) -> str:
    """The path that a request asked for, without so many segments at its end."""
    path = urlsplit(exchange.request.url).path
    return path.rsplit("/", segments)[0] if segments else path


def _is_documented(exchange: Exchange, operation: Operation) -> bool:
    """Whether an answer has a media type that the document has for its status."""
    documented = operation.answer(exchange.status)
    declared = (exchange.answer.headers.get("Content-Type") or "").partition(";")[0].strip().lower()
    return documented is not None and any(fnmatchcase(declared, name.lower()) for name in documented.content)


def _refused(answer: Exchange) -> Evidence:
    return Evidence(answer.id, locations=(Location("status", "", "an operation", str(answer.status)),))


def not_offered(surface: str) -> str:
    """Why the requirements of a surface that a target need not have do not apply."""
    return f"the target has no operation of the surface {surface}"


def remarks_on_unoffered(reach: Reach) -> tuple[str, ...]:
    """A sentence on each surface of which nothing applies."""
    names = [name for name in reach.contract.conventions.surfaces if name in reach.unoffered]
    how = "name it under surfaces in target.toml if it should be there"
    return tuple(f"Nothing of the surface {name} applies: {not_offered(name)}; {how}." for name in names)


def within_reach(outcomes: Sequence[RequirementOutcome], reach: Reach) -> tuple[RequirementOutcome, ...]:
    """The outcomes, of which those decide nothing that rest on what is not there; and a fail for each missing one."""
    if not reach.absent and not reach.unreached:
        return tuple(outcomes)
    return (*map(reach.weighed, outcomes), *reach.blames())


def never_reached(reach: Reach) -> tuple[str, ...]:
    """In a sentence, which operations never got a thing that exists; nothing where all that were asked for did."""
    if not reach.unreached:
        return ()
    asked = [name for name in reach.in_question if "{" in reach.contract.document.operations[name].path]
    named = [
        f"{reach.contract.document.operations[name].location} ({_statuses(answers)})"
        for name, answers in reach.unreached.items()
    ]
    more = f" and {len(named) - _MOST_SHOWN} more" if len(named) > _MOST_SHOWN else ""
    shown = ", ".join(named[:_MOST_SHOWN])
    what = f"{len(named)} of {len(asked)} operations on one thing were never reached with a thing that exists"
    return (f"{what}, so that nothing is certified of them: {shown}{more}.",)


def _open(outcome: RequirementOutcome, reason: str) -> RequirementOutcome:
    detail = f"{reason}: {outcome.reason}" if outcome.reason else reason
    return replace(outcome, verdict=Verdict.INCONCLUSIVE, reason=detail)


def _shows_existence(exchange: Exchange) -> bool:
    if exchange.accepted:
        return True
    refused = exchange.outcome.refusal and exchange.outcome not in _AT_THE_DOOR
    return refused and not is_said_of_nothing(exchange.status)


def _statuses(answers: Sequence[Exchange]) -> str:
    return " or ".join(str(status) for status in sorted({answer.status for answer in answers}))


# A line that drops one answer in a hundred is a bad line; a target of which one in twenty is lost is not certified.
MOST_LOST: Final = 0.05
# Of a handful of requests a single lost one would be more than that.
FEWEST_LOST: Final = 5
# Other transports break requests on purpose.
_ORDINARY: Final = "httpx"


def unreadable(recording: Recording) -> str:
    """
    In a sentence, that too few answers to ordinary requests came whole and as HTTP; empty where enough did.

    What the rest of the answers shows may still break a requirement, but meets none for good.
    """
    asked = [one for one in recording.exchanges if one.origin == "target" and one.transport == _ORDINARY]
    lost = sum(exchange.response is None for exchange in asked)
    if lost < FEWEST_LOST or lost <= MOST_LOST * len(asked):
        return ""
    return (
        f"{lost} of {len(asked)} requests got no answer that could be read (no HTTP, cut off, or none at all); "
        f"a target is judged when at most {MOST_LOST:.0%} are lost."
    )


def _is_said_of_a_value(exchange: Exchange) -> bool:
    """Whether an answer quotes a text that was sent ("Model 'text' not found"): then it is about that."""
    said = [*_texts(exchange.get(""))] if exchange.response is not None else []
    sent = {*_texts(exchange.sent("")), *dict(parse_qsl(urlsplit(exchange.request.url).query)).values()}
    return any(f"{mark}{text}{mark}" in answer for text in sent if text for answer in said for mark in _QUOTES)


def _texts(value: object) -> Iterator[str]:
    """The texts in a JSON value, without the names of members."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict | list):
        for inner in value.values() if isinstance(value, dict) else value:
            yield from _texts(inner)
