"""Uploads: one file becomes an artifact with a URL; what may stand beside the file, and what is no upload."""

from __future__ import annotations

from dataclasses import dataclass
from hashlib import sha256
from typing import TYPE_CHECKING, Final

from conformance.client.errors import BlockedError, NotOfferedError
from conformance.client.request import Form, Upload
from conformance.journal.records import Mismatch
from conformance.money.budget import harmless
from conformance.suite.beatra.answers import decided, refused, refused_with
from conformance.suite.beatra.bodies import OTHER_REFERENCE_FILE, REFERENCE_FILE
from conformance.suite.beatra.gateway import UPLOADS, artifact_id_in, uploaded_id
from conformance.suite.media import Delivery, delivered, urls_in
from conformance.suite.scenarios import requirement, scenario

if TYPE_CHECKING:
    from conformance.journal.records import Exchange
    from conformance.suite.beatra.conftest import OpenGateway
    from conformance.suite.beatra.gateway import Gateway

HAS_URL: Final = "BEATRA-UPLOAD-02"
METADATA: Final = '{"project": "demo"}'
EMPTY_FILE: Final = Upload("reference.mp3", b"", "audio/mpeg")
_VALIDATION_ERRORS: Final = (400, 422)


@dataclass(frozen=True, slots=True)
class Uploads:
    """One file, uploaded alone, as reference audio, and with metadata, and what the URL of the second delivered."""

    alone: Exchange
    as_reference: Exchange
    with_metadata: Exchange
    deliveries: tuple[Delivery, ...]

    @property
    def stored(self) -> tuple[Exchange, ...]:
        """The uploads that were accepted; blocked when none was."""
        found = tuple(each for each in (self.alone, self.as_reference, self.with_metadata) if each.accepted)
        if not found:
            raise BlockedError(UPLOADS, f"no upload is accepted: {self.alone.failure or self.alone.status}")
        return found

    def accepted(self, upload: Exchange) -> None:
        """The upload is accepted where uploads are accepted at all."""
        decided(upload)
        if not upload.accepted and self.stored:
            shown = upload.answer.body.text[:200]
            raise Mismatch(f"expected the upload to be accepted, got {upload.status}: {shown}", upload.id)


@dataclass(frozen=True, slots=True)
class WrongForms:
    """Forms that are no upload of a file, or of nothing."""

    without_file: Exchange
    empty_file: Exchange
    list_as_metadata: Exchange
    text_as_metadata: Exchange


@scenario(harmless(requests=3))
def uploads(gateway: OpenGateway) -> Uploads:
    """The same file three times."""
    with gateway("uploads") as beatra:
        alone = beatra.upload(purpose=None)
        as_reference = beatra.upload()
        observe_answers(beatra, alone)
        urls = urls_in(as_reference.get("")) if as_reference.accepted else []
        return Uploads(
            alone,
            as_reference,
            # Beside a purpose that is accepted, so that only the metadata can be at fault.
            with_metadata=beatra.upload(purpose=None if alone.accepted else "reference_audio", metadata=METADATA),
            deliveries=tuple(delivered(beatra.account, url) for url in urls),
        )


@dataclass(frozen=True, slots=True)
class RetriedUpload:
    """An upload, the same with its key once more, and another file with that key."""

    first: Exchange
    again: Exchange
    other_file: Exchange


@scenario(harmless(requests=3))
def retried_upload(gateway: OpenGateway) -> RetriedUpload:
    """An upload that is retried, and a key that comes back with another file."""
    with gateway("retried-upload") as beatra:
        key = beatra.fresh_key()
        first, again, other = (
            beatra.account.call(
                "createUpload",
                form=Form({"purpose": "reference_audio"}, {"file": file}),
                idempotency_key=key,
            )
            for file in (REFERENCE_FILE, REFERENCE_FILE, OTHER_REFERENCE_FILE)
        )
        uploaded_id(first)
        return RetriedUpload(first, again, other)


@scenario(harmless(requests=4))
def wrong_forms(gateway: OpenGateway) -> WrongForms:
    """Forms as a client with a bug sends them."""
    with gateway("wrong-forms") as beatra:
        return WrongForms(
            without_file=beatra.account.call("createUpload", form=Form({"purpose": "reference_audio"})),
            empty_file=beatra.upload(EMPTY_FILE),
            list_as_metadata=beatra.upload(metadata='["demo"]'),
            text_as_metadata=beatra.upload(metadata="project: demo"),
        )


def observe_answers(beatra: Gateway, alone: Exchange) -> None:
    shown = alone.get("") if alone.accepted else None
    if isinstance(shown, dict):
        fields = ", ".join(sorted(map(str, shown)))
        beatra.observe("BEATRA-OBS-UPLOAD-ANSWER", f"{alone.status} with {fields}"[:400], alone)
        named = f"purpose {shown.get('purpose')!r:.80}, media type {shown.get('media_type')!r:.80}"
        beatra.observe("BEATRA-OBS-UPLOAD-PURPOSE", named, alone)


@requirement("BEATRA-UPLOAD-01")
def test_an_upload_returns_an_artifact_id(uploads: Uploads) -> None:
    answers = (uploads.alone, uploads.as_reference, uploads.with_metadata)
    for answer in answers:
        decided(answer)
    if not any(answer.accepted for answer in answers):
        statuses = ", ".join(str(answer.status) for answer in answers)
        raise Mismatch(f"expected an upload to be accepted, got {statuses}", *(answer.id for answer in answers))
    for stored in uploads.stored:
        if artifact_id_in(stored) is None:
            shown = stored.answer.body.text[:200]
            raise Mismatch(f"expected an artifact_id in the answer to an upload, got {shown}", stored.id)


@requirement("BEATRA-UPLOAD-02")
def test_an_upload_returns_a_url(uploads: Uploads) -> None:
    for stored in uploads.stored:
        if not urls_in(stored.get("")):
            raise Mismatch(f"expected the URL of the file, got {stored.answer.body.text[:200]}", stored.id)


@requirement("BEATRA-UPLOAD-03")
def test_the_url_delivers_what_was_uploaded(uploads: Uploads) -> None:
    if not uploads.deliveries:
        raise BlockedError(HAS_URL, "the answer to the upload has no URL")
    asked = [delivery.exchange for delivery in uploads.deliveries if delivery.exchange is not None]
    if not asked:
        raise NotOfferedError(uploads.deliveries[0].reason)
    for exchange in asked:
        decided(exchange)
    if not any(exchange.answer.body.sha256 == sha256(REFERENCE_FILE.content).hexdigest() for exchange in asked):
        shown = ", ".join(f"{each.status} with {each.answer.body.size} bytes" for each in asked)
        wanted = f"expected the {len(REFERENCE_FILE.content)} bytes that were uploaded, got {shown}"
        raise Mismatch(wanted, *(exchange.id for exchange in asked))


@requirement("BEATRA-UPLOAD-04")
def test_a_file_alone_is_accepted(uploads: Uploads) -> None:
    uploads.accepted(uploads.alone)


@requirement("BEATRA-UPLOAD-05")
def test_a_file_is_accepted_as_reference_audio(uploads: Uploads) -> None:
    uploads.accepted(uploads.as_reference)


@requirement("BEATRA-UPLOAD-06")
def test_metadata_is_accepted_as_a_json_object_in_a_string(uploads: Uploads) -> None:
    uploads.accepted(uploads.with_metadata)


@requirement("BEATRA-UPLOAD-07")
def test_metadata_that_is_no_json_object_is_refused(wrong_forms: WrongForms) -> None:
    refused(wrong_forms.list_as_metadata)
    refused(wrong_forms.text_as_metadata)


@requirement("BEATRA-UPLOAD-08")
def test_a_form_without_a_file_is_a_validation_error(wrong_forms: WrongForms) -> None:
    refused(wrong_forms.without_file)

    assert wrong_forms.without_file.status in _VALIDATION_ERRORS


@requirement("BEATRA-UPLOAD-09")
def test_an_empty_file_is_refused(wrong_forms: WrongForms) -> None:
    refused(wrong_forms.empty_file)


@requirement("BEATRA-UPLOAD-13")
def test_a_retried_upload_returns_the_same_artifact(retried_upload: RetriedUpload) -> None:
    decided(retried_upload.again)
    artifact, again = (artifact_id_in(each) for each in (retried_upload.first, retried_upload.again))
    if again != artifact:
        shown = f"{retried_upload.again.status} with {again!r:.80}"
        raise Mismatch(f"expected the artifact {artifact!r:.80} again, got {shown}", retried_upload.again.id)


@requirement("BEATRA-UPLOAD-13")
def test_a_key_with_another_file_is_a_conflict(retried_upload: RetriedUpload) -> None:
    refused_with(retried_upload.other_file, 409)
