"""What is read of an HTTP archive, and what it takes to be refused."""

from __future__ import annotations

import base64
import json
from typing import TYPE_CHECKING, Any

import pytest

from conformance.traffic import har
from conformance.traffic.errors import ArchiveTooLargeError, NothingOfTargetError, UnreadableArchiveError, WatchingError
from conformance.traffic.har import read_har
from tests.traffic.archives import BASE, archive, entry, watched

if TYPE_CHECKING:
    from pathlib import Path

    from conformance.journal.records import Exchange

CONTRACT = watched().contract


def only(file: Path) -> Exchange:
    (exchange,) = read_har(file, CONTRACT, BASE).exchanges
    return exchange


def test_an_entry_is_an_exchange(tmp_path: Path) -> None:
    asking = {"Accept": "application/json", "Content-Type": "application/json"}
    exchange = only(archive(tmp_path, entry("POST", "/songs?a=b", 202, asking=asking, posted='{"model": "loud"}')))

    assert (exchange.request.method, exchange.request.url) == ("POST", f"{BASE}/songs?a=b")
    assert exchange.request.headers.get("accept") == "application/json"
    assert exchange.request.body.json == {"model": "loud"}
    assert (exchange.status, exchange.header("content-type")) == (202, "application/json")
    assert exchange.json == {"song": "s1", "state": "done"}
    assert (exchange.at.isoformat(), exchange.elapsed_seconds) == ("2026-01-01T00:00:00+00:00", 0.0125)


def test_a_body_may_be_base64(tmp_path: Path) -> None:
    text = base64.b64encode(b"RIFF\xff").decode()
    exchange = only(archive(tmp_path, entry(content={"size": 5, "text": text, "encoding": "base64"})))

    assert exchange.answer.body.content == b"RIFF\xff"
    assert not exchange.answer.body.truncated


@pytest.mark.parametrize(
    "parts",
    [
        {"content": {"size": 4000}},
        {"content": {"size": 4000, "text": "{"}},
        {"content": {"size": 3, "text": "*", "encoding": "base64"}},
        {"content": {"size": 0}},
        {"content": {}},
    ],
    ids=["not kept", "cut", "no base64", "size unknown", "nothing known"],
)
def test_a_body_that_is_not_there_whole_is_known_to_be_cut(tmp_path: Path, parts: dict[str, Any]) -> None:
    body = only(archive(tmp_path, entry(**parts))).answer.body

    assert body.truncated
    assert body.size > 0


@pytest.mark.parametrize("said", [{"response": {"bodySize": 0}}, {"headers": {"Content-Length": "0"}}, {"text": ""}])
def test_an_empty_body_is_empty(tmp_path: Path, said: dict[str, Any]) -> None:
    parts = {"content": {"size": 0}, **said} if "text" not in said else said
    body = only(archive(tmp_path, entry(**parts))).answer.body

    assert (body.size, body.truncated) == (0, False)


def test_a_request_without_an_answer_says_why(tmp_path: Path) -> None:
    exchange = only(archive(tmp_path, entry(status=0, _error="net::ERR_CONNECTION_RESET")))

    assert (exchange.response, exchange.failure) == (None, "net::ERR_CONNECTION_RESET")


@pytest.mark.parametrize("left_out", [{"status": 304}, {"_fromCache": "disk"}])
def test_what_came_from_a_cache_is_nothing_of_the_target(tmp_path: Path, left_out: dict[str, Any]) -> None:
    file = archive(tmp_path, entry(), entry(**left_out))

    assert len(read_har(file, CONTRACT, BASE).exchanges) == 1


def test_what_went_elsewhere_is_passed_over(tmp_path: Path) -> None:
    elsewhere = [entry(base=base) for base in ("https://ads.example.com/v2", "https://api.example.com/v22")]

    assert [exchange.id for exchange in read_har(archive(tmp_path, *elsewhere, entry()), CONTRACT, BASE).exchanges] == [
        "har-3"
    ]


def test_the_api_is_where_most_documented_requests_went(tmp_path: Path) -> None:
    elsewhere = entry(base="https://staging.example.com/v2")
    noise = [entry(path="/static/app.js", base="https://www.example.com") for _ in range(9)]
    found = read_har(archive(tmp_path, elsewhere, entry(), entry(), *noise), CONTRACT, None)

    assert (found.base_url, len(found.exchanges)) == (BASE, 2)


@pytest.mark.parametrize("place, words", [(None, "to an operation"), ("https://x.test", "below https://x.test")])
def test_an_archive_of_something_else_is_refused(tmp_path: Path, place: str | None, words: str) -> None:
    file = archive(tmp_path, entry(path="/index.html", base="https://www.example.com"))

    with pytest.raises(NothingOfTargetError, match=words):
        read_har(file, CONTRACT, place)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "no json",
        "[]",
        "{}",
        '{"log": {"entries": 3}}',
        '{"log": {"entries": [{}]}}',
        '{"log": {"entries": [null]}}',
        "[" * 100_000,
        json.dumps({"log": {"entries": [{**entry(), "request": {"method": 3, "url": "x"}}]}}),
        json.dumps({"log": {"entries": [{**entry(), "response": {"status": 10**30}}]}}),
        json.dumps({"log": {"entries": [{**entry(), "time": "soon"}]}}),
        json.dumps({"log": {"entries": [entry(headers={"": "x"})]}}),
    ],
    ids=lambda text: text[:30],
)
def test_what_is_no_archive_is_refused_in_one_sentence(tmp_path: Path, text: str) -> None:
    file = tmp_path / "x.har"
    file.write_text(text, "utf-8")

    with pytest.raises(UnreadableArchiveError, match="is no HAR file") as refused:
        read_har(file, CONTRACT, BASE)

    assert "\n" not in str(refused.value)


@pytest.mark.parametrize("depth", [200, 400, 900], ids=str)
def test_deep_nests_are_survived(tmp_path: Path, depth: int) -> None:
    file = tmp_path / "x.har"
    file.write_text('{"log": {"entries": [], "pages": ' + "[" * depth + "]" * depth + "}}", "utf-8")

    with pytest.raises(WatchingError):
        read_har(file, CONTRACT, BASE)


def test_bytes_that_are_no_text_are_refused(tmp_path: Path) -> None:
    file = tmp_path / "x.har"
    file.write_bytes(b"\xff\xfe\x00\x81")

    with pytest.raises(UnreadableArchiveError):
        read_har(file, CONTRACT, BASE)


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(UnreadableArchiveError, match="No such file"):
        read_har(tmp_path / "none.har", CONTRACT, BASE)


def test_a_file_that_is_too_long_is_not_read(tmp_path: Path) -> None:
    file = tmp_path / "long.har"
    with file.open("wb") as hole:
        hole.truncate(har.LARGEST_BYTES + 1)

    with pytest.raises(ArchiveTooLargeError, match="at most 268,435,456 are read"):
        read_har(file, CONTRACT, BASE)


@pytest.mark.parametrize("odd", [{"at": "yesterday"}, {"at": "2026-01-01T00:00:00"}, {"time": None}, {"time": -5}])
def test_odd_times_are_no_reason_to_refuse(tmp_path: Path, odd: dict[str, Any]) -> None:
    exchange = only(archive(tmp_path, entry(**odd)))

    assert exchange.at.tzinfo is not None
    assert exchange.elapsed_seconds >= 0
