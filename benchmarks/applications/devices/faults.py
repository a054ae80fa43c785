"""Twelve faults of the registry of devices."""

from __future__ import annotations

import itertools
from typing import Any

from applications.faults import ACCEPTS, ANSWER, CRASH, DELETION, HTTP, LISTS, STATES, STORED, Api, Faults

FAULTS = Faults()
_NUMBERS = itertools.cycle(range(1_000_000))
NINE = "2026-05-04T09:00:00Z"
MERGE = {"Content-Type": "application/merge-patch+json"}


def _body(**members: object) -> dict[str, Any]:
    return {"serial": f"TH{next(_NUMBERS):06}", "model": "thermo-1", **members}


def _device(api: Api, **members: object) -> str:
    return f"/devices/{api.made('/devices', _body(**members))['serial']}"


@FAULTS("unnamed-setting-crashes", CRASH, "POST /devices", "PUT /devices/{serial}", "PATCH /devices/{serial}")
def _(api: Api) -> bool:
    """A setting whose name is empty crashes the server."""
    return api("POST", "/devices", _body(settings={"": "x"})).status_code == 500


@FAULTS("time-before-1970-crashes", CRASH, "POST /devices/{serial}/readings")
def _(api: Api) -> bool:
    """A reading of a time before 1970 crashes the server."""
    reading = {"at": "1969-07-20T20:17:40Z", "celsius": 21}
    return api("POST", f"{_device(api)}/readings", reading).status_code == 500


@FAULTS("colder-than-possible", ACCEPTS, "POST /devices/{serial}/readings")
def _(api: Api) -> bool:
    """A reading below the minimum is accepted."""
    return api("POST", f"{_device(api)}/readings", {"at": NINE, "celsius": -274}).status_code == 201


@FAULTS("floor-as-text", ANSWER, "POST /devices", "GET /devices", "GET /devices/{serial}", "PUT /devices/{serial}",
        "PATCH /devices/{serial}")  # fmt: skip
def _(api: Api) -> bool:
    """The floor is a text."""
    return isinstance(api.read(_device(api, place={"site": "A", "floor": 1}))["place"]["floor"], str)


@FAULTS("tag-stays-after-patch", HTTP, "PATCH /devices/{serial}", "GET /devices/{serial}")
def _(api: Api) -> bool:
    """The entity tag stays the same after a patch."""
    device = _device(api)
    before = api("GET", device).headers["ETag"]
    api("PATCH", device, {"enabled": False}, headers=MERGE)
    return api("GET", device).headers["ETag"] == before


@FAULTS("precondition-ignored", HTTP, "PUT /devices/{serial}")
def _(api: Api) -> bool:
    """If-Match is ignored when a device is replaced."""
    answer = api("PUT", _device(api), {"model": "hygro-1"}, headers={"If-Match": '"of-before"'})
    return answer.status_code == 200


@FAULTS("any-tag-not-modified", HTTP, "GET /devices/{serial}")
def _(api: Api) -> bool:
    """Any entity tag counts as the present one."""
    return api("GET", _device(api), headers={"If-None-Match": '"of-before"'}).status_code == 304


@FAULTS("names-in-lower-case", STORED, "POST /devices", "PUT /devices/{serial}", "PATCH /devices/{serial}",
        "GET /devices/{serial}")  # fmt: skip
def _(api: Api) -> bool:
    """The names of settings are stored in lower case."""
    return bool(api.read(_device(api, settings={"Unit": "K"}))["settings"] == {"unit": "K"})


@FAULTS("null-takes-nothing-away", STORED, "PATCH /devices/{serial}", "GET /devices/{serial}")
def _(api: Api) -> bool:
    """A setting that is null in a patch stays."""
    device = _device(api, settings={"unit": "K"})
    api("PATCH", device, {"settings": {"unit": None}}, headers=MERGE)
    return bool(api.read(device)["settings"] == {"unit": "K"})


@FAULTS("readings-of-deleted", DELETION, "DELETE /devices/{serial}", "GET /devices/{serial}/readings")
def _(api: Api) -> bool:
    """The readings of a deleted device can still be read."""
    device = _device(api)
    api("DELETE", device)
    return api("GET", f"{device}/readings").status_code == 200


@FAULTS("to-exclusive", LISTS, "GET /devices/{serial}/readings")
def _(api: Api) -> bool:
    """A reading of just the last time is not found."""
    device = _device(api)
    api.made(f"{device}/readings", {"at": NINE, "celsius": 21})
    return bool(api.read(f"{device}/readings?to={NINE}")["readings"] == [])


@FAULTS("disabled-takes-readings", STATES, "POST /devices/{serial}/readings")
def _(api: Api) -> bool:
    """A device that is not enabled takes readings."""
    return api("POST", f"{_device(api, enabled=False)}/readings", {"at": NINE, "celsius": 21}).status_code == 201
