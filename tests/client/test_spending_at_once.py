"""Money belongs to requests: an API that answers at once, without tasks and keys, with its errors inside HTTP 200."""

from __future__ import annotations

import json
from contextlib import contextmanager
from dataclasses import dataclass, field
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Final

import pytest

from conformance.client.errors import NotOfferedError, ReservationError
from conformance.client.transports.base import NoAnswerError
from conformance.contract.contract import Contract
from conformance.contract.conventions import parse_conventions
from conformance.contract.document import Document
from conformance.contract.outcomes import Outcome
from conformance.contract.requirements import Registry
from conformance.money.budget import Tier, refuses, spends
from tests.client.bench import AUTHENTICATION, answer

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from conformance.client.transports.base import Incoming, Outgoing
    from conformance.journal.records import Exchange
    from tests.client.buyers import Buyer
    from tests.client.conftest import Hire

PRICE: Final = Decimal(7)
CODE: Final = "/base/code"
ANSWER: Final = {"200": {"description": "…", "content": {"application/json": {"schema": {}}}}}
BODY: Final = {"content": {"application/json": {"schema": {"type": "object"}}}}
CONVENTIONS: Final[dict[str, Any]] = {
    "system": "chime",
    "title": "Chime",
    "contract_version": "1",
    "document": "chime.yaml",
    "surfaces": ["sounds"],
    "authentication": AUTHENTICATION,
    "outcomes": [
        {"outcome": "accepted", "status": 200, "body": {CODE: [0]}},
        {"outcome": "throttled", "body": {CODE: [1002]}},
        {"outcome": "failed", "body": {CODE: [1000]}},
        {"outcome": "refused", "body": {CODE: [2013]}},
    ],
    "errors": {"object": "/base", "code": CODE, "message": "/base/text", "numeric": True},
    "money": {"unit": "coins"},
    "operations": {
        "makeSound": {
            "price": {"amount": "7", "charged": "/cost"},
            "stream": {"when": {"/stream": True}, "format": "sse", "ends": {"/done": [True]}},
        }
    },
}
SOUND: Final = {"words": "a bell"}


def chime(price: object = None) -> Contract:
    """The contract; with another price where one is given."""
    paths = {
        "/sounds": {"post": {"operationId": "makeSound", "requestBody": BODY, "responses": ANSWER}},
        "/words": {"post": {"operationId": "makeWords", "requestBody": BODY, "responses": ANSWER}},
    }
    content = CONVENTIONS if price is None else {**CONVENTIONS, "operations": {"makeSound": {"price": price}}}
    described = Document({"openapi": "3.1.0", "info": {"title": "Chime", "version": "1"}, "paths": paths})
    return Contract(described, Registry(()), parse_conventions(content))


def said(code: int, **more: object) -> Incoming:
    return answer(200, {"base": {"code": code, "text": "…"}, **more}, Content_Type="application/json")


def streamed(*frames: object) -> Incoming:
    content = b"".join(b"data: " + json.dumps(frame).encode() + b"\n\n" for frame in frames)
    return answer(200, content, Content_Type="text/event-stream")


@dataclass
class Chime:
    """A server with books of its own: what it sold, and how often it was asked. `says` is its answer to a sale."""

    says: Callable[[], Incoming] = lambda: said(0)
    lenient: bool = False
    sold: Decimal = Decimal(0)
    sales: int = 0
    asked: list[str] = field(default_factory=list)

    def __call__(self, outgoing: Outgoing) -> Incoming:
        self.asked.append(outgoing.url.rpartition("/")[2])
        body = json.loads(outgoing.content) if isinstance(outgoing.content, bytes) and outgoing.content else {}
        if "words" not in body and not self.lenient:
            return said(2013)
        self.sales += 1
        self.sold += PRICE
        return self.says()


def no_answer() -> Incoming:
    raise NoAnswerError("cut", "the connection was cut")


@contextmanager
def paying(hire: Hire, target: Chime, **options: Any) -> Iterator[Buyer]:  # noqa: ANN401 - see open_buyer
    buyer = hire(target, contract=options.pop("contract", None) or chime(), **options)
    with buyer.admitted(spends("makeSound", "makeSound")):
        yield buyer


def ask(buyer: Buyer, **body: object) -> Exchange:
    return buyer.account.call("makeSound", json=body or SOUND)


def test_what_is_accepted_has_cost_its_price_for_good(hire: Hire) -> None:
    target = Chime()
    with paying(hire, target) as buyer:
        assert ask(buyer).accepted

    balance = buyer.ledger.balance()
    assert (balance.exposure, balance.charged, balance.purchases) == (PRICE, PRICE, 1)
    assert target.sold == PRICE


def test_the_charge_that_the_answer_shows_is_what_it_cost(hire: Hire) -> None:
    with paying(hire, Chime(lambda: said(0, cost="2.5"))) as buyer:
        ask(buyer)

    assert buyer.ledger.balance().exposure == Decimal("2.5")


def test_a_charge_above_the_price_ends_all_spending(hire: Hire) -> None:
    target = Chime(lambda: said(0, cost="70"))
    with paying(hire, target) as buyer:
        ask(buyer)
        with pytest.raises(ReservationError, match="was charged 70, its price is 7"):
            ask(buyer)

    assert target.sales == 1


def test_a_refusal_inside_http_200_costs_nothing(hire: Hire) -> None:
    target = Chime()
    with paying(hire, target, cap=2 * PRICE) as buyer:
        for _ in range(10):
            assert ask(buyer, silence=True).outcome is Outcome.REFUSED

    assert buyer.ledger.balance().exposure == target.sold == 0


@pytest.mark.parametrize(
    "says, outcome",
    [
        (no_answer, Outcome.NO_ANSWER),
        (lambda: answer(503), Outcome.FAILED),
        (lambda: said(1000), Outcome.FAILED),
        (lambda: said(4711), Outcome.UNCLEAR),
        (lambda: answer(303), Outcome.UNCLEAR),
        (lambda: answer(200, b"<html>"), Outcome.UNCLEAR),
    ],
    ids=["no answer", "503", "a failure in 200", "an unknown code", "a redirect", "no JSON"],
)
def test_what_is_not_known_to_be_refused_stays_at_stake_and_is_not_sent_again(
    hire: Hire, says: Callable[[], Incoming], outcome: Outcome
) -> None:
    target = Chime(says)
    with paying(hire, target) as buyer:
        assert ask(buyer).outcome is outcome

    assert target.sales == 1
    assert buyer.ledger.balance().exposure == PRICE


def test_a_throttled_request_is_repeated(hire: Hire) -> None:
    target = Chime(lambda: said(1002) if target.sales == 1 else said(0))
    with paying(hire, target) as buyer:
        assert ask(buyer).accepted

    assert target.sales == 2
    assert buyer.ledger.balance().purchases == 1


def test_the_cap_holds(hire: Hire) -> None:
    target = Chime()
    buyer = hire(target, contract=chime(), cap=3 * PRICE)
    with buyer.admitted(spends(*("makeSound",) * 3)):
        for _ in range(3):
            ask(buyer)
        with pytest.raises(ReservationError, match="the cap leaves 0"):
            ask(buyer)

    assert target.sold == 3 * PRICE


def test_what_has_no_price_beside_others_that_have_one_costs_nothing(hire: Hire) -> None:
    target = Chime()
    buyer = hire(target, contract=chime(), cap=Decimal(0))
    assert buyer.account.call("makeWords", json=SOUND).accepted


@pytest.mark.parametrize("tier", [Tier.READ, Tier.FREE])
def test_the_lower_tiers_buy_nothing(hire: Hire, tier: Tier) -> None:
    target = Chime()
    buyer = hire(target, contract=chime(), tier=tier)
    with pytest.raises(NotOfferedError), buyer.admitted(spends("makeSound")):
        ask(buyer)
    with pytest.raises(ReservationError):
        ask(buyer)

    assert target.asked == []


def test_an_acceptance_of_what_must_be_refused_ends_all_spending(hire: Hire) -> None:
    target = Chime(lenient=True)
    buyer = hire(target, contract=chime(), tier=Tier.FREE, cap=PRICE)
    with buyer.admitted(refuses(2)):
        ask(buyer, silence=True)
        with pytest.raises(ReservationError, match="accepted a request that must be refused"):
            ask(buyer, silence=True)

    assert (target.sales, buyer.ledger.balance().exposure) == (1, PRICE)


def test_prices_by_a_field_come_from_the_target_file(hire: Hire) -> None:
    by_voice = chime({"by": "/voice", "table": "target"})
    buyer = hire(Chime(), contract=by_voice.with_prices({"deep": Decimal(3), "high": Decimal(9)}))
    with buyer.admitted(spends("deep", "high")):
        ask(buyer, words="a bell", voice="deep")
        assert buyer.ledger.balance().exposure == 3
        ask(buyer, words="a bell")

    # Which voice the server chose is not known, so it may have been the dearest.
    assert buyer.ledger.balance().exposure == 3 + 9


@pytest.mark.parametrize("price", ["unknown", {"by": "/voice", "table": "target"}])
def test_without_a_price_nothing_is_bought(hire: Hire, price: object) -> None:
    target = Chime()
    buyer = hire(target, contract=chime(price))
    with pytest.raises(ReservationError, match=r"no price is known.*\[prices\]"), buyer.admitted(spends("makeSound")):
        ask(buyer)

    assert target.asked == []


def test_an_unknown_price_can_be_stated_for_the_operation(hire: Hire) -> None:
    target = Chime()
    with paying(hire, target, contract=chime("unknown").with_prices({"makeSound": PRICE})) as buyer:
        assert ask(buyer).accepted

    assert buyer.ledger.balance().exposure == PRICE


def test_where_prices_are_stated_for_a_bare_document_what_has_none_is_not_bought(hire: Hire) -> None:
    content = {name: part for name, part in CONVENTIONS.items() if name not in ("operations", "money")}
    bare = Contract(chime().document, Registry(()), parse_conventions(content)).with_prices({"makeSound": PRICE})
    target = Chime()
    with paying(hire, target, contract=bare) as buyer:
        assert ask(buyer).accepted
        with pytest.raises(ReservationError, match="what makeWords costs is not known"):
            buyer.account.call("makeWords", json=SOUND)

    assert target.asked == ["sounds"]


STREAM: Final = {**SOUND, "stream": True}


def test_a_stream_that_comes_to_its_end_is_accepted_and_paid_for(hire: Hire) -> None:
    frames = [{"part": 1}, {"part": 2}, {"done": True, "cost": "6"}]
    with paying(hire, Chime(lambda: streamed(*frames))) as buyer:
        exchange = ask(buyer, **STREAM)

    assert exchange.accepted
    assert exchange.response is not None
    assert exchange.response.frames is not None
    assert [json.loads(frame.data) for frame in exchange.response.frames] == frames
    assert buyer.ledger.balance().exposure == 6


@pytest.mark.parametrize(
    "says, outcome, at_stake",
    [
        (lambda: streamed({"part": 1}, {"part": 2}), Outcome.NO_ANSWER, PRICE),
        (lambda: streamed({"part": 1}, {"base": {"code": 1000}}), Outcome.FAILED, PRICE),
        (lambda: streamed({"base": {"code": 2013}}), Outcome.REFUSED, 0),
        (lambda: streamed({"base": {"code": 2013}}, {"note": 1}), Outcome.REFUSED, 0),
        (lambda: streamed({"base": {"code": 4711}}), Outcome.FAILED, PRICE),
        (lambda: said(2013), Outcome.REFUSED, 0),
        (lambda: said(0), Outcome.ACCEPTED, PRICE),
        (lambda: answer(429), Outcome.THROTTLED, 0),
    ],
    ids=["cut", "failed", "refused", "a note after it", "unknown", "JSON that refuses", "JSON that accepts", "429"],
)
def test_how_a_stream_is_read_decides_about_the_money(
    hire: Hire, says: Callable[[], Incoming], outcome: Outcome, at_stake: Decimal
) -> None:
    with paying(hire, Chime(says)) as buyer:
        assert ask(buyer, **STREAM).outcome is outcome

    assert buyer.ledger.balance().exposure == at_stake


def test_of_a_stream_that_the_connection_cut_the_frames_that_came_are_kept(hire: Hire) -> None:
    def cut() -> Incoming:
        error = NoAnswerError("cut", "the connection was cut")
        error.partial = streamed({"part": 1}, {"part": 2})
        raise error

    with paying(hire, Chime(cut)) as buyer:
        exchange = ask(buyer, **STREAM)

    assert exchange.response is not None
    assert len(exchange.response.frames or ()) == 2
    assert (exchange.outcome, exchange.failure) == (Outcome.NO_ANSWER, "the connection was cut")
    assert buyer.ledger.balance().exposure == PRICE


def test_a_stream_is_recorded_with_its_frames_and_outcome(hire: Hire) -> None:
    with paying(hire, Chime(lambda: streamed({"part": 1}, {"base": {"code": 2013, "text": "no"}}))) as buyer:
        exchange = ask(buyer, **STREAM)
    (stored,) = buyer.bench.recording.exchanges

    assert stored == exchange
    assert (stored.outcome, stored.interpretation.code, stored.interpretation.message) == (
        Outcome.REFUSED,
        "2013",
        "no",
    )
