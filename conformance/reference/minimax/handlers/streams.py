"""A song as server-sent events: pieces with status 1, then one event with status 2."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from conformance.reference.minimax.errors import SUCCESS

if TYPE_CHECKING:
    from collections.abc import Iterator

IN_PROGRESS, COMPLETED = 1, 2

_PIECES = 4


class Streams:
    """Writes events; the last one repeats the whole song and says what is true of it."""

    def events(self, content: bytes, last: dict[str, Any]) -> Iterator[str]:
        """All events of a song."""
        for piece in self.pieces(content):
            yield self.event({"data": {"audio": piece.hex(), "status": IN_PROGRESS}, **self.beside(last)})
        yield self.event(self.end({**last, "data": {**self.last_data(content), **last["data"], "status": COMPLETED}}))

    def pieces(self, content: bytes) -> Iterator[bytes]:
        """The song in pieces."""
        length = -(-len(content) // _PIECES)
        for start in range(0, len(content), length):
            yield content[start : start + length]

    def beside(self, last: dict[str, Any]) -> dict[str, Any]:
        """What an event has beside a piece of the song."""
        return {**{name: last[name] for name in ("trace_id",) if name in last}, "base_resp": SUCCESS}

    def last_data(self, content: bytes) -> dict[str, Any]:
        """What the last event has of the song."""
        return {"audio": content.hex()}

    def end(self, content: dict[str, Any]) -> dict[str, Any]:
        """The content of the event that completes the song."""
        return content

    def event(self, content: dict[str, Any]) -> str:
        """One event."""
        return f"data: {json.dumps(content)}\n\n"
