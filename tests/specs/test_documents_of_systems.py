"""What holds for the OpenAPI document of every system."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from openapi_spec_validator import OpenAPIV31SpecValidator

from conformance.contract.files import known_systems
from tests.specs.contents import contract, nodes, raw

if TYPE_CHECKING:
    from collections.abc import Iterator

each_system = pytest.mark.parametrize("system", known_systems())


def examples(system: str) -> Iterator[tuple[str, Any, Any]]:
    """Every example of a document: its place, the schema beside it, and its value."""
    document = contract(system).document
    for place, node in nodes(raw("openapi.yaml", system)):
        if "schema" not in node:
            continue
        if "example" in node:
            yield place, node["schema"], node["example"]
        for name, example in node.get("examples", {}).items():
            yield f"{place}/{name}", node["schema"], document.resolve(example)["value"]


@each_system
def test_it_is_valid_openapi_31(system: str) -> None:
    problems = [error.message for error in OpenAPIV31SpecValidator(raw("openapi.yaml", system)).iter_errors()]

    assert problems == []


@each_system
def test_its_examples_match_their_schemas(system: str) -> None:
    document = contract(system).document
    found = list(examples(system))

    assert found
    assert [
        (place, problem) for place, schema, value in found for problem in document.validator(schema).problems(value)
    ] == []


@each_system
def test_what_is_certain_to_be_accepted_fits_the_document(system: str) -> None:
    document = contract(system).document
    certain = [
        (media.schema, media.certain)
        for operation in document.operations.values()
        for media in operation.body.values()
        if media.certain is not None
    ]

    for _, narrowed in certain:
        assert [
            node for _, node in nodes(narrowed) if node.get("type") == "object" and "additionalProperties" not in node
        ] == []


@each_system
def test_operations_have_one_known_surface_each(system: str) -> None:
    surfaces = set(contract(system).conventions.surfaces)

    assert {operation.surface for operation in contract(system).document.operations.values()} <= surfaces
