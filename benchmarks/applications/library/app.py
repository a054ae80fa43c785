"""The library."""

from __future__ import annotations

import math
import uuid
from typing import TYPE_CHECKING, Any

from applications.model import Answer, Application, RefusedError, Request
from applications.rules import digits, list_of, record, text, whole, yes_or_no

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

FRAMEWORK = "starlette"
KEY_HEADER = None
MOST_LOANS = 3
_UUID = text(36, 36, "[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")


def _id(value: object) -> str:
    """The id of a thing; upper and lower case are the same."""
    return str(_UUID(value)).lower()


class Library(Application):
    """Books, members and loans."""

    invalid_status = 400

    def __init__(self, fault: str = "", keys: Sequence[str] = ()) -> None:
        super().__init__(fault, keys)
        self._books: dict[str, dict[str, Any]] = {}
        self._members: dict[str, dict[str, Any]] = {}
        self._loans: dict[str, dict[str, Any]] = {}
        self._book = record({
            "isbn": text(13, 13, "97[89][0-9]{10}"),
            "title": text(1, 300),
            "authors": list_of(text(1, 100), 1, 10),
            "year": whole(1450, 9999 if fault == "year-unbounded" else 2100),
        })  # fmt: skip

    @property
    def routes(self) -> Mapping[str, Mapping[str, Callable[[Request], Answer]]]:
        book: dict[str, Callable[[Request], Answer]] = {
            "GET": self._read_book,
            "PUT": self._replace_book,
            "DELETE": self._delete_book,
        }
        if self.fault == "no-head":
            book["HEAD"] = self._no_head
        return {
            "/books": {"GET": self._list_books, "POST": self._add_book},
            "/books/{book_id}": book,
            "/members": {"GET": self._list_members, "POST": self._add_member},
            "/members/{member_id}": {"GET": self._read_member, "DELETE": self._delete_member},
            "/loans": {"GET": self._list_loans, "POST": self._lend},
            "/loans/{loan_id}": {"GET": self._read_loan},
            "/loans/{loan_id}/return": {"POST": self._return},
        }

    def refusal(self, refused: RefusedError) -> Answer:
        if self.fault == "plain-not-found" and refused.code == "no_member":
            return Answer(404, "no such member", media="text/plain")
        return Answer(refused.status, {"reason": refused.code, "detail": refused.message}, refused.headers)

    def _no_head(self, _: Request) -> Answer:
        raise RefusedError(405, "method_not_allowed", "Not with this method.", {"Allow": "GET, PUT, DELETE"})

    def _found(self, things: Mapping[str, dict[str, Any]], kind: str, request: Request) -> dict[str, Any]:
        thing = things.get(request.path[f"{kind}_id"].lower())
        if thing is None:
            raise RefusedError(404, f"no_{kind}", f"There is no such {kind}.")
        return thing

    def _is_lent(self, book_id: str) -> bool:
        return any(loan["book_id"] == book_id and not loan["returned"] for loan in self._loans.values())

    def _list_books(self, request: Request) -> Answer:
        asked = self.query(
            request,
            author=(text(1, 100), None),
            year_from=(digits(1450, 2100), None),
            lent=(yes_or_no, None),
            page=(digits(1, 100_000), 1),
            per_page=(digits(1, 50), 10),
        )
        found = list(self._books.values())
        if asked["author"] is not None:
            found = [book for book in found if asked["author"] in book["authors"]]
        if asked["year_from"] is not None:
            least = asked["year_from"] + (self.fault == "year-from-exclusive")
            found = [book for book in found if book["year"] >= least]
        if asked["lent"] is not None:
            found = [book for book in found if self._is_lent(book["id"]) == asked["lent"]]
        found.sort(key=lambda book: book["isbn"])
        start = (asked["page"] - 1) * asked["per_page"]
        if self.fault == "pages-overlap" and start:
            start -= 1
        page = found[start : start + asked["per_page"]]
        if self.fault == "listed-year-as-text":
            page = [{**book, "year": str(book["year"])} for book in page]
        pages = math.ceil(len(found) / asked["per_page"])
        return Answer(200, {"books": page, "page": asked["page"], "pages": pages, "total": len(found)})

    def _free(self, isbn: str, book_id: str | None = None) -> None:
        if any(book["isbn"] == isbn and book["id"] != book_id for book in self._books.values()):
            raise RefusedError(409, "isbn_taken", "There is a book with this ISBN.")

    def _add_book(self, request: Request) -> Answer:
        given = self.body(request, self._book)
        self._free(given["isbn"])
        if self.fault == "title-beyond-latin-1":
            given["title"].encode("latin-1")
        if self.fault == "authors-sorted":
            given["authors"].sort()
        book = {"id": str(uuid.uuid4()), **given}
        self._books[book["id"]] = book
        return Answer(201, book, {"Location": f"/books/{book['id']}"})

    def _read_book(self, request: Request) -> Answer:
        return Answer(200, self._found(self._books, "book", request))

    def _replace_book(self, request: Request) -> Answer:
        book = self._found(self._books, "book", request)
        given = self.body(request, self._book)
        self._free(given["isbn"], book["id"])
        if self.fault == "title-cut":
            given["title"] = given["title"][:60]
        book.update(given)
        return Answer(200, book)

    def _delete_book(self, request: Request) -> Answer:
        book = self._found(self._books, "book", request)
        if self._is_lent(book["id"]):
            raise RefusedError(409, "lent", "The book is lent.")
        del self._books[book["id"]]
        return Answer(204)

    def _list_members(self, request: Request) -> Answer:
        asked = self.query(request, page=(digits(1, 100_000), 1), per_page=(digits(1, 50), 10))
        start = (asked["page"] - 1) * asked["per_page"]
        members = list(self._members.values())
        pages = math.ceil(len(members) / asked["per_page"])
        page = members[start : start + asked["per_page"]]
        return Answer(200, {"members": page, "page": asked["page"], "pages": pages, "total": len(members)})

    def _add_member(self, request: Request) -> Answer:
        given = self.body(request, record({"name": text(1, 100)}))
        member = {"id": str(uuid.uuid4()), **given}
        self._members[member["id"]] = member
        return Answer(201, member, {"Location": f"/members/{member['id']}"})

    def _read_member(self, request: Request) -> Answer:
        return Answer(200, self._found(self._members, "member", request))

    def _open_loans(self, member_id: str) -> int:
        return sum(loan["member_id"] == member_id and not loan["returned"] for loan in self._loans.values())

    def _delete_member(self, request: Request) -> Answer:
        member = self._found(self._members, "member", request)
        if self._open_loans(member["id"]):
            raise RefusedError(409, "has_loans", "The member has books.")
        if self.fault != "member-lives-on":
            del self._members[member["id"]]
        return Answer(204)

    def _list_loans(self, request: Request) -> Answer:
        asked = self.query(request, member_id=(_id, None), returned=(yes_or_no, None))
        found = [
            loan
            for loan in self._loans.values()
            if asked["member_id"] in {None, loan["member_id"]} and asked["returned"] in {None, loan["returned"]}
        ]
        return Answer(200, {"loans": found, "total": len(found)})

    def _lend(self, request: Request) -> Answer:
        given = self.body(request, record({"book_id": _id, "member_id": _id}))
        if given["book_id"] not in self._books:
            raise RefusedError(422, "no_book", "There is no such book.")
        if self.fault == "unknown-member-crashes":
            self._members[given["member_id"]]["name"]
        if given["member_id"] not in self._members:
            raise RefusedError(422, "unknown_member", "There is no such member.")
        if self._is_lent(given["book_id"]) and self.fault != "book-lent-twice":
            raise RefusedError(409, "lent", "The book is lent.")
        if self._open_loans(given["member_id"]) >= MOST_LOANS:
            raise RefusedError(409, "too_many", "The member has three books.")
        loan = {"id": str(uuid.uuid4()), "returned": False, **given}
        self._loans[loan["id"]] = loan
        return Answer(201, loan, {"Location": f"/loans/{loan['id']}"})

    def _read_loan(self, request: Request) -> Answer:
        return Answer(200, self._found(self._loans, "loan", request))

    def _return(self, request: Request) -> Answer:
        loan = self._found(self._loans, "loan", request)
        if loan["returned"]:
            raise RefusedError(409, "returned", "The book was returned before.")
        loan["returned"] = True
        return Answer(200, loan)


def create_app(fault: str = "", keys: Sequence[str] = ()) -> Application:
    """The application with one fault, or with none."""
    return Library(fault, keys)
