"""What an account does on behalf of a scenario: follow tasks, let time pass, call at once, fetch media."""

from __future__ import annotations

import threading
from functools import partial
from typing import TYPE_CHECKING

import pytest

from conformance.accounts.account import with_timeout
from conformance.accounts.control import Control, Offer
from conformance.client.client import TrafficLimits
from conformance.client.errors import NotOfferedError
from conformance.client.identity import CAUSE
from conformance.client.transports.base import NoAnswerError, UnsendableRequestError
from conformance.contract.conventions import Polling
from tests.client.bench import (
    BASE,
    CONTROL,
    KEY,
    PATIENCE_SECONDS,
    answer,
    headers_of,
    song,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from conformance.client.transports.base import Incoming, Outgoing
    from conformance.journal.records import Exchange
    from tests.client.bench import Bench, Scripted
    from tests.client.conftest import OpenBench

SHORT = Polling(first_seconds=1, growth=2, maximum_seconds=4, timeout_seconds=10)
OTHER_KEY = "sk-zyxwvutsrqponmlkjihgfedcba543210"
SECONDS = b'{"advance_seconds": '


def control_of(made: Bench, *offers: str) -> Control:
    return Control(made.client, CONTROL, Offer(frozenset(offers), "tenant"), made.sender())


def test_a_key_that_is_nearly_the_own_one_is_sent_and_never_stored(bench: OpenBench) -> None:
    made = bench(answer(401))
    account = made.account().with_altered_key(lambda key: f"{key}7", "altered")
    account.call("listSongs")
    made.client.journal.close()

    assert [f"{KEY}7" in value for value in headers_of(made.sent[0], "Authorization")] == [True]
    assert KEY.encode() not in made.stored
    assert b"(altered)" in made.stored


@pytest.mark.parametrize("alter", [str, lambda _: "", lambda key: f"{key} "])
def test_a_key_that_is_the_same_or_can_not_be_sent_is_not_tried(bench: OpenBench, alter: Callable[[str], str]) -> None:
    with pytest.raises(NotOfferedError):
        bench(answer(401)).account().with_altered_key(alter, "altered")


def test_a_task_is_followed_until_it_ended(bench: OpenBench) -> None:
    made = bench(song("waiting"), song("working"), song("done"))
    followed = made.account().follow("s1")

    assert [poll.get("/state") for poll in followed.polls] == ["waiting", "working", "done"]
    assert (followed.task_id, followed.ended, followed.last.get("/state")) == ("s1", True, "done")
    assert {request.url for request in made.sent} == {f"{BASE}/songs/s1"}


@pytest.mark.parametrize("state", ["done", "broken", "stopped"])
def test_a_task_that_has_ended_already_is_asked_for_once(bench: OpenBench, state: str) -> None:
    made = bench(song(state))
    followed = made.account().follow("s1")

    assert (len(followed.polls), followed.ended, followed.waited_seconds) == (1, True, 0)
    assert made.naps == []


def test_pauses_grow_to_their_ceiling_until_the_time_is_over(bench: OpenBench) -> None:
    made = bench(song("working"))
    followed = made.account(polling=SHORT).follow("s1")

    assert made.naps == [1, 2, 4, 4]
    assert (len(followed.polls), followed.ended, followed.waited_seconds) == (5, False, 11)


def test_the_pattern_of_the_conventions_holds_where_no_other_is_given(bench: OpenBench) -> None:
    made = bench(song("working"))

    assert not made.account().follow("s1").ended
    assert sum(made.naps) >= 600


def test_a_task_without_time_is_asked_for_once(bench: OpenBench) -> None:
    made = bench(song("working"))
    followed = made.account(polling=with_timeout(SHORT, 0)).follow("s1")

    assert (len(followed.polls), followed.ended) == (1, False)


def test_no_other_time_leaves_the_pattern_as_it_is() -> None:
    assert with_timeout(SHORT, None) == SHORT


def test_where_the_clock_can_be_moved_nobody_waits(bench: OpenBench) -> None:
    made = bench(song("waiting"), answer(), song("working"), answer(), song("done"))
    followed = made.account(control_of(made, "clock")).follow("s1")

    advanced = [request.content for request in made.sent if request.url == f"{CONTROL}/clock"]
    assert advanced == [SECONDS + b"1}", SECONDS + b"2}"]
    assert made.naps == []
    assert (followed.ended, followed.waited_seconds) == (True, 3)


@pytest.mark.parametrize("refusal", [answer(404), answer(401, {"state": "done"}), answer(500)])
def test_a_refusal_ends_the_waiting_but_not_the_task(bench: OpenBench, refusal: Incoming) -> None:
    followed = bench(song("waiting"), refusal).account().follow("s1")

    assert not followed.ended
    assert followed.last.status == refusal.status


def test_a_poll_without_an_answer_is_passed_over(bench: OpenBench) -> None:
    unreachable = NoAnswerError("refused", "connection refused")
    followed = bench(unreachable, song("working"), unreachable, song("done")).account().follow("s1")

    assert [poll.failure is None for poll in followed.polls] == [False, True, False, True]
    assert followed.ended


def test_what_to_wait_for_is_only_asked_about_answers(bench: OpenBench) -> None:
    def starts(poll: Exchange) -> bool:
        return poll.string("/state") == "working"

    made = bench(NoAnswerError("timeout", "no answer within 30 s"), song("waiting"), song("working"))
    followed = made.account().follow("s1", until=starts)

    assert followed.ended
    assert followed.last.get("/state") == "working"


@pytest.mark.parametrize("body", [b"<html>", b"", {"state": None}, {"state": ["done"]}, [], {"state": "DONE"}])
def test_an_answer_without_a_known_state_is_no_end(bench: OpenBench, body: object) -> None:
    assert not bench(answer(200, body)).account(polling=SHORT).follow("s1").ended


def test_a_system_without_tasks_has_nothing_to_follow(bench: OpenBench) -> None:
    with pytest.raises(NotOfferedError, match="no tasks"):
        bench(without=["tasks"]).account().follow("s1")


def test_by_the_clock_a_task_is_looked_at_less_often(bench: OpenBench) -> None:
    slow = Polling(first_seconds=1, growth=1.3, maximum_seconds=10, timeout_seconds=20)

    def followed(*offers: str) -> int:
        made = bench(song("working"), folder="-".join(("told", *offers)))
        return len(made.account(control_of(made, *offers), polling=slow).follow("s1").polls)

    # 1, 2, 4, 8, 10 seconds apart, instead of 1, 1.3, 1.69, …
    assert followed("clock") == 6
    assert followed() == 9


def test_time_passes_by_the_clock_of_the_target_or_really(bench: OpenBench) -> None:
    made = bench()
    made.account().pass_time(5)
    made.account(control_of(made, "wallet")).pass_time(6)
    made.account(control_of(made, "clock")).pass_time(7)

    assert made.naps == [5, 6]
    assert [request.content for request in made.sent] == [SECONDS + b"7}"]


def test_calls_at_once_are_under_way_together_and_come_back_in_their_order(bench: OpenBench) -> None:
    together = threading.Barrier(4)

    def sent_together(outgoing: Outgoing) -> Incoming:
        together.wait(PATIENCE_SECONDS)
        return answer(200, {"url": outgoing.url})

    made = bench(sent_together)
    account = made.account()
    token = CAUSE.set("race")
    try:
        exchanges = account.at_once([partial(account.request, "GET", f"/{name}") for name in "abcd"])
    finally:
        CAUSE.reset(token)

    assert [exchange.get("/url") for exchange in exchanges] == [f"{BASE}/{name}" for name in "abcd"]
    assert {exchange.cause for exchange in exchanges} == {"race"}


def test_a_crowd_is_no_larger_than_the_target_can_bear(bench: OpenBench) -> None:
    assert bench(folder="here").account().batch_size(10) == 10
    assert bench(folder="elsewhere", limits=TrafficLimits(batch_size=2)).account().batch_size(10) == 2
    assert bench(folder="limited", limits=TrafficLimits(concurrency=3)).account().batch_size(10) == 3


def test_where_two_requests_can_not_meet_there_is_no_crowd(bench: OpenBench) -> None:
    with pytest.raises(NotOfferedError, match="several requests at the same time"):
        bench(limits=TrafficLimits(concurrency=1)).account().batch_size(10)


@pytest.mark.parametrize(
    "url",
    ["https://media.test/a.wav", "https://10.0.0.1/a.wav", "http://target.test/a.wav", "http://target.test:81/a.wav"],
)
def test_media_come_over_https_or_from_the_target_itself(bench: OpenBench, url: str) -> None:
    made = bench(answer(200, b"sound"))
    fetched = made.account().download(url)

    assert (fetched.origin, fetched.operation, fetched.answer.body.content) == ("media", None, b"sound")
    assert headers_of(made.sent[0], "Authorization") == []


@pytest.mark.parametrize(
    "url",
    [
        "http://media.test/a.wav",
        "http://target.test.evil.test/a.wav",
        "http://target.test@evil.test/a.wav",
        "http://169.254.169.254/latest/",
        "ftp://target.test/a.wav",
        "file:///etc/passwd",
        "//target.test/a.wav",
        "a.wav",
        "",
    ],
)
def test_nothing_is_fetched_from_elsewhere(bench: OpenBench, url: str) -> None:
    made = bench()

    with pytest.raises(NotOfferedError, match="does not download"):
        made.account().download(url)

    assert made.sent == []


def test_another_tenant_has_the_second_key_and_nothing_else(bench: OpenBench) -> None:
    made = bench()
    account = made.account(control_of(made, "wallet"), second=OTHER_KEY)
    stranger = account.other_tenant()
    stranger.call("getSong", path={"song": "s1"})

    assert headers_of(made.sent[0], "Authorization") == [f"Bearer {OTHER_KEY}"]
    assert made.recording.exchanges[0].account == "alice/second"
    assert not stranger.offers("wallet")


@pytest.mark.parametrize("role", ["second", "forbidden"])
def test_a_key_that_nobody_gave_is_asked_for(bench: OpenBench, role: str) -> None:
    with pytest.raises(NotOfferedError, match=f"needs a {role} key"):
        bench().account().call("listSongs", key=role)


def test_without_a_control_interface_its_address_is_asked_for(bench: OpenBench) -> None:
    account = bench().account()

    assert account.visible_balance() is None
    with pytest.raises(NotOfferedError, match="--control-url"):
        _ = account.control


@pytest.mark.parametrize(
    "method, path, operation",
    [("GET", "/songs?limit=1", "listSongs"), ("DELETE", "/songs", None), ("GET", "/nowhere", None)],
)
def test_any_request_can_be_sent_and_its_operation_is_found(
    bench: OpenBench, method: str, path: str, operation: str | None
) -> None:
    made = bench()
    made.account().request(method, path, headers={"X-A": "b"}, content=b"odd", key=None)

    (sent,) = made.sent
    assert (sent.method, sent.url, sent.content) == (method, BASE + path, b"odd")
    assert headers_of(sent, "Authorization") == []
    assert made.recording.exchanges[0].operation == operation


def test_an_impatient_call_takes_a_429_for_an_answer(bench: OpenBench) -> None:
    made = bench(answer(429, Retry_After="1"))

    assert made.account().call("listSongs", patient=False).status == 429
    assert len(made.sent) == 1


def test_a_balance_is_read_before_and_after_what_is_watched(bench: OpenBench) -> None:
    made = bench(answer(200, {"balance_credits": "10.0"}), song(), answer(200, {"balance_credits": "7.5"}))
    account = made.account(control_of(made, "wallet"))
    with account.balance_watched():
        account.call("getSong", path={"song": "s1"})

    assert [(reading.account, reading.balance) for reading in made.recording.readings] == [
        ("alice", "10.0"),
        ("alice", "7.5"),
    ]


def unsendable(outgoing: Outgoing) -> Incoming:
    raise UnsendableRequestError(f"{outgoing.url} can't be sent")


def test_what_can_not_be_sent_at_all_is_our_fault(bench: OpenBench) -> None:
    scripted: Scripted = unsendable
    with pytest.raises(UnsendableRequestError):
        bench(scripted).account().call("listSongs")


def test_fresh_keys_differ(bench: OpenBench) -> None:
    account = bench().account()

    assert account.fresh_key() != account.fresh_key()
    assert account.key("main").reveal() == KEY
