"""Records as JSON, and back: the first line of a journal file, and every other one."""

from __future__ import annotations

import base64
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from sys import intern
from typing import TYPE_CHECKING, Any, Final, cast

from conformance.contract.outcomes import Interpretation, Outcome, by_status
from conformance.journal.records import (
    BalanceReading,
    Body,
    Exchange,
    Headers,
    Observation,
    Request,
    Response,
    StreamFrame,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from conformance.journal.records import Origin


JOURNAL_VERSION = 1


@dataclass(frozen=True, slots=True)
class Header:
    """
    The first line of every file of a run's journal.

    `seed` is None when the run drew nothing at random.
    """

    run: str
    system: str
    contract_version: str
    suite_version: str
    started_at: datetime
    seed: int | None = None


INLINE_BYTES = 64 * 1024
_SHARED: Final = 4096
_SHORT: Final = 2048
_EMPTY: Final = Body()

# Facts of an exchange that are absent from most, and then from its line.
_RARE = ("operation", "account", "cause", "failure", "generated", "repeats")


def encoded_header(header: Header) -> dict[str, Any]:
    """The first line of a file."""
    return {
        "type": "header",
        "journal_version": JOURNAL_VERSION,
        "run": header.run,
        "system": header.system,
        "contract_version": header.contract_version,
        "suite_version": header.suite_version,
        "started_at": header.started_at.isoformat(),
        "seed": header.seed,
    }


def decoded_header(line: Mapping[str, Any]) -> Header:
    """The header in a line."""
    return Header(
        run=line["run"],
        system=line["system"],
        contract_version=line["contract_version"],
        suite_version=line["suite_version"],
        started_at=datetime.fromisoformat(line["started_at"]),
        seed=line["seed"],
    )


def encoded_exchange(exchange: Exchange, put_aside: Callable[[bytes], str]) -> dict[str, Any]:
    """An exchange; `put_aside` keeps a body that is too long for a line and returns the name of its file."""
    line: dict[str, Any] = {
        "type": "exchange",
        "id": exchange.id,
        "at": exchange.at.isoformat(),
        "elapsed_seconds": exchange.elapsed_seconds,
        "origin": exchange.origin,
        "transport": exchange.transport,
        "request": {
            "method": exchange.request.method,
            "url": exchange.request.url,
            "headers": exchange.request.headers.items,
            "body": _encoded_body(exchange.request.body, put_aside),
        },
    }
    if exchange.response is not None:
        line["response"] = {
            "status": exchange.response.status,
            "headers": exchange.response.headers.items,
            "body": _encoded_body(exchange.response.body, put_aside),
        }
        if exchange.response.frames is not None:
            line["response"]["frames"] = [[frame.seconds, frame.data] for frame in exchange.response.frames]
    line.update(_encoded_reading_of(exchange))
    for name in _RARE:
        value = getattr(exchange, name)
        if value is not None:
            line[name] = value
    return line


def decoded_exchange(line: Mapping[str, Any], fetch: Callable[[str], bytes]) -> Exchange:
    """The exchange in a line; `fetch` reads a body that was put aside."""
    request, response = line["request"], line.get("response")
    return Exchange(
        id=line["id"],
        at=datetime.fromisoformat(line["at"]),
        elapsed_seconds=line["elapsed_seconds"],
        origin=cast("Origin", intern(line["origin"])),
        transport=intern(line["transport"]),
        request=Request(
            method=intern(request["method"]),
            url=request["url"],
            headers=_decoded_headers(request["headers"]),
            body=_decoded_body(request["body"], fetch),
        ),
        response=response
        and Response(
            status=response["status"],
            headers=_decoded_headers(response["headers"]),
            body=_decoded_body(response["body"], fetch),
            frames=_decoded_frames(response.get("frames")),
        ),
        read_as=_decoded_interpretation(line),
        **_rare_facts(line),
    )


def _encoded_reading_of(exchange: Exchange) -> dict[str, Any]:
    """The interpretation of the answer, where its status alone does not give it."""
    read = exchange.interpretation
    if read == by_status(exchange.response and exchange.response.status):
        return {}
    facts = {name: getattr(read, name) for name in ("code", "message", "shape", "pointer")}
    known = {name: value for name, value in facts.items() if value is not None}
    return {"read_as": {"outcome": str(read.outcome), **known}}


def _decoded_interpretation(line: Mapping[str, Any]) -> Interpretation | None:
    if "read_as" not in line:
        return None
    told = line["read_as"]
    return Interpretation(**{**told, "outcome": Outcome(told["outcome"])})


def _decoded_frames(frames: list[tuple[float | None, str]] | None) -> tuple[StreamFrame, ...] | None:
    return None if frames is None else tuple(StreamFrame(data, seconds) for seconds, data in frames)


def _rare_facts(line: Mapping[str, Any]) -> dict[str, Any]:
    return {name: intern(line[name]) for name in _RARE if line.get(name) is not None}


def encoded_observation(observation: Observation) -> dict[str, Any]:
    """An observation."""
    return {
        "type": "observation",
        "id": observation.id,
        "text": observation.text,
        "exchanges": observation.exchanges,
    }


def decoded_observation(line: Mapping[str, Any]) -> Observation:
    """The observation in a line."""
    return Observation(id=line["id"], text=line["text"], exchanges=tuple(line["exchanges"]))


def encoded_reading(reading: BalanceReading) -> dict[str, Any]:
    """A reading of a balance."""
    return {
        "type": "reading",
        "account": reading.account,
        "balance": reading.balance,
        "at": reading.at.isoformat(),
    }


def decoded_reading(line: Mapping[str, Any]) -> BalanceReading:
    """The reading in a line."""
    at = datetime.fromisoformat(line["at"])
    return BalanceReading(account=line["account"], balance=line["balance"], at=at)


def _decoded_headers(items: list[list[str]]) -> Headers:
    return Headers(tuple(_header(name, value) for name, value in items))


@lru_cache(maxsize=_SHARED)
def _header(name: str, value: str) -> tuple[str, str]:
    """A header: most occur in many exchanges, and a long recording holds each of them once."""
    return name, value


@lru_cache(maxsize=_SHARED)
def _short_body(text: str, size: int, sha256: str | None, truncated: bool) -> Body:  # noqa: FBT001 - the key of a cache
    """A short body, shared by all exchanges that have the same one, so that its JSON is parsed once."""
    return Body(text.encode("utf-8"), size, sha256, truncated)


def _encoded_body(body: Body, put_aside: Callable[[bytes], str]) -> dict[str, Any] | None:
    if body.sha256 is None and not (body.content or body.size or body.truncated):
        return None
    line: dict[str, Any] = {"size": body.size, "sha256": body.sha256}
    if body.truncated:
        line["truncated"] = True
    if len(body.content) > INLINE_BYTES:
        line["file"] = put_aside(body.content)
        return line
    try:
        line["text"] = body.content.decode("utf-8")
    except UnicodeDecodeError:
        line["base64"] = base64.b64encode(body.content).decode("ascii")
    return line


def _decoded_body(line: Mapping[str, Any] | None, fetch: Callable[[str], bytes]) -> Body:
    if line is None:
        return _EMPTY
    size, sha256, truncated = line["size"], line["sha256"], line.get("truncated", False)
    text = line.get("text")
    if isinstance(text, str) and len(text) <= _SHORT:
        return _short_body(text, size, sha256, truncated)
    return Body(_decoded_content(line, fetch), size, sha256, truncated)


def _decoded_content(line: Mapping[str, Any], fetch: Callable[[str], bytes]) -> bytes:
    if "file" in line:
        return fetch(line["file"])
    if "base64" in line:
        return base64.b64decode(line["base64"], validate=True)
    text: str = line["text"]
    return text.encode("utf-8")
