"""The constraint walk on its way to a target, and what the journal keeps of it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from conformance.generation.walk import walk
from conformance.journal.reader import WALKED
from conformance.journal.records import Observation

if TYPE_CHECKING:
    from collections.abc import Sequence

    from conformance.contract.contract import Contract
    from conformance.contract.document import Operation
    from conformance.generation.cases import Case, Validity
    from conformance.generation.links import Handed
    from conformance.journal.writer import Journal
    from conformance.suite.traffic import Sent, Volley

_SHOWN: Final = 12


def walked_cases(contract: Contract, operation: Operation, validity: Validity, handed: Handed) -> list[Case]:
    """The requests of an operation's walk that are valid, invalid or odd, with values that the target handed over."""
    return [step.case(handed.path, handed.body) for step in walk(contract, operation).only(validity)]


def write_down(journal: Journal, contract: Contract, volley: Volley) -> Volley:
    """
    Keep in the journal which sides of constraints were tried by requests that were answered.

    What nobody demands for certain has no verdict, but what the target makes of it is an observation.
    """
    tried = [name for item in volley.answered for name in item.case.tries]
    if tried:
        journal.note(WALKED, operation=volley.operation, tries=tried)
    odd = [item for item in volley.only("odd").answered if item.case.tries]
    prefix = f"{contract.system.upper()}-{volley.operation}"
    certain = contract.document.operations[volley.operation].certain
    accepted = [item for item in odd if item.exchange.ok and _breaks(item)]
    refused = [item for item in odd if certain and not item.exchange.ok and not _breaks(item) and not _is_made_up(item)]
    _observe(journal, f"{prefix}-OBS-ACCEPTED", "accepted, although the document does not allow it", accepted)
    _observe(journal, f"{prefix}-OBS-REFUSED", "refused, although the document allows it", refused)
    return volley


def _breaks(item: Sent) -> bool:
    return item.case.tries[0].endswith(" broken")


def _is_made_up(item: Sent) -> bool:
    """Whether a request asks for something by a name that nobody gave it."""
    return item.case.tries[0].startswith("path:")


def _observe(journal: Journal, name: str, what: str, items: Sequence[Sent]) -> None:
    if not items:
        return
    named = [f"{item.case.reason} ({item.exchange.summary})" for item in items[:_SHOWN]]
    more = f"; and {len(items) - _SHOWN} more" if len(items) > _SHOWN else ""
    ids = tuple(item.exchange.id for item in items[:_SHOWN])
    journal.observation(Observation(name, f"{what}: {'; '.join(named)}{more}", ids))
