"""The map of a run: with what kind of thing each operation on one thing was asked."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import pytest

from conformance.journal.reader import Recording
from conformance.verdicts.reach_map import Reached, ThingAsked, in_words, reach_map
from tests.contract.asked import Asked
from tests.contract.described import JSON, document, loaded

if TYPE_CHECKING:
    from pathlib import Path

    from conformance.verdicts.reach_map import OperationReach

NAMED: Final = {"type": "object", "required": ["id"], "properties": {"id": {"type": "string"}}}


def _answers(name: str, *statuses: str, schema: dict[str, Any] = NAMED) -> dict[str, Any]:
    found = {status: {"description": "it", "content": {JSON: {"schema": schema}}} for status in statuses}
    return {"operationId": name, "responses": found or {"204": {"description": "nothing"}}}


def _making(name: str) -> dict[str, Any]:
    body = {"content": {JSON: {"schema": {"type": "object", "properties": {"name": {"type": "string"}}}}}}
    return {**_answers(name, "201"), "requestBody": body}


SHELVES: Final = {
    "/shelves": {
        "post": _making("makeShelf"),
        "get": _answers("listShelves", "200", schema={"type": "array", "items": NAMED}),
    },
    "/shelves/{shelf_id}": {"get": _answers("readShelf", "200"), "delete": _answers("endShelf")},
    "/shelves/{shelf_id}/books": {"post": _making("makeBook")},
    "/shelves/{shelf_id}/books/{book_id}": {"get": _answers("readBook", "200")},
}
LABELS: Final = {
    "/labels/{name}": {
        "put": {**_making("putLabel"), **_answers("putLabel", "200", "201")},
        "get": _answers("readLabel", "200"),
        "delete": _answers("endLabel"),
    }
}
KEYS: Final[dict[str, Any]] = {
    "components": {"securitySchemes": {"key": {"type": "http", "scheme": "bearer"}}},
    "security": [{"key": []}],
}


class Run(Asked):
    """What is asked of a target, and the map of it."""

    def of(self, name: str) -> OperationReach:
        """The line of an operation."""
        found = reach_map(self.contract, self.recording)
        return next(each for each in found if each.operation == name)

    def ways(self, name: str) -> dict[ThingAsked, int]:
        """How often an operation was asked in each way in which it was asked."""
        return {way: reached.exchanges for way, reached in self.of(name).ways.items() if reached.exchanges}


@pytest.fixture
def run(tmp_path: Path) -> Run:
    return Run(loaded(tmp_path, document(paths={**SHELVES, **LABELS}, **KEYS)))


def test_what_was_made_exists_until_it_is_ended(run: Run) -> None:
    run.ask("makeShelf", "/shelves", 201, {"id": "a"})
    run.ask("readShelf", "/shelves/a", 200, {"id": "a"})
    run.ask("endShelf", "/shelves/a", 204)
    run.ask("readShelf", "/shelves/a", 404)

    assert run.ways("readShelf") == {ThingAsked.EXISTING: 1, ThingAsked.ENDED: 1}
    assert run.ways("endShelf") == {ThingAsked.EXISTING: 1}
    assert run.of("readShelf").ways[ThingAsked.EXISTING] == Reached(exchanges=1, accepted=1)


def test_a_thing_that_was_ended_stays_so_though_it_is_still_shown(run: Run) -> None:
    run.ask("makeShelf", "/shelves", 201, {"id": "a"}).ask("endShelf", "/shelves/a", 204)
    run.ask("readShelf", "/shelves/a", 200, {"id": "a"}).ask("listShelves", "/shelves", 200, [{"id": "a"}])
    run.ask("readShelf", "/shelves/a", 200, {"id": "a"})

    assert run.of("readShelf").ways[ThingAsked.ENDED] == Reached(exchanges=2, accepted=2)


def test_a_request_that_was_sent_before_a_deletion_was_answered_asks_for_what_exists(run: Run) -> None:
    run.ask("makeShelf", "/shelves", 201, {"id": "a"}).ask("endShelf", "/shelves/a", 204, at=2)
    run.ask("readShelf", "/shelves/a", 404, at=2.2).ask("readShelf", "/shelves/a", 404, at=3)

    assert run.ways("readShelf") == {ThingAsked.EXISTING: 1, ThingAsked.ENDED: 1}


def test_what_no_answer_had_never_existed(run: Run) -> None:
    run.ask("readShelf", "/shelves/nope", 404)

    assert run.ways("readShelf") == {ThingAsked.NEVER: 1}


def test_what_a_list_shows_exists(run: Run) -> None:
    run.ask("listShelves", "/shelves", 200, [{"id": "a b"}, "odd", {"id": None}])
    run.ask("readShelf", "/shelves/a%20b", 500)

    assert run.ways("readShelf") == {ThingAsked.EXISTING: 1}


def test_what_is_answered_exists_though_nothing_showed_it(run: Run) -> None:
    run.ask("readShelf", "/shelves/first", 200, {"id": "first"})

    assert run.ways("readShelf") == {ThingAsked.EXISTING: 1}


def test_a_thing_is_known_below_what_it_hangs_under(run: Run) -> None:
    run.ask("makeShelf", "/shelves", 201, {"id": "a"}).ask("makeShelf", "/shelves", 201, {"id": "b"})
    run.ask("makeBook", "/shelves/a/books", 201, {"id": "1"})
    run.ask("readBook", "/shelves/a/books/1", 200).ask("readBook", "/shelves/b/books/1", 404)
    run.ask("endShelf", "/shelves/a", 204).ask("readBook", "/shelves/a/books/1", 404)

    assert run.ways("makeBook") == {ThingAsked.EXISTING: 1}
    assert run.ways("readBook") == {ThingAsked.EXISTING: 1, ThingAsked.NEVER: 1, ThingAsked.ENDED: 1}


def test_the_name_of_another_kind_of_thing_is_told_from_one_that_never_was(run: Run) -> None:
    run.ask("makeShelf", "/shelves", 201, {"id": "a"})
    run.ask("readLabel", "/labels/a", 404).ask("readLabel", "/labels/nope", 404)

    assert run.ways("readLabel") == {ThingAsked.OTHER_KIND: 1, ThingAsked.NEVER: 1}


def test_what_another_account_made_is_told_apart(run: Run) -> None:
    run.ask("makeShelf", "/shelves", 201, {"id": "a"}, account="two")
    run.ask("readShelf", "/shelves/a", 403).ask("readShelf", "/shelves/a", 200, account="two")

    assert run.ways("readShelf") == {ThingAsked.OTHERS: 1, ThingAsked.EXISTING: 1}


def test_what_a_client_names_itself_did_not_exist_before(run: Run) -> None:
    run.ask("putLabel", "/labels/x", 201, {"id": "x"}).ask("putLabel", "/labels/x", 200, {"id": "x"})
    run.ask("endLabel", "/labels/x", 204).ask("endLabel", "/labels/x", 204)
    run.ask("putLabel", "/labels/x", 201, {"id": "x"}, account="two").ask("readLabel", "/labels/x", 404)

    assert run.ways("putLabel") == {ThingAsked.NEVER: 1, ThingAsked.EXISTING: 1, ThingAsked.ENDED: 1}
    assert run.ways("endLabel") == {ThingAsked.EXISTING: 1, ThingAsked.ENDED: 1}
    assert run.ways("readLabel") == {ThingAsked.OTHERS: 1}


def test_what_the_check_of_keys_answers_reaches_nothing(run: Run) -> None:
    run.ask("makeShelf", "/shelves", 201, {"id": "a"}).ask("readShelf", "/shelves/a", 401)

    assert run.ways("readShelf") == {}
    assert in_words([run.of("readShelf")])[0] == (ThingAsked.EXISTING, ("GET /shelves/{shelf_id}",))


def test_a_way_that_there_can_not_be_is_left_out(tmp_path: Path) -> None:
    paths = {"/shelves": SHELVES["/shelves"], "/shelves/{shelf_id}": {"get": _answers("readShelf", "200")}}
    line = Run(loaded(tmp_path, document(paths=paths))).of("readShelf")

    assert line.unreached == tuple(line.ways) == (ThingAsked.EXISTING, ThingAsked.NEVER)


def test_an_operation_on_all_things_is_not_in_the_map(run: Run) -> None:
    names = [each.operation for each in reach_map(run.contract, Recording())]

    assert "listShelves" not in names
    assert "readShelf" in names
