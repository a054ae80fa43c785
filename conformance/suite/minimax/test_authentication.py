"""Bearer keys, and the codes of their refusal: documents leave open which of two it is."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from conformance.client.errors import BlockedError, ReservationError
from conformance.contract.outcomes import Outcome
from conformance.contract.requirements import derived_id
from conformance.journal.records import Mismatch
from conformance.money.budget import Tier, refuses
from conformance.money.guard import demanding
from conformance.suite.batch import decided_or_unpaid
from conformance.suite.minimax.answers import code_of
from conformance.suite.minimax.bodies import SONG
from conformance.suite.scenarios import requirement, scenario

if TYPE_CHECKING:
    from collections.abc import Mapping

    from conformance.journal.records import Exchange
    from conformance.suite.minimax.conftest import OpenService
    from conformance.suite.minimax.service import MusicService

# Of the documented form, but never issued.
UNKNOWN_KEY: Final = "sk-api-27182818284590452353602874713526"
CODES: Final = frozenset({"1004", "2049"})
REQUESTS: Final[Mapping[str, Mapping[str, object]]] = {
    "generateMusic": SONG,
    "preprocessCover": {"model": "music-cover", "audio_base64": "AAAA"},
    "generateLyrics": {"mode": "write_full_song", "prompt": "A lullaby"},
}


def every_operation(minimax: MusicService, words: str, **credentials: object) -> tuple[Exchange, ...]:
    """A request to every operation with these credentials, as far as this run may send it."""
    exchanges = []
    for operation, body in REQUESTS.items():
        try:
            with demanding(derived_id("minimax", operation, "credentials")):
                exchanges.append(minimax.account.call(operation, json=body, **credentials))  # type: ignore[arg-type] # see Account.call
        except ReservationError:
            continue
    for exchange in exchanges:
        if exchange.response is not None and exchange.outcome.refusal:
            text = f"{words}, {exchange.operation}: {exchange.summary}"
            minimax.observe("MINIMAX-OBS-KEY-CODE", text, exchange)
    return tuple(exchanges)


@scenario(refuses(2, tier=Tier.READ, requests=3))
def without_key(service: OpenService) -> tuple[Exchange, ...]:
    """Every operation without an Authorization header."""
    with service("without-key") as minimax:
        return every_operation(minimax, "no key", key=None)


@scenario(refuses(2, tier=Tier.READ, requests=3))
def unknown_key(service: OpenService) -> tuple[Exchange, ...]:
    """Every operation with a key that was never issued."""
    with service("unknown-key") as minimax:
        headers = {"Authorization": f"Bearer {UNKNOWN_KEY}"}
        return every_operation(minimax, "an unknown key", key=None, headers=headers)


@scenario(refuses(2, tier=Tier.READ, requests=3))
def another_scheme(service: OpenService) -> tuple[Exchange, ...]:
    """Every operation with a key that is good, under a scheme that is not."""
    with service("another-scheme") as minimax:
        return every_operation(minimax, "another scheme", scheme="Token")


@requirement("MINIMAX-AUTH-01")
def test_a_missing_key_is_named(without_key: tuple[Exchange, ...]) -> None:
    refused_for_the_key(without_key)


@requirement("MINIMAX-AUTH-02")
def test_an_unknown_key_is_named(unknown_key: tuple[Exchange, ...]) -> None:
    refused_for_the_key(unknown_key)


@requirement("MINIMAX-AUTH-03")
def test_another_scheme_is_refused(
    another_scheme: tuple[Exchange, ...], without_key: tuple[Exchange, ...], unknown_key: tuple[Exchange, ...]
) -> None:
    # What serves without a key that exists serves under any scheme.
    open_to_all = {exchange.operation for exchange in (*without_key, *unknown_key) if exchange.accepted}
    for exchange in another_scheme:
        assert not exchange.accepted or exchange.operation in open_to_all, "expected another scheme to be refused"

    refused_for_the_key(another_scheme)


def refused_for_the_key(exchanges: tuple[Exchange, ...]) -> None:
    """All requests are refused because of their key."""
    if not exchanges:
        raise ReservationError("no request could be sent without spending anything")
    for exchange in exchanges:
        decided_or_unpaid(exchange)
        code = code_of(exchange)
        if exchange.accepted:
            # That nothing is done without a key is the requirement of each operation.
            owner = derived_id("minimax", exchange.operation or "", "credentials")
            raise BlockedError(owner, f"a request without a usable key got {exchange.summary}")
        if code is None and exchange.outcome is not Outcome.UNAUTHENTICATED:
            raise Mismatch(f"expected a refusal of the key, got {exchange.summary}", exchange.id)
        if code is not None and code not in CODES:
            raise Mismatch(f"expected the code 1004 or 2049 for the key, got {code[:40]}", exchange.id)
