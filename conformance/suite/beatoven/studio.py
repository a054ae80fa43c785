"""The calls of the API in its own words, and what became of a composition."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from conformance.client.errors import BlockedError, ControlError, NotOfferedError
from conformance.contract.outcomes import Outcome
from conformance.journal.records import Observation
from conformance.suite.batch import decided
from conformance.suite.media import delivered

if TYPE_CHECKING:
    from collections.abc import Mapping

    from conformance.accounts.account import Account
    from conformance.journal.records import Exchange
    from conformance.suite.media import Delivery

# The requirements that a scenario leans on: when they are broken, what depends on them can't be judged.
LETS_IN: Final = "BEATOVEN-AUTH-01"
TAKES_JSON: Final = "BEATOVEN-TYPE-01"
STARTS: Final = "BEATOVEN-TRACK-01"
READS: Final = "BEATOVEN-TASK-01"
STATES: Final = "BEATOVEN-TASK-02"
STAYS: Final = "BEATOVEN-TASK-04"
NAMES_TRACK: Final = "BEATOVEN-TASK-05"
NAMES_STEMS: Final = "BEATOVEN-TASK-07"
STEMS: Final = ("bass", "chords", "melody", "percussion")
COMPOSED: Final = "composed"
FAILED: Final = "failed"
_UNSUPPORTED_TYPE: Final = 415
_MOST_STEMS: Final = 8


@dataclass(frozen=True, slots=True)
class Composition:
    """
    A composition from its request to its files.

    `asked` is the request as it was written first. Where that was refused and `created` is another one, `created` went
    without `looping`. `again` is the task read once more after it had ended.
    """

    prompt: str
    asked: Exchange
    created: Exchange
    polls: tuple[Exchange, ...] = ()
    again: Exchange | None = None
    track: Delivery | None = None
    stems: Mapping[str, Delivery] = field(default_factory=dict)

    @property
    def task_id(self) -> str:
        """The id of its task; blocked where none was started."""
        started(self.created)
        return self.created.string("/task_id")

    @property
    def composed(self) -> Exchange:
        """The answer that shows the task composed; blocked, or left open, where it never was."""
        started(self.created)
        return composed(self.polls[-1])

    @property
    def track_url(self) -> str:
        """The URL of its track; blocked where it names none."""
        url = url_at(self.composed, "/meta/track_url")
        if url is None:
            raise BlockedError(NAMES_TRACK, "the composed task names no track")
        return url


@dataclass(frozen=True, slots=True)
class SameRequest:
    """The answers to the same request, sent twice."""

    first: Exchange
    second: Exchange


@dataclass(frozen=True, slots=True)
class Later:
    """A composed task, and the same read a day later."""

    composition: Composition
    later: Exchange


class Studio:
    """One account of the API."""

    def __init__(self, account: Account) -> None:
        self.account = account

    def offers(self, name: str) -> bool:
        """Whether the target offers this part of the control interface."""
        return self.account.offers(name)

    def compose(self, body: Mapping[str, Any]) -> Exchange:
        """POST /api/v1/tracks/compose, whatever comes back."""
        return self.account.call("composeTrack", json=body)

    def get_task(self, task_id: str) -> Exchange:
        """GET /api/v1/tasks/{task_id}."""
        return self.account.call("getTask", path={"task_id": task_id})

    def observe(self, observation_id: str, text: str, *exchanges: Exchange) -> None:
        """Keep what the API does where the documents leave it open."""
        ids = tuple(exchange.id for exchange in exchanges)
        self.account.client.journal.observation(Observation(observation_id, text[:400], ids))

    def composition(self, name: str, body: Mapping[str, Any], *, stems: bool = False) -> Composition:
        """
        A composition that is bought for good, followed to its files; with those of its stems, if they are wanted.

        A request that is refused is repeated without `looping`, to tell which of its members was at fault.
        """
        asked = created = self.account.bought(name, "composeTrack", body)
        if _is_refused(asked) and "looping" in body:
            fewer = {member: value for member, value in body.items() if member != "looping"}
            created = self.account.bought(f"{name}, without looping", "composeTrack", fewer)
        return self.followed(str(body["prompt"]["text"]), asked, created, stems=stems)

    def followed(self, prompt: str, asked: Exchange, created: Exchange, *, stems: bool = False) -> Composition:
        """What became of a composition."""
        task_id = created.get("/task_id") if created.accepted else None
        if not isinstance(task_id, str) or not task_id:
            return Composition(prompt, asked, created)
        polls = self.finished(task_id)
        last = polls[-1]
        if last.get("/status") != COMPOSED:
            return Composition(prompt, asked, created, polls)
        track_url = url_at(last, "/meta/track_url")
        return Composition(
            prompt,
            asked,
            created,
            polls,
            again=self.get_task(task_id),
            track=None if track_url is None else delivered(self.account, track_url),
            stems={stem: delivered(self.account, url) for stem, url in stem_urls(last).items()} if stems else {},
        )

    def finished(self, task_id: str) -> tuple[Exchange, ...]:
        """
        The answers about a task until it had ended or the time for it was over.

        Where no time can be passed, the task is read once more: what stops the clock may stop the API as well.
        """
        try:
            return self.account.follow(task_id).polls
        except ControlError:
            self.get_task(task_id)
            raise


def _is_refused(exchange: Exchange) -> bool:
    return exchange.outcome in (Outcome.REFUSED, Outcome.CONFLICT, Outcome.NOT_FOUND)


def let_in(exchange: Exchange) -> Exchange:
    """The answer to a request with a token; blocked where the token, or the type of the body, was not taken."""
    if exchange.outcome in (Outcome.UNAUTHENTICATED, Outcome.FORBIDDEN):
        raise BlockedError(LETS_IN, f"{exchange.request.method} {exchange.request.url} gave {exchange.status}")
    if exchange.response is not None and exchange.status == _UNSUPPORTED_TYPE:
        raise BlockedError(TAKES_JSON, f"{exchange.request.method} {exchange.request.url} gave {exchange.status}")
    return decided(exchange)


def started(exchange: Exchange) -> Exchange:
    """The answer to a composition that started a task, whatever else it says; blocked where it did not."""
    answer = let_in(exchange)
    task_id = answer.get("/task_id") if answer.accepted else None
    if not isinstance(task_id, str) or not task_id:
        raise BlockedError(STARTS, f"{exchange.request.method} {exchange.request.url} gave {answer.summary}")
    return answer


def composed(last: Exchange) -> Exchange:
    """The last answer about a task, if it shows that it is composed; blocked, or left open, where it does not."""
    answer = let_in(last)
    if not answer.accepted:
        raise BlockedError(READS, f"{last.request.method} {last.request.url} gave {answer.summary}")
    status = answer.get("/status")
    if status == COMPOSED:
        return answer
    if status in ("composing", "running"):
        raise NotOfferedError(
            f"the task was still {status!r} when it was last read; no document says how long it takes"
        )
    if status == FAILED or (status is None and answer.get("/error") is not None):
        raise NotOfferedError("the task failed, of which the specification says nothing")
    raise BlockedError(STATES, f"the task is {status!r:.80}")


def url_at(exchange: Exchange, pointer: str) -> str | None:
    """The absolute URL at a place of an answer, None where there is none."""
    found = exchange.get(pointer)
    return found if isinstance(found, str) and found.startswith(("https://", "http://")) else None


def stem_urls(exchange: Exchange) -> Mapping[str, str]:
    """The URLs of the stems of a composed task, by the names that it gives them; of many only a few."""
    shown = exchange.get("/meta/stems_url")
    members = list(shown.items())[:_MOST_STEMS] if isinstance(shown, dict) else []
    urls = ((name, value) for name, value in members if isinstance(value, str))
    return {name: value for name, value in urls if value.startswith(("https://", "http://"))}
