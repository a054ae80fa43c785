"""The constraint walk: requests that break every constraint once and meet it once; which ones a run has tried."""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import dataclass, replace
from functools import cache
from typing import TYPE_CHECKING, Final

import jsonpointer

from conformance.client.request import path_of
from conformance.generation.cases import Case, MisbuiltRequestError
from conformance.generation.walk_parts import Demand, HeaderNames, LeftOut, WalkAttempt, attempts_of
from conformance.generation.walk_request import base_request_of, is_json

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from conformance.contract.contract import Contract
    from conformance.contract.document import Document, Operation
    from conformance.generation.cases import Validity
    from conformance.generation.constraints import Path
    from conformance.generation.instances import Schemas
    from conformance.generation.walk_request import RequestTemplate
    from conformance.generation.walk_schema import Side


@dataclass(frozen=True, slots=True)
class WalkStep:
    """
    One request of the walk.

    `id` names it within the operation, as long as the document says the same. `tries` names the sides of constraints
    that it tries ("body:application/json/properties/prompt/maxLength broken"): it breaks all of them, together with
    nothing else, or meets all of them. `validity` is "odd" where no reading of the document says for certain what the
    request must get.
    """

    id: str
    tries: tuple[str, ...]
    reason: str
    validity: Validity
    frame: RequestTemplate
    parameter: str | None = None
    place: Path | None = None

    @property
    def breaks(self) -> bool:
        """Whether the request breaks the document."""
        return self.tries[0].endswith(" broken")

    def case(
        self, path_values: Mapping[str, str] | None = None, body_values: Mapping[str, object] | None = None
    ) -> Case:
        """The request, with values that the target handed over wherever these are not what the step tries."""
        operation = self.frame.operation
        handed = {name: value for name, value in (path_values or {}).items() if name != self.parameter}
        case = Case(
            operation=operation.id,
            method=operation.method,
            path=path_of(operation, {**self.frame.path_values, **handed}) + self.frame.query,
            headers=self.frame.headers,
            content=self.frame.content,
            validity=self.validity,
            reason=self.reason,
            tries=self.tries,
        )
        tried = tuple(str(step) for step in self.place or ())
        kept = {
            pointer: value
            for pointer, value in (body_values or {}).items()
            if not self.breaks or tuple(jsonpointer.JsonPointer(pointer).parts) != tried
        }
        return case.with_body_values(kept) if _is_json(case.content) else case


@dataclass(frozen=True, slots=True)
class Walk:
    """The walk of one operation: its steps, what it tries, and the sides that no request can try, with the reasons."""

    operation: Operation
    steps: tuple[WalkStep, ...]
    demands: tuple[Demand, ...]
    left_out: tuple[LeftOut, ...]

    def only(self, validity: Validity) -> tuple[WalkStep, ...]:
        """The steps that are valid, invalid or merely odd."""
        return tuple(step for step in self.steps if step.validity == validity)


def walk(contract: Contract, operation: Operation) -> Walk:
    """
    The walk of an operation: the same for the same document.

    Raises:
        MisbuiltRequestError: a request does not do what its reason says.
    """
    conventions = contract.conventions
    keys = {conventions.authentication.header.lower()} if conventions.authentication else set()
    fresh = {conventions.idempotency.header.lower()} if conventions.idempotency else set()
    return _walk(contract.document, operation.id, HeaderNames(frozenset(keys), frozenset(fresh)))


@cache
def _walk(document: Document, operation_id: str, headers: HeaderNames) -> Walk:
    operation = document.operations[operation_id]
    base = base_request_of(document, operation)
    found = list(attempts_of(base, headers))
    attempts = [item for item in found if isinstance(item, WalkAttempt)]
    steps = tuple(_steps(operation, attempts))
    for step in steps:
        prove(base.schemas, step)
    demands = tuple(dict.fromkeys(item.demand for item in found))
    return Walk(operation, steps, demands, tuple(item for item in found if isinstance(item, LeftOut)))


def _steps(operation: Operation, attempts: Iterable[WalkAttempt]) -> list[WalkStep]:
    """One step for each different request, whatever it tries."""
    steps: dict[tuple[object, ...], WalkStep] = {}
    named: Counter[str] = Counter()
    for attempt in attempts:
        frame = attempt.frame
        key = (frame.query, frame.headers, frame.content, json.dumps(frame.path_values))
        tried = f"{attempt.demand.id} {attempt.side}"
        known = steps.get(key)
        if known is None:
            validity = _validity(operation, attempt)
            named[tried] += 1
            # A constraint may be met in several ways: as each member of a list.
            name = f"{tried} {named[tried]}" if named[tried] > 1 else tried
            steps[key] = WalkStep(name, (tried,), attempt.reason, validity, frame, attempt.parameter, attempt.place)
        else:
            tries = tuple(dict.fromkeys((*known.tries, tried)))
            # A request that several attempts make is as certain as the least certain of them.
            validity = known.validity if known.validity == _validity(operation, attempt) else "odd"
            steps[key] = replace(known, tries=tries, validity=validity)
    return list(steps.values())


def _validity(operation: Operation, attempt: WalkAttempt) -> Validity:
    if attempt.side == "broken":
        return "invalid" if operation.refusable and not _is_passed_over(attempt) else "odd"
    return "valid" if attempt.certain else "odd"


# By HTTP a server may pass over what it does not know or can't do in these: RFC 9110 (12.5, 13.1, 14.2), RFC 7240 (2).
_PREFERENCES: Final = frozenset(
    {
        "accept",
        "accept-charset",
        "accept-encoding",
        "accept-language",
        "if-modified-since",
        "if-range",
        "prefer",
        "range",
    }
)


def _is_passed_over(attempt: WalkAttempt) -> bool:
    """Whether a request only states a preference in a way that the document does not have."""
    location, _, rest = attempt.demand.id.partition(":")
    return location == "header" and rest.partition("/")[0].lower() in _PREFERENCES


def prove(schemas: Schemas, step: WalkStep) -> None:
    """
    Read the body that is sent once more: it breaks the document exactly when the step says so.

    Raises:
        MisbuiltRequestError: it does not.
    """
    frame = step.frame
    media = step.frame.operation.body.get(frame.content_type or "")
    if media is None or not is_json(media.name):
        return
    about_body = step.tries[0].startswith((f"body:{media.name}", "body/content/"))
    fits = _is_json(frame.content) and schemas.accepts(media.schema, json.loads(frame.content))
    if fits is (step.breaks and about_body):
        raise MisbuiltRequestError(
            f"A step of the walk over {frame.operation.id} does not do what it says: {step.reason} ({step.id})."
        )


def _is_json(content: bytes) -> bool:
    try:
        json.loads(content)
    except ValueError:
        return False
    return True


_SIDES: Final[tuple[Side, ...]] = ("broken", "met")
_NOT_SENT: Final = "no request that tries it was answered in this run"


@dataclass(frozen=True, slots=True)
class Untried:
    """A side of a constraint that no request tried, and why."""

    constraint: str
    place: str
    keyword: str
    side: Side
    why: str


@dataclass(frozen=True, slots=True)
class OperationCoverage:
    """
    How many constraints of an operation there are, and how many were tried: broken as well as met.

    `untried` names each side of the others.
    """

    operation: str
    constraints: int
    exercised: int
    untried: tuple[Untried, ...]


def coverage_of(contract: Contract, tried: Mapping[str, Iterable[str]]) -> tuple[OperationCoverage, ...]:
    """The coverage of each operation, from what was tried of it."""
    operations = contract.document.operations.values()
    return tuple(_coverage(contract, operation, frozenset(tried.get(operation.id, ()))) for operation in operations)


def _coverage(contract: Contract, operation: Operation, tried: frozenset[str]) -> OperationCoverage:
    walked = walk(contract, operation)
    reasons = {(item.demand.id, item.side): item.why for item in walked.left_out}
    untried = tuple(
        Untried(demand.id, demand.place, demand.keyword, side, reasons.get((demand.id, side), _NOT_SENT))
        for demand in walked.demands
        for side in _SIDES
        if not _is_tried(demand, side, tried)
    )
    open_ones = {item.constraint for item in untried}
    return OperationCoverage(operation.id, len(walked.demands), len(walked.demands) - len(open_ones), untried)


def _is_tried(demand: Demand, side: Side, tried: frozenset[str]) -> bool:
    return f"{demand.id} {side}" in tried
