"""What is written down stays as it was, holds no secret, and is on disk at once."""

from __future__ import annotations

import hashlib
import json
import threading
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from conformance.contract.outcomes import Interpretation, Outcome
from conformance.journal.errors import JournalExistsError, UnwritableJournalError
from conformance.journal.reader import read_recording
from conformance.journal.records import BalanceReading, Body, Exchange, Headers, Observation, Request, Response
from conformance.journal.redaction import Redactor, Secret
from conformance.journal.writer import KEPT_BYTES, Journal
from tests.journal.conftest import KEY, OpenJournal
from tests.journal.factory import NOON, exchange, exchanges

if TYPE_CHECKING:
    from typing import Any

# Each character as JSON may write it: what takes its place is far shorter.
ESCAPED = "".join(f"\\u{ord(character):04x}" for character in KEY)


def lines(folder: Path, worker: str = "main") -> list[dict[str, Any]]:
    return [json.loads(line) for line in (folder / f"journal-{worker}.jsonl").read_text("ascii").splitlines()]


def all_bytes(folder: Path) -> bytes:
    return b"".join(path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file())


@given(written=st.lists(exchanges, max_size=5, unique_by=lambda made: made.id))
def test_what_is_read_is_what_was_returned_on_writing(written: list[Exchange]) -> None:
    with TemporaryDirectory() as folder:
        with Journal(
            Path(folder), "gw0", Redactor(Secret(KEY)), run="r", system="s", contract_version="1", suite_version="1"
        ) as journal:
            kept = [journal.exchange(made) for made in written]
        read = read_recording(Path(folder))

    assert kept == written
    assert {made.id: made for made in read.exchanges} == {made.id: made for made in kept}


def test_a_file_begins_with_the_run_it_belongs_to(open_journal: OpenJournal, tmp_path: Path) -> None:
    open_journal("gw1")

    (header,) = lines(tmp_path, "gw1")
    started_at = header.pop("started_at")
    assert started_at.endswith("+00:00")
    assert header == {
        "type": "header",
        "journal_version": 1,
        "run": "r1",
        "system": "example",
        "contract_version": "1.0",
        "suite_version": "0.1",
        "seed": 7,
    }


def test_every_record_is_on_disk_as_soon_as_it_was_written(open_journal: OpenJournal, tmp_path: Path) -> None:
    journal = open_journal("main")
    journal.exchange(exchange())
    journal.observation(Observation("cancel-twice", "A second cancellation answers 200.", ("main-1",)))
    journal.reading(BalanceReading("main", "920.0000", NOON))
    journal.note("pause", seconds=2)

    assert [line["type"] for line in lines(tmp_path)] == ["header", "exchange", "observation", "reading", "note"]


def test_ids_are_unique_across_workers_and_threads(open_journal: OpenJournal) -> None:
    ids: list[str] = []
    journals = [open_journal("gw0"), open_journal("gw1")]
    threads = [
        threading.Thread(target=lambda journal=journal: ids.extend(journal.next_id() for _ in range(200)))
        for journal in journals * 3
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert len(set(ids)) == 1200
    assert {name.partition("-")[0] for name in ids} == {"gw0", "gw1"}


def test_threads_do_not_write_into_each_others_lines(open_journal: OpenJournal, tmp_path: Path) -> None:
    journal = open_journal("main")

    def write() -> None:
        for _ in range(50):
            journal.exchange(exchange(journal.next_id(), content=b"x" * 5000))

    threads = [threading.Thread(target=write) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sorted(int(line["id"].partition("-")[2]) for line in lines(tmp_path)[1:]) == list(range(1, 201))


def test_a_secret_is_nowhere_on_disk_whatever_place_it_was_in(open_journal: OpenJournal, tmp_path: Path) -> None:
    journal = open_journal("main")
    headers = Headers((("Authorization", f"Bearer {KEY}"), (f"X-{KEY}", "1")))
    body = Body(f'{{"key": "{KEY}"}}'.encode(), 50, "0" * 64)
    hostile = replace(
        exchange(failure=f"not HTTP: {KEY}"),
        request=Request("GET", f"http://127.0.0.1/{KEY}?k={KEY}", headers, body),
        response=Response(200, headers, Body(KEY.encode() + b"\xff" * 100_000, 100_035, "0" * 64)),
    )
    kept = journal.exchange(hostile)
    journal.observation(Observation("o", f"It says {KEY}."))
    journal.reading(BalanceReading("main", KEY, NOON))
    journal.note("note", names=[KEY])

    assert kept.request.headers.get("authorization") == "Bearer $CONFORMANCE_API_KEY"
    assert kept.request.body.json == {"key": "$CONFORMANCE_API_KEY"}
    assert KEY[3:].encode() not in all_bytes(tmp_path)


@pytest.mark.parametrize("told", range(len(KEY) - 4, len(KEY)))
def test_a_secret_at_which_a_body_was_cut_off_does_not_stay_in_part(open_journal: OpenJournal, told: int) -> None:
    content = b"x" * 500 + KEY[:told].encode()
    kept = open_journal("main").exchange(exchange(content=content, truncated=True))

    assert kept.answer.body.truncated
    assert kept.answer.body.content
    assert set(kept.answer.body.content) == set(b"x")


@pytest.mark.parametrize("spelled", [KEY, ESCAPED], ids=["plain", "escaped"])
@pytest.mark.parametrize("before", range(0, 210, 10))
def test_a_secret_at_which_a_code_or_a_message_is_cut_off_does_not_stay_in_part(
    open_journal: OpenJournal, before: int, spelled: str
) -> None:
    text = "x" * before + spelled * 100
    told = Interpretation(Outcome.REFUSED, text, text)
    kept = open_journal("main").exchange(replace(exchange(), read_as=told))

    assert kept.read_as is not None
    for said in (kept.read_as.code, kept.read_as.message):
        assert said is not None
        assert said or spelled is ESCAPED
        assert ("x" * before + "$CONFORMANCE_API_KEY" * 100).startswith(said)


def test_a_long_body_lies_beside_the_journal_once(open_journal: OpenJournal, tmp_path: Path) -> None:
    content = b"la " * 50_000
    for worker in ("gw0", "gw1"):
        journal = open_journal(worker)
        journal.exchange(exchange(f"{worker}-1", content=content))
        journal.exchange(exchange(f"{worker}-2", content=content))

    (stored,) = (tmp_path / "bodies").iterdir()
    assert stored.name == hashlib.sha256(content).hexdigest()
    assert stored.read_bytes() == content
    assert [read.answer.body.content for read in read_recording(tmp_path).exchanges] == [content] * 4


def test_of_an_enormous_body_only_the_beginning_is_kept(open_journal: OpenJournal, tmp_path: Path) -> None:
    content = b"la" * KEPT_BYTES
    kept = open_journal("main").exchange(exchange(content=content))

    assert kept.answer.body.truncated
    assert kept.answer.body.size == 2 * KEPT_BYTES
    assert kept.answer.body.content == content[:KEPT_BYTES]
    assert read_recording(tmp_path).exchanges == (kept,)


def test_a_journal_is_never_written_over(open_journal: OpenJournal) -> None:
    open_journal("main")

    with pytest.raises(JournalExistsError, match=r"journal-main\.jsonl exists already"):
        open_journal("main")


def test_a_folder_that_can_not_be_made_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").touch()

    with pytest.raises(UnwritableJournalError, match=r"file.* can't be written: "):
        Journal(tmp_path / "file", "main", Redactor(), run="r", system="s", contract_version="1", suite_version="1")
