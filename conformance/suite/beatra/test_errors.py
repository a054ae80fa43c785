"""Requests that break a rule of form: how they are refused, and what the error says about them."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any, Final

from conformance.client.errors import NotApplicableError, NotOfferedError
from conformance.journal.records import Mismatch
from conformance.money.budget import Tier, refuses
from conformance.money.guard import demanding
from conformance.suite.beatra.answers import allowed, observe_unlisted, refused_with
from conformance.suite.beatra.bodies import CHEAP_SONG, SONG
from conformance.suite.scenarios import requirement, scenario

if TYPE_CHECKING:
    from conformance.journal.records import Exchange
    from conformance.suite.beatra.conftest import OpenGateway
    from conformance.suite.beatra.gateway import Gateway

CREATIONS: Final = ("/music/text-to-music", "/music/reference-audio-to-music")
# Words, JSON that breaks off, JSON with something after its end, and nothing at all.
NO_JSON: Final = (b"a song, please", b'{"model": "suno-5.5", "prompt": "calm', b'{"prompt": "calm"} and more', b"")
VALIDATION: Final = (400, 422)


@scenario(refuses(8, demanded_by="BEATRA-ERROR-08", requests=8))
def no_json(gateway: OpenGateway) -> tuple[Exchange, ...]:
    """Creations of music whose body is announced as JSON but is none."""
    with gateway("no-json") as beatra:
        ask = partial(beatra.account.request, "POST", headers={"Content-Type": "application/json"})
        return tuple(ask(path, content=content) for path in CREATIONS for content in NO_JSON)


@scenario(refuses(3, tier=Tier.READ, doubtful=True, requests=5))
def wrong_types(gateway: OpenGateway) -> tuple[Exchange, ...]:
    """Fields of the wrong type, a limit that is no number, and a cursor that the server never issued."""
    with gateway("wrong-types") as beatra:
        calls = [
            partial(beatra.list_tasks, limit="many"),
            partial(beatra.list_tasks, cursor="unknown"),
            partial(beatra.create_music, {**SONG, "prompt": 5}),
            partial(beatra.create_music, {**SONG, "metadata": "none"}),
            partial(beatra.create_from_reference, {**SONG, "reference_audio": "an old tape"}),
        ]
        exchanges = allowed(calls)
        observe(beatra, exchanges)
        return exchanges


@scenario(refuses(2, doubtful=True, requests=2))
def wrong_options(gateway: OpenGateway) -> tuple[Exchange, ...]:
    """Options that no model has, and options of another model than the one that is asked."""
    with gateway("wrong-options") as beatra:
        with demanding("BEATRA-MUSIC-09"):
            unknown = beatra.create_music({**SONG, "model_options": {"udio": {"seed": 1}}})
        with demanding("BEATRA-MUSIC-34"):
            foreign = beatra.create_music({**CHEAP_SONG, "model_options": {"suno": {"custom_mode": True}}})
        exchanges = (unknown, foreign)
        observe(beatra, exchanges)
        return exchanges


def observe(beatra: Gateway, exchanges: tuple[Exchange, ...]) -> None:
    observe_unlisted(beatra, exchanges)
    seen: dict[tuple[str, str], Exchange] = {}
    for exchange in exchanges:
        code = exchange.get("/error/code")
        if exchange.response is not None and exchange.status in VALIDATION:
            seen.setdefault(("BEATRA-OBS-VALIDATION-STATUS", f"{code!r:.80} comes with {exchange.status}"), exchange)
        for pointer in ("/error/details", "/details"):
            if exchange.get(pointer) is not None:
                seen.setdefault(("BEATRA-OBS-DETAILS-PLACE", f"details stand at {pointer}"), exchange)
    for (observation_id, text), exchange in seen.items():
        beatra.observe(observation_id, text, exchange)


def called(exchanges: tuple[Exchange, ...], code: str) -> tuple[Exchange, ...]:
    """Those that were refused with this code."""
    return tuple(each for each in exchanges if each.response and not each.accepted and each.get("/error/code") == code)


def details(exchange: Exchange) -> Any:  # noqa: ANN401 - any JSON value
    """What stands at `details`, inside of `error` or beside it."""
    inside = exchange.get("/error/details")
    return exchange.get("/details") if inside is None else inside


def detail(exchange: Exchange, name: str) -> Any:  # noqa: ANN401 - any JSON value
    """A member of `details`, which may stand inside of `error` or beside it."""
    inside = exchange.get(f"/error/details/{name}")
    return exchange.get(f"/details/{name}") if inside is None else inside


def lists_in_details(exchange: Exchange, name: str) -> None:
    found = detail(exchange, name)
    if not isinstance(found, list) or not found:
        sentence = f"expected a list of fields in details.{name} with the code {exchange.get('/error/code')!r}"
        raise Mismatch(f"{sentence}, got {found!r:.120}", exchange.id)


@requirement("BEATRA-ERROR-08")
def test_a_body_that_is_no_json_is_a_validation_error(no_json: tuple[Exchange, ...]) -> None:
    for exchange in no_json:
        refused_with(exchange, *VALIDATION)


@requirement("BEATRA-ERROR-09")
def test_an_invalid_request_lists_the_fields_at_fault(wrong_types: tuple[Exchange, ...]) -> None:
    invalid = called(tuple(each for each in wrong_types if each.request.body.size), "invalid_request")
    if not invalid:
        sentence = "no body of wrong types was refused with the code invalid_request"
        raise NotOfferedError(sentence)
    for exchange in invalid:
        if not (isinstance(details(exchange), list) and details(exchange)):
            lists_in_details(exchange, "errors")


@requirement("BEATRA-ERROR-10")
def test_an_unsupported_option_is_named(wrong_options: tuple[Exchange, ...]) -> None:
    unsupported = called(wrong_options, "unsupported_option")
    if not unsupported:
        sentence = "no option was refused with the code unsupported_option"
        raise NotApplicableError(sentence)
    for exchange in unsupported:
        lists_in_details(exchange, "unsupported_fields")
        names = detail(exchange, "unsupported_fields")
        assert all(isinstance(name, str) for name in names), f"expected names of fields, got {names!r:.120}"
