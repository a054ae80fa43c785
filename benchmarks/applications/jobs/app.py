"""Jobs that work on a text."""

from __future__ import annotations

import time
import uuid
from typing import TYPE_CHECKING, Any

from applications.model import Answer, Application, RefusedError, Request
from applications.rules import digits, one_of, record, text, whole

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

FRAMEWORK = "starlette"
KEY_HEADER = "X-Api-Key"
STATUSES = ("queued", "running", "succeeded", "failed", "cancelled")
ENDED = ("succeeded", "failed", "cancelled")
QUEUED_SECONDS = 0.05
SECONDS = 0.2


class Jobs(Application):
    """Jobs, and what came of them."""

    invalid_status = 400
    key_header = KEY_HEADER

    def __init__(self, fault: str = "", keys: Sequence[str] = ()) -> None:
        super().__init__(fault, keys)
        self._jobs: dict[str, dict[str, Any]] = {}
        self._gone: dict[str, dict[str, Any]] = {}
        self._new = record(
            {"kind": one_of("count", "reverse", "sum"), "input": text(0, 1000)},
            {"priority": whole(0, 99 if fault == "priority-unbounded" else 9)},
        )

    @property
    def routes(self) -> Mapping[str, Mapping[str, Callable[[Request], Answer]]]:
        job: dict[str, Callable[[Request], Answer]] = {"GET": self._read, "DELETE": self._delete}
        if self.fault == "head-finds-everything":
            job["HEAD"] = self._head
        return {
            "/jobs": {"GET": self._list, "POST": self._start},
            "/jobs/{job_id}": job,
            "/jobs/{job_id}/cancel": {"POST": self._cancel},
            "/jobs/{job_id}/result": {"GET": self._result},
        }

    def refusal(self, refused: RefusedError) -> Answer:
        return Answer(refused.status, {"message": refused.message, "code": refused.code}, refused.headers)

    def _head(self, request: Request) -> Answer:
        self.user(request)
        return Answer(200, {})

    def _status(self, job: dict[str, Any]) -> str:
        if job["cancelled"]:
            return "cancelled"
        passed = time.monotonic() - job["started"]
        if passed < QUEUED_SECONDS:
            return "queued"
        if passed < SECONDS:
            return "running"
        return "failed" if self._worked(job) is None else "succeeded"

    def _worked(self, job: dict[str, Any]) -> str | None:
        given: str = job["input"]
        if job["kind"] == "count":
            return str(len(given))
        if job["kind"] == "reverse":
            return given[::-1]
        parts = given.split()
        if not parts or not all(part.isascii() and part.isdigit() for part in parts):
            return None
        return str(sum(int(part) for part in parts))

    def _told(self, job: dict[str, Any], status: str) -> dict[str, Any]:
        if self.fault == "status-of-another-name" and status == "running":
            status = "in_progress"
        return {name: job[name] for name in ("id", "kind", "input", "priority")} | {"status": status}

    def _found(self, request: Request) -> dict[str, Any]:
        if self.fault == "any-key-for-results" and request.template.endswith("/result"):
            if not request.header(KEY_HEADER):
                self.user(request)
        else:
            self.user(request)
        number = request.path["job_id"].lower()
        job = self._jobs.get(number)
        if job is None and self.fault == "result-outlives" and request.template.endswith("/result"):
            job = self._gone.get(number)
        if job is None:
            raise RefusedError(404, "not_found", "There is no such job.")
        return job

    def _list(self, request: Request) -> Answer:
        self.user(request)
        asked = self.query(
            request,
            status=(one_of(*STATUSES), None),
            kind=(one_of("count", "reverse", "sum"), None),
            limit=(digits(1, 100), 20),
            offset=(digits(0, 100_000), 0),
        )
        found = []
        for job in self._jobs.values():
            status = self._status(job)
            compared = "queued" if self.fault == "status-of-the-start" else status
            if asked["status"] in {None, compared} and asked["kind"] in {None, job["kind"]}:
                found.append(self._told(job, status))
        return Answer(200, {"jobs": found[asked["offset"] : asked["offset"] + asked["limit"]], "total": len(found)})

    def _start(self, request: Request) -> Answer:
        self.user(request)
        given = self.body(request, self._new)
        if self.fault == "empty-input-crashes":
            given["input"][0]
        if self.fault == "blanks-collapsed":
            given["input"] = " ".join(given["input"].split())
        job = {"id": str(uuid.uuid4()), "priority": 5, "started": time.monotonic(), "cancelled": False, **given}
        self._jobs[job["id"]] = job
        headers = {} if self.fault == "accepted-without-location" else {"Location": f"/jobs/{job['id']}"}
        return Answer(202, self._told(job, self._status(job)), headers)

    def _read(self, request: Request) -> Answer:
        job = self._found(request)
        return Answer(200, self._told(job, self._status(job)))

    def _delete(self, request: Request) -> Answer:
        job = self._found(request)
        if self._status(job) not in ENDED:
            raise RefusedError(409, "not_ended", "The job has not ended.")
        self._gone[job["id"]] = self._jobs.pop(job["id"])
        return Answer(204)

    def _cancel(self, request: Request) -> Answer:
        job = self._found(request)
        if self._status(job) in ENDED and self.fault != "ended-cancelled":
            raise RefusedError(409, "ended", "The job has ended.")
        if self.fault != "cancelled-goes-on":
            job["cancelled"] = True
        return Answer(200, self._told(job, "cancelled"))

    def _result(self, request: Request) -> Answer:
        job = self._found(request)
        worked = self._worked(job)
        if self._status(job) != "succeeded":
            if self.fault == "early-result-crashes":
                raise KeyError("result")
            raise RefusedError(409, "no_result", "The job has no result, or none yet.")
        return Answer(200, {"job_id": job["id"], "output": worked})


def create_app(fault: str = "", keys: Sequence[str] = ()) -> Application:
    """The application with one fault, or with none."""
    return Jobs(fault, keys)
