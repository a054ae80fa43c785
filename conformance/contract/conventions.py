"""`conventions.yaml` as frozen values: authentication, retries, errors, tasks, money and outcomes of one system."""

from __future__ import annotations

import base64
import re
from dataclasses import dataclass, field, replace
from decimal import Decimal
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Final, Literal

from conformance.contract.error_shapes import Errors, parse_error_shapes
from conformance.contract.operations import OperationConventions, Price, parse_operations
from conformance.contract.outcomes import Interpretation, Interpreter, Outcome, OutcomeRule, parse_rules
from conformance.contract.pricing import Pricing

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping

Phase = Literal["waiting", "working", "succeeded", "failed", "canceled"]
Level = Literal["MUST", "SHOULD", "MAY"]
Release = Literal["available", "preview"]


@dataclass(frozen=True, slots=True)
class Embedded:
    """
    The implementation that comes with the suite: an ASGI factory and the paths of its API and control interface.

    `mutants` is the package with its mutants (`catalogue.MUTANTS`, `app.create_app`), `demo` the one to show first;
    `liberties` is the package that makes it take liberties (`app.create_app`).
    """

    app: str
    base_path: str
    control_path: str
    mutants: str | None = None
    demo: str | None = None
    liberties: str | None = None


@dataclass(frozen=True, slots=True)
class Refusal:
    """How a request without a usable key is refused: the statuses, and the error code that goes with them."""

    status: tuple[int, ...]
    code: str | None


@dataclass(frozen=True, slots=True)
class Authentication:
    """
    Where a key travels, and what a request without a usable one gets.

    It travels in the `header`, after the `scheme` if there is one, or as a parameter of the `query`; what is empty is
    not used. With the scheme Basic a key is "user:password".
    """

    header: str
    scheme: str
    missing: Refusal
    invalid: Refusal
    query: str = ""

    def presented(self, reveal: Callable[[], str], other_scheme: str | None = None) -> str:
        """The header's value for the key that `reveal` returns, under the scheme of the system or another one."""
        return in_scheme(self.scheme if other_scheme is None else other_scheme, reveal)


def in_scheme(scheme: str, reveal: Callable[[], str]) -> str:
    """The value of a header with the key that `reveal` returns, after the word of its scheme if there is one."""
    if scheme.lower() == "basic":
        return f"{scheme} {base64.b64encode(reveal().encode()).decode()}"
    return f"{scheme} {reveal()}".lstrip()


@dataclass(frozen=True, slots=True)
class RequestIds:
    """The header that correlates a request with its response, and the form of ids that must come back unchanged."""

    header: str
    echoed: re.Pattern[str]


@dataclass(frozen=True, slots=True)
class Idempotency:
    """The header that makes a retry safe, for how many seconds, on which operations, and how a conflict is refused."""

    header: str
    window_seconds: int
    operations: tuple[str, ...]
    conflict_status: tuple[int, ...]

    def is_conflict(self, status: int, read: Interpretation) -> bool:
        """Whether a key is refused in this way that came with another request: by its status, or by a code."""
        stated = read.outcome is Outcome.CONFLICT and read.pointer is not None
        return stated or (read.outcome.error and status in self.conflict_status)


@dataclass(frozen=True, slots=True)
class TaskState:
    """A documented spelling of a task's state, its phase, and the states that may come after it."""

    name: str
    phase: Phase
    next: frozenset[str]

    @property
    def terminal(self) -> bool:
        """Whether a task in this state never changes again."""
        return not self.next


@dataclass(frozen=True, slots=True)
class Polling:
    """
    How to wait for a task, in seconds: the first pause, its growth, its ceiling, and when to give up.

    `stated` is whether the conventions say so: only then a task that takes longer is at fault.
    """

    first_seconds: float
    growth: float
    maximum_seconds: float
    timeout_seconds: float
    stated: bool = True


@dataclass(frozen=True, slots=True)
class Tasks:
    """
    The asynchronous pattern: which operations create, read, list and cancel a task, and where its parts stand.

    `marks` is where a request and its task carry metadata that the target does not interpret: the run tag goes there.
    `shows_id` is whether a task that is read shows its id; where it does not, it is the one that was asked for.
    `acknowledged` are the words with which a create is answered in place of a state. With `bare_errors` a task that
    failed may show its error in place of a state.
    """

    create: tuple[str, ...]
    get: str
    list: str | None
    cancel: str | None
    id: str
    id_parameter: str
    status: str
    states: Mapping[str, TaskState]
    output: str | None
    error: str | None
    items: str | None
    marks: str | None
    polling: Polling
    shows_id: bool = True
    acknowledged: tuple[str, ...] = ()
    bare_errors: bool = False


@dataclass(frozen=True, slots=True)
class Artifacts:
    """Uploaded and produced media: the operation that uploads, where its id stands, where the clips of a task stand."""

    upload: str | None
    id: str
    clips: str | None


@dataclass(frozen=True, slots=True)
class Entitlements:
    """
    What an account may lack by agreement, such as a model: the member of a request that names it, and the error code.

    `everyone` are the values that every account has.
    """

    named_by: str
    code: str
    everyone: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Money:
    """
    Prepaid prices per model, and where a task says what it charged and refunded.

    `agreed` are the models whose prices the account is known to pay; other prices are published, and agreements differ.
    """

    unit: str
    credits_per_usd: Decimal | None
    charged: str
    refunded: str
    charged_usd: str | None
    refunded_usd: str | None
    currency: str | None
    priced_by: str
    requested_by: str
    prices: Mapping[str, Decimal]
    agreed: frozenset[str] = frozenset()

    @property
    def amount_pointers(self) -> tuple[str, ...]:
        """Every place of a task's envelope that holds an amount."""
        return tuple(filter(None, (self.charged, self.refunded, self.charged_usd, self.refunded_usd)))


@dataclass(frozen=True, slots=True)
class DerivedKind:
    """
    The level of the requirements of one kind that are derived for every operation of the document.

    `rests_on` names per operation the hand-written requirements that say the same about a part of it.
    """

    level: Level
    provisional: bool = False
    rests_on: Mapping[str, tuple[str, ...]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Conventions:
    """
    Everything in which systems differ, read by strategies and monitors; None where a system has no such thing.

    `optional_surfaces` are those that a target need not have: where none of their operations is there, nothing is
    judged of them.
    """

    system: str
    title: str
    contract_version: str
    document: str
    surfaces: tuple[str, ...]
    optional_surfaces: tuple[str, ...] = ()
    conditions: str | None = None
    embedded: Embedded | None = None
    authentication: Authentication | None = None
    request_id: RequestIds | None = None
    idempotency: Idempotency | None = None
    errors: Errors | None = None
    tasks: Tasks | None = None
    artifacts: Artifacts | None = None
    entitlements: Entitlements | None = None
    money: Money | None = None
    pricing: Pricing | None = None
    outcomes: tuple[OutcomeRule, ...] = ()
    operations: Mapping[str, OperationConventions] = field(default_factory=dict)
    error_shapes: tuple[Errors, ...] = ()
    generated: Mapping[str, DerivedKind] = field(default_factory=dict)
    capabilities: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    @property
    def carriers(self) -> frozenset[str]:
        """The operations whose answers carry files."""
        return frozenset(name for name, one in self.operations.items() if one.carries_files)

    @property
    def interpreter(self) -> Interpreter:
        """The interpreter of this system's answers."""
        own = {name: one.outcomes for name, one in self.operations.items() if one.outcomes}
        return Interpreter(self.outcomes, own, self.error_shapes)

    def without(self, operations: Collection[str], *, surfaces: Collection[str]) -> Conventions:
        """The same conventions of a contract that has only these surfaces, and lacks these operations."""
        own = {name: one for name, one in self.operations.items() if name not in operations}
        return replace(
            self,
            surfaces=tuple(name for name in self.surfaces if name in surfaces),
            optional_surfaces=tuple(name for name in self.optional_surfaces if name in surfaces),
            operations=MappingProxyType(own),
            pricing=None if self.pricing is None else self.pricing.without(operations),
        )

    def retires(self, operation: str) -> bool:
        """Whether the documents announce that an operation will be withdrawn."""
        return operation in self.operations and self.operations[operation].retiring

    def shape(self, interpretation: Interpretation) -> Errors | None:
        """The error shape that was found in an answer, else the first of the system."""
        return self.error_shapes[interpretation.shape or 0] if self.error_shapes else None


# Defaults of members that conventions leave out.
_HARMLESS_ID: Final = "[A-Za-z0-9_-]{1,64}"
_DAY_SECONDS: Final = 24 * 60 * 60
_CONFLICT: Final = (409,)
_PATIENT: Final = Polling(0.5, 1.5, 10, 60, stated=False)


def parse_conventions(content: Mapping[str, Any]) -> Conventions:
    """The frozen form of a `conventions.yaml` that has already passed its schema."""
    tasks, money = _tasks(content.get("tasks")), _money(content.get("money"))
    operations = parse_operations(content.get("operations", {}))
    shapes = parse_error_shapes(content.get("errors"))
    return Conventions(
        system=content["system"],
        title=content["title"],
        contract_version=content["contract_version"],
        document=content["document"],
        surfaces=tuple(content["surfaces"]),
        optional_surfaces=tuple(content.get("optional_surfaces", ())),
        conditions=content.get("conditions"),
        embedded=Embedded(**content["embedded"]) if "embedded" in content else None,
        authentication=_authentication(content.get("authentication")),
        request_id=_request_ids(content.get("request_id")),
        idempotency=_idempotency(content.get("idempotency")),
        errors=shapes[0] if shapes else None,
        tasks=tasks,
        artifacts=_artifacts(content.get("artifacts")),
        entitlements=_entitlements(content.get("entitlements")),
        money=money,
        pricing=_pricing(content.get("money"), tasks, money, operations),
        outcomes=parse_rules(content.get("outcomes", ())),
        operations=operations,
        error_shapes=shapes,
        generated=MappingProxyType(
            {kind: _derived_kind(weight) for kind, weight in content.get("generated", {}).items()}
        ),
        capabilities=MappingProxyType({name: tuple(ids) for name, ids in content.get("capabilities", {}).items()}),
    )


def _derived_kind(part: Mapping[str, Any]) -> DerivedKind:
    rests_on = {operation: tuple(ids) for operation, ids in part.get("rests_on", {}).items()}
    return DerivedKind(part["level"], part.get("provisional", False), MappingProxyType(rests_on))


def _authentication(part: Mapping[str, Any] | None) -> Authentication | None:
    if part is None:
        return None
    refusals = part.get("refusals", {})
    return Authentication(
        header=part.get("header", ""),
        scheme=part.get("scheme", ""),
        query=part.get("query", ""),
        missing=_refusal(refusals.get("missing", {})),
        invalid=_refusal(refusals.get("invalid", {})),
    )


def _refusal(part: Mapping[str, Any]) -> Refusal:
    return Refusal(tuple(part.get("status", [401])), part.get("code"))


def _request_ids(part: Mapping[str, Any] | None) -> RequestIds | None:
    return None if part is None else RequestIds(part["header"], re.compile(part.get("echoed", _HARMLESS_ID)))


def _idempotency(part: Mapping[str, Any] | None) -> Idempotency | None:
    if part is None:
        return None
    return Idempotency(
        header=part["header"],
        window_seconds=part.get("window_seconds", _DAY_SECONDS),
        operations=tuple(part["operations"]),
        conflict_status=tuple(part.get("conflict_status", _CONFLICT)),
    )


def _tasks(part: Mapping[str, Any] | None) -> Tasks | None:
    if part is None:
        return None
    states = {name: TaskState(name, state["phase"], frozenset(state["next"])) for name, state in part["states"].items()}
    return Tasks(
        create=tuple(part["create"]),
        get=part["get"],
        list=part.get("list"),
        cancel=part.get("cancel"),
        id=part["id"],
        id_parameter=part["id_parameter"],
        status=part["status"],
        states=MappingProxyType(states),
        output=part.get("output"),
        error=part.get("error"),
        items=part.get("items"),
        marks=part.get("marks"),
        polling=Polling(**part["polling"]) if "polling" in part else _PATIENT,
        shows_id=part.get("shows_id", True),
        acknowledged=tuple(part.get("acknowledged", ())),
        bare_errors=part.get("bare_errors", False),
    )


def _entitlements(part: Mapping[str, Any] | None) -> Entitlements | None:
    if part is None:
        return None
    return Entitlements(part["named_by"], part["code"], tuple(part.get("everyone", ())))


def _artifacts(part: Mapping[str, Any] | None) -> Artifacts | None:
    return None if part is None else Artifacts(part.get("upload"), part["id"], part.get("clips"))


def _money(part: Mapping[str, Any] | None) -> Money | None:
    """How tasks show what they charged; None where no task does."""
    if part is None or "charged" not in part:
        return None
    rate = part.get("credits_per_usd")
    return Money(
        unit=part["unit"],
        credits_per_usd=None if rate is None else Decimal(rate),
        charged=part["charged"],
        refunded=part["refunded"],
        charged_usd=part.get("charged_usd"),
        refunded_usd=part.get("refunded_usd"),
        currency=part.get("currency"),
        priced_by=part["priced_by"],
        requested_by=part["requested_by"],
        prices=MappingProxyType({model: Decimal(price) for model, price in part["prices"].items()}),
    )


def _pricing(
    part: Mapping[str, Any] | None,
    tasks: Tasks | None,
    money: Money | None,
    operations: Mapping[str, OperationConventions],
) -> Pricing | None:
    """What requests cost: creating a task by the prices of `money`, and what operations say of themselves."""
    prices: dict[str, Price] = {}
    if tasks is not None and money is not None:
        by_model = Price(by=money.requested_by, table=money.prices)
        prices.update(dict.fromkeys(tasks.create, by_model))
    prices.update({name: one.price for name, one in operations.items() if one.price is not None})
    if part is None and not prices:
        return None
    return Pricing("" if part is None else part["unit"], MappingProxyType(prices))
