"""The registry of every system is complete in itself: ordered, sourced, and judged by something that exists."""

from __future__ import annotations

from itertools import groupby
from typing import Any

import pytest

from conformance.cli.explain import OFFERS
from conformance.contract.files import check_against_schema, known_systems, system_folder
from conformance.monitors.registry import MONITORS
from tests.specs.contents import contract, raw, written_ids

each_system = pytest.mark.parametrize("system", known_systems())
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
    "CHAT",
    "STREAM",
    "MODELS",
    "HEALTH",
)


def area(requirement_id: str) -> str:
    return requirement_id.removeprefix("BEATRA-").rpartition("-")[0]


def requirements_of(system: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = raw("requirements.yaml", system)["requirements"]
    return found


@each_system
@pytest.mark.parametrize("name", ["requirements", "conventions", "seeds"])
def test_files_keep_to_their_schemas(name: str, system: str) -> None:
    check_against_schema(raw(f"{name}.yaml", system), name, system_folder(system) / f"{name}.yaml")


# An id that was withdrawn is never given again.
WITHDRAWN = {"BEATRA-MUSIC-28", "BEATRA-MUSIC-31"}


def test_ids_are_grouped_by_area_and_numbered_without_gaps_but_those_that_were_withdrawn() -> None:
    groups = [(name, list(ids)) for name, ids in groupby(written_ids(), area)]

    assert [name for name, _ in groups] == list(AREAS)
    for name, ids in groups:
        last = int(ids[-1].rpartition("-")[2])
        numbered = [f"BEATRA-{name}-{number:02}" for number in range(1, last + 1)]
        assert ids == [requirement_id for requirement_id in numbered if requirement_id not in WITHDRAWN]


@each_system
def test_titles_and_statements_are_not_repeated(system: str) -> None:
    for member in ("title", "statement"):
        values = [requirement[member] for requirement in requirements_of(system)]

        assert sorted(set(values)) == sorted(values)


@each_system
def test_surfaces_are_those_of_the_conventions(system: str) -> None:
    named = {requirement.surface for requirement in contract(system).registry}

    assert named == set(contract(system).conventions.surfaces)


@each_system
def test_sources_and_observations_name_listed_documents_and_leave_none_unused(system: str) -> None:
    registry = raw("requirements.yaml", system)
    named = {source["document"] for requirement in requirements_of(system) for source in requirement["sources"]}
    named |= {document for observation in registry["observations"] for document in observation["documents"]}

    assert named == registry["documents"].keys()


@each_system
def test_what_no_normative_document_states_is_provisional(system: str) -> None:
    documents = raw("requirements.yaml", system)["documents"]
    normative = {tag for tag, document in documents.items() if document.get("normative", True)}
    unfounded = [
        requirement["id"]
        for requirement in requirements_of(system)
        if not requirement.get("provisional")
        if not {source["document"] for source in requirement["sources"]} & normative
    ]

    assert unfounded == []


@each_system
def test_sources_are_not_given_twice(system: str) -> None:
    for requirement in requirements_of(system):
        sources = [str(source) for source in requirement["sources"]]

        assert sorted(set(sources)) == sorted(sources)


@each_system
def test_monitors_that_judge_are_known(system: str) -> None:
    used = {
        requirement["judged_by"].removeprefix("monitor:")
        for requirement in requirements_of(system)
        if requirement["judged_by"] != "test"
    }

    assert used - MONITORS.keys() == set()


@each_system
def test_what_is_needed_of_a_target_can_be_explained(system: str) -> None:
    needed = {need for requirement in contract(system).registry for need in requirement.needs}

    assert needed - OFFERS.keys() == set()


@each_system
def test_observations_are_told_apart(system: str) -> None:
    ids = [observation["id"] for observation in raw("requirements.yaml", system)["observations"]]

    assert sorted(set(ids)) == sorted(ids)


@each_system
def test_requirements_rest_on_others_that_exist(system: str) -> None:
    ids = set(written_ids(system))

    for requirement in requirements_of(system):
        assert set(requirement.get("rests_on", ())) <= ids - {requirement["id"]}
