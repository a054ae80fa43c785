"""Twelve faults of the notes."""

from __future__ import annotations

from applications.faults import ACCEPTS, ANSWER, CRASH, DELETION, HTTP, LISTS, PERMISSIONS, STORED, Api, Faults

FAULTS = Faults()


def _note(api: Api, **members: object) -> str:
    return f"/notes/{api.made('/notes', {'title': 'Shopping', **members})['id']}"


def _shared(api: Api, access: str) -> str:
    note = _note(api)
    api("PUT", f"{note}/shares/bob", {"access": access}).raise_for_status()
    return note


@FAULTS("no-colour-crashes", CRASH, "PATCH /notes/{note_id}")
def _(api: Api) -> bool:
    """Taking the colour away crashes the server."""
    return api("PATCH", _note(api), {"colour": None}).status_code == 500


@FAULTS("text-unbounded", ACCEPTS, "POST /notes", "PATCH /notes/{note_id}")
def _(api: Api) -> bool:
    """A text that is too long is accepted."""
    return api("POST", "/notes", {"title": "Long", "text": "a" * 5001}).status_code == 201


@FAULTS("truth-as-text", ACCEPTS, "POST /notes", "PATCH /notes/{note_id}")
def _(api: Api) -> bool:
    """A text is accepted for what is a boolean."""
    return api("POST", "/notes", {"title": "Pinned", "pinned": "yes"}).status_code == 201


@FAULTS("shares-without-access", ANSWER, "GET /notes/{note_id}/shares")
def _(api: Api) -> bool:
    """Shares are listed without their access."""
    return "access" not in api.read(f"{_shared(api, 'read')}/shares")["shares"][0]


@FAULTS("never-not-modified", HTTP, "GET /notes/{note_id}")
def _(api: Api) -> bool:
    """A note that the client has is sent again."""
    note = _note(api)
    tag = api("GET", note).headers["ETag"]
    return api("GET", note, headers={"If-None-Match": tag}).status_code == 200


@FAULTS("line-ends-changed", STORED, "POST /notes", "GET /notes/{note_id}")
def _(api: Api) -> bool:
    """The ends of lines are changed."""
    return bool(api.read(_note(api, text="a\r\nb"))["text"] == "a\nb")


@FAULTS("deleted-for-the-owner-only", DELETION, "DELETE /notes/{note_id}", "GET /notes/{note_id}", "GET /notes")
def _(api: Api) -> bool:
    """A deleted note can still be read by users with whom it was shared."""
    note = _shared(api, "read")
    api("DELETE", note)
    return api("GET", note, user=1).status_code == 200


@FAULTS("one-of-a-colour-missing", LISTS, "GET /notes")
def _(api: Api) -> bool:
    """The filter by colour leaves the first note out."""
    _note(api, colour="red")
    return bool(api.read("/notes?colour=red")["notes"] == [])


@FAULTS("offset-ignored-when-sorted", LISTS, "GET /notes")
def _(api: Api) -> bool:
    """A sorted list begins at its start on each page."""
    _note(api)
    return bool(api.read("/notes?sort=title&offset=1")["notes"])


@FAULTS("readers-write", PERMISSIONS, "PATCH /notes/{note_id}")
def _(api: Api) -> bool:
    """A user with whom a note is shared for reading can change it."""
    return api("PATCH", _shared(api, "read"), {"title": "Mine"}, user=1).status_code == 200


@FAULTS("writers-delete", PERMISSIONS, "DELETE /notes/{note_id}")
def _(api: Api) -> bool:
    """A user who may write to a note can delete it."""
    return api("DELETE", _shared(api, "write"), user=1).status_code == 204


@FAULTS("unshared-still-read", PERMISSIONS, "DELETE /notes/{note_id}/shares/{user}", "GET /notes/{note_id}",
        "GET /notes")  # fmt: skip
def _(api: Api) -> bool:
    """A note that is not shared any more can still be read."""
    note = _shared(api, "read")
    api("DELETE", f"{note}/shares/bob")
    return api("GET", note, user=1).status_code == 200
