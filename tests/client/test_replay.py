"""A recording answers those who ask the same again, in the same order, and nobody else."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

import pytest

from conformance.client.client import FRESH, ClientSet
from conformance.client.errors import NotRecordedError, ReservationError
from conformance.client.request import Form, Upload
from conformance.client.transports.base import NoAnswerError, UnsendableRequestError
from tests.client.bench import answer, song
from tests.client.replay import caused_by, ids, replayed

if TYPE_CHECKING:
    from conformance.accounts.account import Account
    from conformance.journal.records import Exchange
    from tests.client.conftest import OpenBench


def create(account: Account, key: ClientSet = FRESH) -> Exchange:
    return account.call("createSong", json={"model": "loud"}, idempotency_key=key)


def read(account: Account, name: str = "s1") -> Exchange:
    return account.call("getSong", path={"song": name})


def test_the_very_exchanges_of_the_recording_come_back_and_nothing_is_sent(bench: OpenBench) -> None:
    original = bench(song(), song("done"))
    first, second = create(original.account()), read(original.account())

    with replayed(original) as account:
        assert [create(account).json, read(account).json] == [first.json, second.json]

    assert len(original.sent) == 2


def test_keys_are_made_up_as_in_the_run_whatever_goes_on_beside(bench: OpenBench) -> None:
    original = bench(song())
    with caused_by("other"):
        original.account().fresh_key()
    with caused_by("retry"):
        key = original.account().fresh_key()
        exchange = create(original.account(), key)

    with replayed(original) as account, caused_by("retry"):
        assert account.fresh_key() == key
        assert ids(create(account, key)) == ids(exchange)


def test_the_same_request_is_answered_in_the_order_of_the_recording(bench: OpenBench) -> None:
    original = bench(song("waiting"), song("working"), song("done"))
    for _ in range(3):
        read(original.account())

    with replayed(original) as account:
        assert [read(account).get("/state") for _ in range(3)] == ["waiting", "working", "done"]
        with pytest.raises(NotRecordedError, match=r"not in the recording: GET .*/songs/s1"):
            read(account)


@pytest.mark.parametrize("other", ["cause", "body", "key", "header", "credentials"])
def test_what_differs_in_anything_that_counts_is_not_answered(bench: OpenBench, other: str) -> None:
    original = bench(song())
    with caused_by("retry"):
        create(original.account(), "k1")

    cause = "other" if other == "cause" else "retry"
    with replayed(original) as account, caused_by(cause), pytest.raises(NotRecordedError):
        account.call(
            "createSong",
            json={"model": "quiet" if other == "body" else "loud"},
            headers={"Accept": "text/html"} if other == "header" else None,
            key=None if other == "credentials" else "main",
            idempotency_key="k2" if other == "key" else "k1",
        )


def test_a_form_is_the_same_whatever_parts_its_fields(bench: OpenBench) -> None:
    original = bench(song())
    form = Form({"purpose": "reference"}, {"file": Upload("a.wav", b"RIFF", "audio/wav")})
    sent = original.account().call("createSong", form=form, idempotency_key="k1")

    with replayed(original) as account:
        assert ids(account.call("createSong", form=form, idempotency_key="k1")) == ids(sent)


def test_a_repeated_request_is_answered_with_its_last_answer(bench: OpenBench) -> None:
    original = bench(answer(503, {}), song(), song("done"))
    last = create(original.account(), "k1")
    read(original.account())

    with replayed(original) as account:
        assert last.repeats is not None
        assert ids(create(account, "k1")) == ids(last)
        assert read(account).get("/state") == "done"


def test_no_answer_stays_no_answer(bench: OpenBench) -> None:
    original = bench(NoAnswerError("timeout", "timed out after 30 s"))
    read(original.account())

    with replayed(original) as account:
        assert read(account).failure == "timed out after 30 s"


def test_nothing_is_answered_that_was_said_before_what_was_asked_already(bench: OpenBench) -> None:
    original = bench(song("waiting"), song(), song("done"))
    read(original.account())
    create(original.account(), "k1")
    read(original.account())

    with replayed(original) as account:
        create(account, "k1")
        assert read(account).get("/state") == "done"


def test_nothing_is_answered_that_rests_on_a_change_that_was_left_out(bench: OpenBench) -> None:
    original = bench(song("waiting"), song(), song("done"))
    read(original.account())
    create(original.account(), "k1")
    read(original.account(), "s2")

    with replayed(original) as account:
        read(account)
        with pytest.raises(NotRecordedError):
            read(account, "s2")


def test_requests_at_the_same_time_may_come_in_any_order(bench: OpenBench) -> None:
    original = bench(*(song(name=str(number)) for number in range(6)))
    keys = [f"k{number}" for number in range(6)]
    made = {key: create(original.account(), key).id for key in keys}

    with replayed(original) as account:
        answers = account.at_once([partial(create, account, key) for key in reversed(keys)])

    assert ids(*answers) == [made[key] for key in reversed(keys)]


def test_a_crowd_excuses_no_more_than_itself(bench: OpenBench) -> None:
    original = bench(song())
    for key in ("k0", "k1", "k2"):
        create(original.account(), key)

    with replayed(original) as account, pytest.raises(NotRecordedError):
        account.at_once([partial(create, account, "k2"), partial(create, account, "k9")])


def test_each_process_of_a_run_has_a_part_of_its_own(bench: OpenBench) -> None:
    original = bench(song("waiting"), worker="gw0")
    beside = bench(song("done"), worker="gw1")
    for made in (original, beside, beside):
        with caused_by("retry"):
            read(made.account())

    with replayed(original, lane="gw0") as account, caused_by("retry"):
        assert read(account).get("/state") == "waiting"
        with pytest.raises(NotRecordedError):
            read(account)


def test_whoever_names_no_process_gets_the_part_of_the_one_that_did_most(bench: OpenBench) -> None:
    original = bench(song("waiting"), worker="gw0")
    beside = bench(song("done"), worker="gw1")
    for made in (original, beside, beside):
        with caused_by("retry"):
            read(made.account())

    with replayed(original) as account, caused_by("retry"):
        assert [read(account).get("/state") for _ in range(2)] == ["done", "done"]


def test_what_could_never_be_sent_is_not_sought(bench: OpenBench) -> None:
    with replayed(bench()) as account, pytest.raises(UnsendableRequestError):
        account.download("https://a\x00b.test/")


def test_with_real_money_much_was_not_sent(bench: OpenBench) -> None:
    original = bench(song())

    with replayed(original, play=False) as account, pytest.raises(ReservationError, match="not in the recording"):
        create(account)
