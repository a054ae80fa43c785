"""Others' keys are taken out before anything is written, and their accounts told apart."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from conformance.journal.reader import read_recording
from conformance.traffic import records as records_module
from conformance.traffic.errors import FolderNotMadeError
from conformance.traffic.har import read_har
from conformance.traffic.records import Records
from tests.traffic.archives import BASE, KEY, archive, entry, watched

if TYPE_CHECKING:
    from pathlib import Path
    from typing import Any

    from conformance.journal.reader import Recording

BEARER = {"Authorization": f"Bearer {KEY}"}


def kept(folder: Path, *entries: dict[str, Any]) -> tuple[Recording, bytes]:
    """What is kept of an archive, and every byte that was written for it."""
    traffic = read_har(archive(folder, *entries), watched().contract, BASE)
    with Records.begun(watched(), BASE, folder / "reports") as records:
        for exchange in traffic.exchanges:
            records.learn(exchange)
        for exchange in traffic.exchanges:
            records.keep(exchange)
    written = b"".join(path.read_bytes() for path in records.folder.rglob("*") if path.is_file())
    return read_recording(records.folder), written


@pytest.mark.parametrize(
    "leaking",
    [
        {"asking": BEARER},
        {"asking": {"authorization": KEY}},
        {"asking": {"X-API-Key": KEY}},
        {"asking": {"Cookie": f"session={KEY}"}},
        {"headers": {"Set-Cookie": f"session={KEY}; Path=/"}},
        {"path": f"/songs/s1?api_key={KEY}&page=2"},
        {"path": f"/songs/s1?page=2&access_token={KEY}"},
        {"asking": BEARER, "text": f'{{"song": "s1", "key": "{KEY}"}}'},
        {"asking": BEARER, "posted": f'{{"key": "{KEY}"}}'},
        {"asking": BEARER, "headers": {"X-Debug": f"key={KEY}"}},
        {"asking": {**BEARER, ":authority": "api.example.com"}},
    ],
)
def test_no_key_is_written(tmp_path: Path, leaking: dict[str, Any]) -> None:
    recording, written = kept(tmp_path, entry(**leaking))

    assert len(recording.exchanges) == 1
    assert KEY.encode() not in written


def test_a_key_is_not_written_either_before_it_is_used(tmp_path: Path) -> None:
    _, written = kept(tmp_path, entry(text=f'{{"song": "s1", "key": "{KEY}"}}'), entry(asking=BEARER))

    assert KEY.encode() not in written


def test_what_else_stands_in_a_url_stays(tmp_path: Path) -> None:
    recording, _ = kept(tmp_path, entry(path=f"/songs/s1?page=2&api_key={KEY}&x=1"))

    assert recording.exchanges[0].request.url == f"{BASE}/songs/s1?page=2&api_key=$CONFORMANCE_API_KEY&x=1"


def test_accounts_are_told_apart_by_their_keys(tmp_path: Path) -> None:
    other = {"Authorization": "Bearer sk-another-key-of-somebody-else"}
    recording, _ = kept(tmp_path, entry(asking=BEARER), entry(asking=other), entry(asking=BEARER), entry())

    assert [exchange.account for exchange in recording.exchanges] == [
        "CONFORMANCE_API_KEY",
        "CONFORMANCE_API_KEY_2",
        "CONFORMANCE_API_KEY",
        None,
    ]


def test_requests_are_matched_with_operations(tmp_path: Path) -> None:
    recording, _ = kept(tmp_path, entry(), entry("POST", "/songs", 202), entry(path="/nowhere", status=404))

    assert [exchange.operation for exchange in recording.exchanges] == ["getSong", "createSong", None]


def test_a_short_value_is_hidden_where_keys_stand_and_nowhere_else(tmp_path: Path) -> None:
    recording, _ = kept(tmp_path, entry(asking={"Authorization": "Bearer s1"}))

    (exchange,) = recording.exchanges
    assert exchange.request.headers.get("Authorization") == "Bearer $CONFORMANCE_API_KEY"
    assert exchange.string("/song") == "s1"


def test_when_there_is_no_more_room_the_rest_is_counted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(records_module, "_MOST_EXCHANGES", 2)
    exchanges = read_har(archive(tmp_path, *[entry()] * 5), watched().contract, BASE).exchanges

    with Records.begun(watched(), BASE, tmp_path) as records:
        kept_ones = [records.keep(exchange) for exchange in exchanges]

    assert [exchange is not None for exchange in kept_ones] == [True, True, False, False, False]
    assert records.left_out == 3


def test_too_many_keys_end_the_recording_and_not_the_secrecy(tmp_path: Path) -> None:
    many = [entry(asking={"Authorization": f"Bearer {KEY}{number}"}) for number in range(210)]
    recording, written = kept(tmp_path, *many)

    assert len(recording.exchanges) == 200
    assert KEY.encode() not in written


def test_a_folder_that_can_not_be_made_is_named(tmp_path: Path) -> None:
    (tmp_path / "reports").write_text("a file", "utf-8")

    with pytest.raises(FolderNotMadeError, match="can't be made"), Records.begun(watched(), BASE, tmp_path / "reports"):
        pass
