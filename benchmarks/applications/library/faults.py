"""Twelve faults of the library."""

from __future__ import annotations

import itertools
from typing import Any
from uuid import uuid4

from applications.faults import ACCEPTS, ANSWER, CRASH, DELETION, HTTP, LISTS, STATES, STORED, Api, Faults

FAULTS = Faults()
_ISBN = itertools.count(9780000000000)


def _body(**members: object) -> dict[str, Any]:
    return {"isbn": str(next(_ISBN)), "title": "Emma", "authors": ["Jane Austen"], "year": 1815, **members}


def _book(api: Api, **members: object) -> str:
    return str(api.made("/books", _body(**members))["id"])


def _member(api: Api) -> str:
    return str(api.made("/members", {"name": "Ada"})["id"])


@FAULTS("title-beyond-latin-1", CRASH, "POST /books")
def _(api: Api) -> bool:
    """A title outside of Latin-1 crashes the server."""
    return api("POST", "/books", _body(title="Идиот")).status_code == 500


@FAULTS("unknown-member-crashes", CRASH, "POST /loans")
def _(api: Api) -> bool:
    """A loan to a member that is not there crashes the server."""
    return api("POST", "/loans", {"book_id": _book(api), "member_id": str(uuid4())}).status_code == 500


@FAULTS("year-unbounded", ACCEPTS, "POST /books", "PUT /books/{book_id}")
def _(api: Api) -> bool:
    """A year beyond the maximum is accepted."""
    return api("POST", "/books", _body(year=2101)).status_code == 201


@FAULTS("listed-year-as-text", ANSWER, "GET /books")
def _(api: Api) -> bool:
    """In the list the year is a text."""
    _book(api)
    return isinstance(api.read("/books")["books"][0]["year"], str)


@FAULTS("plain-not-found", ANSWER, "GET /members/{member_id}", "DELETE /members/{member_id}")
def _(api: Api) -> bool:
    """That there is no such member is said in plain text."""
    return api("GET", f"/members/{uuid4()}").headers["Content-Type"].startswith("text/plain")


@FAULTS("no-head", HTTP, "GET /books/{book_id}", "HEAD /books/{book_id}")
def _(api: Api) -> bool:
    """HEAD is refused where GET is answered."""
    return api("HEAD", f"/books/{_book(api)}").status_code == 405


@FAULTS("authors-sorted", STORED, "POST /books", "GET /books/{book_id}")
def _(api: Api) -> bool:
    """The order of the authors is lost."""
    return bool(api.read(f"/books/{_book(api, authors=['B', 'A'])}")["authors"] == ["A", "B"])


@FAULTS("title-cut", STORED, "PUT /books/{book_id}", "GET /books/{book_id}")
def _(api: Api) -> bool:
    """A long title is cut when a book is replaced."""
    place = f"/books/{_book(api)}"
    api("PUT", place, _body(title="a" * 100))
    return len(api.read(place)["title"]) == 60


@FAULTS("member-lives-on", DELETION, "DELETE /members/{member_id}", "GET /members/{member_id}", "GET /members")
def _(api: Api) -> bool:
    """A deleted member is still there."""
    place = f"/members/{_member(api)}"
    api("DELETE", place)
    return api("GET", place).status_code == 200


@FAULTS("year-from-exclusive", LISTS, "GET /books")
def _(api: Api) -> bool:
    """The filter by year leaves the first year out."""
    _book(api)
    return bool(api.read("/books?year_from=1815")["books"] == [])


@FAULTS("pages-overlap", LISTS, "GET /books")
def _(api: Api) -> bool:
    """Each page begins with the last item of the one before."""
    _book(api)
    _book(api)
    first, second = (api.read(f"/books?per_page=1&page={page}")["books"] for page in (1, 2))
    return bool(first == second)


@FAULTS("book-lent-twice", STATES, "POST /loans")
def _(api: Api) -> bool:
    """A book that is lent is lent to another member as well."""
    book = _book(api)
    api.made("/loans", {"book_id": book, "member_id": _member(api)})
    return api("POST", "/loans", {"book_id": book, "member_id": _member(api)}).status_code == 201
