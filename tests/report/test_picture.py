"""The run as a picture: what is drawn when, in which lane, and what of it is left out."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest

from conformance.report.page.picture import STEPS, Picture, picture_of
from tests.monitors.factory import Talk, cost, song
from tests.report.factory import exchange
from tests.report.money_and_tasks import shown, unexplained_fall

START = exchange().at


def drawn(*spans: tuple[str, float, float]) -> Picture:
    """The picture of requests, each by its scenario, the second in which it was sent and how long it took."""
    sent = [
        exchange(id=f"main-{number}", at=START + timedelta(seconds=at), elapsed_seconds=lasting, cause=cause)
        for number, (cause, at, lasting) in enumerate(spans)
    ]
    picture = picture_of(sent, (), None)
    assert picture is not None
    return picture


def test_a_run_without_requests_has_no_picture() -> None:
    assert picture_of((), (), None) is None
    assert 'id="picture"' not in shown(Talk())


def test_scenarios_at_the_same_time_stand_below_each_other_and_later_ones_in_the_first_free_lane() -> None:
    bars = drawn(("first", 0, 4), ("second", 1, 1), ("third", 5, 5)).scenarios.bars

    assert [(bar.name, bar.lane, bar.whole.left, bar.whole.width) for bar in bars] == [
        ("first", 0, 0.0, 400.0),
        ("second", 1, 100.0, 100.0),
        ("third", 0, 500.0, 500.0),
    ]


def test_a_scenario_shows_when_it_waited() -> None:
    (bar,) = drawn(("polling", 0, 1), ("polling", 4, 1), ("polling", 9, 1)).scenarios.bars

    assert [(part.left, part.width) for part in bar.parts] == [(0.0, 100.0), (400.0, 100.0), (900.0, 100.0)]
    assert bar.seconds == pytest.approx(10)


def test_requests_without_a_break_are_one_part() -> None:
    (bar,) = drawn(("busy", 0, 5), ("busy", 2, 2), ("busy", 5, 5)).scenarios.bars

    assert [(part.left, part.width) for part in bar.parts] == [(0.0, 1000.0)]


def test_how_many_requests_were_under_way_is_shown_over_time() -> None:
    picture = drawn(("a", 0, 10), ("b", 2, 2), ("c", 3, 1))
    per_second = picture.requests[STEPS // 20 :: STEPS // 10]

    assert per_second == (1, 1, 2, 3, 1, 1, 1, 1, 1, 1)
    assert picture.most_requests == 3


def test_where_no_request_was_under_way_is_marked() -> None:
    picture = drawn(("a", 0, 1), ("a", 6, 4))

    assert [(pause.left, pause.width) for pause in picture.pauses] == [(100.0, 500.0)]
    assert picture.paused_seconds == pytest.approx(5)
    assert set(picture.requests[STEPS // 5 : STEPS // 2]) == {0}


def test_what_has_no_room_is_counted() -> None:
    scenarios = drawn(*((f"scenario {number}", 0, 1) for number in range(150))).scenarios

    assert (scenarios.count, scenarios.total, scenarios.left_out) == (100, 150, 50)


@pytest.mark.parametrize(
    "seconds, marks",
    [(0.4, "0 s 0.1 s 0.2 s 0.3 s 0.4 s"), (27, "0 s 5 s 10 s 15 s 20 s 25 s"), (600, "0 s 100 s 200 s")],
)
def test_the_axis_has_a_few_round_marks(seconds: float, marks: str) -> None:
    assert " ".join(label for _, label in drawn(("a", 0, seconds)).ticks).startswith(marks)


def test_tasks_are_drawn_by_their_states_with_the_money_on_the_same_axis() -> None:
    page = shown(unexplained_fall())
    picture = page.partition('<div id="picture"')[2].partition("</section>")[0]

    assert re.findall(r'<rect class="(waiting|working|failed)"', picture) == ["waiting", "working", "failed"]
    assert "<title>s1: broken, 2.50 s</title>" in picture
    assert "charges less refunds, at the most 30.00 coins" in picture


def test_a_long_run_does_not_make_a_large_picture() -> None:
    talk = Talk()
    for number in range(2000):
        talk.create(song("waiting", f"song-{number}", cost=cost("30.00")))
    picture = shown(talk).partition('<div id="picture"')[2].partition("</section>")[0]

    assert len(picture) < 200_000
