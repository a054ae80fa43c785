"""The older pair of requests, which the documents announce to be withdrawn: judged where it is served."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from conformance.client.errors import BlockedError, NotApplicableError
from conformance.journal.records import Mismatch
from conformance.money.budget import spends
from conformance.suite.batch import decided
from conformance.suite.beatoven.studio import Composition, let_in
from conformance.suite.beatoven.test_formats import delivers
from conformance.suite.scenarios import requirement, scenario

if TYPE_CHECKING:
    from collections.abc import Mapping

    from conformance.journal.records import Exchange
    from conformance.suite.beatoven.conftest import OpenStudio

CREATES: Final = "BEATOVEN-OLDER-01"
COMPOSES: Final = "BEATOVEN-OLDER-02"
PROMPT: Final = "20 seconds quiet choir over a single organ note"
_ASKED: Final[Mapping[str, Any]] = {"prompt": {"text": PROMPT}}


@dataclass(frozen=True, slots=True)
class Older:
    """The track that was created, and its composition; None where there was no track to compose."""

    created: Exchange
    composition: Composition | None

    @property
    def served(self) -> Exchange:
        """The answer to the first request (raises `NotApplicableError` where the pair is not served)."""
        answer = decided(self.created)
        if answer.outcome.refusal:
            raise NotApplicableError(f"the older pair is not served: {answer.summary}")
        return answer

    @property
    def composed(self) -> Composition:
        """The composition of the track that was created; blocked where there is none."""
        if self.composition is None:
            raise BlockedError(CREATES, f"no track was created: {self.served.summary}")
        return self.composition


def track_id_in(exchange: Exchange) -> str | None:
    """The id of the track that was created, None where there is none."""
    tracks = exchange.get("/tracks") if exchange.accepted else None
    first = tracks[0] if isinstance(tracks, list) and tracks else None
    return first if isinstance(first, str) and first else None


@scenario(spends("composeCreatedTrack", requests=2))
def older_pair(studio: OpenStudio) -> Older:
    """A track that is created, and then composed in mp3."""
    with studio("older-pair") as beatoven:
        created = beatoven.account.call("createTrack", json=_ASKED)
        told = "served" if created.accepted else f"not served: {created.summary}"
        if created.accepted or created.outcome.refusal:
            beatoven.observe("BEATOVEN-OBS-OLDER-PAIR", told, created)
        track_id = track_id_in(created)
        if track_id is None:
            return Older(created, None)
        answer = beatoven.account.call("composeCreatedTrack", path={"track_id": track_id}, json={"format": "mp3"})
        return Older(created, beatoven.followed(PROMPT, answer, answer))


@requirement(CREATES)
def test_the_older_request_creates_a_track(older_pair: Older) -> None:
    answer = older_pair.served
    tracks = answer.array("/tracks")

    assert answer.string("/status") == "created"
    assert len(tracks) == 1, f"expected one track, got {len(tracks)}"
    assert track_id_in(answer), f"expected the id of a track, got {tracks[0]!r:.80}"


@requirement(COMPOSES)
def test_the_older_request_composes_the_track(older_pair: Older) -> None:
    older_pair.served  # noqa: B018 - raises where the pair is not served
    answer = let_in(older_pair.composed.created)
    if not answer.accepted:
        raise Mismatch(f"expected the composition to start, got {answer.summary}", older_pair.created.id, answer.id)

    assert answer.string("/status") == "started"
    assert answer.string("/task_id"), "expected the id of a task, got an empty text"


def task_of(older: Older) -> Exchange:
    """The task of the composition as it was composed; blocked where no task was started."""
    older.served  # noqa: B018 - raises where the pair is not served
    answer = let_in(older.composed.created)
    if not answer.accepted or not isinstance(answer.get("/task_id"), str) or not older.composed.polls:
        raise BlockedError(COMPOSES, f"the composition was answered {answer.summary}")
    return older.composed.composed


@requirement("BEATOVEN-OLDER-03")
def test_the_older_task_is_about_the_created_track(older_pair: Older) -> None:
    shown = task_of(older_pair)

    assert shown.string("/meta/track_id") == track_id_in(older_pair.created)
    assert shown.string("/meta/prompt/text") == PROMPT


@requirement("BEATOVEN-OLDER-04")
def test_the_older_composition_delivers_the_format_asked_for(older_pair: Older) -> None:
    task_of(older_pair)
    delivers(older_pair.composed, "mp3")
