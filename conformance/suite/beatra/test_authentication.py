"""Bearer keys: the codes of their refusal, and keys that may not do what they ask for."""

from __future__ import annotations

import base64
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any, Final

from conformance.client.errors import BlockedError, NotOfferedError
from conformance.client.request import Form, PreparedRequest
from conformance.contract.requirements import derived_id
from conformance.money.budget import Tier, reads, refuses
from conformance.money.guard import demanding
from conformance.suite.beatra.answers import allowed, of_surfaces, refused_with
from conformance.suite.beatra.bodies import CHEAP_SONG, REFERENCE_FILE, SONG
from conformance.suite.beatra.keys import Found, find_tasks, marked
from conformance.suite.beatra.money import expect_no_task
from conformance.suite.beatra.songs import cover_of
from conformance.suite.scenarios import requirement, scenario

if TYPE_CHECKING:
    from collections.abc import Callable

    from conformance.contract.contract import Contract
    from conformance.journal.records import Exchange
    from conformance.suite.beatra.conftest import OpenGateway
    from conformance.suite.beatra.gateway import Gateway

# Of the documented form, but never issued: the digits of e leave no room for an accident.
UNKNOWN_KEY: Final = "sk-27182818284590452353602874713526"
UNKNOWN_TASK: Final = {"task_id": "tsk_27182818284590452353602874713526"}


@dataclass(frozen=True, slots=True)
class Forbidden:
    """Music asked for with a key that may not, by every operation that makes some, and the tasks of it afterwards."""

    attempts: tuple[Exchange, ...]
    found: Found


def every_operation(beatra: Gateway, credentials: dict[str, str]) -> tuple[Exchange, ...]:
    """A request that lacks nothing but a usable key, to every operation; `credentials` are its headers for them."""
    call = partial(beatra.account.call, key=None, headers=credentials)
    file = Form({"purpose": "reference_audio"}, {"file": REFERENCE_FILE})
    reference = {**SONG, "reference_audio": {"type": "artifact", "artifact_id": "artifact_27182818284590452"}}
    calls: list[Callable[[], Exchange]] = [
        partial(call, "listTasks"),
        partial(call, "getTask", path=UNKNOWN_TASK),
        partial(call, "cancelTask", path=UNKNOWN_TASK),
        partial(keyless, call, "createTextToMusic", json=SONG),
        partial(keyless, call, "createReferenceAudioToMusic", json=reference),
        partial(call, "createUpload", form=file),
    ]
    return allowed(calls)


def keyless(call: Callable[..., Exchange], operation: str, **request: Any) -> Exchange:  # noqa: ANN401 - handed on
    """A call without a usable key, which the document demands to be refused."""
    with demanding(derived_id("beatra", operation, "credentials")):
        return call(operation, **request)


@scenario(refuses(2, tier=Tier.READ, requests=6))
def without_key(gateway: OpenGateway) -> tuple[Exchange, ...]:
    """Every operation without an Authorization header."""
    with gateway("without-key") as beatra:
        return every_operation(beatra, {})


@scenario(refuses(2, tier=Tier.READ, requests=6))
def unknown_key(gateway: OpenGateway) -> tuple[Exchange, ...]:
    """Every operation with a key that was never issued."""
    with gateway("unknown-key") as beatra:
        return every_operation(beatra, {"Authorization": f"Bearer {UNKNOWN_KEY}"})


@scenario(refuses(1, tier=Tier.READ, requests=6))
def malformed_header(gateway: OpenGateway) -> tuple[Exchange, ...]:
    """The task list with headers that are no bearer key, and the creation of a song with another scheme."""
    basic = f"Basic {base64.b64encode(f'user:{UNKNOWN_KEY}'.encode()).decode()}"
    with gateway("malformed-header") as beatra:
        call = partial(beatra.account.call, key=None)
        # httpx would cut the blank off.
        blank = PreparedRequest(
            "GET", f"{beatra.account.client.base_url}/tasks", operation="listTasks", transport="raw"
        )
        attempts = allowed(
            [
                partial(call, "listTasks", headers={"Authorization": basic}),
                partial(call, "listTasks", headers={"Authorization": f"Token {UNKNOWN_KEY}"}),
                partial(call, "listTasks", headers={"Authorization": "Bearer"}),
                partial(beatra.account.send, blank.with_header("Authorization", "Bearer "), key=None),
                partial(keyless, call, "createTextToMusic", json=SONG, headers={"Authorization": basic}),
            ]
        )
        observe_codes(beatra, *attempts, call("listTasks", headers={"Authorization": "Bearer not-a-key"}))
        return attempts


@scenario(reads(requests=1))
def another_scheme(gateway: OpenGateway) -> Exchange:
    """The task list with a key that is good, under a scheme that is not."""
    with gateway("another-scheme") as beatra:
        return beatra.account.call("listTasks", scheme="Token")


@scenario(refuses(2, demanded_by="BEATRA-AUTH-04", requests=4))
def forbidden(gateway: OpenGateway) -> Forbidden:
    """A song and a cover asked for with a key that is known but not permitted to create them."""
    with gateway("forbidden") as beatra:
        song = marked(beatra, CHEAP_SONG)
        call = partial(beatra.account.call, key="forbidden")
        attempts = [call("createTextToMusic", json=song)]
        try:
            cover = {**cover_of(beatra.uploaded()), "metadata": song["metadata"]}
        except BlockedError:
            return Forbidden(tuple(attempts), find_tasks(beatra, song))
        attempts.append(call("createReferenceAudioToMusic", json=cover))
        return Forbidden(tuple(attempts), find_tasks(beatra, song))


def observe_codes(beatra: Gateway, *attempts: Exchange) -> None:
    for attempt in attempts:
        code = attempt.get("/error/code")
        if attempt.response is not None and isinstance(code, str):
            sent = attempt.request.headers.get("Authorization")
            beatra.observe("BEATRA-OBS-MALFORMED-KEY", f"{sent!r} gets {attempt.status} {code[:80]!r}", attempt)


def refusals(exchanges: tuple[Exchange, ...], contract: Contract, surfaces: frozenset[str]) -> tuple[Exchange, ...]:
    """
    The exchanges of the surfaces in question, unless one was accepted.

    That every operation refuses them is a requirement of its own.
    """
    exchanges = of_surfaces(exchanges, contract, surfaces)
    for exchange in exchanges:
        if exchange.accepted:
            owner = derived_id("beatra", exchange.operation or "", "credentials")
            raise BlockedError(owner, f"{exchange.request.method} {exchange.request.url} gave {exchange.status}")
    return exchanges


@requirement("BEATRA-AUTH-01")
def test_a_missing_key_is_called_unauthorized(
    without_key: tuple[Exchange, ...], contract: Contract, surfaces: frozenset[str]
) -> None:
    for exchange in refusals(without_key, contract, surfaces):
        refused_with(exchange, 401, code="unauthorized")


@requirement("BEATRA-AUTH-02")
def test_an_unknown_key_is_called_invalid(
    unknown_key: tuple[Exchange, ...], contract: Contract, surfaces: frozenset[str]
) -> None:
    for exchange in refusals(unknown_key, contract, surfaces):
        if exchange.response is not None and exchange.get("/error/code") == "api_key_region_mismatch":
            raise NotOfferedError("keys have a region here, which the suite's unknown key has not")
        refused_with(exchange, 401, code="invalid_api_key")


@requirement("BEATRA-AUTH-03")
def test_a_malformed_authorization_header_is_refused(
    malformed_header: tuple[Exchange, ...], contract: Contract, surfaces: frozenset[str]
) -> None:
    for exchange in refusals(malformed_header, contract, surfaces):
        refused_with(exchange, 401)


@requirement("BEATRA-AUTH-03")
def test_a_key_opens_nothing_under_another_scheme(
    another_scheme: Exchange, contract: Contract, surfaces: frozenset[str]
) -> None:
    for exchange in of_surfaces((another_scheme,), contract, surfaces):
        refused_with(exchange, 401)


@requirement("BEATRA-AUTH-04")
def test_a_key_without_permission_is_refused(forbidden: Forbidden) -> None:
    for attempt in forbidden.attempts:
        refused_with(attempt, 403)


@requirement("BEATRA-AUTH-04")
def test_a_key_without_permission_changes_nothing(forbidden: Forbidden) -> None:
    expect_no_task(forbidden.attempts[0], forbidden.found)
