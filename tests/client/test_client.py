"""The one client: it alone sets keys and ids, repeats only what it may, and records everything without secrets."""

from __future__ import annotations

import hashlib
import threading
from typing import TYPE_CHECKING, Any

import pytest

from conformance.client.client import Sender, TrafficLimits
from conformance.client.errors import UnaskableError
from conformance.client.identity import CAUSE
from conformance.client.request import PreparedRequest
from conformance.client.transports.base import NoAnswerError
from conformance.client.transports.faulty import StallRequest
from conformance.contract.contract import load_contract
from conformance.journal.records import locations_read, read_of
from tests.client.bench import BASE, KEY, PATIENCE_SECONDS, answer, headers_of

if TYPE_CHECKING:
    from pathlib import Path

    from conformance.client.client import ClientSet
    from conformance.client.transports.base import Incoming, Outgoing
    from tests.client.conftest import OpenBench

CREATE = PreparedRequest("POST", f"{BASE}/songs", content=b"{}", operation="createSong")
READ = PreparedRequest("GET", f"{BASE}/songs", operation="listSongs")
MEDIA = PreparedRequest("GET", "https://media.test/clip.wav", origin="media")


def ids(outgoing: list[Outgoing], header: str) -> list[list[str]]:
    return [headers_of(request, header) for request in outgoing]


def test_a_request_says_who_sends_it_with_which_key(bench: OpenBench) -> None:
    made = bench()
    made.client.send(READ, made.sender())

    (sent,) = made.sent
    assert headers_of(sent, "Authorization") == [f"Bearer {KEY}"]
    assert headers_of(sent, "User-Agent") == ["conformance-tests"]


def test_what_the_client_looks_at_is_no_read_of_the_test(bench: OpenBench) -> None:
    made = bench()

    with locations_read() as reads:
        exchange = made.client.send(READ, made.sender())

    assert not reads
    assert read_of(exchange.id) == ()


def test_what_is_too_long_for_a_url_can_not_be_asked_for(bench: OpenBench) -> None:
    made = bench()

    with pytest.raises(UnaskableError, match="100020 characters is too long"):
        made.client.send(PreparedRequest("GET", f"{BASE}/".ljust(100_020, "x")), made.sender())
    assert made.sent == []


def test_without_a_key_there_are_no_credentials(bench: OpenBench) -> None:
    made = bench()
    made.client.send(READ, Sender("nobody", None))

    assert ids(made.sent, "Authorization") == [[]]


def test_headers_that_a_request_brings_along_stay_as_they_are(bench: OpenBench) -> None:
    own = (("AUTHORIZATION", "Basic x"), ("x-trace", "mine"), ("user-agent", "me"), ("once-key", "k"))
    made = bench()
    made.client.send(PreparedRequest("POST", f"{BASE}/songs", own, operation="createSong"), made.sender())

    assert made.sent[0].headers == own


def test_every_request_has_an_id_of_its_own(bench: OpenBench) -> None:
    made = bench()
    for _ in range(3):
        made.client.send(READ, made.sender())

    assert len({tuple(values) for values in ids(made.sent, "X-Trace")}) == 3
    assert all(len(values) == 1 for values in ids(made.sent, "X-Trace"))


def test_every_creation_has_a_fresh_idempotency_key(bench: OpenBench) -> None:
    made = bench()
    for _ in range(3):
        made.client.send(CREATE, made.sender())

    assert len({tuple(values) for values in ids(made.sent, "Once-Key")}) == 3
    assert all(len(values) == 1 for values in ids(made.sent, "Once-Key"))


@pytest.mark.parametrize("operation", ["listSongs", "stopSong", None])
def test_other_operations_carry_no_idempotency_key(bench: OpenBench, operation: str | None) -> None:
    made = bench()
    made.client.send(PreparedRequest("POST", f"{BASE}/songs", operation=operation), made.sender())

    assert ids(made.sent, "Once-Key") == [[]]


@pytest.mark.parametrize("operation", ["createSong", "listSongs"])
@pytest.mark.parametrize("given, sent", [("mine", ["mine"]), ("", [""]), (None, [])])
def test_an_idempotency_key_can_be_chosen_or_left_out(
    bench: OpenBench, operation: str, given: ClientSet, sent: list[str]
) -> None:
    made = bench()
    made.client.send(
        PreparedRequest("POST", f"{BASE}/songs", operation=operation), made.sender(), idempotency_key=given
    )

    assert ids(made.sent, "Once-Key") == [sent]


@pytest.mark.parametrize("given, sent", [("mine", ["mine"]), ("", [""]), (None, [])])
def test_a_request_id_can_be_chosen_or_left_out(bench: OpenBench, given: ClientSet, sent: list[str]) -> None:
    made = bench()
    made.client.send(READ, made.sender(), request_id=given)

    assert ids(made.sent, "X-Trace") == [sent]


def test_media_are_fetched_without_anything_that_belongs_to_the_api(bench: OpenBench) -> None:
    made = bench()
    made.client.send(MEDIA, made.sender(), idempotency_key="mine", request_id="mine")

    assert made.sent[0].headers == (("User-Agent", "conformance-tests"),)


def test_a_system_without_these_conventions_gets_none_of_the_headers(bench: OpenBench) -> None:
    made = bench(without=["authentication", "request_id", "idempotency"])
    made.client.send(CREATE, made.sender())

    assert made.sent[0].headers == (("User-Agent", "conformance-tests"),)


def test_a_429_is_repeated_when_the_target_says_with_the_same_key_and_another_request_id(bench: OpenBench) -> None:
    made = bench(answer(429, Retry_After="7"), answer(429, Retry_After="3"), answer(202))
    last = made.client.send(CREATE, made.sender())

    assert last.status == 202
    assert made.naps == [7.0, 3.0]
    assert len({tuple(values) for values in ids(made.sent, "Once-Key")}) == 1
    assert len({tuple(values) for values in ids(made.sent, "X-Trace")}) == 3


def test_each_repetition_is_an_exchange_that_names_the_one_before(bench: OpenBench) -> None:
    made = bench(answer(429, Retry_After="0"), answer(503), answer(200))
    made.client.send(READ, made.sender())

    first, second, third = made.recording.exchanges
    assert [first.status, second.status, third.status] == [429, 503, 200]
    assert [first.repeats, second.repeats, third.repeats] == [None, first.id, second.id]


def test_a_chosen_request_id_is_for_the_first_request_only(bench: OpenBench) -> None:
    made = bench(answer(503))
    made.client.send(READ, made.sender(), request_id="mine")

    assert headers_of(made.sent[0], "X-Trace") == ["mine"]
    assert headers_of(made.sent[1], "X-Trace") not in ([], ["mine"])


def test_a_request_without_an_id_is_repeated_without_one(bench: OpenBench) -> None:
    made = bench(answer(500))
    made.client.send(READ, made.sender(), request_id=None)

    assert ids(made.sent, "X-Trace") == [[], []]


@pytest.mark.parametrize("status", [429, 500, 503])
def test_whoever_is_impatient_gets_the_first_answer(bench: OpenBench, status: int) -> None:
    made = bench(answer(status, Retry_After="1"), answer(200))

    assert made.client.send(READ, made.sender(), patient=False).status == status
    assert made.naps == []
    assert len(made.sent) == 1


def test_a_429_that_asks_for_too_much_time_is_the_answer(bench: OpenBench) -> None:
    made = bench(answer(429, Retry_After="3600"), answer(200))

    assert made.client.send(READ, made.sender()).status == 429
    assert made.naps == []


@pytest.mark.parametrize("second, status", [(answer(500), 500), (answer(200), 200), (answer(429), 429)])
def test_a_fault_of_the_server_is_met_by_one_repetition(bench: OpenBench, second: Incoming, status: int) -> None:
    made = bench(answer(500), second)

    assert made.client.send(CREATE, made.sender()).status == status
    assert len(made.sent) == 2
    assert len({tuple(values) for values in ids(made.sent, "Once-Key")}) == 1


@pytest.mark.parametrize("status", [200, 202, 302, 400, 401, 402, 409, 422])
def test_any_other_answer_is_taken_as_it_is(bench: OpenBench, status: int) -> None:
    made = bench(answer(status, Retry_After="1"))

    assert made.client.send(CREATE, made.sender()).status == status
    assert len(made.sent) == 1


def test_what_got_no_answer_is_recorded_and_not_repeated(bench: OpenBench) -> None:
    made = bench(NoAnswerError("cut", "closed before any byte of the answer"))
    returned = made.client.send(CREATE, made.sender())

    (recorded,) = made.recording.exchanges
    assert recorded == returned
    assert recorded.response is None
    assert recorded.failure == "closed before any byte of the answer"
    assert len(made.sent) == 1


def test_what_is_recorded_says_what_for_and_by_whom(bench: OpenBench) -> None:
    made = bench(answer(202, {"song": "s1"}))
    token = CAUSE.set("retry")
    try:
        made.client.send(CREATE, made.sender())
    finally:
        CAUSE.reset(token)

    (recorded,) = made.recording.exchanges
    assert (recorded.operation, recorded.account, recorded.cause) == ("createSong", "alice", "retry")
    assert (recorded.origin, recorded.transport, recorded.request.body.content) == ("target", "scripted", b"{}")
    assert recorded.get("/song") == "s1"


def reflected(outgoing: Outgoing) -> Incoming:
    return answer(400, {"you sent": dict(outgoing.headers)}, X_Reflected=f"key={KEY}")


def torn(outgoing: Outgoing) -> Incoming:
    raise NoAnswerError("protocol", f"no HTTP: {headers_of(outgoing, 'Authorization')}")


@pytest.mark.parametrize("reply", [reflected, torn])
def test_the_key_is_nowhere_in_what_is_recorded(bench: OpenBench, reply: Any) -> None:  # noqa: ANN401 - see Script
    made = bench(reply)
    url = f"{BASE}/songs?key={KEY}"
    returned = made.client.send(PreparedRequest("GET", url, (("X-Copy", KEY),), KEY.encode()), made.sender())

    assert KEY.encode() not in made.stored
    assert KEY not in repr(returned)
    assert b"$CONFORMANCE_API_KEY" in made.stored


@pytest.mark.parametrize("earlier", [[], [answer(503)], [answer(429, Retry_After="0")]])
def test_secrets_of_an_answer_are_learnt_before_it_is_recorded(bench: OpenBench, earlier: list[Incoming]) -> None:
    made = bench(*earlier, answer(200, {"count": 1}))
    seen: list[tuple[int, int]] = []

    def learn(incoming: Incoming) -> None:
        seen.append((incoming.status, len(made.recording.exchanges)))

    made.client.send(READ, made.sender(), on_receive=learn)

    assert seen == [(said.status, before) for before, said in enumerate([*earlier, answer(200)])]


@pytest.mark.parametrize("limit, meet", [(3, False), (4, True)])
def test_as_many_requests_are_under_way_as_the_limit_allows_and_no_more(
    bench: OpenBench,
    limit: int,
    meet: bool,  # noqa: FBT001 - a row of the table
) -> None:
    # That the fourth does not come shows only when the others stop waiting for it.
    four = threading.Barrier(4, timeout=PATIENCE_SECONDS if meet else 0.2)
    met: list[bool] = []

    def sent_together(outgoing: Outgoing) -> Incoming:
        try:
            four.wait()
        except threading.BrokenBarrierError:
            met.append(False)
        else:
            met.append(True)
        return answer()

    made = bench(sent_together, limits=TrafficLimits(concurrency=limit))
    threads = [threading.Thread(target=made.client.send, args=(READ, made.sender())) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(PATIENCE_SECONDS)

    assert met == [meet] * 4
    assert len(made.recording.exchanges) == 4


def test_a_file_goes_to_the_transport_as_a_file_and_is_not_kept(bench: OpenBench, tmp_path: Path) -> None:
    content = b"sound" * 1000
    file = tmp_path / "form"
    file.write_bytes(content)
    made = bench()
    made.client.send(PreparedRequest("POST", f"{BASE}/songs", content=file), made.sender())

    (recorded,) = made.recording.exchanges
    body = recorded.request.body
    assert made.sent[0].content == file
    assert (body.content, body.size, body.truncated) == (b"", len(content), True)
    assert body.sha256 == hashlib.sha256(content).hexdigest()


def test_a_file_has_time_by_its_size(bench: OpenBench, tmp_path: Path) -> None:
    file = tmp_path / "form"
    file.write_bytes(bytes(3000))
    made = bench(limits=TrafficLimits(timeout_seconds=10, slowest_bytes_per_second=1000))
    made.client.send(PreparedRequest("POST", f"{BASE}/songs", content=file), made.sender())
    made.client.send(PreparedRequest("POST", f"{BASE}/songs", content=bytes(3000)), made.sender())

    assert [request.timeout_seconds for request in made.sent] == [13, 10]


def test_an_operation_that_works_before_it_answers_has_the_time_that_its_conventions_name(bench: OpenBench) -> None:
    made = bench(contract=load_contract("minimax"))
    for operation in ("generateMusic", "generateLyrics", None):
        made.client.send(PreparedRequest("POST", f"{BASE}/songs", content=b"{}", operation=operation), made.sender())

    assert [request.timeout_seconds for request in made.sent] == [300, 120, 30]


def test_a_request_takes_the_transport_that_it_names(bench: OpenBench) -> None:
    made = bench()
    made.client.send(PreparedRequest("GET", f"{BASE}/songs", transport="raw"), made.sender())

    assert [exchange.transport for exchange in made.recording.exchanges] == ["raw"]
    assert made.sent == []


def test_a_fault_gets_a_transport_of_its_own_for_every_attempt(bench: OpenBench) -> None:
    plan = StallRequest(after_bytes=1, seconds=0)
    made = bench(answer(500))
    made.client.send(PreparedRequest("GET", f"{BASE}/songs", fault=plan), made.sender())

    assert made.faults == [plan, plan]


def test_closing_the_client_closes_its_connections(bench: OpenBench) -> None:
    made = bench()
    made.client.close()

    assert made.script.closed
