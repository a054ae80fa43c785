"""The registry is complete in itself: ordered, sourced, and judged by something that exists."""

from __future__ import annotations

from itertools import groupby
from typing import Any

import pytest

from conformance.contract.files import check_against_schema, system_folder
from conformance.monitors.registry import MONITORS
from tests.specs.contents import contract, raw, written_ids

REGISTRY = raw("requirements.yaml")
REQUIREMENTS: list[dict[str, Any]] = REGISTRY["requirements"]
AREAS = (
    "AUTH",
    "REQUEST-ID",
    "ERROR",
    "STATUS",
    "VERSION",
    "DOCUMENT",
    "IDEMPOTENCY",
    "MONEY",
    "MUSIC",
    "TASK",
    "LIST",
    "CANCEL",
    "UPLOAD",
)


def area(requirement_id: str) -> str:
    return requirement_id.removeprefix("BEATRA-").rpartition("-")[0]


@pytest.mark.parametrize("name", ["requirements", "conventions", "seeds"])
def test_files_keep_to_their_schemas(name: str) -> None:
    check_against_schema(raw(f"{name}.yaml"), name, system_folder("beatra") / f"{name}.yaml")


# An id that was withdrawn is never given again.
WITHDRAWN = {"BEATRA-MUSIC-28", "BEATRA-MUSIC-31"}


def test_ids_are_grouped_by_area_and_numbered_without_gaps_but_those_that_were_withdrawn() -> None:
    groups = [(name, list(ids)) for name, ids in groupby(written_ids(), area)]

    assert [name for name, _ in groups] == list(AREAS)
    for name, ids in groups:
        last = int(ids[-1].rpartition("-")[2])
        numbered = [f"BEATRA-{name}-{number:02}" for number in range(1, last + 1)]
        assert ids == [requirement_id for requirement_id in numbered if requirement_id not in WITHDRAWN]


def test_titles_and_statements_are_not_repeated() -> None:
    for member in ("title", "statement"):
        values = [requirement[member] for requirement in REQUIREMENTS]

        assert sorted(set(values)) == sorted(values)


def test_surfaces_are_those_of_the_conventions() -> None:
    assert {requirement["surface"] for requirement in REQUIREMENTS} == set(contract().conventions.surfaces)


def test_sources_and_observations_name_listed_documents_and_leave_none_unused() -> None:
    named = {source["document"] for requirement in REQUIREMENTS for source in requirement["sources"]}
    named |= {document for observation in REGISTRY["observations"] for document in observation["documents"]}

    assert named == REGISTRY["documents"].keys()


def test_what_no_normative_document_states_is_provisional() -> None:
    normative = {tag for tag, document in REGISTRY["documents"].items() if document.get("normative", True)}
    unfounded = [
        requirement["id"]
        for requirement in REQUIREMENTS
        if not requirement.get("provisional")
        if not {source["document"] for source in requirement["sources"]} & normative
    ]

    assert unfounded == []


def test_sources_are_not_given_twice() -> None:
    for requirement in REQUIREMENTS:
        sources = [str(source) for source in requirement["sources"]]

        assert sorted(set(sources)) == sorted(sources)


def test_monitors_that_judge_are_known() -> None:
    used = {
        requirement["judged_by"].removeprefix("monitor:")
        for requirement in REQUIREMENTS
        if requirement["judged_by"] != "test"
    }

    assert used - MONITORS.keys() == set()


def test_observations_are_told_apart() -> None:
    ids = [observation["id"] for observation in REGISTRY["observations"]]

    assert sorted(set(ids)) == sorted(ids)


def test_requirements_rest_on_others_that_exist() -> None:
    ids = {requirement["id"] for requirement in REQUIREMENTS}

    for requirement in REQUIREMENTS:
        assert set(requirement.get("rests_on", ())) <= ids - {requirement["id"]}
