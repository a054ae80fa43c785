"""A shop of songs: a target with books of its own that the suite is not told about, honest unless told not to be."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from decimal import Decimal
from threading import RLock
from typing import TYPE_CHECKING, Any, Final

from conformance.client.transports.base import NoAnswerError
from conformance.contract.contract import Contract
from conformance.contract.conventions import parse_conventions
from conformance.contract.document import Document
from conformance.contract.requirements import Registry
from tests.client.bench import AUTHENTICATION, answer, headers_of
from tests.monitors.sample import CONVENTIONS, DOCUMENT

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from conformance.client.transports.base import Incoming, Outgoing

LOUD, SOFT = "loud", "soft"
PRICES: Final[Mapping[str, Decimal]] = {LOUD: Decimal(30), SOFT: Decimal(5)}
MARKS: Final = "tags"
_OVER: Final = ("done", "stopped")


def shop_contract(prices: Mapping[str, Decimal] | None = None) -> Contract:
    """The sample contract, with songs that carry marks."""
    known: dict[str, Any] = {**CONVENTIONS}
    tasks = {**known["tasks"], "marks": f"/{MARKS}"}
    conventions = parse_conventions({**known, "authentication": AUTHENTICATION, "tasks": tasks})
    return Contract(Document(DOCUMENT), Registry(()), conventions).with_prices(prices or {})


@dataclass
class Song:
    """A task in the shop's books."""

    id: str
    model: str
    tags: object
    paid: Decimal
    back: Decimal = Decimal(0)
    state: str = "working"


def plainly(song: Song) -> object:
    """What a song was charged, as the documents want it written."""
    return f"{song.paid:f}"


@dataclass
class Shop:
    """
    The target of a client whose requests it answers; `asked` are methods and paths in their order.

    It charges `markup` times the price, is `lenient` towards what it must refuse, and `mute` when it carries out what
    it is asked for but its answers to creations get lost. `shown` says how it writes charges.
    """

    prices: Mapping[str, Decimal] = field(default_factory=lambda: PRICES)
    markup: Decimal = Decimal(1)
    lenient: bool = False
    mute: bool = False
    cancels: bool = True
    refunds: bool = True
    shown: Callable[[Song], object] = plainly
    songs: dict[str, Song] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)
    bodies: list[bytes] = field(default_factory=list)
    keys: list[str] = field(default_factory=list)
    most: Decimal = Decimal(0)
    _by_key: dict[str, Song] = field(default_factory=dict)
    _lock: RLock = field(default_factory=RLock)

    @property
    def exposure(self) -> Decimal:
        """What was charged and not given back."""
        return sum((song.paid - song.back for song in self.songs.values()), Decimal(0))

    def states(self) -> list[str]:
        return [song.state for song in self.songs.values()]

    def __call__(self, outgoing: Outgoing) -> Incoming:
        path = outgoing.url.partition("/api")[2]
        content = outgoing.content if isinstance(outgoing.content, bytes) else b""
        key = (headers_of(outgoing, "Once-Key") or [""])[0]
        return self.answered(outgoing.method, path, content, key)

    def answered(self, method: str, path: str, content: bytes, key: str) -> Incoming:
        """The answer to one request; requests are carried out one after the other."""
        with self._lock:
            return self._answered(method, path, content, key)

    def finish(self) -> None:
        """Let all songs that go on succeed."""
        for song in self.songs.values():
            song.state = "done" if song.state == "working" else song.state

    def _answered(self, method: str, path: str, content: bytes, key: str) -> Incoming:
        self.asked.append(f"{method} {path}")
        if (method, path) == ("POST", "/songs"):
            self.bodies.append(content)
            self.keys.append(key)
            return self._created(content, key)
        if path == "/songs":
            return answer(200, {"songs": [self._shown(song) for song in reversed(self.songs.values())]})
        song = self.songs.get(path.split("/")[2]) if path.startswith("/songs/") else None
        if song is None:
            return answer(200, {}) if path == "/files" else answer(404, _fault("unknown"))
        if path.endswith("/stop"):
            self._stop(song)
        return answer(200, self._shown(song))

    def _created(self, content: bytes, key: str) -> Incoming:
        body = _body(content)
        model = body.get("model")
        if model not in self.prices and not self.lenient:
            return answer(422, _fault("malformed"))
        song = self._by_key.get(key) if key else None
        if song is None:
            song = self._made(str(model), body.get(MARKS))
            if key:
                self._by_key[key] = song
        if self.mute:
            raise NoAnswerError("cut", "the connection was cut")
        return answer(202, self._shown(song))

    def _made(self, model: str, tags: object) -> Song:
        price = self.prices.get(model, max(self.prices.values()))
        song = Song(f"s{len(self.songs) + 1}", model, tags, price * self.markup)
        self.songs[song.id] = song
        self.most = max(self.most, self.exposure)
        return song

    def _stop(self, song: Song) -> None:
        if self.cancels and song.state not in _OVER:
            song.state = "stopped"
            song.back = song.paid if self.refunds else Decimal(0)

    def _shown(self, song: Song) -> dict[str, Any]:
        cost = {"paid": self.shown(song), "back": f"{song.back:f}"}
        return {"song": song.id, "state": song.state, "engine": song.model, MARKS: song.tags, "cost": cost}


def _body(content: bytes) -> dict[str, Any]:
    try:
        body = json.loads(content)
    except ValueError:
        return {}
    return body if isinstance(body, dict) else {}


def _fault(kind: str) -> dict[str, Any]:
    return {"fault": {"kind": kind, "text": "No.", "again": False}}
