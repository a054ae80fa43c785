"""Reference audio to music: audio that was uploaded, behind a URL, another tenant's, and audio that does not exist."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Final

from conformance.client.errors import BlockedError, NotOfferedError
from conformance.journal.records import Mismatch
from conformance.money.budget import PLAY, cancels, refuses_in_the_end
from conformance.suite.beatra.answers import decided, is_refusal, lacks_model, taken, tried
from conformance.suite.beatra.bodies import FOREIGN_REFERENCE_FILE, SUNO
from conformance.suite.beatra.envelopes import ends_in_time, state_of
from conformance.suite.beatra.gateway import CREATES_FROM_REFERENCE, is_accepted, solvent
from conformance.suite.beatra.songs import SERVES, cover_from, cover_of, nowhere_beside
from conformance.suite.scenarios import requirement, scenario

if TYPE_CHECKING:
    from conformance.accounts.account import Followed
    from conformance.accounts.account_pool import AccountPool
    from conformance.contract.contract import Contract
    from conformance.journal.records import Exchange
    from conformance.suite.beatra.conftest import OpenGateway
    from conformance.suite.beatra.gateway import Gateway

ENOUGH: Final = Decimal(500)
A_WHILE_SECONDS: Final = 60
TASK_ENDS: Final = "BEATRA-TASK-05"
URL_THERE: Final = "a URL that the target is known to be able to fetch"
# A provider may fail now and then, whatever is promised.
_FAILURES: Final = 2
_NOT_LET_IN: Final = frozenset({401, 405})


@dataclass(frozen=True, slots=True)
class Cover:
    """Music from an artifact that was uploaded, the task as reading it showed it, and the same artifact once more."""

    created: Exchange
    task: Exchange | None
    again: Exchange


@dataclass(frozen=True, slots=True)
class FetchAttempt:
    """A request with a reference, and the task as it was followed where one came of it."""

    created: Exchange
    followed: Followed | None

    @property
    def ended(self) -> Exchange | None:
        """The last sighting of the task."""
        return None if self.followed is None else self.followed.last

    @property
    def succeeded(self) -> bool:
        """Whether music was made."""
        return self.ended is not None and self.ended.get("/status") == "succeeded"


@dataclass(frozen=True, slots=True)
class Fetched:
    """
    Audio behind a URL that delivers it, and behind one that delivers nothing.

    `promised` says that the control interface made the first task succeed, so that nothing but the audio can fail it.
    """

    there: FetchAttempt
    missing: FetchAttempt
    promised: bool


def attempt(beatra: Gateway, body: dict[str, Any]) -> FetchAttempt:
    created = beatra.create_from_reference(body)
    return FetchAttempt(created, beatra.finished(created) if is_accepted(created) else None)


@scenario(cancels(SUNO, SUNO, requests=7))
def cover(gateway: OpenGateway) -> Cover:
    """Two tasks with one artifact."""
    with gateway("cover", balance=ENOUGH) as beatra:
        artifact_id = beatra.uploaded()
        created = beatra.create_from_reference(cover_of(artifact_id))
        task = None
        if is_accepted(created):
            task = beatra.get_task(created.string("/task_id"))
            beatra.end_task(created.string("/task_id"))
        return Cover(created, task, tried(beatra, cover_of(artifact_id, "turn this into slow folk")))


def successful(beatra: Gateway, url: str, *, promised: bool) -> FetchAttempt:
    """A cover of a file that is there; where success is promised, another one in the place of one that fails anyhow."""
    if not promised:
        return attempt(beatra, cover_from(url))
    for _ in range(_FAILURES):
        beatra.control.next_outcome("succeeded")
        found = attempt(beatra, cover_from(url))
        if found.ended is None or found.ended.get("/status") != "failed":
            return found
    beatra.control.next_outcome("succeeded")
    return attempt(beatra, cover_from(url))


def abandon(beatra: Gateway, body: dict[str, Any]) -> None:
    """Cancel a task while its audio is being fetched in vain, which changes nothing any more; for monitors to judge."""
    if not beatra.offers("clock"):
        return
    created = beatra.create_from_reference(body)
    if is_accepted(created):
        beatra.end_task(created.string("/task_id"))
        beatra.control.advance(A_WHILE_SECONDS)
        beatra.get_task(created.string("/task_id"))


@scenario(PLAY)
def fetched(gateway: OpenGateway, account_pool: AccountPool) -> Fetched:
    """
    A file that the target is known to be able to fetch, and one beside it that does not exist.

    Only a song that is finished shows that the file was fetched. No other scenario needs that one, so it is not bought.
    """
    url = account_pool.reference_audio_url
    if url is None:
        sentence = "needs the HTTPS URL of an audio file that the target can fetch (reference_audio_url in target.toml)"
        raise NotOfferedError(sentence)
    with gateway("fetched", wants=("tasks/outcome", "clock"), balance=ENOUGH) as beatra:
        nowhere = nowhere_beside(url)
        promised = beatra.offers("tasks/outcome")
        found = Fetched(successful(beatra, url, promised=promised), attempt(beatra, cover_from(nowhere)), promised)
        abandon(beatra, cover_from(nowhere))
        return found


@scenario(refuses_in_the_end(1, requests=2))
def foreign_artifact(gateway: OpenGateway) -> FetchAttempt:
    """An artifact of another tenant."""
    with gateway("foreign-artifact", balance=ENOUGH) as beatra:
        return attempt(beatra, cover_of(beatra.other_tenant().uploaded(FOREIGN_REFERENCE_FILE)))


@scenario(refuses_in_the_end(1, requests=2), provisional=True)
def unknown_artifact(gateway: OpenGateway) -> FetchAttempt:
    """An id in the form of those that exist."""
    with gateway("unknown-artifact", balance=ENOUGH) as beatra:
        known = beatra.uploaded()
        kept, changed = known[: len(known) // 2], known[len(known) // 2 :]
        found = attempt(beatra, cover_of(kept + changed.translate(str.maketrans("0123456789", "1234567890")) + "0"))
        if found.ended is None and found.created.response is not None:
            code = found.created.get("/error/code")
            beatra.observe("BEATRA-OBS-UNKNOWN-ARTIFACT", f"{found.created.status} with {code!r:.80}", found.created)
        return found


@requirement("BEATRA-MUSIC-02")
def test_the_accepted_reference_task_can_be_polled(cover: Cover) -> None:
    decided(cover.created)
    if not cover.created.accepted:
        raise BlockedError(SERVES, f"the request was answered {cover.created.status}")

    assert cover.created.string("/task_id")
    assert cover.task is not None
    decided(cover.task)
    assert cover.task.accepted, f"expected the task to be readable, got {cover.task.status}"


@requirement("BEATRA-MUSIC-15")
def test_an_uploaded_artifact_serves_as_reference(cover: Cover) -> None:
    decided(cover.created)
    solvent(cover.created)
    if not cover.created.accepted and lacks_model(cover.created):
        raise NotOfferedError(f"the account has no {SUNO} for this operation")

    assert cover.created.accepted, f"expected the request to be accepted, got {cover.created.status}"


@requirement("BEATRA-UPLOAD-12")
def test_an_artifact_serves_as_reference_again(cover: Cover) -> None:
    if not cover.created.accepted:
        raise BlockedError(SERVES, "the artifact does not serve for a first task")

    taken(cover.again)


@requirement("BEATRA-MUSIC-16")
def test_reference_audio_is_downloaded_from_its_url(fetched: Fetched, contract: Contract) -> None:
    there, missing = fetched.there, fetched.missing
    decided(there.created)
    solvent(there.created)
    if there.ended is None:
        sentence = f"the gateway refuses reference audio by URL in the form that is tried: {there.created.status}"
        raise NotOfferedError(sentence)
    for each in (there, missing):
        if each.followed is not None:
            ends_in_time(each.followed, contract)
    if fetched.promised and there.ended.get("/status") == "failed":
        raise Mismatch(f"expected music from {URL_THERE}, but the task failed", there.created.id, there.ended.id)
    if not there.succeeded:
        raise BlockedError(
            TASK_ENDS, f"the task did not succeed but is {there.ended.get('/status')!r:.80} ({there.ended.summary})"
        )

    not_usable(missing, "a URL that delivers nothing")


@requirement("BEATRA-MUSIC-17")
def test_another_tenants_artifact_is_no_reference(foreign_artifact: FetchAttempt) -> None:
    not_usable(foreign_artifact, "another tenant's artifact")


@requirement("BEATRA-MUSIC-18")
def test_an_artifact_that_does_not_exist_is_no_reference(unknown_artifact: FetchAttempt) -> None:
    not_usable(unknown_artifact, "an artifact that does not exist")


def not_usable(found: FetchAttempt, reference: str) -> None:
    """The request is refused, or no music comes of it."""
    if decided(found.created) in _NOT_LET_IN:
        raise BlockedError(CREATES_FROM_REFERENCE, f"the operation can't be used: {found.created.status}")
    solvent(found.created)
    if found.succeeded and found.ended is not None:
        raise Mismatch(f"expected no music from {reference}, but the task succeeded", found.created.id, found.ended.id)
    if found.ended is not None and state_of(found.ended) == "canceled":
        raise NotOfferedError(f"the request with {reference} was accepted, and cancelled as it may cost real money")
    if found.ended is None and not is_refusal(found.created):
        raise BlockedError(CREATES_FROM_REFERENCE, "the request was accepted without a task id")
