"""The monitor of pages of tasks."""

from __future__ import annotations

import pytest

from conformance.contract.requirements import Place
from tests.monitors.factory import Talk, sentences, song


def test_a_page_is_an_array_of_tasks_with_ids() -> None:
    talk = Talk()
    talk.list()
    talk.list(song(name="a"), song(name="b"))

    judged = talk.judged("list-shape")

    assert (judged.exercised, judged.findings) == (2, ())


@pytest.mark.parametrize(
    "answer, place",
    [
        ({}, "an array of tasks at /songs of the 200 to listSongs, got nothing"),
        ([], "an array of tasks at /songs of the 200 to listSongs, got nothing"),
        ({"songs": "none"}, 'an array of tasks at /songs of the 200 to listSongs, got "none"'),
        ({"songs": [song(), "s2"]}, "the id of a task at /songs/1/song of the 200 to listSongs, got nothing"),
        ({"songs": [{"song": None}]}, "the id of a task at /songs/0/song of the 200 to listSongs, got null"),
        ({"songs": [{"song": {"id": 1}}]}, 'the id of a task at /songs/0/song of the 200 to listSongs, got {"id": 1}'),
        (
            {"songs": [song(), song()]},
            'an id that no other task on the page has at /songs/1/song of the 200 to listSongs, got "s1"',
        ),
    ],
)
def test_anything_else_is_no_page(answer: object, place: str) -> None:
    talk = Talk()
    talk.say("listSongs", 200, answer)

    assert sentences(talk.judged("list-shape", Place(operation="listSongs", pointer="/songs"))) == [f"expected {place}"]


def test_what_the_document_says_of_an_owned_page_is_judged_with_it() -> None:
    talk = Talk()
    talk.list(song() | {"model": 5})

    assert talk.judged("list-shape").findings == ()
    owning = talk.judged("list-shape", Place(operation="listSongs", pointer="/songs"))
    assert sentences(owning) == [
        'expected /songs/0/model of the 200 to listSongs as the document has it, but 5 is not of type "string"'
    ]
