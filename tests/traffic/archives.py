"""HTTP archives as browsers write them."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Final

from conformance.traffic.records import Watched
from tests.client.bench import sample_contract

if TYPE_CHECKING:
    from pathlib import Path

BASE: Final = "https://api.example.com/v2"
KEY: Final = "sk-abcdefghijklmnopqrstuvwxyz012345"


def watched() -> Watched:
    """A contract that shares no name with any real system."""
    return Watched(sample_contract())


def entry(
    method: str = "GET",
    path: str = "/songs/s1",
    status: int = 200,
    *,
    base: str = BASE,
    asking: dict[str, str] | None = None,
    headers: dict[str, str] | None = None,
    **parts: Any,  # noqa: ANN401 - any JSON value
) -> dict[str, Any]:
    """An entry; `text` is the body of its answer, `posted` that of its request."""
    text = parts.pop("text", '{"song": "s1", "state": "done"}')
    answer = {"status": status, "headers": _listed(headers or {"Content-Type": "application/json"})}
    content = {"size": len(text or ""), "mimeType": "application/json", "text": text}
    posted = parts.pop("posted", None)
    request = {"method": method, "url": base + path, "headers": _listed(asking or {})}
    return {
        "startedDateTime": parts.pop("at", "2026-01-01T00:00:00.000Z"),
        "time": 12.5,
        "request": {
            **request,
            **({} if posted is None else {"postData": {"mimeType": "application/json", "text": posted}}),
        },
        "response": {**answer, "content": parts.pop("content", content), **parts.pop("response", {})},
        **parts,
    }


def archive(folder: Path, *entries: dict[str, Any]) -> Path:
    """A file with these entries."""
    file = folder / "traffic.har"
    content = {"log": {"version": "1.2", "creator": {"name": "tests", "version": "1"}, "entries": list(entries)}}
    file.write_text(json.dumps(content), "utf-8")
    return file


def _listed(headers: dict[str, str]) -> list[dict[str, str]]:
    return [{"name": name, "value": value} for name, value in headers.items()]
