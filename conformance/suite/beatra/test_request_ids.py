"""The header that names a request: the client's own id comes back, and where it has none the gateway makes one."""

from __future__ import annotations

import re
import string
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Final

from conformance.client.errors import BlockedError, NotOfferedError
from conformance.journal.records import Mismatch
from conformance.money.budget import reads
from conformance.suite.scenarios import requirement, scenario, scenario_for_each

if TYPE_CHECKING:
    from conformance.journal.records import Exchange
    from conformance.suite.beatra.conftest import OpenGateway
    from conformance.suite.beatra.gateway import Gateway

HEADER: Final = "X-Request-Id"
PRESENT: Final = "BEATRA-REQUEST-ID-01"
ECHO: Final = "BEATRA-REQUEST-ID-02"
TOO_MANY: Final = 429
SERVER_FAULT: Final = 500
# Of every kind of character that is judged, as long as an id may be.
LONGEST: Final = (string.ascii_letters + string.digits + "-_")[::-1]
ODD: Final = ("b" * 65, "c" * 256, "d" * 2000, "two words", 'a;b=\'"<c>"')
# Registered headers that say nothing about the service itself.
USUAL: Final = re.compile(
    r"accept-ranges|access-control-.*|age|allow|alt-svc|cache-control|connection|content-(?:encoding|language|length)"
    r"|content-type|date|etag|expires|keep-alive|last-modified|retry-after|server|strict-transport-security"
    r"|transfer-encoding|vary|via|www-authenticate|x-request-id",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Answers:
    """The same four requests: the list of tasks, a task that does not exist, no such path, and no key."""

    listed: Exchange
    unknown_task: Exchange
    unknown_path: Exchange
    without_key: Exchange

    @property
    def all(self) -> tuple[Exchange, ...]:
        """All of them that were answered for what they are; a 429 and a 5xx are the subject of other rules."""
        every = (self.listed, self.unknown_task, self.unknown_path, self.without_key)
        answered = tuple(exchange for exchange in every if exchange.response and is_settled(exchange))
        if not answered:
            sentence = f"no request was answered: {self.listed.failure}"
            raise NotOfferedError(sentence)
        return answered


def is_settled(exchange: Exchange) -> bool:
    """Whether an answer says something about the request that it answers."""
    return exchange.status != TOO_MANY and exchange.status < SERVER_FAULT


def ask(beatra: Gateway, request_id: str | None) -> Answers:
    call = partial(beatra.account.call, request_id=request_id)
    return Answers(
        listed=call("listTasks"),
        unknown_task=call("getTask", path={"task_id": "tsk_27182818284590452353602874713526"}),
        unknown_path=beatra.account.request("GET", "/no-such-endpoint", request_id=request_id),
        without_key=call("listTasks", key=None),
    )


@scenario_for_each({"one character": "7", "64 characters": LONGEST}, reads(requests=4))
def own_id(gateway: OpenGateway, case: str) -> Answers:
    """Requests that name themselves, successes and refusals."""
    with gateway("own-id") as beatra:
        return ask(beatra, case)


@scenario(reads(requests=9))
def no_id(gateway: OpenGateway) -> Answers:
    """Requests that leave it to the gateway to name them."""
    with gateway("no-id") as beatra:
        answers = ask(beatra, None)
        observe_headers(beatra, answers)
        observe_odd_ids(beatra)
        return answers


def observe_headers(beatra: Gateway, answers: Answers) -> None:
    for exchange in answers.all:
        unusual = sorted({name for name, _ in exchange.answer.headers.items if not USUAL.fullmatch(name)})
        if unusual:
            shown = ", ".join(unusual)[:300]
            beatra.observe("BEATRA-OBS-HEADERS", f"a {exchange.status} has {shown}", exchange)


def observe_odd_ids(beatra: Gateway) -> None:
    for odd in ODD:
        exchange = beatra.account.call("listTasks", request_id=odd)
        if exchange.response is not None:
            shown = exchange.header(HEADER)
            fate = "comes back" if shown == odd else "is cut" if shown and odd.startswith(shown) else "is replaced"
            text = f"an id of {len(odd)} characters ({odd[:20]!r}) {fate} in a {exchange.status}"
            beatra.observe("BEATRA-OBS-REQUEST-ID-LIMITS", text, exchange)


def id_of(exchange: Exchange) -> str:
    """The id of a response; blocked when it has none."""
    shown = exchange.header(HEADER)
    if not shown:
        raise BlockedError(PRESENT, f"the {exchange.status} to {exchange.request.url} has no {HEADER}")
    return shown


@requirement("BEATRA-REQUEST-ID-01")
def test_the_gateway_names_requests_that_have_no_id(no_id: Answers) -> None:
    for exchange in no_id.all:
        if not exchange.header(HEADER):
            raise Mismatch(f"expected {HEADER} in the {exchange.status} to {exchange.request.url}", exchange.id)


@requirement("BEATRA-REQUEST-ID-02")
def test_the_id_of_the_client_comes_back(own_id: Answers) -> None:
    for exchange in own_id.all:
        sent = exchange.request.headers.get(HEADER)
        if id_of(exchange) != sent:
            raise Mismatch(f"expected {sent!r} back in {HEADER}, got {id_of(exchange)!r:.100}", exchange.id)


@requirement("BEATRA-REQUEST-ID-03")
def test_ids_that_the_gateway_makes_differ(no_id: Answers) -> None:
    made = [id_of(exchange) for exchange in no_id.all]

    assert len(set(made)) == len(made), f"expected an id for each request, got {made}"


@requirement("BEATRA-REQUEST-ID-04")
def test_an_error_names_the_id_of_the_client(own_id: Answers) -> None:
    names_its_id(own_id)


@requirement("BEATRA-REQUEST-ID-04")
def test_an_error_names_the_id_that_the_gateway_made(no_id: Answers) -> None:
    names_its_id(no_id)


def names_its_id(answers: Answers) -> None:
    for exchange in answers.all:
        named, shown = exchange.get("/error/request_id"), id_of(exchange)
        if exchange.request.headers.get(HEADER) not in (None, shown):
            raise BlockedError(ECHO, f"the {exchange.status} to {exchange.request.url} has another {HEADER}")
        if named is not None and named != shown:
            raise Mismatch(f"expected {shown!r} in error.request_id, got {named!r:.100}", exchange.id)
