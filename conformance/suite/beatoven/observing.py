"""What the API does where the documents leave it open: kept as observations, never judged."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final
from urllib.parse import urlsplit

from conformance.client.errors import UndecidedError
from conformance.client.request import PreparedRequest
from conformance.contract.outcomes import Outcome
from conformance.suite.any_api.creating import unlike
from conformance.suite.beatoven.sound import format_of, heard
from conformance.suite.beatoven.studio import STEMS, stem_urls

if TYPE_CHECKING:
    from collections.abc import Mapping

    from conformance.journal.records import Exchange
    from conformance.suite.beatoven.studio import Composition, Studio
    from conformance.suite.media import Delivery

_REFUSED: Final[Mapping[str, Mapping[str, Any]]] = {
    "no prompt": {"format": "wav"},
    "an empty text": {"prompt": {"text": ""}},
    "a prompt that is a text": {"prompt": "20 seconds calm piano"},
    "another format": {"prompt": {"text": "20 seconds calm piano"}, "format": "ogg"},
}
_JSON: Final = b'{"prompt": {"text": "20 seconds calm piano"}}'
# The query parameters that carry signatures of the usual stores of files.
_SIGNATURES: Final = ("x-amz-signature", "x-goog-signature", "signature", "sig", "expires")


def observe_composition(studio: Studio, found: Composition) -> None:
    """The answer to a composition, its task before and after its end, and its files."""
    created = found.created
    if not created.accepted:
        return
    studio.observe("BEATOVEN-OBS-SUCCESS-STATUS", f"{created.status}", created)
    if not found.polls or found.track is None:
        return
    last = found.polls[-1]
    _observe_ids(studio, created, last)
    for text, poll in {_unfinished(poll): poll for poll in found.polls[:-1]}.items():
        studio.observe("BEATOVEN-OBS-UNFINISHED", text, poll)
    meta = last.get("/meta")
    if isinstance(meta, dict):
        studio.observe("BEATOVEN-OBS-META", ", ".join(sorted(map(str, meta))), last)
    studio.observe("BEATOVEN-OBS-STEMS", ", ".join(sorted(stem_urls(last))) or "none", last)
    _observe_track(studio, found.prompt, found.track)
    _observe_stems(studio, found)


def _unfinished(poll: Exchange) -> str:
    beside = sorted(set(_members(poll)) - {"status"})
    return f"{poll.get('/status')!r:.40} shows {', '.join(beside) or 'nothing'} beside its status"


def _observe_ids(studio: Studio, created: Exchange, last: Exchange) -> None:
    track_id, version = last.get("/meta/track_id"), last.get("/meta/version")
    if isinstance(track_id, str):
        same = created.get("/task_id") == f"{track_id}_{version}"
        text = f"the task's id is {'' if same else 'not '}that of its track with the version behind it"
        studio.observe("BEATOVEN-OBS-TASK-ID", text, created, last)


def _observe_track(studio: Studio, prompt: str, track: Delivery) -> None:
    parts = urlsplit(track.url)
    signed = any(f"{name}=" in parts.query.lower() for name in _SIGNATURES)
    text = f"at {parts.scheme}://{parts.hostname}, {'signed' if signed else 'without a signature'}"
    studio.observe("BEATOVEN-OBS-URLS", text, *filter(None, [track.exchange]))
    played = heard(track)
    if played is None:
        return
    exchange, audio = played
    declared = exchange.header("Content-Type") or "nothing"
    studio.observe("BEATOVEN-OBS-MEDIA-TYPE", f"{format_of(audio)} is declared as {declared}", exchange)
    if prompt.startswith("30 seconds "):
        studio.observe("BEATOVEN-OBS-LENGTH", f"{audio.seconds:.1f} s for {prompt!r:.80}", exchange)


def _observe_stems(studio: Studio, found: Composition) -> None:
    track = heard(found.track)
    heard_stems = [(name, played) for name in STEMS if (played := heard(found.stems.get(name))) is not None]
    if track is not None and heard_stems:
        formats = ", ".join(sorted({format_of(audio) for _, (_, audio) in heard_stems}))
        text = f"the track is {format_of(track[1])}, its stems are {formats}"
        studio.observe("BEATOVEN-OBS-STEM-FORMAT", text, *(exchange for _, (exchange, _) in heard_stems))


def observe_strangers(studio: Studio, found: Composition) -> None:
    """What a task gives that was never started, and what another account gets of one."""
    task_id = found.created.get("/task_id") if found.created.accepted else None
    if not isinstance(task_id, str) or not task_id:
        return
    unknown = studio.get_task(unlike(task_id))
    studio.observe("BEATOVEN-OBS-UNKNOWN-TASK", _told(unknown), unknown)
    try:
        foreign = studio.account.other_tenant().call("getTask", path={"task_id": task_id})
    except UndecidedError:
        return
    studio.observe("BEATOVEN-OBS-FOREIGN-TASK", _told(foreign), foreign)


def observe_refusals(studio: Studio) -> None:
    """Requests of which no document says what becomes of them: with play money only, as they may be accepted."""
    for name, body in _REFUSED.items():
        answer = studio.compose(body)
        studio.observe("BEATOVEN-OBS-REFUSALS", f"{name}: {_told(answer)}", answer)
    broken = _posted(studio, b'{"prompt": ', "application/json")
    studio.observe("BEATOVEN-OBS-REFUSALS", f"a body that is no JSON: {_told(broken)}", broken)
    for declared in ("application/json; charset=utf-8", "text/plain", None):
        answer = _posted(studio, _JSON, declared)
        studio.observe("BEATOVEN-OBS-CONTENT-TYPE", f"{declared or 'no type'}: {_told(answer)}", answer)
    keyless = studio.account.call("composeTrack", json={"prompt": {"text": "20 seconds calm piano"}}, key=None)
    studio.observe("BEATOVEN-OBS-KEYLESS", _told(keyless), keyless)


def observe_failure(studio: Studio, body: Mapping[str, Any]) -> None:
    """A task that was made to fail, where the control interface can do that."""
    if not studio.offers("tasks/outcome"):
        return
    studio.account.control.next_outcome("failed")
    created = studio.compose(body)
    task_id = created.get("/task_id") if created.accepted else None
    if isinstance(task_id, str) and task_id:
        last = studio.finished(task_id)[-1]
        beside = sorted(set(_members(last)) - {"status"})
        shown = ", ".join(beside) or "nothing"
        text = f"{last.status} with the status {last.get('/status')!r:.40} and {shown} beside it"
        studio.observe("BEATOVEN-OBS-FAILED", text, last)


def _posted(studio: Studio, content: bytes, declared: str | None) -> Exchange:
    url = f"{studio.account.client.base_url}/api/v1/tracks/compose"
    headers = () if declared is None else (("Content-Type", declared),)
    return studio.account.send(PreparedRequest("POST", url, headers, content, "composeTrack"))


def _members(exchange: Exchange) -> list[str]:
    body = exchange.get("") if exchange.response is not None else None
    return [str(name) for name in body] if isinstance(body, dict) else []


def _told(exchange: Exchange) -> str:
    if exchange.outcome is Outcome.NO_ANSWER:
        return "no answer"
    return f"{exchange.outcome.value}, {exchange.summary}"
