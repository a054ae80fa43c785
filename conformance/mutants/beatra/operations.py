"""Mutants that only requests drawn from the document find: they refuse what is allowed, or take what is not."""

from __future__ import annotations

import re
from io import BytesIO
from secrets import token_hex
from typing import TYPE_CHECKING

from starlette.datastructures import UploadFile
from starlette.responses import JSONResponse

from conformance.mutants.base import Mutant
from conformance.reference.beatra.errors import InvalidRequestError, NotFoundError
from conformance.reference.beatra.handlers.music import FROM_REFERENCE_AUDIO, FROM_TEXT, MusicHandlers
from conformance.reference.beatra.handlers.parameters import ListParameters, moment, refused
from conformance.reference.beatra.handlers.tasks import TaskHandlers
from conformance.reference.beatra.handlers.uploads import UploadHandlers
from conformance.reference.beatra.validation import Complaint, refusal

if TYPE_CHECKING:
    from starlette.datastructures import FormData, QueryParams
    from starlette.requests import Request

    from conformance.reference.beatra.handlers.music import Capability
    from conformance.reference.beatra.services.tasks import Selection, Task
    from conformance.reference.parts.bodies import Json

_ACCEPTED = 202
_DRAWN = 30
_SHORTEST_TITLE = 2
_SMALLEST_SONG = 4096
_SHORTEST_PROMPT = 3
_LONGEST_RANGE = 366 * 86_400 * 1_000_000


class FiltersWords(MusicHandlers):
    """Keeps bad language out of songs."""

    words = re.compile("ass|hell", re.IGNORECASE)

    def check(self, capability: Capability, body: Json) -> None:
        """Find it in the middle of innocent words, too."""
        super().check(capability, body)
        if capability is FROM_TEXT and isinstance(body, dict) and self.words.search(body["prompt"]):
            raise refusal([Complaint("/prompt", "has words that are not allowed")])


class WantsRealTitles(MusicHandlers):
    """Wants titles that can be shown."""

    def check(self, capability: Capability, body: Json) -> None:
        """Find a letter too short for a title."""
        super().check(capability, body)
        title = body.get("title") if isinstance(body, dict) else None
        if capability is FROM_REFERENCE_AUDIO and title is not None and len(title) < _SHORTEST_TITLE:
            raise refusal([Complaint("/title", "is too short")])


class SearchesOneYear(ListParameters):
    """Keeps expensive searches away."""

    def selection(self, query: QueryParams, tenant_id: str) -> Selection:
        """Refuse a range of more than a year."""
        first, last = moment(query, "created_after"), moment(query, "created_before")
        if first is not None and last is not None and last - first > _LONGEST_RANGE:
            raise refused("created_before", "is more than a year after created_after")
        return super().selection(query, tenant_id)


class SearchesInPartitions(TaskHandlers):
    """Reads lists from partitions of a year."""

    parameters: type[ListParameters] = SearchesOneYear


class ReadsTheIndex(TaskHandlers):
    """Reads tasks from the index that the search uses."""

    def answer(self, request: Request, task: Task) -> JSONResponse:
        """Not find what the index leaves out."""
        if request.method == "GET" and len(str(task.input.get("prompt")).split()) < _SHORTEST_PROMPT:
            raise NotFoundError("There is no such task.")
        return super().answer(request, task)


class WantsRealFiles(UploadHandlers):
    """Takes no file that is too small for a song."""

    def check_size(self, size: int) -> None:
        """Refuse files of a second."""
        super().check_size(size)
        if size < _SMALLEST_SONG:
            raise refusal([Complaint("/file", "is too small for a song")])


class SurprisesPeople(MusicHandlers):
    """Makes up a prompt for those who have none."""

    def check(self, capability: Capability, body: Json) -> None:
        """Forget what else was sent."""
        if capability is FROM_TEXT and isinstance(body, dict) and body.get("prompt") is None:
            body.clear()
            body["prompt"] = "a surprise of our own making"
        super().check(capability, body)


class ChecksLater(MusicHandlers):
    """Leaves the check of covers without a prompt to the worker."""

    async def from_reference_audio(self, request: Request) -> JSONResponse:
        """Answer before it."""
        try:
            return await super().from_reference_audio(request)
        except InvalidRequestError as problem:
            if {"path": "/prompt", "message": "is required"} in (problem.details or {}).get("errors", ()):
                return JSONResponse({"object": "task", "task_id": f"tsk_{token_hex(16)}"}, _ACCEPTED)
            raise


class AnnouncesFiles(UploadHandlers):
    """Takes the announcement of a file that is to follow."""

    def file_of(self, form: FormData) -> UploadFile:
        """Put something in its place."""
        if _announces(form):
            return UploadFile(BytesIO(b"to follow"), filename="announced")
        return super().file_of(form)

    def fields_of(self, form: FormData) -> dict[str, str]:
        """Leave the rest to the file."""
        return {} if _announces(form) else super().fields_of(form)


def _announces(form: FormData) -> bool:
    return "file" not in form and bool(form.get("media_type"))


class TakesAnyReason(TaskHandlers):
    """Takes whatever is sent as the reason of a cancellation."""

    async def cancel(self, request: Request) -> JSONResponse:
        """Read no body."""
        tenant_id = self._guard.admit(request)
        task = self.find(tenant_id, request.path_params["task_id"])
        self._services.lifecycle.cancel(task, self._services.clock.now(tenant_id))
        return self.answer(request, self.find(tenant_id, task.task_id))


MUTANTS = (
    Mutant(
        id="innocent-words-filtered",
        breaks="BEATRA-createTextToMusic-ACCEPTS",
        story="A filter of bad language looks for its words inside of others, such as bass.",
        front={"music": FiltersWords},
        generated=True,
        examples=_DRAWN,
    ),
    Mutant(
        id="short-cover-titles-refused",
        breaks="BEATRA-createReferenceAudioToMusic-ACCEPTS",
        story="A title of one letter looks like a mistake, so it was made one.",
        front={"music": WantsRealTitles},
        generated=True,
        examples=_DRAWN,
    ),
    Mutant(
        id="long-ranges-refused",
        breaks="BEATRA-listTasks-ACCEPTS",
        story="The table is partitioned by year, and a query across two partitions was too slow.",
        front={"tasks": SearchesInPartitions},
        generated=True,
        examples=_DRAWN,
    ),
    Mutant(
        id="short-prompts-not-indexed",
        breaks="BEATRA-getTask-ACCEPTS",
        story="Tasks are read from the search index, which leaves out prompts of two words.",
        front={"tasks": ReadsTheIndex},
        generated=True,
        examples=_DRAWN,
    ),
    Mutant(
        id="small-files-refused",
        breaks="BEATRA-createUpload-ACCEPTS",
        story="A file of a second looks like a broken upload, so it is refused.",
        front={"uploads": WantsRealFiles},
        generated=True,
        examples=_DRAWN,
    ),
    Mutant(
        id="surprise-without-prompt",
        breaks="BEATRA-createTextToMusic-REFUSES",
        story="A request without a prompt gets a surprise, whatever else is wrong with it.",
        front={"music": SurprisesPeople},
        generated=True,
        examples=_DRAWN,
    ),
    Mutant(
        id="covers-checked-later",
        breaks="BEATRA-createReferenceAudioToMusic-REFUSES",
        story="The check of the prompt moved into the worker, after the answer.",
        front={"music": ChecksLater},
        generated=True,
        examples=_DRAWN,
    ),
    Mutant(
        id="files-announced",
        breaks="BEATRA-createUpload-REFUSES",
        story="A media type without a file announces an upload in parts, which was never built.",
        front={"uploads": AnnouncesFiles},
        generated=True,
        examples=_DRAWN,
    ),
    Mutant(
        id="any-reason-to-cancel",
        breaks="BEATRA-cancelTask-REFUSES",
        story="No client uses the reason of a cancellation, so the server does not read it.",
        front={"tasks": TakesAnyReason},
        generated=True,
        examples=_DRAWN,
    ),
)
