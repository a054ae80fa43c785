"""Too many requests: how the server states the limit, and when to try again."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from conformance.client.errors import BlockedError, ControlError, NotApplicableError
from conformance.client.retry import seconds_asked
from conformance.contract.outcomes import is_said_in_front
from conformance.money.budget import PLAY
from conformance.suite.beatra.answers import code_of
from conformance.suite.scenarios import requirement, scenario

if TYPE_CHECKING:
    from conformance.journal.records import Exchange
    from conformance.suite.beatra.conftest import OpenGateway

RATE_LIMITED = "BEATRA-ERROR-11"


@scenario(PLAY)
def one_too_many(gateway: OpenGateway) -> Exchange:
    """A request over the limit, of which the client takes the refusal for an answer."""
    with gateway("one-too-many", needs=("rate-limit",)) as beatra:
        try:
            beatra.control.rate_limit(0, retry_after_seconds=2)
            refused = beatra.account.call("listTasks", patient=False)
            if refused.response is not None and is_said_in_front(refused.status):
                # What stands before the API may fail now and then; a limit that is told so is told so again.
                refused = beatra.account.call("listTasks", patient=False)
        finally:
            beatra.control.rate_limit(None)
        if refused.accepted:
            raise ControlError(f"the rate limit was set, but a request got {refused.status}")
        if refused.response is not None:
            names = sorted({name.lower() for name, _ in refused.answer.headers.items if "ratelimit" in name.lower()})
            text = f"Retry-After is {refused.header('Retry-After')!r:.80}, other headers about limits: {names}"
            beatra.observe("BEATRA-OBS-RETRY-AFTER", text, refused)
        return refused


@requirement("BEATRA-ERROR-11")
def test_a_request_over_the_limit_is_called_rate_limited(one_too_many: Exchange) -> None:
    assert one_too_many.status == 429
    assert code_of(one_too_many) == "rate_limited"


@requirement("BEATRA-ERROR-12")
def test_a_retry_after_says_when(one_too_many: Exchange) -> None:
    if one_too_many.status != 429:
        raise BlockedError(RATE_LIMITED, f"the request got {one_too_many.status}")
    given = one_too_many.header("Retry-After")
    if given is None:
        sentence = "the refusal of a request over the limit has no Retry-After"
        raise NotApplicableError(sentence)

    readable = seconds_asked(given, time.time()) is not None
    assert readable, f"expected seconds or a date in Retry-After, got {given!r:.80}"
