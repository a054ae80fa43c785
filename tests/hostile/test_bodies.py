"""Bodies that are made to cost time and room where keys are looked for, and odd spellings of a key."""

from __future__ import annotations

import base64
import gzip
import tracemalloc
from typing import TYPE_CHECKING

import pytest

from conformance.journal import writer
from conformance.journal.reader import read_recording
from conformance.journal.redaction import Redactor, Secret
from conformance.journal.writer import Journal
from tests.journal.factory import exchange

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from conformance.journal.records import Body

KEY = "sk-abcdefghijklmnopqrstuvwxyz012345"
PLACEHOLDER = "$CONFORMANCE_API_KEY"
FEW = 100_000
LONG = 20 * FEW
# Bodies are far longer than this, and every escape in one takes some numbers.
MOST_MEMORY = 60 * FEW


@pytest.fixture(autouse=True)
def _keep_little(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(writer, "KEPT_BYTES", FEW)


def kept(content: bytes, folder: Path) -> Body:
    redactor = Redactor(Secret(KEY))
    with Journal(folder, "main", redactor, run="r", system="s", contract_version="1", suite_version="1") as journal:
        journal.exchange(exchange(content=content))
    (read,) = read_recording(folder).exchanges
    return read.answer.body


BODIES = {
    "percent": b"%25" * (LONG // 3),
    "json": b"\\u005c" * (LONG // 6),
    "html": b"&amp;" * (LONG // 5),
    "hex": KEY.encode().hex().encode()[:40] * (LONG // 40),
}


@pytest.mark.parametrize("name", BODIES)
def test_no_more_of_a_body_is_looked_through_than_is_kept(name: str, tmp_path: Path) -> None:
    tracemalloc.start()
    try:
        body = kept(BODIES[name], tmp_path)
        _, most = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()

    assert body.truncated
    assert len(body.content) <= FEW
    assert most < MOST_MEMORY


@pytest.mark.parametrize("pack", [gzip.compress, lambda body: gzip.compress(gzip.compress(body))], ids=["1", "2"])
def test_a_compressed_body_that_holds_more_than_is_looked_through_is_not_kept(
    pack: Callable[[bytes], bytes], tmp_path: Path
) -> None:
    body = kept(pack(b"." * 5_000_000 + KEY.encode()), tmp_path)

    assert body.content == b"$COMPRESSED"


@pytest.mark.parametrize("place", [FEW - 20, FEW - 400, FEW + 20])
def test_a_key_at_the_end_of_what_is_kept_does_not_stay_in_part(place: int, tmp_path: Path) -> None:
    body = kept(b"." * place + KEY.encode() + b"." * LONG, tmp_path)

    assert KEY[:8].encode() not in body.content


SPELLINGS: dict[str, Callable[[bytes], bytes]] = {
    "base32": base64.b32encode,
    "base32 in small letters": lambda key: base64.b32encode(b"xy" + key).lower(),
    "base64 of base64": lambda key: base64.b64encode(base64.b64encode(key)),
    "base64 of base64 of a header": lambda key: base64.b64encode(b"to " + base64.b64encode(b"Bearer " + key)),
    "hex with blanks": lambda key: key.hex(" ").encode(),
    "hex with colons": lambda key: key.hex(":").upper().encode(),
    "numbers": lambda key: str(list(key)).encode(),
    "numbers without blanks": lambda key: ",".join(map(str, key)).encode(),
}


@pytest.mark.parametrize("spelling", SPELLINGS)
def test_a_key_in_another_spelling_is_removed(spelling: str) -> None:
    spelled = SPELLINGS[spelling](KEY.encode())
    cleaned = Redactor(Secret(KEY)).data(b"before " + spelled + b" after")

    assert PLACEHOLDER.encode() in cleaned
    assert not any(spelled[at : at + 24] in cleaned for at in range(len(spelled) - 24))
