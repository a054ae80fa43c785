from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from conformance.reference.beatra.settings import ReferenceSettings
from tests.reference.sandbox import REFERENCE_AUDIO_TO_MUSIC, SONG, TEXT_TO_MUSIC, Sandbox

if TYPE_CHECKING:
    from collections.abc import Iterator

    from conformance.reference.parts.bodies import Json
    from tests.reference.sandbox import Account

FORM = {"Content-Type": "multipart/form-data; boundary=x"}


@pytest.fixture
def small() -> Iterator[Account]:
    with Sandbox(ReferenceSettings(upload_bytes=2_000_000)) as sandbox:
        yield sandbox.new_account()


def part(name: str, content: str, filename: str | None = None) -> str:
    file = "" if filename is None else f'; filename="{filename}"'
    return f'--x\r\nContent-Disposition: form-data; name="{name}"{file}\r\n\r\n{content}\r\n'


def send_form(account: Account, *parts: str, end: str = "--x--\r\n") -> Json:
    return account.send("POST", "/v1/uploads", content="".join([*parts, end]).encode(), headers=FORM)


def test_an_upload_becomes_an_artifact_whose_url_delivers_the_same_bytes(account: Account) -> None:
    answer = account.upload(b"\x00\xffsound" * 300_000, purpose="reference_audio")

    artifact = answer.json()
    file = account.sandbox.send("GET", artifact["url"])
    assert answer.status_code == 201
    assert (artifact["purpose"], artifact["media_type"]) == ("reference_audio", "audio/mpeg")
    assert artifact["size_bytes"] == len(file.content) == 2_100_000
    assert file.content == b"\x00\xffsound" * 300_000
    assert file.headers["content-type"] == "audio/mpeg"


def test_purpose_and_media_type_have_defaults(account: Account) -> None:
    plain = account.send("POST", "/v1/uploads", files={"file": ("a.wav", b"sound")}).json()
    unnamed = send_form(account, part("file", "sound", "thing")).json()

    assert (plain["purpose"], plain["media_type"].split("/")[0]) == ("media_input", "audio")
    assert unnamed["media_type"] == "application/octet-stream"


def test_a_declared_media_type_is_kept(account: Account) -> None:
    assert account.upload(media_type="audio").json()["media_type"] == "audio"
    assert account.upload(media_type="audio/flac").json()["media_type"] == "audio/flac"


@pytest.mark.parametrize("metadata", ["{}", '{"take": "1"}'])
def test_metadata_is_a_json_object_in_a_text(account: Account, metadata: str) -> None:
    assert account.upload(metadata=metadata).status_code == 201


@pytest.mark.parametrize("metadata", ["take 1", "[]", "null", '{"a": NaN}', "{"])
def test_any_other_metadata_is_refused(account: Account, metadata: str) -> None:
    answer = account.upload(metadata=metadata)

    assert (answer.status_code, answer.json()["error"]["param"]) == (422, "/metadata")


@pytest.mark.parametrize(
    "parts",
    [
        [],
        [part("file", "sound")],
        [part("file", "", "a.mp3")],
        [part("file", "sound", "a.mp3"), part("file", "noise", "b.mp3")],
        [part("file", "sound", "a.mp3"), part("purpose", "one"), part("purpose", "two")],
        [part("file", "sound", "a.mp3"), part("purpose", "one", "p.txt")],
        [part("file", "sound", "a.mp3"), part("purpose", "a" * 201)],
        [part("file", "sound", "a.mp3"), part("media_type", "")],
        ["--x\r\nContent-Disposition: form-data\r\n\r\nnameless\r\n"],
        [part("purpose", "reference_audio")],
        ["no form at all"],
    ],
)
def test_a_senseless_form_is_refused(account: Account, parts: list[str]) -> None:
    answer = send_form(account, *parts)

    assert (answer.status_code, answer.json()["error"]["code"]) == (422, "invalid_request")


def test_a_form_that_breaks_off_is_refused(account: Account) -> None:
    assert send_form(account, part("file", "sound", "a.mp3"), end="--x\r\nContent-Disp").status_code == 422


@pytest.mark.parametrize("media_type", ["application/json", "multipart/mixed; boundary=x", ""])
def test_another_type_than_a_form_is_refused(account: Account, media_type: str) -> None:
    answer = account.send("POST", "/v1/uploads", content=b"{}", headers={"Content-Type": media_type})

    assert answer.status_code == 415


def test_a_form_without_a_boundary_is_refused(account: Account) -> None:
    headers = {"Content-Type": "multipart/form-data"}

    assert account.send("POST", "/v1/uploads", content=b"--x", headers=headers).status_code == 422


def test_a_file_of_the_greatest_size_is_accepted_and_a_larger_one_refused(small: Account) -> None:
    assert small.upload(b"a" * 2_000_000).status_code == 201
    for size in (2_000_001, 3_200_000, 9_000_000):
        answer = small.upload(b"a" * size)
        assert (answer.status_code, answer.json()["error"]["code"]) == (413, "payload_too_large")


def test_an_upload_can_be_used_as_reference_audio(account: Account) -> None:
    artifact_id = account.upload(purpose="reference_audio").json()["artifact_id"]
    reference = {"type": "artifact", "artifact_id": artifact_id}

    task = account.created({**SONG, "reference_audio": reference}, path=REFERENCE_AUDIO_TO_MUSIC)

    assert (task["capability"], task["input"]["reference_audio"]) == ("reference_audio_to_music", reference)


def test_unknown_and_strange_artifacts_are_refused_as_reference_audio(sandbox: Sandbox) -> None:
    accounts = sandbox.new_accounts()
    foreign = accounts["second"].upload().json()["artifact_id"]

    for artifact_id in ("artifact_0", foreign):
        body = {**SONG, "reference_audio": {"type": "artifact", "artifact_id": artifact_id}}
        answer = accounts["main"].create(body, path=REFERENCE_AUDIO_TO_MUSIC)
        assert answer.status_code == 422
        assert answer.json()["error"]["param"] == "/reference_audio/artifact_id"


@pytest.mark.parametrize(
    "reference", [None, {}, "artifact_1", {"type": "artifact"}, {"type": "url"}, {"type": "data_uri", "url": "x"}]
)
def test_reference_audio_in_no_known_form_is_refused(account: Account, reference: Json) -> None:
    answer = account.create({**SONG, "reference_audio": reference}, path=REFERENCE_AUDIO_TO_MUSIC)

    assert answer.status_code == 422


def test_text_to_music_ignores_reference_audio(account: Account) -> None:
    task = account.created({**SONG, "reference_audio": {}}, path=TEXT_TO_MUSIC)

    assert task["input"] == {"prompt": SONG["prompt"]}
