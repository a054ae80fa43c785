"""What the generated scenarios hand over: the requests that were drawn and what came back."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from conformance.contract.outcomes import Outcome

if TYPE_CHECKING:
    from conformance.generation.cases import Case, Validity
    from conformance.journal.records import Exchange

# What tells of the rate of requests or of the balance; a fault of the server tells something about the request.
_SILENT: Final = frozenset({Outcome.NO_ANSWER, Outcome.THROTTLED, Outcome.UNPAID})


@dataclass(frozen=True, slots=True)
class Sent:
    """A drawn request and its exchange."""

    case: Case
    exchange: Exchange


@dataclass(frozen=True, slots=True)
class Volley:
    """Drawn requests that were sent for one operation, one after the other."""

    operation: str
    sent: tuple[Sent, ...]

    def only(self, validity: Validity) -> Volley:
        """Those of the requests that were drawn as valid, invalid or merely odd."""
        return Volley(self.operation, tuple(item for item in self.sent if item.case.validity == validity))

    @property
    def answered(self) -> tuple[Sent, ...]:
        """
        Those that tell something about the request itself.

        A request that got no answer, was rate limited, or met an empty wallet says nothing about its validity.
        """
        return tuple(item for item in self.sent if item.exchange.outcome not in _SILENT)
