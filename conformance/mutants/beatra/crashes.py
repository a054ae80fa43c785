"""Mutants that certain requests bring down, every time."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from conformance.mutants.base import Mutant
from conformance.reference.beatra.handlers.guard import Guard
from conformance.reference.beatra.handlers.music import MusicHandlers
from conformance.reference.beatra.handlers.uploads import UploadHandlers
from conformance.reference.beatra.services.fetcher import Fetcher
from conformance.reference.beatra.services.lifecycle import Lifecycle

if TYPE_CHECKING:
    from starlette.datastructures import UploadFile
    from starlette.requests import Request
    from starlette.responses import JSONResponse

    from conformance.reference.beatra.services.accounts import Caller
    from conformance.reference.beatra.services.tasks import Task


class RedactsEverything(MusicHandlers):
    """Writes a log line without secrets before anything else."""

    async def from_text(self, request: Request) -> JSONResponse:
        """Walk through the body first."""
        body = await request.body()
        if body.strip().startswith((b"[", b"{")):
            self._walk(body)
        return await super().from_text(request)

    def _walk(self, body: bytes) -> None:
        try:
            value = json.loads(body)
        except ValueError:
            return
        self._redact(value)

    def _redact(self, value: object) -> object:
        if isinstance(value, list):
            return [self._redact(item) for item in value]
        if isinstance(value, dict):
            return {name: self._redact(item) for name, item in value.items()}
        return value


class ExpectsAnObject(MusicHandlers):
    """Looks for the model before the body was validated."""

    async def from_text(self, request: Request) -> JSONResponse:
        """Read one field too early."""
        body = await request.body()
        if body in (b"null", b"[]"):
            json.loads(body)["model"]
        return await super().from_text(request)


class SplitsTheHeader(Guard):
    """Takes the header apart without a look."""

    def identify(self, request: Request) -> Caller:
        """Expect two parts."""
        header = request.headers.get("authorization")
        if header is not None:
            _scheme, _key = header.split(" ")
        return super().identify(request)


class TrustsTheForm(UploadHandlers):
    """Takes it for granted that every file has a type."""

    def sent_type(self, file: UploadFile) -> str:
        """Look it up among the headers of the part."""
        return file.headers["content-type"].lower()


class ReadsAddresses(Fetcher):
    """Takes every address for one of the old kind."""

    def is_public(self, address: str) -> bool:
        """Split it at its dots."""
        first, _second, _third, _fourth = address.split(".")
        return first != "127" and super().is_public(address)


class DeliversNothing(Lifecycle):
    """Stumbles over every delivery, whatever of the account is asked for."""

    def succeed(self, task: Task) -> None:
        """Expect a note that was not written."""
        raise KeyError(task.metadata["provider"])


MUTANTS = (
    Mutant(
        id="deep-body-crashes",
        breaks="BEATRA-ERROR-06",
        story="The log redacts bodies recursively, and was not tried with ten thousand levels.",
        front={"music": RedactsEverything},
    ),
    Mutant(
        id="null-body-crashes",
        breaks="BEATRA-ERROR-06",
        story="A metric counts requests per model before the body is validated.",
        front={"music": ExpectsAnObject},
    ),
    Mutant(
        id="bare-scheme-crashes",
        breaks="BEATRA-ERROR-06",
        story="The header is split in two without a check whether there are two parts.",
        front={"guard": SplitsTheHeader},
    ),
    Mutant(
        id="delivery-crashes",
        breaks="BEATRA-ERROR-06",
        story="Tasks are brought up to date before each request, and a task that is ready to be delivered can't be.",
        cast={"lifecycle": DeliversNothing},
    ),
    Mutant(
        id="address-crashes",
        breaks="BEATRA-ERROR-06",
        story="The check that keeps references out of private networks was written before there was IPv6.",
        cast={"fetcher": ReadsAddresses},
    ),
    Mutant(
        id="untyped-file-crashes",
        breaks="BEATRA-ERROR-06",
        story="Every browser sends the type of a file along, so a form without it was not thought of.",
        front={"uploads": TrustsTheForm},
    ),
)
