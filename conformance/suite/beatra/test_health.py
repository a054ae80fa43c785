"""Health: whether a service that answers says that it is well, and what a key has to do with it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from conformance.client.errors import NotOfferedError, UndecidedError
from conformance.money.budget import reads
from conformance.suite.beatra.answers import reached
from conformance.suite.scenarios import requirement, scenario

if TYPE_CHECKING:
    from conformance.journal.records import Exchange
    from conformance.suite.beatra.conftest import OpenGateway
    from conformance.suite.beatra.gateway import Gateway

WELL: Final = "ok"


@dataclass(frozen=True, slots=True)
class Health:
    """What the service says of itself to a client with a key, and to one without."""

    keyed: Exchange
    keyless: Exchange | None

    @property
    def said(self) -> Exchange:
        """The first of these that is a success; what is said in its place where neither is."""
        asked = [exchange for exchange in (self.keyless, self.keyed) if exchange is not None]
        return next((exchange for exchange in asked if exchange.accepted), self.keyed)


@scenario(reads(requests=3))
def health(gateway: OpenGateway) -> Health:
    """The health of the service, asked for in each way that a document shows."""
    with gateway("health") as beatra:
        keyed = beatra.health()
        _observe_fields(beatra, keyed)
        keyless = _without_a_key(beatra)
        _observe_keys(beatra, keyless)
        return Health(keyed, keyless)


def _without_a_key(beatra: Gateway) -> Exchange | None:
    """What a client without a key is told, None where the run sends no credentials at all."""
    try:
        return beatra.health(key=None)
    except UndecidedError:
        return None


def _observe_keys(beatra: Gateway, keyless: Exchange | None) -> None:
    if keyless is not None:
        beatra.observe("BEATRA-OBS-HEALTH-KEY", f"without a key: {keyless.summary}", keyless)
    try:
        strange = beatra.account.with_altered_key(
            lambda key: f"{key[:-1]}{'1' if key[-1] == '0' else '0'}", "(altered)"
        )
        unknown = strange.call("getHealth")
    except UndecidedError:
        return
    beatra.observe("BEATRA-OBS-HEALTH-KEY", f"with an unknown key: {unknown.summary}", unknown)


def _observe_fields(beatra: Gateway, exchange: Exchange) -> None:
    body = exchange.get("") if exchange.accepted else None
    if isinstance(body, dict):
        more = ", ".join(sorted(name[:40] for name in body if name != "status")[:12])
        text = f"status {body.get('status')!r:.40}, and beside it {more or 'nothing'}"
        beatra.observe("BEATRA-OBS-HEALTH-FIELDS", text, exchange)


@requirement("BEATRA-HEALTH-01")
def test_a_service_that_is_well_says_so(health: Health) -> None:
    said = reached(health.said)

    status = said.string("/status")
    if status != WELL:
        # Anything else than `ok` means that it is degraded, which it may be.
        raise NotOfferedError(f"the service calls itself {status!r:.40}, so it is not known whether it is well")
