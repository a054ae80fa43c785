"""The control interface: each call is one of those that its document describes, and no key of it is written down."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from decimal import Decimal
from functools import cache
from typing import TYPE_CHECKING

import pytest

from conformance.accounts.control import Control, Offer, discover, sets_balance
from conformance.client.client import Sender
from conformance.client.errors import ControlError
from conformance.client.request import PreparedRequest
from conformance.client.transports.base import NoAnswerError
from conformance.contract.document import Document
from conformance.contract.files import read_yaml, specs_root
from tests.client.bench import CONTROL, KEY, answer, headers_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from conformance.client.transports.base import Incoming
    from conformance.contract.document import Operation
    from conformance.journal.records import Origin
    from tests.client.bench import Bench, Scripted
    from tests.client.conftest import OpenBench

    Call = Callable[[Control], object]

OFFER = Offer(frozenset(), "tenant")
KEYS = {"main": "sk-m" + "1" * 31, "second": "sk-s" + "2" * 31, "forbidden": "sk-f" + "3" * 31}
CALLS: dict[str, tuple[str, Call]] = {
    "advance": ("advanceClock", lambda control: control.advance(86400)),
    "advance-a-bit": ("advanceClock", lambda control: control.advance(0.5)),
    "balance": ("readWallet", lambda control: control.balance()),
    "set-balance": ("setWallet", lambda control: control.set_balance(Decimal("10.5"))),
    "set-much": ("setWallet", lambda control: control.set_balance(Decimal("1E6"))),
    "set-nothing": ("setWallet", lambda control: control.set_balance(Decimal(0))),
    "fail-next": ("planOutcome", lambda control: control.next_outcome("failed")),
    "succeed-three": ("planOutcome", lambda control: control.next_outcome("succeeded", 3)),
    "hold": ("holdTasks", lambda control: control.hold("queued")),
    "release": ("holdTasks", lambda control: control.hold(None)),
    "limit": ("limitRate", lambda control: control.rate_limit(0, 2)),
    "lift": ("limitRate", lambda control: control.rate_limit(None)),
    "limit-plan": ("limitPlan", lambda control: control.limit_plan(["music-free"])),
    "all-models": ("limitPlan", lambda control: control.limit_plan(None)),
    "reset": ("reset", lambda control: control.reset()),
    "open": ("openAccounts", lambda control: control.new_tenant()),
    "open-with-balance": ("openAccounts", lambda control: control.new_tenant(Decimal(500))),
}


@cache
def document() -> Document:
    return Document(read_yaml(specs_root() / "control" / "openapi.yaml"))


def control_of(made: Bench) -> Control:
    return Control(made.client, CONTROL, OFFER, made.sender())


def accepted_example(operation: Operation) -> Incoming:
    """The success that the document shows for an operation; keys are shown shortened, so there they are our own."""
    if operation.id == "openAccounts":
        return answer(201, {"keys": KEYS})
    item = document().content["paths"][operation.path][operation.method.lower()]
    status = next(key for key in item["responses"] if key.startswith("2"))
    content = document().resolve(item["responses"][status])["content"]
    return answer(int(status), content["application/json"]["example"])


def body_fits(operation: Operation, content: bytes) -> bool:
    if not content:
        return not operation.body_required
    return document().validator(operation.body["application/json"].schema).accepts(json.loads(content))


@pytest.mark.parametrize("name", CALLS)
def test_each_call_is_one_that_the_document_describes(bench: OpenBench, name: str) -> None:
    operation_id, call = CALLS[name]
    made = bench(accepted_example(document().operations[operation_id]))
    call(control_of(made))

    (sent,) = made.sent
    operation = document().match(sent.method, sent.url.removeprefix(CONTROL))
    assert operation is not None
    assert operation.id == operation_id
    assert isinstance(sent.content, bytes)
    assert body_fits(operation, sent.content)
    assert headers_of(sent, "Content-Type") == (["application/json"] if sent.content else [])
    assert headers_of(sent, "Authorization") == ([] if operation_id == "openAccounts" else [f"Bearer {KEY}"])


def test_every_operation_of_the_document_is_called_here() -> None:
    called = {operation_id for operation_id, _ in CALLS.values()}

    assert called | {"describeControl"} == set(document().operations)


@pytest.mark.parametrize("name", CALLS)
def test_calls_are_recorded_as_control_and_carry_no_ids_of_the_api(bench: OpenBench, name: str) -> None:
    operation_id, call = CALLS[name]
    made = bench(accepted_example(document().operations[operation_id]))
    call(control_of(made))

    assert {exchange.origin for exchange in made.recording.exchanges} == {"control"}
    assert headers_of(made.sent[0], "X-Trace") == []
    assert headers_of(made.sent[0], "Once-Key") == []


@pytest.mark.parametrize("name", CALLS)
@pytest.mark.parametrize("refusal", [answer(422, b"no such body"), NoAnswerError("refused", "connection refused")])
def test_a_call_that_is_refused_says_so(bench: OpenBench, name: str, refusal: Scripted) -> None:
    with pytest.raises(ControlError, match=f"{CONTROL}.*: (422 no such body|connection refused)"):
        CALLS[name][1](control_of(bench(refusal)))


def test_what_is_offered_is_asked_for_without_a_key(bench: OpenBench) -> None:
    made = bench(accepted_example(document().operations["describeControl"]))
    offer = discover(made.client, f"{CONTROL}/")

    assert (offer.scope, offer.reference_audio_url) == ("tenant", None)
    assert {"clock", "wallet", "tasks/hold"} < offer.offers
    assert made.sent[0].url == CONTROL
    assert headers_of(made.sent[0], "Authorization") == []


@pytest.mark.parametrize("scope", [None, "target", "Tenant", 1, ["tenant"]])
def test_state_that_is_not_said_to_be_per_tenant_is_shared(bench: OpenBench, scope: object) -> None:
    made = bench(answer(200, {"offers": ["clock"], "scope": scope}))

    assert discover(made.client, CONTROL) == Offer(frozenset({"clock"}), "target")


def test_a_file_to_refer_to_may_be_offered(bench: OpenBench) -> None:
    said = {"offers": [], "reference_audio_url": "https://files.test/a.mp3"}

    assert discover(bench(answer(200, said)).client, CONTROL).reference_audio_url == "https://files.test/a.mp3"


@pytest.mark.parametrize(
    "body",
    [b"", b"<html>", b"\xff\xfe", b"[" * 100_000, b"9" * 5000, None, [], {}, {"offers": "clock"}, {"offers": None}],
    ids=["empty", "html", "bytes", "depth", "number", "nothing", "list", "object", "text", "null"],
)
def test_what_does_not_list_its_offers_is_no_control_interface(bench: OpenBench, body: object) -> None:
    with pytest.raises(ControlError, match="does not answer like a control interface"):
        discover(bench(answer(200, body)).client, CONTROL)


@pytest.mark.parametrize("reply", [answer(404), answer(302, Location="/"), NoAnswerError("dns", "no such host")])
def test_where_nothing_answers_there_is_no_control_interface(bench: OpenBench, reply: Scripted) -> None:
    with pytest.raises(ControlError, match=f"refused GET {CONTROL}"):
        discover(bench(reply).client, CONTROL)


def test_odd_offers_are_merely_unknown(bench: OpenBench) -> None:
    said = {"offers": ["clock", 5, None, ["wallet"]]}

    assert "clock" in discover(bench(answer(200, said)).client, CONTROL).offers


@pytest.mark.parametrize("earlier", [[], [answer(503)], [answer(429, Retry_After="0"), answer(500)]])
def test_the_keys_of_a_new_account_are_never_written_down(bench: OpenBench, earlier: list[Incoming]) -> None:
    made = bench(*earlier, answer(201, {"keys": KEYS}), lambda outgoing: answer(200, dict(outgoing.headers)))
    keys = control_of(made).new_tenant().keys
    sender = Sender("new", keys["main"])
    made.client.send(PreparedRequest("GET", f"{CONTROL}?key={KEYS['second']}", origin="control"), sender)

    assert {role: key.reveal() for role, key in keys.items()} == KEYS
    assert not any(key.encode() in made.stored for key in KEYS.values())
    assert b"$CONFORMANCE_FORBIDDEN_KEY" in made.stored


@pytest.mark.parametrize(
    "body",
    [
        b"<html>",
        b"[" * 100_000,
        b"\xff",
        None,
        [],
        {},
        {"keys": None},
        {"keys": []},
        {"keys": {}},
        {"keys": {"second": "sk-only"}},
        {"keys": {"main": None}},
        {"keys": {"main": ""}},
        {"keys": {"main": "two words"}},
        {"keys": {"main": "schlüssel"}},
        {"keys": {"main": {"key": "sk-1"}}},
    ],
    ids=lambda body: repr(body)[:30],
)
def test_an_account_without_a_main_key_was_not_opened(bench: OpenBench, body: object) -> None:
    with pytest.raises(ControlError, match="opened no account"):
        control_of(bench(answer(201, body))).new_tenant()


@pytest.mark.parametrize("body", [{"keys": KEYS}, {"keys": KEYS, "balance_credits": "much"}])
def test_who_offers_to_take_a_balance_must_tell_it(bench: OpenBench, body: object) -> None:
    offer = Offer(frozenset({"tenants", "tenants/balance"}), "tenant")
    made = bench(answer(201, body))
    control = Control(made.client, CONTROL, offer, made.sender())

    with pytest.raises(ControlError, match="shows no balance"):
        control.new_tenant(Decimal(5))


def test_a_balance_is_told_only_to_those_who_offer_to_take_it(bench: OpenBench) -> None:
    made = bench(answer(201, {"keys": KEYS, "balance_credits": "7"}))
    opened = control_of(made).new_tenant(Decimal(5))

    assert made.sent[0].content == b""
    assert opened.balance is None
    assert made.recording.readings == ()


def test_nobody_is_a_stranger_to_himself(bench: OpenBench) -> None:
    opened = control_of(bench(answer(201, {"keys": {**KEYS, "second": KEYS["main"]}}))).new_tenant()

    assert opened.keys.keys() == {"main", "forbidden"}


@pytest.mark.parametrize(
    "told, now",
    [
        ({"now": "2026-01-06T10:00:00.5Z"}, datetime(2026, 1, 6, 10, 0, 0, 500_000, UTC)),
        ({"now": "soon"}, None),
        ({"now": "2026-01-06T10:00:00"}, None),
        ({"now": 5}, None),
        ({}, None),
        (b"", None),
    ],
)
def test_the_clock_tells_its_time_or_keeps_silent(bench: OpenBench, told: object, now: datetime | None) -> None:
    assert control_of(bench(answer(200, told))).advance(60) == now


@pytest.mark.parametrize(
    "shown, balance",
    [("10.5000", "10.5000"), ("0", "0"), ("-3", "-3"), (10.5, "10.5"), (7, "7")],
)
def test_a_balance_is_read_and_kept(bench: OpenBench, shown: object, balance: str) -> None:
    made = bench(answer(200, {"balance_credits": shown}))

    assert control_of(made).balance() == Decimal(balance)
    (reading,) = made.recording.readings
    assert (reading.account, reading.balance) == ("alice", balance)


@pytest.mark.parametrize("shown", [None, True, "", "much", "NaN", "Infinity", "1E+999999999", [], {}, "9" * 400])
def test_what_is_no_amount_is_no_balance(bench: OpenBench, shown: object) -> None:
    made = bench(answer(200, {"balance_credits": shown}))

    with pytest.raises(ControlError, match="shows no balance"):
        control_of(made).balance()
    assert made.recording.readings == ()


@pytest.mark.parametrize(
    "method, url, origin, sets",
    [
        ("PUT", f"{CONTROL}/wallet", "control", True),
        ("PUT", f"{CONTROL}/wallet?x=1", "control", True),
        ("POST", f"{CONTROL}/reset", "control", True),
        ("GET", f"{CONTROL}/wallet", "control", False),
        ("POST", f"{CONTROL}/clock", "control", False),
        ("PUT", "http://target.test/api/wallet", "target", False),
    ],
)
def test_calls_that_make_a_balance_what_it_is_are_known(
    bench: OpenBench,
    method: str,
    url: str,
    origin: Origin,
    sets: bool,  # noqa: FBT001 - a row of the table
) -> None:
    made = bench()
    made.client.send(PreparedRequest(method, url, origin=origin), made.sender())

    assert sets_balance(made.recording.exchanges[0]) is sets
