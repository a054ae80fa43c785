"""A form of a hundred megabytes is the one that would have been built in memory, without being there."""

from __future__ import annotations

import io
import re
import wave
from pathlib import Path
from typing import TYPE_CHECKING

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from conformance.client.request import silent_upload
from tests.client.bench import BASE, answer, sample_contract

if TYPE_CHECKING:
    from conformance.client.request import PreparedRequest
    from conformance.client.transports.base import Incoming, Outgoing
    from tests.client.conftest import OpenBench

OPERATION = sample_contract().document.operations["createSong"]
HEADER_BYTES = 44
LARGE = 100_000_000


def file_of(prepared: PreparedRequest) -> Path:
    assert isinstance(prepared.content, Path)
    return prepared.content


def audio_in(form: bytes) -> bytes:
    """The file inside a form, by the blank line before it and the boundary after it."""
    boundary = form.partition(b"\r\n")[0]
    return form.partition(b"\r\n\r\n")[2].rpartition(b"\r\n" + boundary)[0]


@given(size=st.integers(HEADER_BYTES, 3000), part=st.sampled_from(["file", "audio_file"]))
def test_it_is_the_form_that_httpx_would_build(size: int, part: str) -> None:
    with silent_upload(BASE, OPERATION, part, size) as prepared:
        form = file_of(prepared).read_bytes()
        headers = dict(prepared.headers)

    file = audio_in(form)
    built = httpx.Request("POST", BASE, headers=headers, files={part: ("silence.wav", file, "audio/wav")})
    assert form == built.read()
    assert len(file) == size


@pytest.mark.parametrize("size", [44, 46, 1000, 1001])
def test_the_file_is_silence_that_plays(size: int) -> None:
    with silent_upload(BASE, OPERATION, "file", size) as prepared:
        file = audio_in(file_of(prepared).read_bytes())

    with wave.open(io.BytesIO(file)) as audio:
        frames = audio.readframes(audio.getnframes())
    assert len(frames) == (size - HEADER_BYTES) // 2 * 2
    assert not any(frames)


def test_a_large_form_takes_no_room() -> None:
    with silent_upload(BASE, OPERATION, "file", LARGE) as prepared:
        stat = file_of(prepared).stat()

    assert LARGE < stat.st_size < LARGE + 1000
    assert stat.st_blocks * 512 < LARGE / 100


def test_it_is_gone_afterwards_also_when_something_failed() -> None:
    made: list[Path] = []

    def fail(prepared: PreparedRequest) -> None:
        made.append(file_of(prepared))
        assert made[0].exists()
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError), silent_upload(BASE, OPERATION, "file", 1000) as prepared:
        fail(prepared)

    assert not made[0].exists()
    assert not made[0].parent.exists()


def test_it_is_a_request_for_its_operation() -> None:
    with silent_upload(BASE, OPERATION, "file", 1000) as prepared:
        assert (prepared.method, prepared.url, prepared.operation) == ("POST", f"{BASE}/songs", "createSong")
        assert [name for name, _ in prepared.headers] == ["Content-Type"]


def test_all_of_it_is_sent_and_none_of_it_kept(bench: OpenBench) -> None:
    received: list[bytes] = []

    def read(outgoing: Outgoing) -> Incoming:
        assert isinstance(outgoing.content, Path)
        received.append(outgoing.content.read_bytes())
        return answer(413)

    made = bench(read)
    with silent_upload(BASE, OPERATION, "file", 5000) as prepared:
        sent = made.account().send(prepared)

    assert sent.request.body.size == len(received[0])
    assert sent.request.body.content == b""
    assert re.search(rb"RIFF.{4}WAVE", received[0], re.DOTALL)
