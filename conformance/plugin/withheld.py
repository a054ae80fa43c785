"""What a run with real money will not send, and how many requirements that leaves open: said before the first test."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from conformance.contract.document import SAFE_METHODS
from conformance.generation.resources import sources_of
from conformance.money.budget import REMEDIES, Tier

if TYPE_CHECKING:
    from collections.abc import Iterator

    from conformance.contract.contract import Contract
    from conformance.contract.document import Operation
    from conformance.contract.requirements import Requirement
    from conformance.plugin.settings import RunSettings

_SHOWN: Final = 4


def withheld(settings: RunSettings, contract: Contract) -> str:
    """In a sentence, what is not sent since it may cost, and what that leaves unjudged; empty where all is sent."""
    if settings.play or settings.tier is Tier.PLAY:
        return ""
    by_price = settings.max_purchases is None
    operations = contract.document.operations.values()
    paid = settings.tier is Tier.PAID
    unsent = [operation for operation in operations if by_price and _is_unsent(operation, contract, paid=paid)]
    left = sum(_is_left(requirement, settings, contract, unsent) for requirement in contract.registry)
    if not left:
        return ""
    named = ", ".join(operation.location for operation in unsent[:_SHOWN])
    more = ", …" if len(unsent) > _SHOWN else ""
    what = f" ({named}{more})" if unsent else ""
    how = "" if not unsent else " (no price is known: --max-credits needs [prices] in target.toml)"
    count = f"{left} requirement{'' if left == 1 else 's'}"
    return f"What may cost real money is not sent{what}, so at least {count} will not be judged: use {REMEDIES}{how}."


def _is_left(requirement: Requirement, settings: RunSettings, contract: Contract, unsent: list[Operation]) -> bool:
    # Imported here: it looks through all tests of the system, and runs on play money don't ask for it.
    from conformance.suite.tiers import spending_of_tests
    from conformance.tiers import tier_of

    if not settings.asks_for(requirement):
        return False
    without = {operation.id for operation in unsent}
    # What an operation answers when it is asked for something unknown has a form as well.
    if requirement.generated_kind != "conforms":
        without |= set(_fed_by(contract, without))
    if tier_of(requirement, contract) > settings.tier or requirement.operation in without:
        return True
    return bool(without & spending_of_tests(contract.system).get(requirement.id, frozenset()))


def _is_unsent(operation: Operation, contract: Contract, *, paid: bool) -> bool:
    """
    Whether an operation may cost and has no price that could be set aside.

    Where others have prices, it is the tier that keeps it from being sent unless the run is `paid`.
    """
    pricing, tasks = contract.conventions.pricing, contract.conventions.tasks
    if pricing is not None and pricing.known:
        return paid and operation.id in pricing.unknown
    cancels = tasks is not None and operation.id == tasks.cancel
    return operation.method not in SAFE_METHODS and not cancels


def _fed_by(contract: Contract, sources: set[str]) -> Iterator[str]:
    """The operations that need something which one of these hands over."""
    for operation in contract.document.operations.values():
        if sources & set(sources_of(contract.document, operation)):
            yield operation.id
