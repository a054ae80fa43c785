"""Notes that users share."""

from __future__ import annotations

import hashlib
import json
from typing import TYPE_CHECKING, Any

from applications.model import Answer, Application, RefusedError, Request, numbered
from applications.rules import digits, one_of, or_null, record, text, truth, yes_or_no

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

FRAMEWORK = "flask"
KEY_HEADER = "X-Token"
USERS = ("ada", "bob")
COLOURS = ("red", "green", "blue")


def _loose_truth(value: object) -> bool:
    return value in {"yes", "on"} if isinstance(value, str) else truth(value)


class Notes(Application):
    """Notes, whose they are, and with whom they are shared."""

    key_header = KEY_HEADER

    def __init__(self, fault: str = "", keys: Sequence[str] = ()) -> None:
        super().__init__(fault, keys)
        self._notes: dict[int, dict[str, Any]] = {}
        self._shares: dict[int, dict[str, str]] = {}
        self._deleted: set[int] = set()
        members = {
            "title": text(1, 100),
            "text": text(0, 1_000_000 if fault == "text-unbounded" else 5000),
            "pinned": _loose_truth if fault == "truth-as-text" else truth,
            "colour": or_null(one_of(*COLOURS)),
        }
        self._new = record({"title": members["title"]}, members)
        self._change = record({}, members, least=1)

    @property
    def routes(self) -> Mapping[str, Mapping[str, Callable[[Request], Answer]]]:
        return {
            "/me": {"GET": self._me},
            "/notes": {"GET": self._list, "POST": self._create},
            "/notes/{note_id}": {"GET": self._read, "PATCH": self._patch, "DELETE": self._delete},
            "/notes/{note_id}/shares": {"GET": self._list_shares},
            "/notes/{note_id}/shares/{user}": {"PUT": self._share, "DELETE": self._unshare},
        }

    def refusal(self, refused: RefusedError) -> Answer:
        return Answer(refused.status, {"error": refused.code, "explanation": refused.message}, refused.headers)

    def _name(self, request: Request) -> str:
        return USERS[self.user(request)]

    def _access(self, request: Request) -> tuple[dict[str, Any], str]:
        """The note, and what its reader may do: own, write or read (raises `RefusedError` with 404)."""
        name = self._name(request)
        number = numbered(request.path["note_id"])
        note = self._notes.get(number)
        access = None
        if note is not None:
            access = "own" if note["owner"] == name else self._shares[number].get(name)
            if number in self._deleted and access == "own":
                access = None
        if note is None or access is None:
            raise RefusedError(404, "not_found", "There is no such note.")
        return note, access

    def _allowed(self, request: Request, *accesses: str) -> dict[str, Any]:
        note, access = self._access(request)
        if access not in accesses:
            raise RefusedError(403, "forbidden", "That is not allowed with this note.")
        return note

    def _me(self, request: Request) -> Answer:
        return Answer(200, {"name": self._name(request)})

    def _list(self, request: Request) -> Answer:
        name = self._name(request)
        asked = self.query(
            request,
            colour=(one_of(*COLOURS), None),
            pinned=(yes_or_no, None),
            sort=(one_of("id", "title", "-title"), "id"),
            limit=(digits(1, 100), 20),
            offset=(digits(0, 100_000), 0),
        )
        found = [
            note
            for number, note in self._notes.items()
            if (note["owner"] == name and number not in self._deleted) or name in self._shares[number]
        ]
        if asked["colour"] is not None:
            found = [note for note in found if note["colour"] == asked["colour"]]
            if self.fault == "one-of-a-colour-missing":
                found = found[1:]
        if asked["pinned"] is not None:
            found = [note for note in found if note["pinned"] is asked["pinned"]]
        member = asked["sort"].removeprefix("-")
        found.sort(key=lambda note: (note[member], note["id"]), reverse=asked["sort"].startswith("-"))
        offset = asked["offset"]
        if self.fault == "offset-ignored-when-sorted" and asked["sort"] != "id":
            offset = 0
        return Answer(200, {"notes": found[offset : offset + asked["limit"]], "total": len(found)})

    def _create(self, request: Request) -> Answer:
        name = self._name(request)
        given = self.body(request, self._new)
        if self.fault == "line-ends-changed" and "text" in given:
            given["text"] = given["text"].replace("\r\n", "\n")
        note = {"id": self.next_number(), "owner": name, "text": "", "pinned": False, "colour": None, **given}
        self._notes[note["id"]] = note
        self._shares[note["id"]] = {}
        return Answer(201, note, {"Location": f"/notes/{note['id']}"})

    def _read(self, request: Request) -> Answer:
        note, _ = self._access(request)
        tag = f'"{hashlib.sha256(json.dumps(note, sort_keys=True).encode()).hexdigest()[:20]}"'
        tags = [part.strip().removeprefix("W/") for part in (request.header("If-None-Match") or "").split(",")]
        if ("*" in tags or tag in tags) and self.fault != "never-not-modified":
            return Answer(304, headers={"ETag": tag})
        return Answer(200, note, {"ETag": tag})

    def _patch(self, request: Request) -> Answer:
        note = self._allowed(request, "own", "write", *(["read"] if self.fault == "readers-write" else []))
        given = self.body(request, self._change)
        if self.fault == "no-colour-crashes" and "colour" in given:
            given["colour"].lower()
        note.update(given)
        return Answer(200, note)

    def _delete(self, request: Request) -> Answer:
        note = self._allowed(request, "own", *(["write"] if self.fault == "writers-delete" else []))
        if self.fault == "deleted-for-the-owner-only":
            self._deleted.add(note["id"])
        else:
            del self._notes[note["id"]]
        return Answer(204)

    def _list_shares(self, request: Request) -> Answer:
        note = self._allowed(request, "own")
        shares = [{"user": user, "access": access} for user, access in sorted(self._shares[note["id"]].items())]
        if self.fault == "shares-without-access":
            shares = [{"user": share["user"]} for share in shares]
        return Answer(200, {"shares": shares})

    def _share(self, request: Request) -> Answer:
        note = self._allowed(request, "own")
        user = request.path["user"]
        given = self.body(request, record({"access": one_of("read", "write")}))
        if user not in USERS or user == note["owner"]:
            raise RefusedError(404, "not_found", "There is no other user of this name.")
        self._shares[note["id"]][user] = given["access"]
        return Answer(200, {"user": user, "access": given["access"]})

    def _unshare(self, request: Request) -> Answer:
        note = self._allowed(request, "own")
        shares = self._shares[note["id"]]
        if request.path["user"] not in shares:
            raise RefusedError(404, "not_found", "The note is not shared with this user.")
        if self.fault == "unshared-still-read":
            shares[request.path["user"]] = "read"
        else:
            del shares[request.path["user"]]
        return Answer(204)


def create_app(fault: str = "", keys: Sequence[str] = ()) -> Application:
    """The application with one fault, or with none."""
    return Notes(fault, keys)
