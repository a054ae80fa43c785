"""Uploads of a hundred megabytes without a hundred megabytes: a form in a file that is mostly a hole."""

from __future__ import annotations

import io
import tempfile
import wave
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Final

from conformance.client.building import Prepared

if TYPE_CHECKING:
    from collections.abc import Iterator

    from conformance.contract.document import Operation

_BOUNDARY: Final = "conformance-boundary-of-a-large-form"
_RATE: Final = 44_100
_BYTES_PER_FRAME: Final = 2


@contextmanager
def silent_upload(base_url: str, operation: Operation, part: str, size: int) -> Iterator[Prepared]:
    """
    A multipart request with one WAV file of `size` bytes, silence from start to end, as its part `part`.

    The request can be sent as long as the block lasts.
    """
    with tempfile.TemporaryDirectory(prefix="conformance-upload-") as folder:
        form = Path(folder) / "form"
        header = _wav_header(size)
        with form.open("wb") as file:
            file.write(_part_head(part) + header)
            file.seek(size - len(header), io.SEEK_CUR)
            file.write(f"\r\n--{_BOUNDARY}--\r\n".encode())
        headers = (("Content-Type", f"multipart/form-data; boundary={_BOUNDARY}"),)
        yield Prepared(operation.method, base_url + operation.path, headers, form, operation.id)


def _part_head(part: str) -> bytes:
    disposition = f'Content-Disposition: form-data; name="{part}"; filename="silence.wav"'
    return f"--{_BOUNDARY}\r\n{disposition}\r\nContent-Type: audio/wav\r\n\r\n".encode()


def _wav_header(size: int) -> bytes:
    """The header of a WAV file of `size` bytes, which is itself the first part of these."""
    empty = len(_header_for(0))
    return _header_for((size - empty) // _BYTES_PER_FRAME)


def _header_for(frames: int) -> bytes:
    buffer = io.BytesIO()
    with wave.open(buffer, "wb") as audio:
        audio.setnchannels(1)
        audio.setsampwidth(_BYTES_PER_FRAME)
        audio.setframerate(_RATE)
        audio.setnframes(frames)
        audio.writeframesraw(b"")
        # Before the end of the block: then the header would be corrected to what has been written.
        return buffer.getvalue()
