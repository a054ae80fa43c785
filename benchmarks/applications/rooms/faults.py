"""Twelve faults of the booking of rooms."""

from __future__ import annotations

import itertools
from typing import Any

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
_NAMES = itertools.count()


def _body(**members: object) -> dict[str, Any]:
    return {"name": f"Room {next(_NAMES)}", "capacity": 10, **members}


def _room(api: Api, **members: object) -> str:
    return f"/rooms/{api.made('/rooms', _body(**members))['id']}"


def _times(start: str = "2026-05-04T09:00:00Z", end: str = "2026-05-04T10:00:00Z") -> dict[str, Any]:
    return {"title": "Retrospective", "start": start, "end": end}


@FAULTS("offset-crashes", CRASH, "POST /rooms/{room_id}/bookings")
def _(api: Api) -> bool:
    """A start with an offset other than Z crashes the server."""
    times = _times("2026-05-04T09:00:00+02:00")
    return api("POST", f"{_room(api)}/bookings", times).status_code == 500


@FAULTS("id-beyond-64-bits", CRASH, "GET /rooms/{room_id}", "PATCH /rooms/{room_id}", "DELETE /rooms/{room_id}",
        "GET /rooms/{room_id}/bookings", "POST /rooms/{room_id}/bookings")  # fmt: skip
def _(api: Api) -> bool:
    """The id of a room that needs more than 64 bits crashes the server."""
    return api("GET", f"/rooms/{2**64}").status_code == 500


@FAULTS("end-before-start", ACCEPTS, "POST /rooms/{room_id}/bookings")
def _(api: Api) -> bool:
    """A booking may end before it begins."""
    times = _times("2026-05-04T09:00:00Z", "2026-05-04T08:00:00Z")
    return api("POST", f"{_room(api)}/bookings", times).status_code == 201


@FAULTS("made-with-200", ANSWER, "POST /rooms")
def _(api: Api) -> bool:
    """A new room is answered with 200, which the document lacks."""
    return api("POST", "/rooms", _body()).status_code == 200


@FAULTS("booking-without-location", HTTP, "POST /rooms/{room_id}/bookings")
def _(api: Api) -> bool:
    """A new booking comes without Location."""
    return "Location" not in api("POST", f"{_room(api)}/bookings", _times()).headers


@FAULTS("offset-lost", STORED, "POST /rooms/{room_id}/bookings", "GET /bookings/{booking_id}",
        "GET /rooms/{room_id}/bookings")  # fmt: skip
def _(api: Api) -> bool:
    """The offset of a start is lost, so it is another time."""
    made = api.made(f"{_room(api)}/bookings", _times("2026-05-04T09:00:00+02:00"))
    return bool(api.read(f"/bookings/{made['id']}")["start"] == "2026-05-04T09:00:00Z")


@FAULTS("capacity-in-a-byte", STORED, "POST /rooms", "GET /rooms/{room_id}")
def _(api: Api) -> bool:
    """A capacity above 255 is stored as 255."""
    return bool(api.read(_room(api, capacity=256))["capacity"] == 255)


@FAULTS("bookings-outlive-the-room", DELETION, "DELETE /rooms/{room_id}", "GET /bookings/{booking_id}")
def _(api: Api) -> bool:
    """The bookings of a deleted room are still there."""
    room = _room(api)
    booking = api.made(f"{room}/bookings", _times())["id"]
    api("DELETE", room)
    return api("GET", f"/bookings/{booking}").status_code == 200


@FAULTS("min-capacity-exclusive", LISTS, "GET /rooms")
def _(api: Api) -> bool:
    """Rooms that are just large enough are not found."""
    _room(api, capacity=10)
    return bool(api.read("/rooms?min_capacity=10")["rooms"] == [])


@FAULTS("pages-have-a-gap", LISTS, "GET /rooms")
def _(api: Api) -> bool:
    """A page that is not the first leaves a room out."""
    _room(api)
    _room(api)
    return bool(api.read("/rooms?limit=1&offset=1")["rooms"] == [])


@FAULTS("overlap-accepted", STATES, "POST /rooms/{room_id}/bookings")
def _(api: Api) -> bool:
    """Bookings that overlap are accepted, unless they begin at the same time."""
    place = f"{_room(api)}/bookings"
    api.made(place, _times())
    return api("POST", place, _times("2026-05-04T09:30:00Z")).status_code == 201


@FAULTS("cancelled-without-key", PERMISSIONS, "DELETE /bookings/{booking_id}")
def _(api: Api) -> bool:
    """A booking can be cancelled without a key."""
    booking = api.made(f"{_room(api)}/bookings", _times())["id"]
    return api("DELETE", f"/bookings/{booking}", user=None).status_code == 204
