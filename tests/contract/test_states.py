"""States, as the prose of a document tells of them: what may follow, what is an end, and what is refused when."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from conformance.contract.resources import ResourceGraph
from conformance.contract.states import actions_of, excludes, states_of
from tests.contract.described import document, loaded

if TYPE_CHECKING:
    from pathlib import Path

    from conformance.contract.document import Document
    from conformance.contract.states import States

ITEM = "/parcels/{parcel_id}"


def described(
    folder: Path, values: list[str], *, member: str = "", refusal: str = "", action: str = ""
) -> tuple[Document, States]:
    """A document of parcels with these states, and of one action, with this prose at its parts."""
    parcel: dict[str, Any] = {
        "type": "object",
        "properties": {"parcel_id": {"type": "string"}, "status": {"enum": values, "description": member}},
    }
    shown = {"description": "it", "content": {"application/json": {"schema": parcel}}}
    paths = {
        "/parcels": {"post": {"operationId": "add", "responses": {"201": shown}}},
        ITEM: {"get": {"operationId": "read", "responses": {"200": shown}}},
        f"{ITEM}/send": {
            "post": {
                "operationId": "send",
                "description": action,
                "responses": {"200": shown, "409": {"description": refusal}},
            }
        },
    }
    made = loaded(folder, document(paths=paths)).document
    graph = ResourceGraph(made.content)
    states = states_of(graph, graph.resources[0])
    assert states is not None
    return made, states


def excluded(made: Document, states: States, *, own: str = "sent", later: tuple[str, ...] = ()) -> set[str]:
    """The states in which the document keeps a parcel from being sent."""
    send = made.operations["send"]
    return {v for v in states.values if excludes(made, send, states, v, own=v == own, later=v in later)}


@pytest.mark.parametrize(
    "prose, following",
    [
        ("packed -> sent -> lost", {("packed", "sent"), ("sent", "lost")}),
        ("`packed` → `sent`, `sent` → `lost` or `back`", {("packed", "sent"), ("sent", "lost"), ("sent", "back")}),
        ("packed, sent, back or lost", set()),
    ],
)
def test_arrows_say_what_may_follow(prose: str, following: set[tuple[str, str]], tmp_path: Path) -> None:
    _, states = described(tmp_path, ["packed", "sent", "back", "lost"], member=prose)

    assert following <= states.steps
    assert bool(states.steps) is bool(following)


def test_an_end_is_what_nothing_follows_or_what_is_called_one(tmp_path: Path) -> None:
    _, told = described(tmp_path, ["packed", "sent"], member="packed -> sent")
    _, named = described(tmp_path, ["packed", "sent", "delivered"])

    assert [value for value in told.values if told.is_end(value)] == ["sent"]
    assert [value for value in named.values if named.is_end(value)] == ["delivered"]


@pytest.mark.parametrize(
    "refusal, action, expected",
    [
        ("The parcel is not packed.", "", {"new", "sent", "lost"}),
        ("The parcel is sent already.", "", {"sent"}),
        ("The parcel is sent or lost.", "", {"sent", "lost"}),
        ("Conflict", "Only a packed parcel can be sent.", {"new", "lost"}),
        ("Conflict", "A lost parcel can't be sent.", {"lost"}),
        ("It was sent before; its state does not allow that.", "", {"sent"}),
        ("Not in this state.", "", {"sent"}),
        ("Conflict", "A packed parcel becomes sent, for good.", {"new", "sent", "lost"}),
        ("Conflict", "", set()),
        ("The name is taken.", "Sends a parcel, new or packed.", set()),
    ],
)
def test_prose_says_in_which_states_something_is_refused(
    refusal: str, action: str, expected: set[str], tmp_path: Path
) -> None:
    made, states = described(tmp_path, ["new", "packed", "sent", "lost"], refusal=refusal, action=action)

    assert excluded(made, states) == expected


def test_what_takes_no_body_below_a_thing_moves_it(tmp_path: Path) -> None:
    made, _ = described(tmp_path, ["new", "sent"])

    assert [action.id for action in actions_of(made, ResourceGraph(made.content).resources[0])] == ["send"]


@pytest.mark.parametrize(
    "refusal, action, expected",
    [
        ("The status does not allow this.", "Send a packed parcel", {"sent", "back", "void"}),
        ("The status does not allow this.", "A packed or back parcel was sent", {"sent", "void"}),
        # What it becomes, and what is answered, is not the state that it is in before.
        ("The status does not allow this.", "Send it, and return a sent parcel", {"sent"}),
        ("The status does not allow this.", "Mark it as a sent parcel", {"sent"}),
        ("The parcel is locked.", "Send a packed parcel", set()),
    ],
)
def test_the_states_that_an_operation_is_for_exclude_those_that_come_later_and_ends(
    refusal: str, action: str, expected: set[str], tmp_path: Path
) -> None:
    made, states = described(tmp_path, ["new", "packed", "sent", "back", "void"], refusal=refusal, action=action)

    assert excluded(made, states, later=("sent", "back")) == expected


def test_what_has_ended_is_excluded_where_the_refusal_speaks_of_that(tmp_path: Path) -> None:
    made, states = described(tmp_path, ["queued", "done", "failed"], refusal="The job has ended.")
    other, others = described(tmp_path, ["queued", "done", "failed"], refusal="The job has not ended.")

    assert excluded(made, states, own="") == {"done", "failed"}
    assert not excluded(other, others, own="")
