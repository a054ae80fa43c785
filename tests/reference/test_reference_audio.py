from __future__ import annotations

import io
import ssl
import wave
from typing import TYPE_CHECKING

import httpx
import pytest

from conformance.reference.beatra.services.fetcher import Fetcher, FetchError
from conformance.reference.beatra.settings import ReferenceSettings
from conformance.reference.beatra.wiring import Cast
from conformance.reference.parts.places import ForbiddenUrlError
from conformance.target.reference_audio import ReferenceAudio, reference_wav, serve_reference_audio
from tests.reference.sandbox import (
    REFERENCE_AUDIO_TO_MUSIC,
    SONG,
    TASK_SECONDS,
    Account,
    Sandbox,
    StoppedClock,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

    from conformance.reference.parts.places import Place


def body(url: str) -> dict[str, object]:
    return {**SONG, "reference_audio": {"type": "url", "url": url}}


@pytest.fixture(scope="module")
def audio() -> Iterator[ReferenceAudio]:
    with serve_reference_audio() as served:
        yield served


@pytest.fixture
def account(audio: ReferenceAudio) -> Iterator[Account]:
    origin = audio.url.rpartition("/")[0]
    with Sandbox(ReferenceSettings(fetch_allow=origin, fetch_ca=audio.ca_file, audio_url=audio.url)) as sandbox:
        yield sandbox.new_account()


def test_the_served_file_is_a_wav_of_more_than_six_seconds_under_a_throwaway_ca(audio: ReferenceAudio) -> None:
    trust = ssl.create_default_context(cafile=str(audio.ca_file))
    with httpx.Client(verify=trust, trust_env=False) as client:
        answer = client.get(audio.url)
        other = client.get(audio.url + "x")

    with wave.open(io.BytesIO(answer.content)) as file:
        assert file.getnframes() / file.getframerate() > 6
    assert answer.headers["content-type"] == "audio/wav"
    assert other.status_code == 404


def test_audio_from_a_url_is_rehosted_before_the_task_runs(account: Account, audio: ReferenceAudio) -> None:
    task = account.created(body(audio.url), path=REFERENCE_AUDIO_TO_MUSIC)
    assert task["status"] == "queued"
    account.advance(TASK_SECONDS)

    ended = account.task(task["task_id"])

    kept = ended["input"]["reference_audio"]
    assert (ended["status"], kept["url"]) == ("succeeded", audio.url)
    again = {**SONG, "reference_audio": {"type": "artifact", "artifact_id": kept["artifact_id"]}}
    assert account.create(again, path=REFERENCE_AUDIO_TO_MUSIC).status_code == 202


def test_a_replay_does_not_fetch_again(account: Account, audio: ReferenceAudio) -> None:
    first = account.created(body(audio.url), key="once", path=REFERENCE_AUDIO_TO_MUSIC)
    account.advance(TASK_SECONDS)
    kept = account.task(first["task_id"])["input"]

    again = account.created(body(audio.url), key="once", path=REFERENCE_AUDIO_TO_MUSIC)

    assert (again["task_id"], again["input"]) == (first["task_id"], kept)


@pytest.mark.parametrize("end", ["/missing.wav", "/reference.wav/"])
def test_audio_that_can_not_be_fetched_fails_the_task_and_is_refunded(
    account: Account, audio: ReferenceAudio, end: str
) -> None:
    url = audio.url.rpartition("/")[0] + end
    task = account.created(body(url), path=REFERENCE_AUDIO_TO_MUSIC)
    account.advance(0)

    ended = account.task(task["task_id"])

    assert (ended["status"], ended["error"]["code"], ended["error"]["retryable"]) == (
        "failed",
        "fetch_failed",
        False,
    )
    assert ended["billing"]["refunded_credits"] == "80.0000"
    assert account.balance() == "1000.0000"


def test_audio_that_arrives_for_a_cancelled_task_changes_nothing(account: Account, audio: ReferenceAudio) -> None:
    task = account.created(body(audio.url), path=REFERENCE_AUDIO_TO_MUSIC)
    canceled = account.cancel(task["task_id"]).json()
    account.advance(TASK_SECONDS)

    assert account.task(task["task_id"]) == canceled
    assert account.balance() == "1000.0000"


@pytest.mark.parametrize(
    "url",
    [
        "https://127.0.0.1/a.wav",
        "https://localhost/a.wav",
        "https://10.0.0.1/a.wav",
        "https://169.254.169.254/latest/meta-data",
        "https://[::1]/a.wav",
        "https://[::ffff:127.0.0.1]/a.wav",
        "https://[2002:7f00:1::]/a.wav",
        "https://[fe80::1%25lo]/a.wav",
        "https://224.0.0.1/a.wav",
        "https://2130706433/a.wav",
        "https://0/a.wav",
        "http://example.com/a.wav",
        "ftp://example.com/a.wav",
        "file:///etc/passwd",
        "https://user:word@example.com/a.wav",
        "https:///a.wav",
        "https://[::1/a.wav",
        "https://example.com:99999/a.wav",
        "https://example.com/\x00",
        f"https://{'a' * 64}.example/a.wav",
        "",
    ],
)
def test_urls_that_lead_out_of_the_public_internet_are_refused(account: Account, url: str) -> None:
    answer = account.create(body(url), path=REFERENCE_AUDIO_TO_MUSIC)

    assert (answer.status_code, answer.json()["error"]["param"]) == (422, "/reference_audio/url")
    assert account.balance() == "1000.0000"


def test_another_port_of_the_allowed_host_is_not_allowed(account: Account, audio: ReferenceAudio) -> None:
    other = audio.url.replace(str(httpx.URL(audio.url).port), "1")

    assert account.create(body(other), path=REFERENCE_AUDIO_TO_MUSIC).status_code == 422


class TwoFacedNames(Fetcher):
    """Resolves every name to a public address, and when it is asked again to the machine itself."""

    def __init__(self) -> None:
        super().__init__(allow=None, ca=None, seconds=5, limit=100)
        self.asked = 0

    async def resolve(self, place: Place) -> list[str]:  # noqa: ARG002 - it lies about every place
        self.asked += 1
        return ["93.184.215.14"] if self.asked == 1 else ["93.184.215.14", "127.0.0.1"]


def test_a_name_that_turns_private_after_it_was_checked_is_not_followed(sandbox: Sandbox) -> None:
    fetcher = TwoFacedNames()

    async def fetch() -> None:
        await fetcher.vet("https://example.com/a.wav")
        async with fetcher.fetch("https://example.com/a.wav"):
            pytest.fail("something was fetched")

    with pytest.raises(ForbiddenUrlError):
        sandbox.run(fetch)


def test_a_name_with_public_addresses_only_may_be_fetched_from(sandbox: Sandbox) -> None:
    fetcher = TwoFacedNames()

    async def check() -> str:
        await fetcher.vet("https://example.com/a.wav")
        return "accepted"

    assert sandbox.run(check) == "accepted"


class Nameless(Fetcher):
    async def resolve(self, place: Place) -> list[str]:
        raise FetchError(f"{place.host} has no address.")


def test_a_host_without_an_address_fails_the_task_and_not_the_request() -> None:
    with Sandbox(cast=Cast(clock=StoppedClock, fetcher=Nameless)) as sandbox:
        account = sandbox.new_account()
        task = account.created(body("https://music.example/a.wav"), path=REFERENCE_AUDIO_TO_MUSIC)
        account.advance(0)

        assert account.task(task["task_id"])["error"]["code"] == "fetch_failed"


class Clumsy(Fetcher):
    """Accepts every URL and breaks on each."""

    async def vet(self, url: str) -> None:
        """Accept."""

    async def resolve(self, place: Place) -> list[str]:
        raise ZeroDivisionError(place.host)


def test_a_fault_while_fetching_leaves_no_task_waiting(caplog: pytest.LogCaptureFixture) -> None:
    with Sandbox(cast=Cast(clock=StoppedClock, fetcher=Clumsy)) as sandbox:
        account = sandbox.new_account()
        task = account.created(body("https://music.example/a.wav"), path=REFERENCE_AUDIO_TO_MUSIC)
        account.advance(0)

        assert account.task(task["task_id"])["status"] == "failed"
        assert account.balance() == "1000.0000"
    assert "ZeroDivisionError" in caplog.text


def test_a_file_beyond_the_limit_is_not_taken(audio: ReferenceAudio, sandbox: Sandbox) -> None:
    origin = audio.url.rpartition("/")[0]
    fetcher = Fetcher(allow=origin, ca=audio.ca_file, seconds=5, limit=len(reference_wav()) - 1)

    async def fetch() -> None:
        async with fetcher.fetch(audio.url):
            pytest.fail("the file was taken")

    with pytest.raises(FetchError, match="too large"):
        sandbox.run(fetch)


def test_a_server_without_a_trusted_certificate_is_not_fetched_from(audio: ReferenceAudio, sandbox: Sandbox) -> None:
    fetcher = Fetcher(allow=audio.url.rpartition("/")[0], ca=None, seconds=5, limit=10**6)

    async def fetch() -> None:
        async with fetcher.fetch(audio.url):
            pytest.fail("the file was taken")

    with pytest.raises(FetchError, match="did not deliver"):
        sandbox.run(fetch)
