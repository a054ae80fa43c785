"""Which tests and requirements a run leaves alone because no normative document states their rules."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from conformance.plugin.outcomes import requirement_ids
from conformance.suite.quote import is_provisional
from conformance.suite.scenarios import SCENARIOS, package_of
from conformance.verdicts.observed import provisional_in

if TYPE_CHECKING:
    import pytest

    from conformance.contract.contract import Contract
    from conformance.plugin.settings import RunSettings

_DRAWN: Final = "unusual_requests"


def observed_only(settings: RunSettings, contract: Contract) -> frozenset[str]:
    """The requirements on which a run records observations only, without a verdict."""
    return frozenset() if settings.provisional else provisional_in(contract.registry)


def is_only_provisional(item: pytest.Item, contract: Contract) -> bool:
    """Whether a test needs requests that may cost and that are sent for provisional rules only."""
    ids = [name for name in requirement_ids(item, contract) if name in contract.registry]
    if not all(contract.registry[name].provisional for name in ids):
        return False
    names = getattr(item, "fixturenames", ())
    function = getattr(item, "function", None)
    beside = SCENARIOS[package_of(function)].values() if function is not None else ()
    if any(known.provisional for known in beside if known.fixture in names):
        return True
    drawn_for = [contract.registry[name].operation for name in ids] if _DRAWN in names else []
    operations = [contract.document.operations[name] for name in drawn_for if name is not None]
    return any(is_provisional(contract, operation, "invalid") for operation in operations)
