"""Bodies that bring careless servers down: the gateway refuses or accepts them, and goes on."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from conformance.client.errors import NotOfferedError
from conformance.journal.records import Mismatch
from conformance.money.budget import refuses
from conformance.suite.beatra.answers import observe_unlisted
from conformance.suite.scenarios import requirement, scenario

if TYPE_CHECKING:
    from conformance.journal.records import Exchange
    from conformance.suite.beatra.conftest import OpenGateway
    from conformance.suite.beatra.gateway import Gateway

FROM_TEXT: Final = "/music/text-to-music"
FROM_REFERENCE: Final = "/music/reference-audio-to-music"
UPLOADS: Final = "/uploads"
JSON: Final = "application/json"
LEVELS: Final = 10_000
IN_FRONT: Final = (502, 503, 504)
MANY_BYTES: Final = 2_000_000
MANY_DIGITS: Final = 5_000
UNTYPED_FILE: Final = b'--x\r\nContent-Disposition: form-data; name="file"; filename="take 1"\r\n\r\nRIFF\r\n--x--\r\n'
PLAIN: Final = b'{"model": "minimax-music-2.6", "prompt": "quiet piano and soft strings at night"}'


@dataclass(frozen=True, slots=True)
class Body:
    """A body for one path; `huge` ones may be cut off before an answer is given."""

    path: str
    content: bytes
    media_type: str | None = JSON
    huge: bool = False


@dataclass(frozen=True, slots=True)
class Attack:
    """What came of the bodies, up to the first that got no answer, and an ordinary request after them."""

    answered: tuple[Exchange, ...]
    unanswered: Exchange | None
    afterwards: Exchange


def song_with(member: bytes) -> bytes:
    """The text of a body with one member added to what makes a song."""
    return PLAIN[:-1] + b", " + member + b"}"


BODIES: Final = (
    Body(FROM_TEXT, b"[" * LEVELS + b"]" * LEVELS),
    Body(FROM_TEXT, song_with(b'"metadata": ' + b'{"a": ' * LEVELS + b"1" + b"}" * LEVELS)),
    Body(FROM_REFERENCE, b"[" * LEVELS),
    Body(FROM_TEXT, b"null"),
    Body(FROM_TEXT, b"[]"),
    Body(FROM_REFERENCE, b'"a song"'),
    Body(FROM_TEXT, b'{"model": "minimax-music-2.6", "prompt": "\xff\xfe"}'),
    Body(FROM_TEXT, b'{"model": "minimax-music-2.6", "prompt": "\\ud800 quiet piano at night"}'),
    Body(FROM_TEXT, b'{"model": "minimax-music-2.6", "prompt": "quiet piano\\u0000 at night"}'),
    Body(FROM_TEXT, song_with(b'"model_options": {"suno": {"style_weight": ' + b"9" * MANY_DIGITS + b"}}")),
    Body(FROM_TEXT, song_with(b'"model_options": {"suno": {"style_weight": 1e999}}')),
    Body(FROM_TEXT, song_with(b'"model_options": []')),
    Body(FROM_REFERENCE, song_with(b'"reference_audio": null')),
    Body(UPLOADS, b"--nothing", "multipart/form-data"),
    Body(UPLOADS, b"--x\r\nContent-Disposition: form-data", "multipart/form-data; boundary=x"),
    Body(UPLOADS, PLAIN),
    Body(UPLOADS, UNTYPED_FILE, "multipart/form-data; boundary=x"),
    Body(FROM_TEXT, song_with(b'"title": "' + b"x" * MANY_BYTES + b'"'), huge=True),
)
# JSON under another name, and under none.
MISNAMED: Final = tuple(Body(FROM_TEXT, PLAIN, name) for name in ("text/plain", "application/xml", None))
# Reference audio in networks that the server must not reach: with play money only, as no document has it refused.
INWARD: Final = tuple(
    Body(FROM_REFERENCE, song_with(b'"reference_audio": {"type": "url", "url": "https://%b/audio.wav"}' % host))
    for host in (b"127.0.0.1", b"[::1]", b"[::ffff:127.0.0.1]")
)


@scenario(refuses(18, doubtful=True, requests=22))
def attack(gateway: OpenGateway) -> Attack:
    """Every body once; a server fault is met a second time by the client itself."""
    with gateway("attack") as beatra:
        inward = () if beatra.account.frugal else INWARD
        answered, unanswered = fire(beatra, (*BODIES, *MISNAMED, *inward))
        observe_unlisted(beatra, answered)
        return Attack(answered, unanswered, ordinary_request(beatra))


def ordinary_request(beatra: Gateway) -> Exchange:
    """An ordinary request; one that gets no answer is made again, as a connection may be lost for other reasons."""
    first = beatra.list_tasks(limit=1)
    return first if first.response is not None else beatra.list_tasks(limit=1)


def fire(beatra: Gateway, bodies: tuple[Body, ...]) -> tuple[tuple[Exchange, ...], Exchange | None]:
    """What was answered, and the first exchange without an answer, which ends it: each may take a time limit."""
    answered: list[Exchange] = []
    for body in bodies:
        headers = {} if body.media_type is None else {"Content-Type": body.media_type}
        exchange = beatra.account.request("POST", body.path, headers=headers, content=body.content)
        if exchange.response is not None:
            answered.append(exchange)
        elif not body.huge:
            return tuple(answered), exchange
        if body in MISNAMED and exchange.response is not None:
            text = f"JSON as {body.media_type or 'nothing'} gets {exchange.status}"
            beatra.observe("BEATRA-OBS-WRONG-MEDIA-TYPE", text, exchange)
    return tuple(answered), None


@requirement("BEATRA-ERROR-06")
def test_the_gateway_goes_on_after_hostile_bodies(attack: Attack) -> None:
    after = attack.afterwards
    if after.response is None or after.status in IN_FRONT:
        # Something in front of the gateway may drop a client that sent such bodies.
        got = after.failure or after.status
        raise NotOfferedError(f"an ordinary request after hostile bodies got no answer of the gateway: {got}")
    if after.status >= 500:
        raise Mismatch(f"expected an ordinary answer after hostile bodies, got {after.status}", after.id)


@requirement("BEATRA-ERROR-06")
def test_every_hostile_body_gets_an_answer(attack: Attack) -> None:
    silent = attack.unanswered
    if silent is not None:
        sentence = f"a body of {silent.request.body.size} bytes got no answer: {silent.failure}"
        raise NotOfferedError(sentence)

    assert attack.answered, "expected an answer to at least one body"
