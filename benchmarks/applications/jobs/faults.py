"""Twelve faults of the queue of jobs."""

from __future__ import annotations

import time
from uuid import uuid4

from applications.faults import (
    ACCEPTS,
    ANSWER,
    CRASH,
    DELETION,
    HTTP,
    LISTS,
    PERMISSIONS,
    STATES,
    STORED,
    Api,
    Faults,
)

FAULTS = Faults()
_PATIENCE = 500


def _started(api: Api, **members: object) -> str:
    return f"/jobs/{api.made('/jobs', {'kind': 'count', 'input': 'a b', **members})['id']}"


def _reaches(api: Api, job: str, *statuses: str) -> bool:
    for _ in range(_PATIENCE):
        status = api.read(job)["status"]
        if status in statuses:
            return True
        if status in {"succeeded", "failed", "cancelled"}:
            break
        time.sleep(0.01)
    return False


def _ended(api: Api) -> str:
    job = _started(api)
    _reaches(api, job, "succeeded")
    return job


@FAULTS("empty-input-crashes", CRASH, "POST /jobs")
def _(api: Api) -> bool:
    """An empty input crashes the server."""
    return api("POST", "/jobs", {"kind": "count", "input": ""}).status_code == 500


@FAULTS("early-result-crashes", CRASH, "GET /jobs/{job_id}/result")
def _(api: Api) -> bool:
    """Asking for a result that is not there yet crashes the server."""
    return api("GET", f"{_started(api)}/result").status_code == 500


@FAULTS("priority-unbounded", ACCEPTS, "POST /jobs")
def _(api: Api) -> bool:
    """A priority above the maximum is accepted."""
    return api("POST", "/jobs", {"kind": "count", "input": "a", "priority": 10}).status_code == 202


@FAULTS("status-of-another-name", ANSWER, "GET /jobs/{job_id}", "GET /jobs")
def _(api: Api) -> bool:
    """A running job has a status that the document lacks."""
    return _reaches(api, _started(api), "in_progress")


@FAULTS("accepted-without-location", HTTP, "POST /jobs")
def _(api: Api) -> bool:
    """A job is accepted without Location."""
    return "Location" not in api("POST", "/jobs", {"kind": "count", "input": "a"}).headers


@FAULTS("head-finds-everything", HTTP, "GET /jobs/{job_id}", "HEAD /jobs/{job_id}")
def _(api: Api) -> bool:
    """HEAD answers 200 for a job that is not there."""
    return api("HEAD", f"/jobs/{uuid4()}").status_code == 200


@FAULTS("blanks-collapsed", STORED, "POST /jobs", "GET /jobs/{job_id}")
def _(api: Api) -> bool:
    """Several blanks in the input become one."""
    return bool(api.read(_started(api, input="a  b"))["input"] == "a b")


@FAULTS("result-outlives", DELETION, "DELETE /jobs/{job_id}", "GET /jobs/{job_id}/result")
def _(api: Api) -> bool:
    """The result of a deleted job can still be read."""
    job = _ended(api)
    api("DELETE", job)
    return api("GET", f"{job}/result").status_code == 200


@FAULTS("status-of-the-start", LISTS, "GET /jobs")
def _(api: Api) -> bool:
    """The filter by status goes by what the status was at the start."""
    _ended(api)
    return bool(api.read("/jobs?status=queued")["jobs"])


@FAULTS("ended-cancelled", STATES, "POST /jobs/{job_id}/cancel")
def _(api: Api) -> bool:
    """A job that has succeeded can be cancelled."""
    return api("POST", f"{_ended(api)}/cancel").status_code == 200


@FAULTS("cancelled-goes-on", STATES, "POST /jobs/{job_id}/cancel", "GET /jobs/{job_id}")
def _(api: Api) -> bool:
    """A cancelled job goes on and succeeds."""
    job = _started(api)
    api("POST", f"{job}/cancel")
    return _reaches(api, job, "succeeded")


@FAULTS("any-key-for-results", PERMISSIONS, "GET /jobs/{job_id}/result")
def _(api: Api) -> bool:
    """Results can be read with any key."""
    answer = api("GET", f"{_ended(api)}/result", user=None, headers={"X-Api-Key": "of-nobody"})
    return answer.status_code == 200
