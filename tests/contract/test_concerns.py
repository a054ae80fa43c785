"""What requirements are about, and which fail with which: by what reports put first."""

from __future__ import annotations

from pathlib import Path

import pytest

from conformance.contract.contract import load_contract
from conformance.contract.external.concerns import CONCERNS, FOLLOWS
from conformance.contract.external.load import load_described
from conformance.contract.external.requirements import kinds
from conformance.contract.files import known_systems
from tests.contract.described import document, loaded, operation

DEPOT = Path(__file__).parents[1] / "resources" / "depot" / "openapi.yaml"


def test_what_is_said_of_kinds_is_said_of_kinds_that_there_are() -> None:
    assert {*CONCERNS, *FOLLOWS, *FOLLOWS.values()} <= set(kinds())
    assert not set(FOLLOWS) & set(FOLLOWS.values())


def test_a_requirement_follows_one_of_its_own_resource() -> None:
    registry = load_described(DEPOT).registry

    following = {one.id: one.follows for one in registry if set(one.follows) & {known.id for known in registry}}
    assert following["DEPOT-patchBin-CHANGES"] == ("DEPOT-readBin-STORED",)
    assert following["DEPOT-listBins-FILTERS"] == ("DEPOT-listBins-LISTS",)


def test_derived_requirements_say_what_they_are_about(tmp_path: Path) -> None:
    body = {"content": {"application/json": {"schema": {"type": "object", "required": ["title"]}}}}
    registry = loaded(tmp_path, document(paths={"/songs": {"post": operation(body, operationId="make")}})).registry

    concerns = {one.id.rpartition("-")[2]: one.concern for one in registry if one.operation == "make"}
    assert {kind: concerns[kind] for kind in ("ACCEPTS", "REFUSES", "CONFORMS")} == {
        "ACCEPTS": "purpose",
        "REFUSES": "refusal",
        "CONFORMS": "answer",
    }


@pytest.mark.parametrize("system", known_systems())
def test_each_system_has_rules_on_its_purpose_and_on_refusals(system: str) -> None:
    concerns = [one.concern for one in load_contract(system).registry]

    assert {"purpose", "refusal", "answer"} <= set(concerns)
    assert concerns.count("purpose") > len(concerns) / 4
