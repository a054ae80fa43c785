"""What a document says of its things, by paths, names and answers."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from conformance.contract.external.load import load_described
from conformance.contract.list_queries import (
    Condition,
    conditions_of,
    holds_meanwhile,
    orders_of,
    paging_of,
    total_of,
    unasked_of,
)
from conformance.contract.resources import ResourceGraph, singular, words_of
from conformance.generation.resources import links_to, sources_of
from tests.contract.described import JSON, document, loaded

if TYPE_CHECKING:
    from conformance.contract.contract import Contract

LODGE = load_described(Path(__file__).parents[1] / "resources" / "lodge" / "openapi.yaml")
KILN = load_described(Path(__file__).parents[1] / "resources" / "kiln" / "openapi.yaml")
KILN_GRAPH = ResourceGraph(KILN.document.content)
GRAPH = ResourceGraph(LODGE.document.content)
ROOM, BOOKING = GRAPH.resources


@pytest.mark.parametrize(
    "name, words",
    [("bookingId", ("booking", "id")), ("booking_id", ("booking", "id")), ("HTTPRoute-ID", ("http", "route", "id"))],
)
def test_names_are_read_in_whatever_way_their_words_are_joined(name: str, words: tuple[str, ...]) -> None:
    assert words_of(name) == words


@pytest.mark.parametrize(
    "plural, noun",
    [("rooms", "room"), ("entries", "entry"), ("boxes", "box"), ("status", "status"), ("class", "class")],
)
def test_the_singular_of_a_collection(plural: str, noun: str) -> None:
    assert singular(plural) == noun


def test_a_thing_is_made_where_its_path_begins_or_in_a_collection_of_its_name() -> None:
    assert (ROOM.collection, ROOM.item, ROOM.create) == ("/rooms", "/rooms/{room_id}", "addRoom")
    assert (BOOKING.collection, BOOKING.item, BOOKING.create) == (
        "/rooms/{room_id}/bookings",
        "/bookings/{bookingId}",
        "book",
    )


def test_a_job_is_made_where_a_link_to_its_reading_comes_from_and_listed_above_its_own_path() -> None:
    (firing,) = KILN_GRAPH.resources

    assert (firing.create, firing.read, firing.list) == ("firePot", "readFiring", "listFirings")
    assert (firing.collection, firing.pointer, firing.items) == ("/firings", "/firing_id", "/items")


def test_a_direction_alone_orders_by_creation_and_defaults_are_what_is_done_unasked() -> None:
    (firing,) = KILN_GRAPH.resources
    listing = KILN.document.operations["listFirings"]

    orders = orders_of(KILN_GRAPH, firing, listing)
    assert [(order.member, order.descending) for order in orders] == [("created_at", False), ("created_at", True)]
    assert unasked_of(listing) == {"limit": 20, "order": "desc"}


def test_pages_hold_while_a_list_changes_where_the_document_says_so() -> None:
    assert holds_meanwhile(KILN_GRAPH, KILN.document.operations["listFirings"])
    assert not holds_meanwhile(GRAPH, LODGE.document.operations["listRooms"])


def test_its_name_is_the_member_that_fits_the_parameter() -> None:
    assert (ROOM.pointer, BOOKING.pointer) == ("/id", "/booking_id")


def test_what_hangs_under_something_needs_it_first() -> None:
    operations = LODGE.document.operations

    assert sources_of(LODGE.document, operations["readBooking"]) == ("addRoom", "book")
    assert sources_of(LODGE.document, operations["addRoom"]) == ()


def test_lists_are_asked_by_names_of_members_orders_pages_and_totals() -> None:
    listing = LODGE.document.operations["listRooms"]
    orders = {(order.member, order.descending) for order in orders_of(GRAPH, ROOM, listing)}
    paging = paging_of(GRAPH, listing)

    assert conditions_of(GRAPH, ROOM, listing) == tuple(Condition(name, name, "equal") for name in ("floor", "colour"))
    assert orders == {("name", False), ("name", True), ("floor", False), ("floor", True)}
    assert paging is not None
    assert (paging.size, paging.on, paging.kind, paging.largest) == ("limit", "offset", "offset", 100)
    assert total_of(GRAPH, ROOM) == "/total"


def described(folder: Path, shown: dict[str, Any], sent: dict[str, Any]) -> Contract:
    """Two collections, of which what the second one makes may refer to a thing of the first."""

    def posting(name: str, answer: dict[str, Any], body: dict[str, Any]) -> dict[str, Any]:
        content = {JSON: {"schema": {"type": "object", "properties": body}}}
        made = {JSON: {"schema": {"type": "object", "properties": answer}}}
        answers = {"201": {"description": "made", "content": made}}
        return {"post": {"operationId": name, "requestBody": {"content": content}, "responses": answers}}

    reading = {"get": {"operationId": "readUser", "responses": {"200": {"description": "it"}}}}
    place = [{"name": "user", "in": "path", "required": True, "schema": {"type": "string"}}]
    paths = {
        "/users": posting("addUser", shown, {}),
        "/users/{user}": {"parameters": place, **reading},
        "/notes": posting("addNote", {}, sent),
    }
    return loaded(folder, document(paths=paths))


TEXT = {"type": "string"}


def test_a_member_that_bears_the_name_of_a_thing_takes_one(tmp_path: Path) -> None:
    known = described(tmp_path, {"id": TEXT}, {"userId": TEXT, "text": TEXT}).document
    (link,) = links_to(known, known.operations["addNote"])

    assert (link.source, dict(link.body_values)) == ("addUser", {"/userId": "$response.body#/id"})


NAMED = {"type": "object", "required": ["name"], "properties": {"name": TEXT, "colour": TEXT}}


def nested(folder: Path, shown: dict[str, Any]) -> Contract:
    """Databases that hang under tenants; the requests that make them name them."""

    def making(name: str) -> dict[str, Any]:
        made = {"200": {"description": "made", "content": {JSON: {"schema": {"type": "object", **shown}}}}}
        return {"operationId": name, "requestBody": {"content": {JSON: {"schema": NAMED}}}, "responses": made}

    def place(name: str) -> dict[str, Any]:
        return {"name": name, "in": "path", "required": True, "schema": TEXT}

    reading = {"operationId": "readDatabase", "responses": {"200": {"description": "it"}}}
    paths = {
        "/tenants": {"post": making("addTenant")},
        "/tenants/{tenant_name}": {"parameters": [place("tenant_name")], "get": {**reading, "operationId": "read"}},
        "/tenants/{tenant}/databases": {"parameters": [place("tenant")], "post": making("addDatabase")},
        "/tenants/{tenant}/databases/{database}": {
            "parameters": [place("tenant"), place("database")],
            "get": reading,
        },
    }
    return loaded(folder, document(paths=paths))


def test_where_an_answer_shows_nothing_the_request_names_what_it_makes(tmp_path: Path) -> None:
    known = nested(tmp_path, {"properties": {}}).document
    (link,) = links_to(known, known.operations["readDatabase"])

    assert sources_of(known, known.operations["readDatabase"]) == ("addTenant", "addDatabase")
    assert dict(link.parameters) == {"database": "$request.body#/name", "tenant": "$request.path.tenant"}


@pytest.mark.parametrize(
    "shown",
    [{"properties": {"colour": TEXT}}, {"oneOf": [{"properties": {"key": TEXT}}, {"properties": {"fault": TEXT}}]}],
)
def test_an_answer_that_shows_something_else_leaves_open_what_names_a_thing(
    shown: dict[str, Any], tmp_path: Path
) -> None:
    known = nested(tmp_path, shown).document

    assert ResourceGraph(known.content).resources == ()


@pytest.mark.parametrize("shown", [{}, {"colour": TEXT}, {"id": {"type": "array"}}])
def test_an_answer_that_names_nothing_makes_no_thing(shown: dict[str, Any], tmp_path: Path) -> None:
    known = described(tmp_path, shown, {"userId": TEXT}).document

    assert ResourceGraph(known.content).resources == ()
    assert not known.operations["readUser"].certain


def test_a_client_names_what_a_put_to_its_own_path_makes(tmp_path: Path) -> None:
    schema = {"properties": {"code": {"type": "string"}}}
    shown = {"description": "it", "content": {JSON: {"schema": schema}}}
    item = {
        "parameters": [{"name": "code", "in": "path", "required": True, "schema": {"type": "string"}}],
        "put": {"operationId": "put", "responses": {"200": shown, "201": shown}},
        "get": {"operationId": "read", "responses": {"200": shown}},
    }
    replaced = {**item, "put": {"operationId": "put", "responses": {"200": shown}}}
    making = loaded(tmp_path, document(paths={"/bins/{code}": item}))
    replacing = loaded(tmp_path, document(paths={"/bins/{code}": replaced}))
    (made,) = ResourceGraph(making.document.content).resources

    assert (made.create, made.collection, made.named_by_client) == ("put", "/bins", True)
    assert sources_of(making.document, making.document.operations["read"]) == ("put",)
    assert not ResourceGraph(replacing.document.content).resources
