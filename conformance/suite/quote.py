"""What a run would ask for and cost, before its first request: the sum of what its scenarios declare."""

from __future__ import annotations

import pkgutil
from dataclasses import dataclass
from decimal import Decimal
from importlib import import_module
from typing import TYPE_CHECKING

from conformance.client.budget import ANY, Budget, Tier, price_of
from conformance.contract.registry import derived_id
from conformance.generation.credentials import bad_credentials
from conformance.suite.budgets import KINDS, budget_of, count_of, is_provisional, worth_drawing
from conformance.suite.generic.budgets import STORIES
from conformance.suite.scenarios import SCENARIOS

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from conformance.contract.contract import Contract
    from conformance.contract.document import Operation


@dataclass(frozen=True, slots=True)
class Entry:
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
    entries: tuple[Entry, ...]
    requests: int
    net: Decimal
    worst: Decimal
    smallest_cap: Decimal


def quote(
    contract: Contract, tier: Tier, examples: int | None, *, brought: bool = False, provisional: bool = False
) -> Quote:
    """
    The quote of a tier, with so many drawn requests of a kind for each operation, or as many as it is worth (None).

    `provisional` adds what is asked for rules that no normative document states.

    A contract that somebody `brought` is judged by the scenarios of any API, others by those of their system.
    """
    pricing = contract.conventions.pricing
    prices: Mapping[str, Decimal] = pricing.known if pricing else {}
    declared = declared_budgets(contract, examples, brought=brought, provisional=provisional)
    named = [(name, budget) for name, budget in declared if budget.tier <= tier]
    allowed = [(name, _within(tier, budget)) for name, budget in named]
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


def _entry(name: str, budget: Budget, prices: Mapping[str, Decimal]) -> Entry:
    return Entry(
        scenario=name,
        tier=budget.tier,
        requests=budget.requests,
        net=budget.net(prices),
        worst=budget.worst(prices),
        peak=budget.peak(prices),
    )


def declared_budgets(
    contract: Contract, examples: int | None, *, brought: bool = False, provisional: bool = True
) -> Iterator[tuple[str, Budget]]:
    """What every scenario for a contract may spend, by its name, those of drawn requests last."""
    yield from _of_any_api(contract) if brought else _of_a_system(contract.system, provisional=provisional)
    for operation in contract.document.operations.values():
        for kind in KINDS:
            # A document that somebody brings may say nothing of keys; then nobody tries to go without one.
            drawn = _unusable_keys(contract) if kind == "keyless" else _drawn(contract, operation, examples)
            count = count_of(contract, operation, kind, drawn)
            if count and (provisional or not is_provisional(contract, operation, kind)):
                yield f"{kind} {operation.id}", budget_of(contract, operation, kind, count)


def _drawn(contract: Contract, operation: Operation, examples: int | None) -> int:
    return worth_drawing(contract, operation) if examples is None else examples


def _of_a_system(system: str, *, provisional: bool) -> Iterator[tuple[str, Budget]]:
    for scenario in _scenarios(system):
        if provisional or not SCENARIOS[scenario].provisional:
            yield scenario, SCENARIOS[scenario].budget


def _of_any_api(contract: Contract) -> Iterator[tuple[str, Budget]]:
    """The scenarios that are carried out because of what the conventions describe, for each operation they concern."""
    for operation in contract.document.operations.values():
        for name, story in STORIES.items():
            served = (derived_id(contract.system, operation.id, kind) for kind in story.serves)
            if any(requirement in contract.registry for requirement in served):
                yield f"{name} {operation.id}", story.budget


def _unusable_keys(contract: Contract) -> int:
    """In so many ways each operation is asked without a usable key, however many requests are drawn."""
    authentication = contract.conventions.authentication
    return len(bad_credentials(authentication)) if authentication else 0


def _scenarios(system: str) -> list[str]:
    """The ids of the scenarios that the modules of a system register when they are imported."""
    package = import_module(f"conformance.suite.{system}")
    for module in pkgutil.iter_modules(package.__path__):
        if module.name.startswith("test_"):
            import_module(f"{package.__name__}.{module.name}")
    mine = f"{package.__name__}."
    return sorted(name for name, scenario in SCENARIOS.items() if scenario.drive.__module__.startswith(mine))
