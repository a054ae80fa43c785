"""Tests that share scenarios stay together, and everybody knows in advance with whom."""

from __future__ import annotations

import random

import pytest

from conformance.plugin.order import is_generated, owners, scope_of, worker_number

SUITE = "conformance/suite"
GENERATED = f"{SUITE}/test_generated.py"
COLLECTED = (
    f"{GENERATED}::test_accepts[createSong]",
    f"{GENERATED}::test_conforms[createSong]",
    f"{GENERATED}::test_accepts[getSong]",
    f"{SUITE}/sample/test_songs.py::test_a_song_plays",
    f"{SUITE}/sample/test_songs.py::test_a_song_ends[loud]",
    f"{SUITE}/sample/test_songs.py::test_a_song_ends[soft]",
    f"{SUITE}/sample/test_lists.py::test_pages_do_not_overlap",
    f"{SUITE}/sample/test_keys.py::test_a_retry_returns_the_same_song",
)


@pytest.mark.parametrize(
    "nodeid, scope",
    [
        (f"{GENERATED}::test_accepts[createSong]", "createSong"),
        (f"{GENERATED}::test_conforms[createSong]", "createSong"),
        (f"{GENERATED}::test_nothing", GENERATED),
        (f"{SUITE}/sample/test_songs.py::test_a_song_plays", f"{SUITE}/sample/test_songs.py"),
        (f"{SUITE}/sample/test_songs.py::test_a_song_ends[createSong]", f"{SUITE}/sample/test_songs.py"),
        (f"{SUITE}/sample/test_songs.py::TestSongs::test_one[a::b]", f"{SUITE}/sample/test_songs.py"),
    ],
)
def test_generated_tests_belong_to_their_operation_and_others_to_their_file(nodeid: str, scope: str) -> None:
    assert scope_of(nodeid) == scope


def test_generated_tests_are_told_apart_by_their_file() -> None:
    assert [is_generated(nodeid) for nodeid in COLLECTED] == [True] * 3 + [False] * 5


def test_files_go_to_the_workers_in_turn() -> None:
    assert owners(COLLECTED, 2) == {
        f"{SUITE}/sample/test_songs.py": 0,
        f"{SUITE}/sample/test_lists.py": 1,
        f"{SUITE}/sample/test_keys.py": 0,
    }


@pytest.mark.parametrize("workers", [1, 2, 3, 8])
def test_every_process_comes_to_the_same_result(workers: int) -> None:
    first = owners(COLLECTED, workers)

    assert owners(list(COLLECTED), workers) == first
    assert set(first.values()) <= set(range(workers))


@pytest.mark.parametrize("seed", range(5))
def test_how_many_generated_tests_come_between_makes_no_difference(seed: int) -> None:
    chance = random.Random(seed)
    written = [nodeid for nodeid in COLLECTED if not is_generated(nodeid)]
    mixed = [*written]
    for number in range(20):
        mixed.insert(chance.randrange(len(mixed)), f"{GENERATED}::test_accepts[operation{number}]")

    assert owners(mixed, 2) == owners(written, 2)


def test_the_first_of_more_workers_than_files_have_one_each() -> None:
    assert sorted(owners(COLLECTED, 8).values()) == [0, 1, 2]


def test_without_tests_nobody_owns_anything() -> None:
    assert owners([], 2) == {}


@pytest.mark.parametrize("worker_id, number", [("gw0", 0), ("gw1", 1), ("gw12", 12)])
def test_the_number_of_a_worker_is_in_its_id(worker_id: str, number: int) -> None:
    assert worker_number(worker_id) == number
