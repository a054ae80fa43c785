"""Codes of refusals: invalid parameters, too many requests, too low a balance, sensitive content."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Final

import pytest

from conformance.client.errors import BlockedError, ControlError, NotApplicableError, NotOfferedError
from conformance.client.request import PreparedRequest
from conformance.contract.outcomes import Outcome, is_said_in_front
from conformance.money.budget import PLAY, harmless, refuses
from conformance.suite.batch import decided
from conformance.suite.minimax.answers import code_of, is_refusal, named, refused
from conformance.suite.minimax.bodies import FREE, INSTRUMENTAL, LYRICS, SONG
from conformance.suite.minimax.service import MAKES_MUSIC
from conformance.suite.scenarios import requirement, scenario

if TYPE_CHECKING:
    from conformance.accounts.account_pool import AccountPool
    from conformance.journal.records import Exchange
    from conformance.suite.minimax.conftest import OpenService

INVALID: Final[dict[str, dict[str, Any]]] = {
    "an unknown output format": {**SONG, "output_format": "no-such-format"},
    "no lyrics": {"model": FREE, "prompt": SONG["prompt"]},
    "a prompt that is too long": {**SONG, "prompt": "p" * 2001},
    "no prompt": {"model": FREE, "is_instrumental": True},
    "an unknown format": {**SONG, "audio_setting": {"format": "no-such-format"}},
    "no reference": {"model": "music-cover-free", "prompt": "slow folk with two guitars"},
}
DOCUMENTED: Final = frozenset({"0", "1002", "1004", "1008", "1026", "2013", "2049"})
OPEN: Final[tuple[tuple[str, str, dict[str, Any]], ...]] = (
    ("MINIMAX-OBS-UNKNOWN-FIELDS", "a field that no document has", {**SONG, "no_such_field": 1}),
    ("MINIMAX-OBS-WATERMARK", "aigc_watermark", {**SONG, "aigc_watermark": False}),
    ("MINIMAX-OBS-OPTIMIZER-ONLY", "lyrics_optimizer without a prompt", {"model": FREE, "lyrics_optimizer": True}),
    ("MINIMAX-OBS-EXCESS", "instrumental music with lyrics", {**INSTRUMENTAL, "lyrics": LYRICS}),
    ("MINIMAX-OBS-EXCESS", "a song with lyrics and lyrics_optimizer", {**SONG, "lyrics_optimizer": True}),
    ("MINIMAX-OBS-EXCESS", "a song with reference audio", {**SONG, "audio_base64": "AAAA"}),
    ("MINIMAX-OBS-UNKNOWN-TAG", "lyrics with a tag of no document", {**SONG, "lyrics": "[Yodel]\nRain upon the river"}),
)


@scenario(harmless(len(INVALID) + len(OPEN)))
def invalid(service: OpenService) -> dict[str, Exchange]:
    """Music of the free models asked for with parameters that are invalid; beside it what documents leave open."""
    with service("invalid") as minimax:
        for name, words, body in OPEN:
            minimax.observe_each(name, [(words, body)])
        answers = {name: minimax.generate(body) for name, body in INVALID.items()}
        for name, exchange in answers.items():
            if exchange.response is not None and is_refusal(exchange):
                minimax.observe("MINIMAX-OBS-STATUS", f"{name}: {exchange.status}", exchange)
                parts = [part for part in ("data", "trace_id", "extra_info") if exchange.get(f"/{part}") is not None]
                minimax.observe("MINIMAX-OBS-ERROR-PARTS", f"a refusal has {', '.join(parts) or 'none'}", exchange)
                if code_of(exchange) not in DOCUMENTED:
                    minimax.observe("MINIMAX-OBS-CODES", f"{name}: {exchange.summary}", exchange)
        return answers


@scenario(PLAY)
def one_too_many(service: OpenService) -> Exchange:
    """A request over the limit, of which the client takes the refusal for an answer."""
    with service("one-too-many", needs=("rate-limit",)) as minimax:
        try:
            minimax.control.rate_limit(0, retry_after_seconds=2)
            throttled = minimax.generate(SONG, patient=False)
            if throttled.response is not None and is_said_in_front(throttled.status):
                # What stands before the API may fail now and then; a limit that is told so is told so again.
                throttled = minimax.generate(SONG, patient=False)
        finally:
            minimax.control.rate_limit(None)
        if throttled.accepted:
            raise ControlError(f"the rate limit was set, but a request got {throttled.summary}")
        if throttled.response is not None:
            text = f"Retry-After is {throttled.header('Retry-After')!r:.80}"
            minimax.observe("MINIMAX-OBS-RETRY-AFTER", text, throttled)
        return throttled


@scenario(refuses(1, demanded_by="MINIMAX-ERROR-04", requests=1))
def sensitive(service: OpenService, account_pool: AccountPool) -> Exchange:
    """Lyrics with a text that the target is known to refuse."""
    text = account_pool.sensitive_text
    if text is None:
        raise NotOfferedError("needs a text that the target refuses as sensitive (sensitive_text in target.toml)")
    with service("sensitive") as minimax:
        return minimax.song(lyrics=f"[Verse]\n{text}")


@scenario(harmless(2), provisional=True)
def other_content_type(service: OpenService) -> Exchange:
    """A song whose body is declared as plain text."""
    with service("other-content-type") as minimax:
        client = minimax.account.client
        headers = (("Content-Type", "text/plain"),)
        url = f"{client.base_url}/v1/music_generation"
        request = PreparedRequest("POST", url, headers, json.dumps(SONG).encode(), "generateMusic")
        exchange = minimax.account.send(request)
        if exchange.response is not None and exchange.outcome.decisive:
            minimax.observe("MINIMAX-OBS-CONTENT-TYPE", f"text/plain: {exchange.summary}", exchange)
        return exchange


@requirement("MINIMAX-ERROR-01")
@pytest.mark.parametrize("name", INVALID)
def test_invalid_parameters_have_their_code(invalid: dict[str, Exchange], name: str) -> None:
    exchange = decided(invalid[name])
    code = code_of(exchange)
    if exchange.outcome in (Outcome.UNAUTHENTICATED, Outcome.FORBIDDEN, Outcome.NOT_FOUND):
        raise BlockedError(MAKES_MUSIC, f"the operation can't be used: {exchange.summary}")
    if not is_refusal(exchange):
        # Whether it must be refused is the requirement of each parameter.
        raise NotOfferedError(f"{name} is not refused but answered {exchange.summary}")
    if code is None:
        raise NotApplicableError(f"the refusal has no code: {exchange.summary}")

    assert code == "2013"


@requirement("MINIMAX-ERROR-02")
def test_a_request_over_the_limit_has_its_code(one_too_many: Exchange) -> None:
    named(one_too_many, Outcome.THROTTLED, "1002")


@requirement("MINIMAX-ERROR-04")
def test_sensitive_content_has_its_code(sensitive: Exchange) -> None:
    refused(sensitive)

    named(sensitive, Outcome.REFUSED, "1026")


@requirement("MINIMAX-CONTENT-01")
def test_a_body_that_is_not_declared_as_json_is_refused(other_content_type: Exchange) -> None:
    refused(other_content_type)
