"""What a run would ask for and cost, before its first request: what scenarios and drawn requests declare, added up."""

from __future__ import annotations

import pkgutil
from collections import defaultdict
from dataclasses import dataclass, replace
from decimal import Decimal
from importlib import import_module
from typing import TYPE_CHECKING, Final, Literal

from conformance.contract.requirements import derived_id
from conformance.generation.cases import MOST_DRAWN
from conformance.generation.credentials import KEYLESS_EVERYWHERE, bad_credentials
from conformance.generation.resources import LinkedValues, sources_of
from conformance.generation.walk import walk
from conformance.money.budget import ANY, Budget, Tier, cancels, harmless, price_of, reads, refuses, spends
from conformance.suite.any_api.creating import SCENARIO_BUDGETS
from conformance.suite.generated import like_valid
from conformance.suite.scenarios import SCENARIOS
from conformance.suite.tiers import certainly_free, judged_by, written_for

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from conformance.contract.contract import Contract
    from conformance.contract.document import Operation
    from conformance.generation.cases import Case, Drawing
    from conformance.generation.credentials import BadCredentials
    from conformance.suite.scenarios import Scenario


Kind = Literal["valid", "invalid", "odd", "keyless"]
KINDS: Final[tuple[Kind, ...]] = ("valid", "invalid", "odd", "keyless")
# Where each costs real money until it is cancelled, so many valid requests for a task must do.
FEW: Final = 3


def budget_of(contract: Contract, operation: Operation, kind: Kind, count: int) -> Budget:
    """The budget of `count` requests of a kind for one operation, with the task that they need, if they need one."""
    tasks, pricing = contract.conventions.tasks, contract.conventions.pricing
    costly = {*(tasks.create if tasks else ()), *(pricing.operations if pricing else ())}
    sources = sources_of(contract.document, operation)
    if operation.id in costly:
        return _of_creation(contract, operation, kind, count)
    bought = [source for source in sources if source in costly]
    if bought:
        return _bought(contract, bought, requests=count + len(sources))
    if operation.reads_only and (kind == "odd" or not sources):
        return reads(count)
    return harmless(count + len(sources))


def few(budget: Budget, cases: Sequence[Case], *, frugal: bool) -> Sequence[Case]:
    """As many of some requests as their budget pays for, where each costs real money."""
    paid = len(budget.cancels) + len(budget.spends)
    return cases[: paid or budget.requests] if frugal else cases


def is_provisional(contract: Contract, operation: Operation, kind: Kind) -> bool:
    """Whether requests of a kind may cost something and serve only a rule that no normative document states."""
    tasks, pricing = contract.conventions.tasks, contract.conventions.pricing
    weight = contract.conventions.generated.get("refuses")
    costly = operation.id in ((*(tasks.create if tasks else ()), *(pricing.operations if pricing else ())))
    return kind == "invalid" and costly and weight is not None and weight.provisional


def count_of(contract: Contract, operation: Operation, kind: Kind, drawn: int) -> int:
    """How many requests of a kind there are for an operation: those of the constraint walk and so many drawn ones."""
    if kind == "keyless":
        return drawn
    alike = like_valid(contract, operation, LinkedValues({}, {})) if kind == "invalid" else ()
    return drawn + len(walk(contract, operation).only(kind)) + len(alike)


def spared(contract: Contract, operation: Operation, drawing: Drawing) -> Drawing:
    """
    How to draw for an operation: with as many requests as it is worth where no option says how many.

    The walk tries every constraint by itself. What drawn requests may find beyond that lies in how constraints meet,
    so there are half as many as constraints.
    """
    if not drawing.sparing:
        return drawing
    return replace(drawing, count=worth_drawing(contract, operation, drawing.count), sparing=False)


def worth_drawing(contract: Contract, operation: Operation, most: int = MOST_DRAWN) -> int:
    """How many drawn requests of a kind an operation is worth, at most so many."""
    return min(most, max(1, len(walk(contract, operation).demands) // 2))


def _of_creation(contract: Contract, operation: Operation, kind: Kind, count: int) -> Budget:
    if kind == "keyless":
        return refuses(count, count, demanded_by=derived_id(contract.system, operation.id, "credentials"))
    if kind == "invalid":
        requirement = derived_id(contract.system, operation.id, "refuses")
        weight = contract.conventions.generated.get("refuses")
        doubtful = weight is None or weight.level != "MUST"
        # The first that is accepted decides: the rest would cost money and say nothing new.
        return refuses(count, count, demanded_by=requirement, doubtful=doubtful, most_accepted=1)
    paid = min(count, FEW)
    if certainly_free(contract, operation) and kind == "valid":
        return harmless(paid)
    return _bought(contract, [operation.id] * paid, requests=paid)


def _bought(contract: Contract, operations: Sequence[str], requests: int) -> Budget:
    """Requests of costly operations: for tasks that are cancelled, or paid for good where one of them can't be."""
    tasks = contract.conventions.tasks
    if tasks is not None and tasks.cancel is not None and set(operations) <= set(tasks.create):
        return cancels(*(ANY for _ in operations), requests=requests)
    return spends(*(_dearest(contract, operation) for operation in operations), requests=requests)


def _dearest(contract: Contract, operation: str) -> str:
    """The name of the dearest price of an operation."""
    pricing = contract.conventions.pricing
    price = pricing.operations.get(operation) if pricing else None
    known = price.known(operation) if price else {}
    return max(known, key=lambda name: price_of(name, known), default=operation)


@dataclass(frozen=True, slots=True)
class QuoteEntry:
    """One scenario of the quote, with amounts in the system's unit."""

    scenario: str
    tier: Tier
    requests: int
    net: Decimal
    worst: Decimal
    peak: Decimal


@dataclass(frozen=True, slots=True)
class Quote:
    """
    What a run of one tier would do.

    `net` is what it costs when every promise is kept: what several scenarios keep is bought once. `worst` is what it
    costs when no refund and no cancellation is honoured, and one request is accepted that must be refused; of those
    whose refusal is in doubt all are, as these acceptances end nothing.
    `smallest_cap` is the least cap under which every scenario is carried out, when promises are kept.
    """

    tier: Tier
    entries: tuple[QuoteEntry, ...]
    requests: int
    net: Decimal
    worst: Decimal
    smallest_cap: Decimal


def quote(
    contract: Contract, tier: Tier, examples: int | None, *, external: bool = False, provisional: bool = False
) -> Quote:
    """
    The quote of a tier, with so many drawn requests of a kind for each operation, or as many as it is worth (None).

    `provisional` adds what is asked for rules that no normative document states. Operations whose price is not known
    are left out, as they are not sent where money is counted.

    An `external` contract is judged by the scenarios of any API, others by those of their system.
    """
    pricing = contract.conventions.pricing
    prices: Mapping[str, Decimal] = pricing.known if pricing else {}
    declared = declared_budgets(contract, examples, external=external, provisional=provisional)
    named = [(name, budget) for name, budget in declared if budget.tier <= tier]
    unpriced = pricing.unknown if pricing else ()
    allowed = [(name, _within(tier, budget.payable(unpriced))) for name, budget in named]
    kept = {model for _, budget in allowed for model in budget.keeps}
    bought = sum((price_of(model, prices) for model in kept), Decimal(0))
    fleeting = [budget.without(kept) for _, budget in allowed]
    spent = sum((price_of(model, prices) for budget in fleeting for model in budget.spends), Decimal(0))
    dearest = price_of(ANY, prices) if any(budget.refused for budget in fleeting) else Decimal(0)
    in_doubt = price_of(ANY, prices) * sum(budget.acceptances for budget in fleeting)
    accepted = in_doubt + (dearest if any(b.refused and not b.doubtful for b in fleeting) else Decimal(0))
    if tier is Tier.FREE:
        accepted = dearest  # which is the cap of that tier
    cancelled = (price_of(model, prices) for budget in fleeting for model in budget.cancels)
    return Quote(
        tier=tier,
        entries=tuple(_entry(name, budget, prices) for name, budget in allowed),
        requests=sum(budget.requests for _, budget in allowed),
        net=bought + spent,
        worst=bought + spent + accepted + sum(cancelled, Decimal(0)),
        smallest_cap=bought + spent + max([dearest, *(_fleeting(budget, prices) for budget in fleeting)]),
    )


def _fleeting(budget: Budget, prices: Mapping[str, Decimal]) -> Decimal:
    """What a scenario has at stake at most beside what is spent for good."""
    return budget.peak(prices) - budget.net(prices)


def _within(tier: Tier, budget: Budget) -> Budget:
    """What of a budget a tier lets through."""
    if tier is Tier.READ:
        return Budget(tier=budget.tier, requests=budget.requests - budget.refused)
    costly = (*budget.keeps, *budget.spends, *budget.cancels)
    if tier is Tier.FREE and costly:
        return Budget(tier=budget.tier, requests=budget.requests - len(costly))
    return budget


def _entry(name: str, budget: Budget, prices: Mapping[str, Decimal]) -> QuoteEntry:
    return QuoteEntry(
        scenario=name,
        tier=budget.tier,
        requests=budget.requests,
        net=budget.net(prices),
        worst=budget.worst(prices),
        peak=budget.peak(prices),
    )


def declared_budgets(
    contract: Contract, examples: int | None, *, external: bool = False, provisional: bool = True
) -> Iterator[tuple[str, Budget]]:
    """What every scenario for a contract may spend, by its name, those of drawn requests last."""
    yield from _of_any_api(contract) if external else _of_a_system(contract, provisional=provisional)
    for operation in contract.document.operations.values():
        for kind in () if contract.conventions.retires(operation.id) else KINDS:
            # An external document may say nothing of keys; then no request is made without one.
            keyless = kind == "keyless"
            drawn = len(unusable_keys(contract, operation)) if keyless else _drawn(contract, operation, examples)
            count = count_of(contract, operation, kind, drawn)
            if count and (provisional or not is_provisional(contract, operation, kind)):
                yield f"{kind} {operation.id}", budget_of(contract, operation, kind, count)


def _drawn(contract: Contract, operation: Operation, examples: int | None) -> int:
    return worth_drawing(contract, operation) if examples is None else examples


def _of_a_system(contract: Contract, *, provisional: bool) -> Iterator[tuple[str, Budget]]:
    idle = _of_other_versions(contract)
    for name, scenario in sorted(_scenarios(contract.system).items()):
        if (provisional or not scenario.provisional) and scenario.drive.__module__ not in idle:
            yield name, scenario.budget


def _of_other_versions(contract: Contract) -> frozenset[str]:
    """The modules whose tests all judge what another version of the contract has."""
    judged: dict[str, set[bool]] = defaultdict(set)
    for test, marks in written_for(contract.system):
        judged[test.__module__] |= {name in contract.registry for name in judged_by(marks)}
    return frozenset(module for module, held in judged.items() if held == {False})


def _of_any_api(contract: Contract) -> Iterator[tuple[str, Budget]]:
    """The scenarios that are carried out because of what the conventions describe, for each operation they concern."""
    for operation in contract.document.operations.values():
        for name, story in SCENARIO_BUDGETS.items():
            served = (derived_id(contract.system, operation.id, kind) for kind in story.serves)
            if any(requirement in contract.registry for requirement in served):
                yield f"{name} {operation.id}", story.budget


def unusable_keys(contract: Contract, operation: Operation) -> tuple[BadCredentials, ...]:
    """
    The ways in which an operation is asked without a usable key, however many requests are drawn.

    By a document alone the first operation that asks for a key is asked in every way, and each other one without a key
    and with an unknown one: what reads keys is the same for all, but may not stand before each.
    """
    authentication = contract.conventions.authentication
    ways = bad_credentials(authentication) if authentication else ()
    if contract.conventions.embedded is not None:
        return ways
    alike = (other for other in contract.document.operations.values() if other.security == operation.security)
    first = next(alike, operation)
    return ways if first.id == operation.id else tuple(way for way in ways if way.name in KEYLESS_EVERYWHERE)


def _scenarios(system: str) -> Mapping[str, Scenario]:
    """The scenarios that the modules of a system register when they are imported, by their ids."""
    package = import_module(f"conformance.suite.{system}")
    import_module(f"{package.__name__}.conftest")
    for module in pkgutil.iter_modules(package.__path__):
        if module.name.startswith("test_"):
            import_module(f"{package.__name__}.{module.name}")
    return SCENARIOS[package.__name__]
