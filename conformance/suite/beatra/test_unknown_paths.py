"""What is not there: unknown paths, methods that a path does not have, and surfaces that are only planned."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Final

from conformance.journal.records import Mismatch
from conformance.money.budget import reads
from conformance.suite.beatra.answers import allowed, decided, observe_unlisted, refused_with
from conformance.suite.scenarios import requirement, scenario

if TYPE_CHECKING:
    from conformance.journal.records import Exchange
    from conformance.suite.beatra.conftest import OpenGateway
    from conformance.suite.beatra.gateway import Gateway

UNKNOWN: Final = ("/no-such-endpoint", "/music/no-such-endpoint", "/tasks/tsk_271828/no-such-endpoint")
WRONG_METHODS: Final = (
    ("GET", "/music/text-to-music"),
    ("GET", "/uploads"),
    ("DELETE", "/tasks"),
    ("PUT", "/music/text-to-music"),
)
# Only ever asked with an empty body: should one be callable after all, nothing is created.
PLANNED: Final = (
    "/images/generations",
    "/images/image-to-image",
    "/videos/generations",
    "/videos/text-to-video",
    "/audio/speech",
    "/voices",
)


@dataclass(frozen=True, slots=True)
class Nowhere:
    """Requests to places that no document names, or that the documents only promise."""

    unknown: tuple[Exchange, ...]
    wrong_methods: tuple[Exchange, ...]
    planned: tuple[Exchange, ...]


@scenario(reads(requests=13))
def nowhere(gateway: OpenGateway) -> Nowhere:
    """Requests to what is not there, with a key that may do everything."""
    with gateway("nowhere") as beatra:
        ask = beatra.account.request
        asked = Nowhere(
            unknown=tuple(ask("GET", path) for path in UNKNOWN),
            wrong_methods=allowed(partial(ask, method, path) for method, path in WRONG_METHODS),
            planned=allowed(partial(ask, "POST", path) for path in PLANNED),
        )
        observe(beatra, asked)
        return asked


def observe(beatra: Gateway, asked: Nowhere) -> None:
    for exchange in (each for each in asked.wrong_methods if each.response is not None):
        code = exchange.get("/error/code")
        text = f"{exchange.request.method} {path_of(exchange)} gets {exchange.status} {code!r:.80}"
        beatra.observe("BEATRA-OBS-WRONG-METHOD", text, exchange)
    for exchange in (each for each in asked.planned if each.response is not None):
        text = f"POST {path_of(exchange)} with an empty body gets {exchange.status}"
        beatra.observe("BEATRA-OBS-PLANNED", text, exchange)
    errors = [exchange for exchange in refused(asked) if isinstance(exchange.get("/error"), dict)]
    nameless = [exchange for exchange in errors if exchange.get("/error/request_id") is None]
    if errors:
        text = f"{len(nameless)} of {len(errors)} errors carry no request_id"
        beatra.observe("BEATRA-OBS-ERROR-REQUEST-ID", text, *(nameless or errors)[:3])
    observe_unlisted(beatra, (*asked.unknown, *asked.wrong_methods, *asked.planned))


def path_of(exchange: Exchange) -> str:
    return "/" + exchange.request.url.partition("/v1/")[2]


def refused(asked: Nowhere) -> list[Exchange]:
    """The refusals among them: a server fault is another matter."""
    every = (*asked.unknown, *asked.wrong_methods, *asked.planned)
    return [exchange for exchange in every if exchange.response and 400 <= exchange.status < 500]


@requirement("BEATRA-ERROR-07")
def test_an_unknown_path_is_not_found(nowhere: Nowhere) -> None:
    for exchange in nowhere.unknown:
        refused_with(exchange, 404)


@requirement("BEATRA-ERROR-01")
def test_what_is_not_there_is_refused_like_everything_else(nowhere: Nowhere) -> None:
    decided(nowhere.unknown[0])
    for exchange in refused(nowhere):
        for pointer in ("/error/code", "/error/message"):
            if not isinstance(exchange.get(pointer), str):
                asked = f"the {exchange.status} to {exchange.request.method} {exchange.request.url}"
                raise Mismatch(f"expected a string at {pointer} of {asked}", exchange.id)
