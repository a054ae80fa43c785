"""Text to music, from the 202 to clips that play: one paid song of each model serves many requirements."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pytest

from conformance.client.errors import BlockedError
from conformance.journal.records import Mismatch
from conformance.suite.audio import UnplayableError, decode
from conformance.suite.beatra.bodies import CHEAP_SONG, DOCUMENTED_EXAMPLE
from conformance.suite.beatra.gateway import CREATES, accepted, is_accepted, solvent
from conformance.suite.marks import requirement

if TYPE_CHECKING:
    from conformance.journal.records import Exchange
    from conformance.suite.beatra.conftest import OpenGateway

TASK_ENDS = "BEATRA-TASK-05"
CLIPS = "BEATRA-MUSIC-06"


@dataclass(frozen=True, slots=True)
class Song:
    """The life of one song: its creation, its sightings (none if it was refused), and the download of every clip."""

    created: Exchange
    polls: tuple[Exchange, ...]
    downloads: tuple[Exchange, ...]

    @property
    def last(self) -> Exchange:
        """The last sighting of the task; blocked when it was never accepted."""
        return self.polls[-1] if self.polls else accepted(self.created, "/task_id", CREATES)

    @property
    def clips(self) -> list[Any]:
        """The clips of the finished task; blocked while it has not succeeded, a mismatch if they are no list."""
        if self.last.get("/status") != "succeeded":
            raise BlockedError(TASK_ENDS, f"the task did not succeed but is {self.last.get('/status')!r}")
        return self.last.array("/output/clips")


def song_of(gateway: OpenGateway, name: str, body: dict[str, Any]) -> Song:
    with gateway(name) as beatra:
        created = beatra.create_music(body)
        if not is_accepted(created):
            return Song(created, (), ())
        polls = beatra.finished(created).polls
        urls = [url for clip in clips_of(polls[-1]) for url in urls_in(clip)]
        return Song(created, polls, tuple(beatra.account.download(url) for url in urls))


def clips_of(exchange: Exchange) -> list[Any]:
    found = exchange.get("/output/clips")
    return found if isinstance(found, list) else []


def urls_in(clip: object) -> list[str]:
    """The URLs of a clip: no document names the key that holds one."""
    values = clip.values() if isinstance(clip, dict) else ()
    return [value for value in values if isinstance(value, str) and value.startswith(("https://", "http://"))]


@pytest.fixture(scope="session")
def suno_song(gateway: OpenGateway) -> Song:
    """The documented example, carried out with suno-5.5."""
    return song_of(gateway, "suno-song", DOCUMENTED_EXAMPLE)


@pytest.fixture(scope="session")
def minimax_song(gateway: OpenGateway) -> Song:
    """A song with minimax-music-2.6."""
    return song_of(gateway, "minimax-song", CHEAP_SONG)


@pytest.fixture(params=["suno_song", "minimax_song"])
def song(request: pytest.FixtureRequest) -> Song:
    """The song of each model in turn."""
    found: Song = request.getfixturevalue(request.param)
    return found


@requirement("BEATRA-MUSIC-01")
def test_the_accepted_task_can_be_polled(song: Song) -> None:
    solvent(song.created)

    assert song.created.string("/task_id")
    assert song.polls[0].ok, f"expected the task to be readable, got {song.polls[0].status}"


@requirement("BEATRA-MUSIC-03")
def test_the_documented_example_is_accepted(suno_song: Song) -> None:
    solvent(suno_song.created)

    assert suno_song.created.ok, f"expected a success, got {suno_song.created.status}"


@requirement("BEATRA-MUSIC-04")
def test_suno_makes_two_clips(suno_song: Song) -> None:
    assert len(suno_song.clips) == 2


@requirement("BEATRA-MUSIC-05")
def test_minimax_makes_one_clip(minimax_song: Song) -> None:
    assert len(minimax_song.clips) == 1


@requirement("BEATRA-MUSIC-06")
def test_every_clip_has_an_artifact_id_and_a_url(song: Song) -> None:
    for clip in song.clips:
        assert isinstance(clip, dict), f"expected a clip to be an object, got {clip!r:.80}"
        assert isinstance(clip.get("artifact_id"), str), f"expected an artifact_id, got {clip!r:.200}"
        assert urls_in(clip), f"expected the URL of the audio, got {clip!r:.200}"


@requirement("BEATRA-MUSIC-07")
def test_every_clip_plays_from_start_to_end(song: Song) -> None:
    if not song.downloads:
        raise BlockedError(CLIPS, "no clip has a URL")
    for download in song.downloads:
        assert download.ok, f"expected the clip to be delivered, got {download.failure or download.status}"
        content = download.answer.body
        assert not content.truncated, f"a clip of {content.size} bytes is more than the suite keeps"
        try:
            decode(content.content)
        except UnplayableError as error:
            raise Mismatch(f"expected audio at {download.request.url}: {error}", download.id) from error


@requirement("BEATRA-MUSIC-08")
def test_the_clips_of_a_task_are_different_pieces(suno_song: Song) -> None:
    ids = [clip.get("artifact_id") for clip in suno_song.clips if isinstance(clip, dict)]
    digests = [download.answer.body.sha256 for download in suno_song.downloads]

    assert len(set(ids)) == len(ids), f"expected an artifact of its own for each clip, got {ids}"
    assert len(set(digests)) == len(digests), "expected a piece of its own for each clip, got the same bytes twice"
