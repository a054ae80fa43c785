from __future__ import annotations

import io
import sqlite3
import threading
import wave

import pytest

from conformance.reference.parts.audio import MELODY_BYTES, MELODY_SECONDS, melody
from conformance.reference.parts.clock import NotATimestampError, from_text, to_text
from conformance.reference.parts.database import Database


def test_a_melody_is_a_playable_file_of_the_length_and_size_that_were_announced() -> None:
    file = melody("seed")

    with wave.open(io.BytesIO(file)) as sound:
        frames = sound.readframes(sound.getnframes())
        assert sound.getnframes() / sound.getframerate() == MELODY_SECONDS
    assert len(file) == MELODY_BYTES
    assert len(set(frames)) > 100


def test_a_seed_always_gives_its_own_melody() -> None:
    assert len({melody(str(seed % 50)) for seed in range(100)}) == 50


@pytest.mark.parametrize("text", ["1970-01-01T00:00:00.000000Z", "2026-02-28T23:59:59.000001Z"])
def test_a_moment_survives_being_written_and_read(text: str) -> None:
    assert to_text(from_text(text)) == text


def test_a_leap_second_is_the_second_after_it() -> None:
    assert from_text("2016-12-31T23:59:60Z") == from_text("2017-01-01T00:00:00Z")


@pytest.mark.parametrize("text", ["", "now", "2026-13-01T00:00:00Z", "2026-01-01T24:00:01Z", "2026-01-01T00:00:00"])
def test_what_is_no_moment_is_not_read(text: str) -> None:
    with pytest.raises(NotATimestampError):
        from_text(text)


def test_a_transaction_that_fails_leaves_no_trace() -> None:
    database = Database("CREATE TABLE notes (text TEXT UNIQUE)")

    def write_twice() -> None:
        with database.transaction():
            database.insert("notes", {"text": "lost"})
            with database.transaction():
                database.insert("notes", {"text": "lost"})

    with pytest.raises(sqlite3.IntegrityError):
        write_twice()

    assert database.rows("SELECT * FROM notes") == []
    database.close()


def test_transactions_of_several_threads_do_not_mix() -> None:
    database = Database("CREATE TABLE counter (value INTEGER); INSERT INTO counter VALUES (0)")

    def count() -> None:
        for _ in range(200):
            with database.transaction():
                row = database.row("SELECT value FROM counter")
                database.change("UPDATE counter SET value = ?", (0 if row is None else row["value"] + 1,))

    threads = [threading.Thread(target=count) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    row = database.row("SELECT value FROM counter")
    assert row is not None
    assert row["value"] == 800
    database.close()
