"""Tasks: each can be read, and once it is composed it names a track and stems of its own, which play."""

from __future__ import annotations

from typing import TYPE_CHECKING

from conformance.client.errors import BlockedError
from conformance.journal.records import Mismatch
from conformance.suite.beatoven.sound import sound_of
from conformance.suite.beatoven.studio import (
    COMPOSED,
    NAMES_STEMS,
    NAMES_TRACK,
    READS,
    STAYS,
    STEMS,
    let_in,
    started,
    stem_urls,
    url_at,
)
from conformance.suite.scenarios import requirement

if TYPE_CHECKING:
    from conformance.journal.records import Exchange
    from conformance.suite.beatoven.studio import Composition, Later


@requirement(READS)
def test_a_task_can_be_read_by_its_id(composition: Composition) -> None:
    started(composition.created)
    answer = let_in(composition.polls[0])
    if not answer.accepted:
        sentence = f"expected the task that was started, got {answer.summary}"
        raise Mismatch(sentence, composition.created.id, answer.id)


@requirement(NAMES_TRACK)
def test_a_composed_task_names_its_track(composition: Composition) -> None:
    found = composition.composed.string("/meta/track_url")

    assert url_at(composition.composed, "/meta/track_url"), f"expected the URL of the track, got {found!r:.200}"


@requirement("BEATOVEN-TASK-06")
def test_the_track_plays(composition: Composition) -> None:
    url = composition.track_url
    if composition.track is None:
        raise BlockedError(NAMES_TRACK, f"{url[:200]} was not asked")
    sound_of(composition.track)


@requirement(NAMES_STEMS)
def test_a_composed_task_names_its_stems(composition: Composition) -> None:
    found = composition.composed.get("/meta/stems_url")

    assert stem_urls(composition.composed).keys() & set(STEMS), f"expected the URL of a stem, got {found!r:.200}"


@requirement("BEATOVEN-TASK-08")
def test_every_stem_plays(with_stems: Composition) -> None:
    composed = with_stems.composed
    if not with_stems.stems:
        raise BlockedError(NAMES_STEMS, f"the task names no stem: {composed.summary}")
    for stem in with_stems.stems.values():
        sound_of(stem)


@requirement("BEATOVEN-TASK-09")
def test_a_composed_task_shows_its_prompt(composition: Composition) -> None:
    assert composition.composed.string("/meta/prompt/text") == composition.prompt


@requirement("BEATOVEN-TASK-10")
def test_each_task_has_a_track_of_its_own(
    documented_example: Composition, prompt_alone: Composition, in_mp3: Composition, in_aac: Composition
) -> None:
    made = (documented_example, prompt_alone, in_mp3, in_aac)
    urls = [one.track_url for one in made]
    ids = [shown for one in made if isinstance(shown := one.composed.get("/meta/track_id"), str)]

    assert len(set(urls)) == len(urls), f"expected a track of its own for each task, got {urls}"
    assert len(set(ids)) == len(ids), f"expected a track of its own for each task, got {ids}"


@requirement("BEATOVEN-TASK-11")
def test_a_task_that_is_read_again_shows_the_same(composition: Composition) -> None:
    if composition.again is None:
        raise BlockedError(READS, f"the task was not read again: {composition.composed.summary}")
    shows_the_same(composition.composed, composition.again)


@requirement("BEATOVEN-TASK-11")
def test_a_task_that_is_read_a_day_later_shows_the_same(a_day_later: Later) -> None:
    shows_the_same(a_day_later.composition.composed, a_day_later.later)


def shows_the_same(before: Exchange, after: Exchange) -> None:
    """The track and the prompt of a task are what they were; blocked where it is no longer composed."""
    answer = let_in(after)
    if answer.accepted and answer.get("/status") != COMPOSED:
        raise BlockedError(STAYS, f"the task was composed and is {answer.get('/status')!r:.80}")
    if not answer.accepted:
        raise Mismatch(f"expected the composed task, got {answer.summary}", before.id, answer.id)
    for pointer in ("/meta/track_id", "/meta/prompt"):
        was, now = before.get(pointer), answer.get(pointer)
        if was != now:
            raise Mismatch(f"expected {pointer} to stay {was!r:.120}, got {now!r:.120}", before.id, answer.id)
