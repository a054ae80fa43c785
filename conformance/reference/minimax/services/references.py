"""Reference audio: fetched or decoded, and only of a bounded size and length."""

from __future__ import annotations

import base64
import binascii
from typing import TYPE_CHECKING, Any

from starlette.concurrency import run_in_threadpool

from conformance.reference.beatra.services.fetcher import FetchError
from conformance.reference.minimax.errors import InvalidParamsError
from conformance.reference.parts.listening import NotAudioError, seconds_of
from conformance.reference.parts.places import ForbiddenUrlError

if TYPE_CHECKING:
    from conformance.reference.beatra.services.fetcher import Fetcher

_SMALL_BYTES = 1_048_576


class References:
    """Brings reference audio here and looks at it."""

    shortest_seconds = 6.0
    longest_seconds = 360.0

    def __init__(self, fetcher: Fetcher, limit: int) -> None:
        self._fetcher = fetcher
        self._limit = limit

    async def bring(self, body: dict[str, Any]) -> tuple[bytes, float]:
        """The audio that a body names, and its length in seconds; raises InvalidParamsError."""
        content = await self.fetch(body["audio_url"]) if "audio_url" in body else self.decode(body["audio_base64"])
        return content, await self.measure(content)

    async def fetch(self, url: str) -> bytes:
        """The audio under a URL; raises InvalidParamsError."""
        try:
            async with self._fetcher.fetch(url) as fetched:
                fetched.content.seek(0)
                return fetched.content.read()
        except (FetchError, ForbiddenUrlError) as problem:
            raise InvalidParamsError(f"audio_url can't be fetched: {problem}") from problem

    def decode(self, text: str) -> bytes:
        """The audio in a text; raises InvalidParamsError."""
        try:
            return base64.b64decode(text, validate=True)
        except (binascii.Error, ValueError) as problem:
            raise InvalidParamsError("audio_base64 is not base64") from problem

    async def measure(self, content: bytes) -> float:
        """The length of the audio in seconds; raises InvalidParamsError."""
        self.check_size(content)
        try:
            # Small files take less time than a change of threads.
            found = seconds_of(content) if len(content) < _SMALL_BYTES else await run_in_threadpool(seconds_of, content)
        except NotAudioError as problem:
            raise InvalidParamsError(f"the reference is no audio: {problem}") from problem
        self.check_length(found)
        return found

    def check_size(self, content: bytes) -> None:
        """Refuse large files; raises InvalidParamsError."""
        if len(content) > self._limit:
            raise InvalidParamsError(f"the reference has more than {self._limit} bytes")

    def check_length(self, length: float) -> None:
        """Refuse audio that is too short or too long; raises InvalidParamsError."""
        if not self.shortest_seconds <= length <= self.longest_seconds:
            raise InvalidParamsError("the reference does not play for 6 seconds to 6 minutes")
