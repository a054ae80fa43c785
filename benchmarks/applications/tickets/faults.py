"""Twelve faults of the ticket desk."""

from __future__ import annotations

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


def _ticket(api: Api, **members: object) -> str:
    return f"/tickets/{api.made('/tickets', {'subject': 'Printer on fire', **members})['id']}"


@FAULTS("blank-subject", CRASH, "POST /tickets")
def _(api: Api) -> bool:
    """A subject of blanks alone crashes the server."""
    return api("POST", "/tickets", {"subject": "   "}).status_code == 500


@FAULTS("offset-beyond", CRASH, "GET /tickets")
def _(api: Api) -> bool:
    """A page behind the last ticket crashes the server."""
    _ticket(api)
    return api("GET", "/tickets?offset=1").status_code == 500


@FAULTS("labels-twice", ACCEPTS, "POST /tickets", "PATCH /tickets/{id}")
def _(api: Api) -> bool:
    """The same label is accepted twice."""
    return api("POST", "/tickets", {"subject": "Printer", "labels": ["red", "red"]}).status_code == 201


@FAULTS("due-missing", ANSWER, "POST /tickets", "GET /tickets/{id}", "GET /tickets")
def _(api: Api) -> bool:
    """A ticket that is due at no time lacks the member."""
    return "due" not in api.read(_ticket(api))


@FAULTS("location-wrong", HTTP, "POST /tickets")
def _(api: Api) -> bool:
    """Location leads nowhere."""
    place = api("POST", "/tickets", {"subject": "Printer"}).headers["Location"]
    return api("GET", place).status_code == 404


@FAULTS("description-trimmed", STORED, "POST /tickets", "GET /tickets/{id}")
def _(api: Api) -> bool:
    """Blanks at the ends of a description are lost."""
    return bool(api.read(_ticket(api, description=" a\n"))["description"] == "a")


@FAULTS("patch-clears-labels", STORED, "PATCH /tickets/{id}", "GET /tickets/{id}")
def _(api: Api) -> bool:
    """A change of another member takes the labels away."""
    ticket = _ticket(api, labels=["red"])
    api("PATCH", ticket, {"priority": "low"})
    return bool(api.read(ticket)["labels"] == [])


@FAULTS("deleted-still-listed", DELETION, "DELETE /tickets/{id}", "GET /tickets")
def _(api: Api) -> bool:
    """A deleted ticket is still in the list."""
    api("DELETE", _ticket(api))
    return bool(api.read("/tickets")["items"])


@FAULTS("priority-ignored", LISTS, "GET /tickets")
def _(api: Api) -> bool:
    """The filter by priority is ignored."""
    _ticket(api, priority="low")
    return bool(api.read("/tickets?priority=high")["items"])


@FAULTS("total-of-page", LISTS, "GET /tickets")
def _(api: Api) -> bool:
    """The total counts only the page."""
    _ticket(api)
    _ticket(api)
    return bool(api.read("/tickets?limit=1")["total"] == 1)


@FAULTS("closed-reopened", STATES, "POST /tickets/{id}/reopen")
def _(api: Api) -> bool:
    """A closed ticket can be opened again."""
    ticket = _ticket(api)
    api("POST", f"{ticket}/solve")
    api("POST", f"{ticket}/close")
    return api("POST", f"{ticket}/reopen").status_code == 200


@FAULTS("others-tickets", PERMISSIONS, "GET /tickets/{id}")
def _(api: Api) -> bool:
    """A user can read another user's ticket."""
    return api("GET", _ticket(api), user=1).status_code == 200
