"""A target that leaves requests unanswered ends the run: nothing more is sent, and nobody waits any longer."""

from __future__ import annotations

import threading
import time
from typing import TYPE_CHECKING

import pytest

from conformance.client.errors import RunStoppedError
from conformance.client.request import PreparedRequest
from conformance.client.retry import seconds_asked
from conformance.client.stop_signal import MOST_TIME_OUTS, MOST_TIME_OUTS_IN_A_ROW, StopSignal
from conformance.client.transports.base import NoAnswerError
from conformance.journal.errors import UnwritableJournalError
from tests.client.bench import BASE, answer

if TYPE_CHECKING:
    from tests.client.bench import Bench
    from tests.client.conftest import OpenBench

READ = PreparedRequest("GET", f"{BASE}/songs", operation="listSongs")
SILENCE = NoAnswerError("timeout", "timed out after 5 s")
CUT = NoAnswerError("cut", "closed before any byte of the answer")


def asked(bench: Bench, times: int) -> None:
    for _ in range(times):
        bench.client.send(READ, bench.sender())


def test_time_outs_in_a_row_end_the_run(bench: OpenBench) -> None:
    made = bench(SILENCE)

    asked(made, MOST_TIME_OUTS_IN_A_ROW)
    with pytest.raises(RunStoppedError, match="5 requests in a row timed out"):
        asked(made, 1)

    assert len(made.sent) == MOST_TIME_OUTS_IN_A_ROW


def test_time_outs_now_and_then_end_the_run_in_time(bench: OpenBench) -> None:
    made = bench(*[SILENCE, answer(200, {})] * (MOST_TIME_OUTS - 1), SILENCE)

    asked(made, 2 * MOST_TIME_OUTS - 1)
    with pytest.raises(RunStoppedError, match="20 requests timed out"):
        asked(made, 1)


def test_an_answer_that_is_cut_off_is_no_time_out(bench: OpenBench) -> None:
    made = bench(CUT)

    asked(made, 2 * MOST_TIME_OUTS)

    assert len(made.sent) == 2 * MOST_TIME_OUTS


def test_when_the_time_is_over_nothing_is_sent_any_more(bench: OpenBench) -> None:
    made = bench(answer(200, {}), stopping=StopSignal(ends_at=time.monotonic(), time_is_over="The time is over."))

    with pytest.raises(RunStoppedError, match="The time is over"):
        asked(made, 1)

    assert made.sent == []


def test_a_request_has_no_longer_than_the_run() -> None:
    signal = StopSignal(ends_at=time.monotonic() + 2)

    assert signal.within(30) <= 2
    assert signal.within(1) == 1


def test_whoever_waits_is_told_at_once() -> None:
    signal = StopSignal()
    told: list[str] = []

    def wait() -> None:
        try:
            signal.sleep(60)
        except RunStoppedError as error:
            told.append(str(error))

    waiting = threading.Thread(target=wait)
    waiting.start()
    signal.stop("It is over.")
    signal.stop("It is over once more.")
    waiting.join(timeout=10)

    assert told == ["It is over."]


def test_a_journal_that_can_t_be_written_ends_the_run(bench: OpenBench, monkeypatch: pytest.MonkeyPatch) -> None:
    made = bench(answer(200, {}))

    def full(_: object) -> None:
        raise UnwritableJournalError("The disk is full.")

    monkeypatch.setattr(made.client.journal, "exchange", full)
    with pytest.raises(UnwritableJournalError):
        asked(made, 1)
    with pytest.raises(RunStoppedError, match="The disk is full"):
        asked(made, 1)


@pytest.mark.parametrize(
    "retry_after",
    [
        "Mon, 01 Jan 99999999999999999999 00:00:00 GMT",
        "Mon, 01 Jan 2020 00:00:00 +99999999999999",
        "Mon, 01 Jan 2020 99999999999:00:00 GMT",
        ",",
    ],
)
def test_a_date_beyond_the_calendar_asks_for_nothing(retry_after: str) -> None:
    assert seconds_asked(retry_after, 0) is None
