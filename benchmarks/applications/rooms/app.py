"""Rooms and their bookings."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from applications.model import Answer, Application, RefusedError, Request, numbered
from applications.rules import digits, instant, list_of, moment, one_of, record, text, whole

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

FRAMEWORK = "falcon"
KEY_HEADER = "Authorization"
EQUIPMENT = ("projector", "whiteboard", "phone", "camera")


class Rooms(Application):
    """Rooms, and who has them when."""

    key_header = KEY_HEADER

    def __init__(self, fault: str = "", keys: Sequence[str] = ()) -> None:
        super().__init__(fault, keys)
        self._rooms: dict[int, dict[str, Any]] = {}
        self._bookings: dict[int, dict[str, Any]] = {}
        members = {"capacity": whole(1, 500), "equipment": list_of(one_of(*EQUIPMENT), 0, 4, unique=True)}
        self._new = record({"name": text(1, 50), "capacity": whole(1, 500)}, {"equipment": members["equipment"]})
        self._change = record({}, {"name": text(1, 50), **members}, least=1)

    @property
    def routes(self) -> Mapping[str, Mapping[str, Callable[[Request], Answer]]]:
        return {
            "/rooms": {"GET": self._list_rooms, "POST": self._add_room},
            "/rooms/{room_id}": {"GET": self._read_room, "PATCH": self._change_room, "DELETE": self._delete_room},
            "/rooms/{room_id}/bookings": {"GET": self._list_bookings, "POST": self._book},
            "/bookings/{booking_id}": {"GET": self._read_booking, "DELETE": self._cancel},
        }

    def refusal(self, refused: RefusedError) -> Answer:
        body = {"status": refused.status, "error": refused.code, "message": refused.message}
        return Answer(refused.status, body, refused.headers)

    def _room(self, request: Request) -> dict[str, Any]:
        self.user(request)
        if self.fault == "id-beyond-64-bits" and request.path["room_id"].isdigit():
            int(request.path["room_id"]).to_bytes(8)
        room = self._rooms.get(numbered(request.path["room_id"]))
        if room is None:
            raise RefusedError(404, "no_room", "There is no such room.")
        return room

    def _booking(self, request: Request) -> dict[str, Any]:
        if not (self.fault == "cancelled-without-key" and request.method == "DELETE"):
            self.user(request)
        booking = self._bookings.get(numbered(request.path["booking_id"]))
        if booking is None:
            raise RefusedError(404, "no_booking", "There is no such booking.")
        return booking

    def _free(self, name: str, room_id: int | None = None) -> None:
        if any(room["name"] == name and room["id"] != room_id for room in self._rooms.values()):
            raise RefusedError(409, "name_taken", "There is a room of this name.")

    def _list_rooms(self, request: Request) -> Answer:
        self.user(request)
        asked = self.query(
            request,
            min_capacity=(digits(1, 500), 1),
            equipment=(one_of(*EQUIPMENT), None),
            limit=(digits(1, 50), 10),
            offset=(digits(0, 10_000), 0),
        )
        least = asked["min_capacity"] + (self.fault == "min-capacity-exclusive")
        found = [
            room
            for room in self._rooms.values()
            if room["capacity"] >= least and (asked["equipment"] is None or asked["equipment"] in room["equipment"])
        ]
        start = asked["offset"] + (1 if self.fault == "pages-have-a-gap" and asked["offset"] else 0)
        return Answer(200, {"rooms": found[start : start + asked["limit"]], "total": len(found)})

    def _add_room(self, request: Request) -> Answer:
        self.user(request)
        given = self.body(request, self._new)
        self._free(given["name"])
        room = {"id": self.next_number(), "equipment": [], **given}
        if self.fault == "capacity-in-a-byte":
            room["capacity"] = min(room["capacity"], 255)
        self._rooms[room["id"]] = room
        status = 200 if self.fault == "made-with-200" else 201
        return Answer(status, room, {"Location": f"/rooms/{room['id']}"})

    def _read_room(self, request: Request) -> Answer:
        return Answer(200, self._room(request))

    def _change_room(self, request: Request) -> Answer:
        room = self._room(request)
        given = self.body(request, self._change)
        if "name" in given:
            self._free(given["name"], room["id"])
        room.update(given)
        return Answer(200, room)

    def _delete_room(self, request: Request) -> Answer:
        room = self._room(request)
        del self._rooms[room["id"]]
        if self.fault != "bookings-outlive-the-room":
            self._bookings = {
                number: booking for number, booking in self._bookings.items() if booking["room_id"] != room["id"]
            }
        return Answer(204)

    def _list_bookings(self, request: Request) -> Answer:
        room = self._room(request)
        found = [booking for booking in self._bookings.values() if booking["room_id"] == room["id"]]
        found.sort(key=lambda booking: instant(booking["start"]))
        return Answer(200, {"bookings": found})

    def _book(self, request: Request) -> Answer:
        room = self._room(request)
        given = self.body(
            request,
            record({"title": text(1, 100), "start": moment, "end": moment}, {"attendees": whole(1, 500)}),
        )
        if self.fault == "offset-crashes":
            given["start"].index("Z")
        start, end = instant(given["start"]), instant(given["end"])
        if end <= start and self.fault != "end-before-start":
            raise RefusedError(422, "end_before_start", "The end has to be after the start.")
        if given.get("attendees", 1) > room["capacity"]:
            raise RefusedError(422, "too_many", "The room is too small.")
        for other in self._bookings.values():
            theirs = instant(other["start"]), instant(other["end"])
            overlaps = start < theirs[1] and theirs[0] < end
            if self.fault == "overlap-accepted":
                overlaps = start == theirs[0]
            if other["room_id"] == room["id"] and overlaps:
                raise RefusedError(409, "taken", "The room is taken at that time.")
        booking = {"id": self.next_number(), "room_id": room["id"], "attendees": 1, **given}
        if self.fault == "offset-lost":
            booking["start"] = booking["start"][:19] + "Z"
        self._bookings[booking["id"]] = booking
        headers = {} if self.fault == "booking-without-location" else {"Location": f"/bookings/{booking['id']}"}
        return Answer(201, booking, headers)

    def _read_booking(self, request: Request) -> Answer:
        return Answer(200, self._booking(request))

    def _cancel(self, request: Request) -> Answer:
        del self._bookings[self._booking(request)["id"]]
        return Answer(204)


def create_app(fault: str = "", keys: Sequence[str] = ()) -> Application:
    """The application with one fault, or with none."""
    return Rooms(fault, keys)
