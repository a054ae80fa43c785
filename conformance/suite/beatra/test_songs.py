"""Text to music, from the 202 to clips that play: one paid song of each model serves many requirements."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Final

import pytest

from conformance.client.errors import BlockedError, NothingToAddError, NotOfferedError, UndecidedError
from conformance.journal.records import Mismatch
from conformance.money.budget import PLAY, keeps
from conformance.suite.audio import Audio, UnplayableError, decode
from conformance.suite.beatra.answers import decided, taken
from conformance.suite.beatra.bodies import MINIMAX, SUNO
from conformance.suite.beatra.gateway import CREATES, accepted, is_accepted
from conformance.suite.beatra.songs import cover_of, minimax_song_of, suno_song
from conformance.suite.media import Delivery, delivered, urls_in
from conformance.suite.scenarios import requirement, scenario

if TYPE_CHECKING:
    from collections.abc import Mapping

    from conformance.journal.records import Exchange
    from conformance.suite.beatra.conftest import OpenGateway
    from conformance.suite.beatra.gateway import Gateway

TASK_ENDS: Final = "BEATRA-TASK-05"
TWO_CLIPS: Final = "BEATRA-MUSIC-04"
CLIPS: Final = "BEATRA-MUSIC-06"
# No model makes more; of a task that shows more, none is downloaded.
_MOST_CLIPS: Final = 4
ENOUGH: Final = Decimal(500)
_WANTS_KEY: Final = (401, 403)


@dataclass(frozen=True, slots=True)
class Song:
    """One song: its creation, its sightings (none if it was refused), what the URLs of each clip gave."""

    created: Exchange
    polls: tuple[Exchange, ...]
    deliveries: tuple[tuple[Delivery, ...], ...]

    @property
    def last(self) -> Exchange:
        """The last sighting of the task; blocked when it was never accepted."""
        return self.polls[-1] if self.polls else accepted(self.created, "/task_id", CREATES)

    @property
    def clips(self) -> list[Any]:
        """The clips of the finished task; blocked while it has not succeeded, or when they are no list."""
        found = self.ended.get("/output/clips")
        if not isinstance(found, list):
            raise BlockedError(CLIPS, "the task shows no list of clips")
        return found

    @property
    def ended(self) -> Exchange:
        """The sighting that shows the success of the task; blocked when there is none."""
        if self.last.get("/status") != "succeeded":
            raise BlockedError(
                TASK_ENDS, f"the task did not succeed but is {self.last.get('/status')!r:.80} ({self.last.summary})"
            )
        return self.last

    @property
    def clip_objects(self) -> list[dict[str, Any]]:
        """The clips that are objects; blocked when there is none."""
        found = [clip for clip in self.clips if isinstance(clip, dict)]
        if not found:
            raise BlockedError(CLIPS, "the task shows no clip")
        return found


@dataclass(frozen=True, slots=True)
class Example:
    """The request of the guide as it was answered, and the song that was made of it or, if refused, of a plain one."""

    answer: Exchange
    song: Song


def song_of(beatra: Gateway, created: Exchange) -> Song:
    if not is_accepted(created):
        return Song(created, (), ())
    polls = beatra.finished(created).polls
    clips = polls[-1].get("/output/clips")
    shown = clips[:_MOST_CLIPS] if isinstance(clips, list) else []
    return Song(created, polls, tuple(tuple(delivered(beatra.account, url) for url in urls_in(clip)) for clip in shown))


@scenario(keeps(SUNO, requests=2))
def documented_example(gateway: OpenGateway) -> Example:
    """The documented example, carried out with suno-5.5."""
    with gateway("suno-song") as beatra:
        answer, created = suno_song(beatra)
        song = song_of(beatra, created)
        observe_created(beatra, song.created)
        observe_clips(beatra, song)
        custom = "accepted" if answer.accepted else "not accepted"
        beatra.observe("BEATRA-OBS-CUSTOM-TITLE", f"custom mode without a title is {custom}", answer)
        return Example(answer, song)


@scenario(keeps(MINIMAX, requests=1))
def minimax_song(gateway: OpenGateway) -> Song:
    """A song with minimax-music-2.6."""
    with gateway("minimax-song") as beatra:
        song = song_of(beatra, minimax_song_of(beatra))
        observe_clips(beatra, song)
        return song


@scenario(PLAY)
def cover_song(gateway: OpenGateway) -> Song:
    """Music from an uploaded artifact, followed to its success: with real money songs from text must do."""
    with gateway("cover-song", wants=("tasks/outcome",), balance=ENOUGH) as beatra:
        artifact_id = beatra.uploaded()
        if beatra.offers("tasks/outcome"):
            beatra.control.next_outcome("succeeded")
        return song_of(beatra, beatra.create_from_reference(cover_of(artifact_id)))


def observe_created(beatra: Gateway, created: Exchange) -> None:
    shown = created.get("") if created.accepted else None
    if isinstance(shown, dict):
        text = f"carries {', '.join(sorted(map(str, shown)))}; the task is {shown.get('status')!r:.40}"
        beatra.observe("BEATRA-OBS-CREATED-BODY", text[:400], created)


def observe_clips(beatra: Gateway, song: Song) -> None:
    clips = song.polls[-1].get("/output/clips") if song.polls else None
    if not isinstance(clips, list) or not clips or not isinstance(clips[0], dict):
        return
    beatra.observe("BEATRA-OBS-CLIP-FIELDS", ", ".join(sorted(map(str, clips[0])))[:400], song.polls[-1])
    for clip, deliveries in zip(clips, song.deliveries, strict=False):
        for exchange, audio in (found for each in deliveries if (found := played(each)) is not None):
            declared = declared_types(clip, exchange)
            fits = all(audio.is_of(media_type) for media_type in declared)
            text = f"{audio.container} is declared as {', '.join(declared) or 'nothing'}: {'true' if fits else 'false'}"
            beatra.observe("BEATRA-OBS-CLIP-TYPE", text[:400], exchange)
    digests = [whole.answer.body.sha256 for found in song.deliveries for each in found[:1] if (whole := whole_of(each))]
    if len(set(digests)) < len(digests):
        beatra.observe("BEATRA-OBS-CLIP-CONTENT", "different clips of a task have the same bytes", song.polls[-1])


def whole_of(delivery: Delivery) -> Exchange | None:
    """The exchange that delivered a whole file, None when none did."""
    exchange = delivery.exchange
    return exchange if exchange is not None and exchange.accepted and not exchange.answer.body.truncated else None


def played(delivery: Delivery) -> tuple[Exchange, Audio] | None:
    """The exchange and the audio that it delivered, None when it delivered none."""
    exchange = whole_of(delivery)
    if exchange is None:
        return None
    try:
        return exchange, decode(exchange.answer.body.content)
    except (UnplayableError, UndecidedError):
        return None


def declared_types(clip: Mapping[str, object], exchange: Exchange) -> list[str]:
    """What the clip and the answer say of the kind of file that they are about."""
    named = (clip.get("mime_type"), exchange.header("Content-Type"))
    return [value for value in named if isinstance(value, str)]


@pytest.fixture
def cover(request: pytest.FixtureRequest) -> Song:
    """The cover, where one succeeded; whether covers are made at all is the subject of other requirements."""
    try:
        found: Song = request.getfixturevalue("cover_song")
        found.ended  # noqa: B018 - raises where there is none
    except UndecidedError as error:
        raise NothingToAddError(str(error)) from error
    return found


@pytest.fixture(params=["suno-5.5", "minimax-music-2.6"])
def song(request: pytest.FixtureRequest) -> Song:
    """The song of each model in turn."""
    if request.param == "suno-5.5":
        example: Example = request.getfixturevalue("documented_example")
        return example.song
    found: Song = request.getfixturevalue("minimax_song")
    return found


@requirement("BEATRA-MUSIC-01")
def test_the_accepted_task_can_be_polled(song: Song) -> None:
    taken_at_all(song.created)

    assert song.created.string("/task_id")
    decided(song.polls[0])
    assert song.polls[0].accepted, f"expected the task to be readable, got {song.polls[0].status}"


def taken_at_all(created: Exchange) -> None:
    """The request is accepted; this is the requirement that others name when it is not."""
    decided(created)
    if created.status in (401, 403, 404, 405):
        raise Mismatch(f"expected the operation to be callable, got {created.status}", created.id)
    taken(created)


@requirement("BEATRA-MUSIC-03")
def test_the_documented_example_is_accepted(documented_example: Example) -> None:
    taken(documented_example.answer)


@requirement("BEATRA-MUSIC-04")
def test_suno_makes_two_clips(documented_example: Example) -> None:
    assert len(documented_example.song.clips) == 2


@requirement("BEATRA-MUSIC-04")
def test_suno_makes_two_clips_of_reference_audio(cover: Song) -> None:
    assert len(cover.clips) == 2


@requirement("BEATRA-MUSIC-05")
def test_minimax_makes_one_clip(minimax_song: Song) -> None:
    assert len(minimax_song.clips) == 1


@requirement("BEATRA-MUSIC-06")
def test_every_clip_has_an_artifact_id_and_a_url(song: Song) -> None:
    has_ids_and_urls(song)


@requirement("BEATRA-MUSIC-06")
def test_every_clip_of_a_cover_has_an_artifact_id_and_a_url(cover: Song) -> None:
    has_ids_and_urls(cover)


def has_ids_and_urls(song: Song) -> None:
    clips = song.ended.array("/output/clips")
    if not clips:
        raise BlockedError(TWO_CLIPS, "the task shows no clip")
    for clip in clips:
        assert isinstance(clip, dict), f"expected a clip to be an object, got {clip!r:.80}"
        assert isinstance(clip.get("artifact_id"), str), f"expected an artifact_id, got {clip!r:.200}"
        assert urls_in(clip), f"expected the URL of the audio, got {clip!r:.200}"


@requirement("BEATRA-MUSIC-07")
def test_every_clip_plays_from_start_to_end(song: Song) -> None:
    all_play(song)


@requirement("BEATRA-MUSIC-07")
def test_every_clip_of_a_cover_plays_from_start_to_end(cover: Song) -> None:
    all_play(cover)


def all_play(song: Song) -> None:
    if not song.clip_objects or not any(song.deliveries):
        raise BlockedError(CLIPS, "no clip has a URL")
    for deliveries in filter(None, song.deliveries):
        plays(deliveries)


def plays(deliveries: tuple[Delivery, ...]) -> None:
    """One of the URLs of a clip delivers audio: which key holds it is not documented, and covers have URLs too."""
    if all(delivery.unasked for delivery in deliveries):
        raise NotOfferedError(deliveries[0].reason)
    problems = [problem for delivery in deliveries if (problem := problem_of(delivery)) is not None]
    if len(problems) < len(deliveries):
        return
    asked = [delivery.exchange.id for delivery in deliveries if delivery.exchange is not None]
    raise Mismatch(f"expected audio at a URL of the clip: {'; '.join(problems)}", *asked)


def problem_of(delivery: Delivery) -> str | None:
    """Why a URL delivers no audio that plays, None when it does; raises `UndecidedError` when that stays open."""
    if delivery.exchange is None:
        return delivery.reason
    decided(delivery.exchange)
    if delivery.exchange.status in _WANTS_KEY:
        raise NotOfferedError(f"{delivery.url[:200]} wants a key, and no document says who may download a clip")
    if not delivery.exchange.accepted:
        return f"{delivery.url[:200]} gave {delivery.exchange.status}"
    content = delivery.exchange.answer.body
    if content.truncated:
        raise NotOfferedError(f"a clip of more than {len(content.content)} bytes is more than the suite reads")
    try:
        decode(content.content)
    except UnplayableError as error:
        return f"{delivery.url[:200]} is {error}"
    return None


@requirement("BEATRA-MUSIC-08")
def test_the_clips_of_a_task_are_different_pieces(documented_example: Example) -> None:
    clips = documented_example.song.clip_objects
    if len(clips) == 1:
        raise BlockedError(TWO_CLIPS, "the task shows one clip only")
    ids = [clip["artifact_id"] for clip in clips if isinstance(clip.get("artifact_id"), str)]
    urls = [frozenset(urls_in(clip)) for clip in clips if urls_in(clip)]

    assert len(set(ids)) == len(ids), f"expected an artifact of its own for each clip, got {ids}"
    assert len(set(urls)) == len(urls), f"expected a URL of its own for each clip, got {sorted(map(sorted, urls))}"
