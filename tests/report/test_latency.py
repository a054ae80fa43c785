"""How long answers took, operation by operation."""

from __future__ import annotations

from dataclasses import replace

from conformance.journal.reader import Recording
from conformance.monitors.traffic import Traffic
from conformance.report.page.latency import Latency, latencies_of
from tests.monitors.factory import Talk, song
from tests.monitors.sample import contract
from tests.report.money_and_tasks import shown


def latencies(talk: Talk) -> tuple[Latency, ...]:
    return latencies_of(Traffic(Recording(exchanges=tuple(talk.exchanges)), contract()))


def test_half_and_95_of_100_answers_came_within_the_times_that_are_shown() -> None:
    talk = Talk()
    for hundredths in range(1, 101):
        talk.get(song("working"), lasting=hundredths / 100)
    (found,) = latencies(talk)

    assert (found.operation, found.count) == ("getSong", 100)
    assert (found.median, found.high, found.slowest) == (0.5, 0.95, 1.0)
    assert found.slowest_exchange == "e00100"


def test_the_slowest_operation_comes_first() -> None:
    talk = Talk()
    talk.get(song("working"), lasting=0.1)
    talk.create(lasting=0.4)

    assert [found.operation for found in latencies(talk)] == ["createSong", "getSong"]


def test_what_was_cut_on_purpose_or_never_answered_says_nothing() -> None:
    talk = Talk()
    talk.say("getSong", None)
    talk.create()
    talk.exchanges[-1] = replace(talk.exchanges[-1], transport="faulty")

    assert latencies(talk) == ()


def test_the_page_has_a_row_for_each_operation() -> None:
    talk = Talk()
    talk.create(lasting=0.25)
    latency = shown(talk).partition('<div id="latency">')[2].partition("</section>")[0]

    assert "createSong" in latency
    assert "<td>1</td><td>0.25 s</td><td>0.25 s</td><td>0.25 s <code>e00001</code></td>" in latency
