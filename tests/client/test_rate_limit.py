"""Requests keep their pace, and no more of them are under way than may be, whichever process sends them."""

from __future__ import annotations

import subprocess
import sys
import threading
from contextlib import ExitStack
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from conformance.client.rate_limit import Pacer, Places, SharedTurns, places_of
from tests.client.bench import PATIENCE_SECONDS

if TYPE_CHECKING:
    from pathlib import Path

# Takes the one place, says so, and keeps it until its input ends; then a word more for the one who is next.
HOLDER = """
import sys
from pathlib import Path
from conformance.client.rate_limit import Places
with Places([Path(sys.argv[1])]).taken():
    print("taken", flush=True)
    sys.stdin.read()
"""
BOOKER = """
import sys
from pathlib import Path
from conformance.client.rate_limit import SharedTurns
print(SharedTurns(Path(sys.argv[1])).book(100.0, 0.25))
"""


@dataclass
class FakeTime:
    """A clock that only sleeping moves."""

    now: float = 100.0
    naps: list[float] = field(default_factory=list)

    def monotonic(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        self.naps.append(seconds)
        self.now += seconds


def test_without_a_rate_nobody_waits() -> None:
    time = FakeTime()
    unhurried = Pacer(monotonic=time.monotonic, sleep=time.sleep)
    for _ in range(3):
        unhurried.wait_turn()

    assert time.naps == []


def test_a_rate_spreads_requests_evenly_from_the_first_on() -> None:
    time = FakeTime()
    paced = Pacer(4.0, monotonic=time.monotonic, sleep=time.sleep)
    for _ in range(4):
        paced.wait_turn()

    assert time.naps == [0.25, 0.25, 0.25]


def test_time_that_passed_unused_is_not_saved_up() -> None:
    time = FakeTime()
    paced = Pacer(4.0, monotonic=time.monotonic, sleep=time.sleep)
    paced.wait_turn()
    time.now += 60
    for _ in range(3):
        paced.wait_turn()

    assert time.naps == [0.25, 0.25]


@pytest.mark.parametrize("shared", [False, True], ids=["alone", "shared"])
def test_threads_get_turns_of_their_own(tmp_path: Path, shared: bool) -> None:  # noqa: FBT001 - a case
    naps: list[float] = []
    paced = Pacer(4.0, monotonic=lambda: 100.0, sleep=naps.append)
    if shared:
        paced.turns = SharedTurns(tmp_path / "turns")
    threads = [threading.Thread(target=paced.wait_turn) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sorted(naps) == [0.25 * turn for turn in range(1, 8)]


def test_processes_share_one_rate(tmp_path: Path) -> None:
    turns = SharedTurns(tmp_path / "turns")
    own = [turns.book(100.0, 0.25)]
    others = [
        float(subprocess.check_output([sys.executable, "-c", BOOKER, str(tmp_path / "turns")], text=True))
        for _ in range(2)
    ]

    assert [*own, *others, turns.book(100.0, 0.25)] == [100.0, 100.25, 100.5, 100.75]


def test_a_request_waits_for_its_turn_in_its_place(tmp_path: Path) -> None:
    time, place = FakeTime(), tmp_path / "place"
    paced = Pacer(4.0, places=Places([place]), monotonic=time.monotonic, sleep=time.sleep)
    for _ in range(2):
        with paced.turn():
            assert not free(place)

    assert free(place)
    assert time.naps == [0.25]


def test_a_place_that_another_process_has_is_waited_for(tmp_path: Path) -> None:
    place = tmp_path / "place"
    entered = threading.Event()

    def enter() -> None:
        with Places([place]).taken():
            entered.set()

    with ExitStack() as stack:
        lease = stack.enter_context(
            subprocess.Popen(
                [sys.executable, "-c", HOLDER, str(place)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
            )
        )
        assert lease.stdout is not None
        assert lease.stdout.readline() == "taken\n"
        waiting = threading.Thread(target=enter)
        waiting.start()
        assert not entered.is_set()
        lease.kill()  # also one that dies leaves its place
        waiting.join(PATIENCE_SECONDS)

    assert entered.is_set()


def test_a_place_is_left_also_when_the_request_breaks_off(tmp_path: Path) -> None:
    places = Places([tmp_path / "place"])
    with pytest.raises(KeyboardInterrupt), places.taken():
        raise KeyboardInterrupt
    with places.taken():
        assert not free(tmp_path / "place")


@given(processes=st.integers(1, 40), places=st.integers(1, 100))
def test_every_process_has_a_place_and_together_they_have_all_of_them(processes: int, places: int) -> None:
    owned = [places_of(process, processes, places) for process in range(processes)]

    assert all(owned)
    assert {place for own in owned for place in own} == set(range(places))
    if places >= processes:
        assert sum(map(len, owned)) == places


def test_a_process_that_stands_in_for_a_dead_one_brings_no_place_of_its_own() -> None:
    assert places_of(8, processes=8, places=3) == places_of(0, processes=8, places=3) == (0,)


def free(place: Path) -> bool:
    """Whether another process could have the place at once."""
    asking = "import fcntl, sys; fcntl.flock(open(sys.argv[1], 'a'), fcntl.LOCK_EX | fcntl.LOCK_NB)"
    command = [sys.executable, "-c", asking, str(place)]
    return subprocess.run(command, check=False, stderr=subprocess.DEVNULL).returncode == 0
