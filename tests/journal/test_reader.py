"""The files of a run are one recording, in order, also after a crash."""

from __future__ import annotations

import random
from typing import TYPE_CHECKING

import pytest

from conformance.journal.errors import (
    JournalError,
    JournalVersionError,
    MissingBodyError,
    MissingJournalError,
    UnreadableJournalError,
)
from conformance.journal.reader import BrokenLine, Note, read_recording
from conformance.journal.records import BalanceReading, Observation
from tests.journal.factory import NOON, exchange

if TYPE_CHECKING:
    from pathlib import Path

    from tests.journal.conftest import OpenJournal


def append(folder: Path, data: bytes) -> None:
    with (folder / "journal-main.jsonl").open("ab") as file:
        file.write(data)


def test_exchanges_of_all_workers_are_in_the_order_of_their_time_then_of_their_ids(
    open_journal: OpenJournal, tmp_path: Path
) -> None:
    expected = [
        exchange("gw1-1", seconds=1),
        exchange("gw0-2", seconds=2),
        exchange("gw0-10", seconds=2),
        exchange("gw1-3", seconds=2),
        exchange("gw0-1", seconds=3),
    ]
    journals = {worker: open_journal(worker) for worker in ("gw0", "gw1")}
    for made in random.Random(5).sample(expected, len(expected)):
        journals[made.id.partition("-")[0]].exchange(made)

    recording = read_recording(tmp_path)
    assert recording.exchanges == tuple(expected)
    assert len(recording.headers) == 2
    assert {header.run for header in recording.headers} == {"r1"}


def test_an_exchange_is_found_by_its_id(open_journal: OpenJournal, tmp_path: Path) -> None:
    journal = open_journal("main")
    _, other, _ = (journal.exchange(exchange(f"main-{number}", seconds=number)) for number in range(3))

    recording = read_recording(tmp_path)
    assert recording.exchange("main-1") == other
    assert recording.exchange("main-9") is None


def test_other_records_come_back_as_they_were(open_journal: OpenJournal, tmp_path: Path) -> None:
    observation = Observation("cancel-twice", "A second cancellation answers 200.", ("main-1", "main-2"))
    reading = BalanceReading("main", "920.0000", NOON)
    journal = open_journal("main")
    journal.observation(observation)
    journal.reading(reading)
    journal.note("pause", seconds=2, why=["429"])

    recording = read_recording(tmp_path)
    assert recording.observations == (observation,)
    assert recording.readings == (reading,)
    assert recording.notes == (Note("pause", {"seconds": 2, "why": ["429"]}),)


def test_a_crash_costs_at_most_the_last_line_wherever_it_hits(open_journal: OpenJournal, tmp_path: Path) -> None:
    journal = open_journal("main")
    for number in range(1, 3):
        journal.exchange(exchange(f"main-{number}", seconds=number, content='{"a": "é"}'.encode()))
    path = tmp_path / "journal-main.jsonl"
    whole = path.read_bytes()
    last = len(whole.splitlines(keepends=True)[-1])

    for missing in range(1, last + 1):
        path.write_bytes(whole[:-missing])
        recording = read_recording(tmp_path)
        # Without its newline alone the line is still complete; without all of it, it was never there.
        complete, absent = missing == 1, missing == last
        assert [made.id for made in recording.exchanges] == ["main-1", "main-2"][: 2 if complete else 1]
        assert recording.broken_lines == (() if complete or absent else (BrokenLine("journal-main.jsonl", 3),))


def test_a_file_that_got_no_further_than_its_header_spoils_nothing(open_journal: OpenJournal, tmp_path: Path) -> None:
    open_journal("main")
    (tmp_path / "journal-gw7.jsonl").write_bytes(b'{"type":"hea')
    (tmp_path / "journal-gw8.jsonl").touch()

    recording = read_recording(tmp_path)
    assert len(recording.headers) == 1
    assert recording.broken_lines == (BrokenLine("journal-gw7.jsonl", 1),)


def test_a_folder_without_a_journal_is_no_recording(tmp_path: Path) -> None:
    with pytest.raises(MissingJournalError, match="holds no journal of a run"):
        read_recording(tmp_path / "nowhere")


@pytest.mark.parametrize(
    "line",
    [b"", b"not JSON", b"[]", b"7", b'{"type": "unheard-of"}', b'{"type": "exchange"}', b'{"type": "reading", "at": 1}',
     b"\xff", b"[" * 100_000],
    ids=["empty", "no JSON", "array", "number", "other type", "no fields", "wrong type", "no text", "deep"],
)  # fmt: skip
def test_a_complete_line_that_is_no_record_is_named(open_journal: OpenJournal, tmp_path: Path, line: bytes) -> None:
    open_journal("main")
    append(tmp_path, line + b"\n")

    with pytest.raises(UnreadableJournalError, match=r"journal-main\.jsonl, line 2, is no record of a journal"):
        read_recording(tmp_path)


def test_a_journal_of_another_version_is_not_guessed_at(tmp_path: Path) -> None:
    (tmp_path / "journal-main.jsonl").write_text('{"type": "header", "journal_version": 2}\n')

    with pytest.raises(
        JournalVersionError, match="is a journal of version 2; this version of the suite reads version 1"
    ):
        read_recording(tmp_path)


def test_a_body_that_is_gone_is_named(open_journal: OpenJournal, tmp_path: Path) -> None:
    open_journal("main").exchange(exchange(content=b"x" * 100_000))
    next((tmp_path / "bodies").iterdir()).unlink()

    with pytest.raises(MissingBodyError, match="can't be read: No such file"):
        read_recording(tmp_path)


def test_all_these_problems_are_problems_of_a_journal() -> None:
    kinds = (JournalVersionError, MissingBodyError, MissingJournalError, UnreadableJournalError)

    assert all(issubclass(kind, JournalError) for kind in kinds)
