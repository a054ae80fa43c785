"""Mutants that lose files, refuse good forms or take bad ones."""

from __future__ import annotations

from functools import cached_property
from io import BytesIO
from typing import TYPE_CHECKING, Any

from starlette.datastructures import UploadFile
from starlette.requests import Request

from conformance.mutants.base import Mutant
from conformance.reference.beatra.errors import InternalError
from conformance.reference.beatra.handlers.media import MediaHandlers
from conformance.reference.beatra.handlers.uploads import UploadHandlers
from conformance.reference.beatra.services.artifacts import REFERENCE_AUDIO, Artifacts
from conformance.reference.beatra.services.presenter import Presenter
from conformance.reference.beatra.validation import Complaint, refusal
from conformance.reference.parts.bodies import NotJsonError, parse_json

if TYPE_CHECKING:
    from pathlib import Path

    from starlette.datastructures import FormData

    from conformance.reference.beatra.services.artifacts import Artifact

_A_QUARTER = 64 * 1024
_DEFAULT_OF_A_PROXY = 1_000_000 * 64


class NamesIdsOtherwise(Presenter):
    """Calls the artifact id of an upload `upload_id`."""

    def artifact(self, artifact: Artifact, origin: str) -> dict[str, Any]:
        """Rename the field."""
        shown = super().artifact(artifact, origin)
        return {"upload_id": shown.pop("artifact_id"), **shown}


class ForgetsKeys(UploadHandlers):
    """Stores every file that comes, whatever key it comes with."""

    async def keep(self, request: Request, tenant_id: str, form: FormData) -> Artifact:
        """Leave the key out."""
        request.scope["headers"] = [pair for pair in request.scope["headers"] if pair[0] != b"idempotency-key"]
        return await super().keep(Request(request.scope), tenant_id, form)


class ComparesFields(UploadHandlers):
    """Recognises a retry by its key, whatever file it brings."""

    async def keep(self, request: Request, tenant_id: str, form: FormData) -> Artifact:
        """Give back what the key gave first."""
        use = (tenant_id, request.headers.get("idempotency-key"))
        kept = self._kept.get(use) if use[1] else None
        if kept is None:
            kept = self._kept[use] = await super().keep(request, tenant_id, form)
        return kept

    @cached_property
    def _kept(self) -> dict[tuple[str, str | None], Artifact]:
        return {}


class HidesUrls(Presenter):
    """Keeps the URL of an upload to itself."""

    def artifact(self, artifact: Artifact, origin: str) -> dict[str, Any]:
        """Leave the field out."""
        return {name: value for name, value in super().artifact(artifact, origin).items() if name != "url"}


class CutsFiles(Artifacts):
    """Keeps the beginning of large files."""

    def file_of(self, artifact: Artifact) -> Path:
        """Cut what is longer than one piece."""
        file = super().file_of(artifact)
        if artifact.task_id is None:
            file.write_bytes(file.read_bytes()[:_A_QUARTER])
        return file


class WantsPurposes(UploadHandlers):
    """Takes no file without a purpose."""

    def fields_of(self, form: FormData) -> dict[str, str]:
        """Miss the field."""
        fields = super().fields_of(form)
        if "purpose" not in fields:
            raise refusal([Complaint("/purpose", "is required", is_missing=True)])
        return fields


class KnowsNoReferences(UploadHandlers):
    """Knows the first purpose only."""

    def fields_of(self, form: FormData) -> dict[str, str]:
        """Object to the second one."""
        fields = super().fields_of(form)
        if fields.get("purpose") == REFERENCE_AUDIO:
            raise refusal([Complaint("/purpose", "is not one of the allowed values")])
        return fields


class WantsNoText(UploadHandlers):
    """Expects metadata as a part that says it is JSON."""

    def check_metadata(self, text: str) -> None:
        """Object to metadata that was given as text."""
        if text != "{}":
            raise refusal([Complaint("/metadata", "is not a JSON part")])


class TakesAnyJson(UploadHandlers):
    """Takes every kind of JSON value as metadata."""

    def check_metadata(self, text: str) -> None:
        """Look whether it is JSON, not which."""
        try:
            parse_json(text.encode())
        except NotJsonError as problem:
            raise refusal([Complaint("/metadata", "is not valid JSON")]) from problem


class ReadsNoMetadata(UploadHandlers):
    """Keeps metadata as it comes."""

    def check_metadata(self, text: str) -> None:
        """See nothing wrong."""


class TakesNothing(UploadHandlers):
    """Makes an artifact of a form without a file."""

    def file_of(self, form: FormData) -> UploadFile:
        """Take another part of the form for the file."""
        if form.getlist("file"):
            return super().file_of(form)
        return UploadFile(BytesIO(str(form.get("purpose")).encode()), filename="file")


class TakesEmptyFiles(UploadHandlers):
    """Stores files without content."""

    def check_size(self, size: int) -> None:
        """Know an upper bound only."""
        super().check_size(max(size, 1))


class HasASmallProxy(UploadHandlers):
    """Takes files up to 64 MB."""

    def check_size(self, size: int) -> None:
        """Use another limit."""
        super().check_size(size)
        if size > _DEFAULT_OF_A_PROXY:
            raise refusal([Complaint("/file", "is too large")])


class HasNoLimit(UploadHandlers):
    """Takes files of any size that the form parser lets through."""

    def check_size(self, size: int) -> None:
        """Know a lower bound only."""
        super().check_size(min(size, 1))


class LosesUploads(MediaHandlers):
    """Can't reach the store of the uploads."""

    def find(self, artifact_id: str, name: str) -> Artifact:
        """Fail where an upload is asked for."""
        artifact = super().find(artifact_id, name)
        if artifact.task_id is None:
            raise InternalError("The store does not answer.")
        return artifact


MUTANTS = (
    Mutant(
        id="uploads-forget-keys",
        breaks="BEATRA-UPLOAD-13",
        story="Keys are for what costs money, and uploads cost nothing.",
        front={"uploads": ForgetsKeys},
    ),
    Mutant(
        id="upload-key-for-any-file",
        breaks="BEATRA-UPLOAD-13",
        story="A retry of an upload is recognised by its key alone, so that large files need no digest.",
        front={"uploads": ComparesFields},
    ),
    Mutant(
        id="uploads-called-otherwise",
        breaks="BEATRA-UPLOAD-01",
        story="The answer uses the name that another page of the documents has.",
        cast={"presenter": NamesIdsOtherwise},
    ),
    Mutant(
        id="uploads-without-url",
        breaks="BEATRA-UPLOAD-02",
        story="The URL is given out only once the file has reached the CDN.",
        cast={"presenter": HidesUrls},
    ),
    Mutant(
        id="uploads-cut",
        breaks="BEATRA-UPLOAD-03",
        story="The copy to the store moves one piece and does not loop.",
        cast={"artifacts": CutsFiles},
    ),
    Mutant(
        id="purpose-required",
        breaks="BEATRA-UPLOAD-04",
        story="The default of the purpose was lost in a new form model.",
        front={"uploads": WantsPurposes},
    ),
    Mutant(
        id="reference-purpose-unknown",
        breaks="BEATRA-UPLOAD-05",
        story="The list of purposes is older than reference audio.",
        front={"uploads": KnowsNoReferences},
    ),
    Mutant(
        id="metadata-as-text-refused",
        breaks="BEATRA-UPLOAD-06",
        story="The form model expects metadata as a JSON part.",
        front={"uploads": WantsNoText},
    ),
    Mutant(
        id="metadata-of-any-kind",
        breaks="BEATRA-UPLOAD-07",
        story="Metadata is parsed, and what came out is not looked at.",
        front={"uploads": TakesAnyJson},
    ),
    Mutant(
        id="metadata-unread",
        breaks="BEATRA-UPLOAD-07",
        story="Metadata is stored as text and parsed by its readers.",
        front={"uploads": ReadsNoMetadata},
    ),
    Mutant(
        id="upload-of-nothing",
        breaks="BEATRA-UPLOAD-08",
        story="The first part of the form is taken for the file, whatever its name.",
        front={"uploads": TakesNothing},
    ),
    Mutant(
        id="empty-file-accepted",
        breaks="BEATRA-UPLOAD-09",
        story="Only the upper bound of the size is checked.",
        front={"uploads": TakesEmptyFiles},
    ),
    Mutant(
        id="uploads-limited-by-proxy",
        breaks="BEATRA-UPLOAD-10",
        story="The proxy in front has a limit of its own.",
        front={"uploads": HasASmallProxy},
        heavy=True,
    ),
    Mutant(
        id="uploads-unlimited",
        breaks="BEATRA-UPLOAD-11",
        story="The limit is documented but the check was not written.",
        front={"uploads": HasNoLimit},
        heavy=True,
    ),
    Mutant(
        id="uploads-out-of-reach",
        breaks="BEATRA-UPLOAD-03",
        story="What was uploaded lies in a store that the server may write to and not read from.",
        front={"media": LosesUploads},
    ),
)
