"""HTTP archives (HAR 1.2), as browsers and proxies write them: read within bounds, and believed in nothing."""

from __future__ import annotations

import base64
import json
from collections import Counter
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import urlencode, urlsplit

import jsonschema_rs

from conformance.contract.files import bytes_of, specs_root
from conformance.journal.records import Body, Exchange, Headers, Request, Response
from conformance.traffic.errors import ArchiveTooLargeError, NothingOfTargetError, UnreadableArchiveError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from conformance.contract.contract import Contract

LARGEST_BYTES: Final = 256 * 1024 * 1024
MOST_ENTRIES: Final = 20_000
_FORM: Final = "application/x-www-form-urlencoded"
# The answer stands in a cache of the browser; what it holds was judged when it came.
_NOT_MODIFIED: Final = 304


@dataclass(frozen=True, slots=True)
class Archived:
    """The exchanges of an archive that went to the API, and where that is."""

    base_url: str
    exchanges: tuple[Exchange, ...]


def read_har(file: Path, contract: Contract, base_url: str | None) -> Archived:
    """
    What a HAR file has of an API; unless its URL is given, it is where most documented requests went.

    Raises:
        UnreadableArchiveError: the file can't be read, or is no HAR.
        ArchiveTooLargeError: it is too long, or has too many entries.
        NothingOfTargetError: no request went to the API.
    """
    entries = _entries(file)
    base_url = base_url.rstrip("/") if base_url else _guessed(entries, contract)
    below = tuple(
        _exchange(entry, number)
        for number, entry in enumerate(entries, start=1)
        if base_url is not None and _is_below(entry["request"]["url"], base_url) and not _is_cached(entry)
    )
    if base_url is None or not below:
        where = f"below {base_url}" if base_url else "to an operation of the document"
        raise NothingOfTargetError(f"No request in {file} went {where}; --base-url says where the API is.")
    return Archived(base_url, below)


def _entries(file: Path) -> list[dict[str, Any]]:
    try:
        size = file.stat().st_size
        if size > LARGEST_BYTES:
            raise ArchiveTooLargeError(f"{file} has {size:,} bytes; at most {LARGEST_BYTES:,} are read.")
        content = json.loads(bytes_of(file, LARGEST_BYTES))
    except OSError as error:
        raise UnreadableArchiveError(f"{file} can't be read: {error.strerror}.") from error
    except (ValueError, RecursionError) as error:
        raise UnreadableArchiveError(f"{file} is no HAR file: it is not JSON.") from error
    _check(file, content)
    entries: list[dict[str, Any]] = content["log"]["entries"]
    if len(entries) > MOST_ENTRIES:
        raise ArchiveTooLargeError(f"{file} has {len(entries):,} entries; at most {MOST_ENTRIES:,} are read.")
    return entries


def _check(file: Path, content: object) -> None:
    schema = json.loads((specs_root() / "schemas" / "har.schema.json").read_text("utf-8"))
    try:
        problem = next(jsonschema_rs.Draft202012Validator(schema).iter_errors(content), None)
    except ValueError as error:
        raise UnreadableArchiveError(f"{file} is no HAR file: it is nested too deeply.") from error
    if problem is not None:
        place = "/".join(map(str, problem.instance_path))[:120] or "the top"
        raise UnreadableArchiveError(f"{file} is no HAR file: at {place} {problem.message[:200]}.")


def _guessed(entries: list[dict[str, Any]], contract: Contract) -> str | None:
    """The URL below which most requests reach an operation of the document."""
    counts: Counter[str] = Counter()
    for entry in entries:
        for base in _bases(entry["request"]["url"]):
            path = entry["request"]["url"].removeprefix(base).partition("?")[0]
            if contract.document.match(entry["request"]["method"], path) is not None:
                counts[base] += 1
    # Of those that explain as many, the longest: a document whose paths begin with a parameter matches anywhere.
    return max(counts, key=lambda base: (counts[base], len(base))) if counts else None


def _bases(url: str) -> Iterator[str]:
    """The URLs that a request may be below: its origin, and that with the first parts of its path."""
    try:
        parts = urlsplit(url)
    except ValueError:
        return
    if parts.scheme not in ("http", "https") or not parts.netloc:
        return
    base = f"{parts.scheme}://{parts.netloc}"
    yield base
    for name in parts.path.split("/")[1:4]:
        base = f"{base}/{name}"
        yield base


def _is_below(url: str, base_url: str) -> bool:
    following = url.removeprefix(base_url)
    return following != url and following[:1] in ("", "/", "?")


def _is_cached(entry: Mapping[str, Any]) -> bool:
    return entry["response"]["status"] == _NOT_MODIFIED or bool(entry.get("_fromCache"))


def _exchange(entry: Mapping[str, Any], number: int) -> Exchange:
    asked, answered = entry["request"], entry["response"]
    received = answered["status"] > 0
    reason = str(entry.get("_error") or answered.get("_error") or "the archive has no answer")
    return Exchange(
        id=f"har-{number}",
        at=_moment(entry["startedDateTime"]),
        elapsed_seconds=max(0.0, min(float(entry.get("time") or 0) / 1000, 86_400)),
        request=Request(asked["method"], asked["url"], _headers(asked), _sent(asked)),
        response=Response(answered["status"], _headers(answered), _received(answered)) if received else None,
        transport="har",
        failure=None if received else reason[:200],
    )


def _moment(text: str) -> datetime:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return datetime.fromtimestamp(0, UTC)
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def _headers(part: Mapping[str, Any]) -> Headers:
    return Headers(tuple((header["name"], header["value"]) for header in part.get("headers", ())))


def _sent(asked: Mapping[str, Any]) -> Body:
    posted = asked.get("postData") or {}
    text = posted.get("text")
    if not isinstance(text, str):
        fields = [(field["name"], field.get("value") or "") for field in posted.get("params") or ()]
        if posted.get("mimeType") != _FORM:
            # The fields of a multipart form say nothing about its bytes.
            return Body(size=max(asked.get("bodySize") or 0, 0), truncated=bool(fields))
        text = urlencode(fields, errors="surrogatepass")
    content = text.encode("utf-8", "surrogatepass")
    return Body(content, len(content))


def _received(answered: Mapping[str, Any]) -> Body:
    """The body of an answer; one that the archive does not hold whole is never judged."""
    content = answered.get("content") or {}
    text, size = content.get("text"), max(content.get("size") or 0, 0)
    if not isinstance(text, str):
        return _untold(answered, size)
    try:
        data = base64.b64decode(text) if content.get("encoding") == "base64" else text.encode("utf-8", "surrogatepass")
    except ValueError:
        return Body(size=max(size, 1), truncated=True)
    return Body(data, max(size, len(data)), truncated=len(data) < size)


def _untold(answered: Mapping[str, Any], size: int) -> Body:
    """A body of which the archive holds nothing: empty, if anything in it says so."""
    lengths = [header["value"].strip() for header in answered.get("headers", ()) if _is_length(header["name"])]
    if not size and (answered.get("bodySize") == 0 or "0" in lengths):
        return Body()
    return Body(size=max(size, answered.get("bodySize") or 0, 1), truncated=True)


def _is_length(name: str) -> bool:
    return name.lower() == "content-length"
