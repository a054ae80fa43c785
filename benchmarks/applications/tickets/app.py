"""The ticket desk."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from applications.model import Answer, Application, RefusedError, Request, numbered
from applications.rules import day, digits, list_of, one_of, or_null, record, text

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

FRAMEWORK = "flask"
KEY_HEADER = "X-Api-Key"
PRIORITIES = ("low", "normal", "high")
STATUSES = ("open", "solved", "closed")
LABEL = "[a-z0-9-]{1,20}"


class Tickets(Application):
    """Tickets and their comments, by owner."""

    key_header = KEY_HEADER

    def __init__(self, fault: str = "", keys: Sequence[str] = ()) -> None:
        super().__init__(fault, keys)
        self._tickets: dict[int, dict[str, Any]] = {}
        self._owners: dict[int, int] = {}
        self._comments: dict[int, list[dict[str, Any]]] = {}
        self._deleted: set[int] = set()
        members = {
            "description": text(0, 2000),
            "priority": one_of(*PRIORITIES),
            "labels": list_of(text(1, 20, LABEL), 0, 5, unique=fault != "labels-twice"),
            "due": or_null(day),
        }
        self._new = record({"subject": text(1, 120)}, members)
        self._change = record({}, {"subject": text(1, 120), **members}, least=1)

    @property
    def routes(self) -> Mapping[str, Mapping[str, Callable[[Request], Answer]]]:
        return {
            "/tickets": {"GET": self._list, "POST": self._create},
            "/tickets/{id}": {"GET": self._read, "PATCH": self._patch, "DELETE": self._delete},
            "/tickets/{id}/solve": {"POST": self._solve},
            "/tickets/{id}/reopen": {"POST": self._reopen},
            "/tickets/{id}/close": {"POST": self._close},
            "/tickets/{id}/comments": {"GET": self._list_comments, "POST": self._comment},
            "/tickets/{id}/comments/{comment_id}": {"GET": self._read_comment},
        }

    def refusal(self, refused: RefusedError) -> Answer:
        return Answer(
            refused.status, {"error": {"code": refused.code, "message": refused.message}}, headers=refused.headers
        )

    def _own(self, request: Request) -> dict[str, Any]:
        user = self.user(request)
        number = numbered(request.path["id"])
        theirs = self._owners.get(number) == user or (
            self.fault == "others-tickets" and request.method in {"GET", "HEAD"} and request.template == "/tickets/{id}"
        )
        if number not in self._tickets or not theirs or number in self._deleted:
            raise RefusedError(404, "not_found", "There is no such ticket.")
        return self._tickets[number]

    def _list(self, request: Request) -> Answer:
        user = self.user(request)
        asked = self.query(
            request,
            status=(one_of(*STATUSES), None),
            priority=(one_of(*PRIORITIES), None),
            label=(text(1, 20, LABEL), None),
            sort=(one_of("id", "-id", "subject", "-subject"), "id"),
            limit=(digits(1, 100), 20),
            offset=(digits(0, 1_000_000), 0),
        )
        found = [ticket for number, ticket in self._tickets.items() if self._owners[number] == user]
        for name in ("status", "priority"):
            if asked[name] is not None and not (self.fault == "priority-ignored" and name == "priority"):
                found = [ticket for ticket in found if ticket[name] == asked[name]]
        if asked["label"] is not None:
            found = [ticket for ticket in found if asked["label"] in ticket["labels"]]
        member = asked["sort"].removeprefix("-")
        found.sort(key=lambda ticket: (ticket[member], ticket["id"]), reverse=asked["sort"].startswith("-"))
        if self.fault == "offset-beyond" and found:
            found[asked["offset"]]["id"]
        page = found[asked["offset"] : asked["offset"] + asked["limit"]]
        return Answer(200, {"items": page, "total": len(page if self.fault == "total-of-page" else found)})

    def _create(self, request: Request) -> Answer:
        user = self.user(request)
        given = self.body(request, self._new)
        if self.fault == "blank-subject":
            given["subject"].split()[0]
        if self.fault == "description-trimmed":
            given["description"] = given.get("description", "").strip()
        ticket = {
            "id": self.next_number(),
            "status": "open",
            "created_at": datetime.now(UTC).isoformat(),
            "description": "",
            "priority": "normal",
            "labels": [],
            "due": None,
            **given,
        }
        if self.fault == "due-missing" and ticket["due"] is None:
            del ticket["due"]
        number = ticket["id"]
        self._tickets[number] = ticket
        self._owners[number] = user
        self._comments[number] = []
        place = "ticket" if self.fault == "location-wrong" else "tickets"
        return Answer(201, ticket, {"Location": f"/{place}/{number}"})

    def _read(self, request: Request) -> Answer:
        return Answer(200, self._own(request))

    def _patch(self, request: Request) -> Answer:
        ticket = self._own(request)
        given = self.body(request, self._change)
        self._need(ticket, "open", "solved")
        if self.fault == "patch-clears-labels":
            ticket["labels"] = []
        ticket.update(given)
        return Answer(200, ticket)

    def _delete(self, request: Request) -> Answer:
        number = self._own(request)["id"]
        if self.fault == "deleted-still-listed":
            self._deleted.add(number)
        else:
            del self._tickets[number]
        return Answer(204)

    def _need(self, ticket: dict[str, Any], *statuses: str) -> None:
        if ticket["status"] not in statuses:
            raise RefusedError(409, "wrong_status", f"The ticket is {ticket['status']}.")

    def _moved(self, request: Request, status: str, *sources: str) -> Answer:
        ticket = self._own(request)
        self._need(ticket, *sources)
        ticket["status"] = status
        return Answer(200, ticket)

    def _solve(self, request: Request) -> Answer:
        return self._moved(request, "solved", "open")

    def _reopen(self, request: Request) -> Answer:
        return self._moved(request, "open", "solved", *(["closed"] if self.fault == "closed-reopened" else []))

    def _close(self, request: Request) -> Answer:
        return self._moved(request, "closed", "solved")

    def _list_comments(self, request: Request) -> Answer:
        return Answer(200, {"items": self._comments[self._own(request)["id"]]})

    def _comment(self, request: Request) -> Answer:
        ticket = self._own(request)
        given = self.body(request, record({"text": text(1, 1000)}))
        self._need(ticket, "open", "solved")
        comments = self._comments[ticket["id"]]
        comments.append({"id": len(comments) + 1, "ticket_id": ticket["id"], **given})
        return Answer(201, comments[-1], {"Location": f"/tickets/{ticket['id']}/comments/{len(comments)}"})

    def _read_comment(self, request: Request) -> Answer:
        comments = self._comments[self._own(request)["id"]]
        number = numbered(request.path["comment_id"])
        if number > len(comments):
            raise RefusedError(404, "not_found", "There is no such comment.")
        return Answer(200, comments[number - 1])


def create_app(fault: str = "", keys: Sequence[str] = ()) -> Application:
    """The application with one fault, or with none."""
    return Tickets(fault, keys)
