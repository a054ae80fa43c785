"""Devices and their readings."""

from __future__ import annotations

import hashlib
import json
from typing import TYPE_CHECKING, Any

from applications.model import Answer, Application, RefusedError, Request
from applications.rules import digits, instant, moment, number, one_of, or_null, record, text, truth, whole

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

FRAMEWORK = "falcon"
KEY_HEADER = "Authorization"
SERIAL = "[A-Z]{2}[0-9]{6}"
MODELS = ("thermo-1", "thermo-2", "hygro-1")
MERGE = "application/merge-patch+json"


def _settings(*, nullable: bool) -> Any:  # noqa: ANN401 - a rule
    value = text(0, 100)

    def read(given: object) -> dict[str, str | None]:
        if not isinstance(given, dict) or len(given) > 20:
            raise ValueError("has to be an object of at most 20 members")
        if any(len(name) > 40 for name in given):
            raise ValueError("has a name of more than 40 characters")
        return {name: None if nullable and one is None else value(one) for name, one in given.items()}

    return read


class Devices(Application):
    """Devices by serial number."""

    key_header = KEY_HEADER

    def __init__(self, fault: str = "", keys: Sequence[str] = ()) -> None:
        super().__init__(fault, keys)
        self._devices: dict[str, dict[str, Any]] = {}
        self._readings: dict[str, list[dict[str, Any]]] = {}
        self._first_tags: dict[str, str] = {}
        place = or_null(record({"site": text(1, 50), "floor": whole(-5, 120)}))
        needed = {"model": one_of(*MODELS)}
        self._device = record(
            {"serial": text(8, 8, SERIAL), **needed},
            {"enabled": truth, "place": place, "settings": _settings(nullable=False)},
        )
        self._replacement = record(needed, {"enabled": truth, "place": place, "settings": _settings(nullable=False)})
        self._patch_rule = record(
            {}, {**needed, "enabled": truth, "place": place, "settings": _settings(nullable=True)}, least=1
        )
        coldest = -1000 if fault == "colder-than-possible" else -273.15
        self._reading = record({"at": moment, "celsius": number(coldest, 2000)})

    @property
    def routes(self) -> Mapping[str, Mapping[str, Callable[[Request], Answer]]]:
        return {
            "/devices": {"GET": self._list, "POST": self._register},
            "/devices/{serial}": {
                "GET": self._read,
                "PUT": self._replace,
                "PATCH": self._patch,
                "DELETE": self._delete,
            },
            "/devices/{serial}/readings": {"GET": self._list_readings, "POST": self._add_reading},
        }

    def refusal(self, refused: RefusedError) -> Answer:
        problem = {"type": "about:blank", "title": refused.code, "status": refused.status, "detail": refused.message}
        return Answer(refused.status, problem, refused.headers, "application/problem+json")

    def _found(self, request: Request) -> dict[str, Any]:
        self.user(request)
        device = self._devices.get(request.path["serial"])
        if device is None:
            raise RefusedError(404, "not_found", "There is no such device.")
        return device

    def _tag(self, device: dict[str, Any]) -> str:
        tag = f'"{hashlib.sha256(json.dumps(device, sort_keys=True).encode()).hexdigest()[:24]}"'
        if self.fault == "tag-stays-after-patch":
            return self._first_tags.setdefault(device["serial"], tag)
        return tag

    def _told(self, device: dict[str, Any], status: int = 200, **headers: str) -> Answer:
        told = device
        if self.fault == "floor-as-text" and device["place"] is not None:
            told = {**device, "place": {**device["place"], "floor": str(device["place"]["floor"])}}
        return Answer(status, told, {"ETag": self._tag(device), **headers})

    def _given_tags(self, request: Request, name: str) -> list[str] | None:
        header = request.header(name)
        return None if header is None else [tag.strip() for tag in header.split(",")]

    def _match(self, request: Request, device: dict[str, Any]) -> None:
        """Let a change pass if the client knows what it changes (raises `RefusedError` with 412)."""
        tags = self._given_tags(request, "If-Match")
        if self.fault == "precondition-ignored" and request.method == "PUT":
            return
        if tags is not None and "*" not in tags and self._tag(device) not in tags:
            raise RefusedError(412, "changed", "The device is another one than the client knows.")

    def _list(self, request: Request) -> Answer:
        self.user(request)
        asked = self.query(
            request,
            model=(one_of(*MODELS), None),
            site=(text(1, 50), None),
            limit=(digits(1, 100), 20),
            offset=(digits(0, 100_000), 0),
        )
        found = [
            self._told(device).body
            for _, device in sorted(self._devices.items())
            if asked["model"] in {None, device["model"]}
            and (asked["site"] is None or (device["place"] and device["place"]["site"] == asked["site"]))
        ]
        page = found[asked["offset"] : asked["offset"] + asked["limit"]]
        return Answer(200, {"devices": page, "total": len(found)})

    def _kept(self, given: dict[str, Any]) -> dict[str, Any]:
        settings = given.get("settings") or {}
        if self.fault == "unnamed-setting-crashes":
            for name in settings:
                name[0]
        if self.fault == "names-in-lower-case" and settings:
            given["settings"] = {name.lower(): value for name, value in settings.items()}
        return given

    def _register(self, request: Request) -> Answer:
        self.user(request)
        given = self._kept(self.body(request, self._device))
        if given["serial"] in self._devices:
            raise RefusedError(409, "serial_taken", "There is a device with this serial number.")
        device = {"enabled": True, "place": None, "settings": {}, **given}
        self._devices[device["serial"]] = device
        self._readings[device["serial"]] = []
        return self._told(device, 201, Location=f"/devices/{device['serial']}")

    def _read(self, request: Request) -> Answer:
        device = self._found(request)
        tags = [tag.removeprefix("W/") for tag in self._given_tags(request, "If-None-Match") or ()]
        fresh = "*" in tags or self._tag(device) in tags
        if fresh or (tags and self.fault == "any-tag-not-modified"):
            return Answer(304, headers={"ETag": self._tag(device)})
        return self._told(device)

    def _replace(self, request: Request) -> Answer:
        device = self._found(request)
        given = self._kept(self.body(request, self._replacement))
        self._match(request, device)
        device.update({"enabled": True, "place": None, "settings": {}, **given})
        if self.fault == "tag-stays-after-patch":
            self._first_tags.pop(device["serial"], None)
        return self._told(device)

    def _patch(self, request: Request) -> Answer:
        device = self._found(request)
        given = self._kept(self.body(request, self._patch_rule, media=MERGE))
        self._match(request, device)
        settings = {**device["settings"], **given.pop("settings", {})}
        if self.fault == "null-takes-nothing-away":
            settings = {
                name: device["settings"].get(name, "") if one is None else one for name, one in settings.items()
            }
        kept = {name: one for name, one in settings.items() if one is not None}
        if len(kept) > 20:
            raise RefusedError(422, "invalid", "There are more than 20 settings.")
        device["settings"] = kept
        device.update(given)
        return self._told(device)

    def _delete(self, request: Request) -> Answer:
        device = self._found(request)
        self._match(request, device)
        del self._devices[device["serial"]]
        if self.fault != "readings-of-deleted":
            del self._readings[device["serial"]]
        self._first_tags.pop(device["serial"], None)
        return Answer(204)

    def _list_readings(self, request: Request) -> Answer:
        self.user(request)
        if self.fault != "readings-of-deleted" or request.path["serial"] not in self._readings:
            self._found(request)
        asked = self.query(request, **{"from": (moment, None)}, to=(moment, None), limit=(digits(1, 500), 100))
        found = list(self._readings[request.path["serial"]])
        if asked["from"] is not None:
            found = [reading for reading in found if instant(reading["at"]) >= instant(asked["from"])]
        if asked["to"] is not None:
            last = instant(asked["to"])
            exclusive = self.fault == "to-exclusive"
            found = [
                one for one in found if instant(one["at"]) < last or (instant(one["at"]) == last and not exclusive)
            ]
        found.sort(key=lambda reading: instant(reading["at"]))
        return Answer(200, {"readings": found[: asked["limit"]]})

    def _add_reading(self, request: Request) -> Answer:
        device = self._found(request)
        given = self.body(request, self._reading)
        if self.fault == "time-before-1970-crashes":
            int(instant(given["at"])).to_bytes(8)
        if not device["enabled"] and self.fault != "disabled-takes-readings":
            raise RefusedError(409, "disabled", "The device is disabled.")
        self._readings[device["serial"]].append(given)
        return Answer(201, given)


def create_app(fault: str = "", keys: Sequence[str] = ()) -> Application:
    """The application with one fault, or with none."""
    return Devices(fault, keys)
