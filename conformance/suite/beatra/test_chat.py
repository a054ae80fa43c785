"""Chats that are answered at once: their shape, which model answered, what they took, and which are refused."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Final

from conformance.client.errors import NotApplicableError, UndecidedError
from conformance.contract.pricing import readable_amount
from conformance.journal.records import Mismatch
from conformance.money.budget import PLAY, refuses, spends
from conformance.suite.beatra.answers import available, decided, refused_with
from conformance.suite.beatra.chats import (
    ASKED,
    AUTO,
    COMPLETION,
    ENOUGH,
    IN_ALL_ROLES,
    UNKNOWN_MODEL,
    choices_in,
    completed,
    is_stream,
    taken_or_blocked,
    there,
)
from conformance.suite.beatra.gateway import solvent
from conformance.suite.scenarios import requirement, scenario

if TYPE_CHECKING:
    from conformance.journal.records import Exchange
    from conformance.suite.beatra.conftest import OpenGateway
    from conformance.suite.beatra.gateway import Gateway

# What OpenAI's document lists.
REASONS: Final = frozenset({"stop", "length", "tool_calls", "content_filter", "function_call"})
TOKENS: Final = frozenset({"usage.prompt_tokens", "usage.completion_tokens", "usage.total_tokens"})
DOCUMENTED: Final = frozenset({"id", "model", "choices", "usage"}) | TOKENS
JSON: Final = "application/json"


@dataclass(frozen=True, slots=True)
class Answers:
    """The same question twice, the second time said not to be streamed, and a conversation with every role."""

    first: Exchange
    second: Exchange
    in_all_roles: Exchange


@scenario(spends(COMPLETION, COMPLETION, COMPLETION, requests=3))
def answers(gateway: OpenGateway) -> Answers:
    """Chats that are answered at once."""
    with gateway("chat", balance=ENOUGH) as beatra:
        first = beatra.chat(ASKED)
        second = beatra.chat({**ASKED, "stream": False})
        _observe(beatra, first)
        return Answers(first, second, beatra.chat(IN_ALL_ROLES))


def _observe(beatra: Gateway, exchange: Exchange) -> None:
    body = exchange.get("") if exchange.accepted else None
    if not isinstance(body, dict):
        return
    usage = body.get("usage")
    more = {f"usage.{name}" for name in usage} if isinstance(usage, dict) else set()
    named = ", ".join(sorted({name[:40] for name in {*body, *more} - DOCUMENTED})[:24])
    beatra.observe("BEATRA-OBS-CHAT-FIELDS", named or "none", exchange)
    choices = body.get("choices")
    reasons = (
        [one.get("finish_reason") for one in choices if isinstance(one, dict)] if isinstance(choices, list) else []
    )
    unlisted = sorted({str(reason)[:40] for reason in reasons if str(reason) not in REASONS})
    if unlisted:
        beatra.observe("BEATRA-OBS-CHAT-FINISH", ", ".join(unlisted), exchange)


@requirement("BEATRA-CHAT-01")
def test_a_conversation_is_answered(answers: Answers) -> None:
    for choice in choices_in(answers.first):
        message = choice.get("message")
        said = message if isinstance(message, dict) else {}
        content = said.get("content")

        assert said.get("role") == "assistant", f"expected a message of the assistant, got {message!r:.80}"
        assert isinstance(content, str), f"expected a text as content, got {content!r:.80}"
        assert content.strip(), "expected a text as content, got an empty one"


@requirement("BEATRA-CHAT-02")
def test_an_answer_says_why_it_ended(answers: Answers) -> None:
    reasons = [choice.get("finish_reason") for choice in choices_in(answers.first)]
    unsaid = [reason for reason in reasons if not (isinstance(reason, str) and reason)]

    assert unsaid == [], f"expected a finish_reason in every choice, got {unsaid!r:.80}"


@requirement("BEATRA-CHAT-03")
def test_answers_are_numbered(answers: Answers) -> None:
    numbers = [choice.get("index") for choice in choices_in(answers.first)]

    assert numbers == list(range(len(numbers))), f"expected choices numbered from 0, got {numbers!r:.80}"


@requirement("BEATRA-CHAT-04")
def test_the_model_that_answered_is_named(answers: Answers) -> None:
    model = completed(answers.first).string("/model")

    assert model.strip(), "expected the id of the model that answered, got an empty text"
    assert model != AUTO, "expected the id of the model that answered, got `auto`"


@requirement("BEATRA-CHAT-05")
def test_usage_adds_up(answers: Answers) -> None:
    shown = [exchange for exchange in (answers.first, answers.in_all_roles) if is_answered(exchange)]
    counted = [exchange for exchange in shown if completed(exchange).get("/usage") is not None]
    if not counted:
        completed(answers.first)
        raise NotApplicableError("completions show no usage")
    for exchange in counted:
        usage = exchange.mapping("/usage")
        prompt, completion, total = (usage.get(f"{name}_tokens", -1) for name in ("prompt", "completion", "total"))
        for count in (prompt, completion, total):
            assert is_count(count), f"expected numbers of tokens, got {usage!r:.120}"
        assert total == prompt + completion, f"expected {prompt} and {completion} tokens to be all, got {total}"


def is_answered(exchange: Exchange) -> bool:
    """Whether a chat was answered at once."""
    return exchange.accepted and not is_stream(exchange)


def is_count(value: Any) -> bool:  # noqa: ANN401 - any JSON value
    """Whether a value is a number of things."""
    return isinstance(value, int) and not isinstance(value, bool) and value >= 0


@requirement("BEATRA-CHAT-06")
def test_every_completion_has_an_id_of_its_own(answers: Answers) -> None:
    first, second = completed(answers.first).string("/id"), completed(answers.second).string("/id")

    assert first.strip(), "expected an id, got an empty text"
    assert first != second, f"expected two completions to have different ids, got {first!r:.80} twice"


@requirement("BEATRA-CHAT-10")
def test_there_are_three_roles(answers: Answers) -> None:
    spoken(answers.first, answers.in_all_roles)


def spoken(known: Exchange, exchange: Exchange) -> None:
    """A chat is accepted where one is known that is; blocked where none is."""
    if not known.accepted:
        completed(known)
    taken(exchange)


def taken(exchange: Exchange) -> None:
    """
    A chat is accepted.

    Raises:
        Mismatch: it is refused for what was sent.
        NotOfferedError: the target did not decide, or the account could not pay or lacks the model.
    """
    decided(exchange)
    solvent(exchange)
    available(exchange)
    if not exchange.accepted:
        shown = exchange.answer.body.text[:200]
        raise Mismatch(f"expected the chat to be accepted, got {exchange.status}: {shown}", exchange.id)


@requirement("BEATRA-CHAT-11")
def test_nothing_is_streamed_unless_asked_for(answers: Answers) -> None:
    for exchange in (answers.first, answers.second):
        taken_or_blocked(exchange)
        declared = (exchange.header("Content-Type") or "").partition(";")[0].strip().lower()

        exchange.mapping("")
        assert declared == JSON, f"expected a completion declared as {JSON}, got {declared!r}"


@dataclass(frozen=True, slots=True)
class Bounds:
    """A chat without a temperature, and chats at both ends of its range."""

    plain: Exchange
    coldest: Exchange
    hottest: Exchange


@scenario(spends(COMPLETION, COMPLETION, COMPLETION, requests=3))
def temperatures(gateway: OpenGateway) -> Bounds:
    """Chats with a temperature at its bounds."""
    with gateway("temperatures", balance=ENOUGH) as beatra:
        plain = beatra.chat(ASKED)
        return Bounds(plain, *(beatra.chat({**ASKED, "temperature": value}) for value in (0, 2)))


@requirement("BEATRA-CHAT-09")
def test_the_temperature_goes_from_0_to_2(temperatures: Bounds) -> None:
    spoken(temperatures.plain, temperatures.coldest)
    spoken(temperatures.plain, temperatures.hottest)


@scenario(refuses(2, demanded_by="BEATRA-CHAT-07", requests=2))
def incomplete_chats(gateway: OpenGateway) -> tuple[Exchange, ...]:
    """Chats without a required field."""
    with gateway("incomplete-chats", balance=ENOUGH) as beatra:
        return tuple(
            beatra.chat({name: value for name, value in ASKED.items() if name != left_out}) for left_out in ASKED
        )


@requirement("BEATRA-CHAT-07")
def test_model_and_messages_are_required(incomplete_chats: tuple[Exchange, ...]) -> None:
    for exchange in incomplete_chats:
        there(exchange)
        solvent(exchange)
        refused_with(exchange, 400, 422)


@dataclass(frozen=True, slots=True)
class UnknownModel:
    """A chat with a model that does not exist, and one without messages, which shows that there is an operation."""

    exchange: Exchange
    without_messages: Exchange


@scenario(refuses(2, demanded_by="BEATRA-CHAT-08", requests=2))
def unknown_chat_model(gateway: OpenGateway) -> UnknownModel:
    """A chat with a model that does not exist."""
    with gateway("unknown-chat-model", balance=ENOUGH) as beatra:
        exchange = beatra.chat({**ASKED, "model": UNKNOWN_MODEL})
        return UnknownModel(exchange, beatra.chat({"model": AUTO}))


@requirement("BEATRA-CHAT-08")
def test_a_model_that_does_not_exist_is_called_unsupported(unknown_chat_model: UnknownModel) -> None:
    there(unknown_chat_model.without_messages)
    solvent(unknown_chat_model.exchange)

    refused_with(unknown_chat_model.exchange, 400, code="unsupported_model")


@dataclass(frozen=True, slots=True)
class PaidChat:
    """A chat with the balance before it and, where it shows a charge, what the balance came to after it."""

    exchange: Exchange
    before: Decimal
    charged: Decimal | None
    after: Decimal | None


@scenario(PLAY)
def paid_chat(gateway: OpenGateway) -> PaidChat:
    """A chat between two readings of the wallet; then those that ask what documents leave open."""
    with gateway("paid-chat", needs=["wallet"], balance=ENOUGH) as beatra:
        before = beatra.control.balance()
        exchange = beatra.chat(ASKED)
        charged = readable_amount(exchange.get("/usage/credits")) if exchange.accepted else None
        after = None if charged is None else beatra.account.settled_balance(before - charged)
    if exchange.accepted:
        with suppress(UndecidedError):
            _observe_open_questions(gateway, exchange)
    return PaidChat(exchange, before, charged, after)


@requirement("BEATRA-CHAT-12")
def test_a_completion_costs_what_it_shows(paid_chat: PaidChat) -> None:
    completed(paid_chat.exchange)
    if paid_chat.after is None or paid_chat.charged is None:
        raise NotApplicableError("completions show no charge")
    fall = paid_chat.before - paid_chat.after

    assert fall == paid_chat.charged, f"expected the balance to fall by {paid_chat.charged:f}, got a fall of {fall:f}"


def _observe_open_questions(gateway: OpenGateway, plain: Exchange) -> None:
    with gateway("chat-questions", balance=ENOUGH) as beatra:
        _observe_bounds(beatra)
        _observe_length(beatra)
        _observe_retries(beatra, plain)
    with gateway("chat-broke", needs=["wallet"], balance=Decimal(0)) as beatra:
        broke = beatra.chat(ASKED)
        beatra.observe("BEATRA-OBS-CHAT-BROKE", broke.summary, broke)


def _observe_bounds(beatra: Gateway) -> None:
    tried = {"a temperature of -0.1": {"temperature": -0.1}, "one of 2.1": {"temperature": 2.1}, "no message": NONE}
    for words, change in tried.items():
        exchange = beatra.chat({**ASKED, **change})
        beatra.observe("BEATRA-OBS-CHAT-BOUNDS", f"{words}: {exchange.summary}", exchange)


NONE: Final[dict[str, Any]] = {"messages": []}
_SHORT: Final = 2


def _observe_length(beatra: Gateway) -> None:
    exchange = beatra.chat({**ASKED, "max_tokens": _SHORT})
    tokens, ended = exchange.get("/usage/completion_tokens"), exchange.get("/choices/0/finish_reason")
    shown = f", {tokens!r:.20} tokens, ended by {ended!r:.40}" if exchange.accepted else ""
    beatra.observe("BEATRA-OBS-CHAT-LENGTH", f"max_tokens {_SHORT}: {exchange.summary}{shown}", exchange)


def _observe_retries(beatra: Gateway, plain: Exchange) -> None:
    key = beatra.fresh_key()
    first, again = beatra.chat(ASKED, key), beatra.chat(ASKED, key)
    other = beatra.chat(IN_ALL_ROLES, key)
    same = again.accepted and first.get("/id") == again.get("/id") != plain.get("/id")
    text = f"the same completion: {same} ({again.summary}); with another conversation: {other.summary}"
    beatra.observe("BEATRA-OBS-CHAT-RETRY", text, first, again, other)
