"""The OpenAPI document is valid, agrees with itself, and is as strict as its head says."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from openapi_spec_validator import OpenAPIV31SpecValidator

from tests.specs.contents import contract, nodes, raw, raw_operations

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from conformance.contract.document import Operation

CONTENT = raw("openapi.yaml")
DOCUMENT = contract().document
RAW = dict(raw_operations())
AVAILABLE = {"chat", "health"}
SHOWN_WITHOUT_A_KEY = {"getHealth"}


def examples() -> Iterator[Any]:
    """Every example of the document beside the schema that it belongs to."""
    for place, node in nodes(CONTENT):
        if "schema" not in node:
            continue
        if "example" in node:
            yield pytest.param(node["schema"], node["example"], id=place)
        for name, example in node.get("examples", {}).items():
            yield pytest.param(node["schema"], DOCUMENT.resolve(example)["value"], id=f"{place}/{name}")


def test_it_is_valid_openapi_31() -> None:
    problems = [error.message for error in OpenAPIV31SpecValidator(CONTENT).iter_errors()]

    assert problems == []


@pytest.mark.parametrize("schema, example", list(examples()))
def test_examples_match_their_schemas(schema: Mapping[str, Any], example: object) -> None:
    assert list(DOCUMENT.validator(schema).problems(example)) == []


@pytest.mark.parametrize("operation", [pytest.param(o, id=o.id) for o in DOCUMENT.operations.values()])
class TestEveryOperation:
    """Tests for what all operations share."""

    def test_belongs_to_one_known_surface(self, operation: Operation) -> None:
        assert RAW[operation.id]["tags"] == [operation.surface]
        assert operation.surface in {tag["name"] for tag in CONTENT["tags"]}

    def test_is_released_as_its_surface_is(self, operation: Operation) -> None:
        (tag,) = [tag for tag in CONTENT["tags"] if tag["name"] == operation.surface]

        assert operation.release == tag["x-release"] == ("available" if operation.surface in AVAILABLE else "preview")

    def test_needs_a_key_unless_a_document_shows_it_without(self, operation: Operation) -> None:
        assert operation.secured == (operation.id not in SHOWN_WITHOUT_A_KEY)
        assert "401" in {answer.key for answer in operation.answers}

    def test_answers_every_request_with_a_request_id(self, operation: Operation) -> None:
        lacking = [answer.key for answer in operation.answers if not answer.headers.get("X-Request-Id")]

        assert lacking == []

    def test_refuses_with_the_error_envelope_only(self, operation: Operation) -> None:
        refusals = {key: r for key, r in RAW[operation.id]["responses"].items() if key[0] in "45"}
        shapes = {
            (name, media["schema"]["$ref"])
            for refusal in refusals.values()
            for name, media in DOCUMENT.resolve(refusal)["content"].items()
        }

        assert {"4XX", "5XX"} <= refusals.keys()
        assert shapes == {("application/json", "#/components/schemas/ErrorResponse")}

    def test_takes_an_idempotency_key_if_and_only_if_it_posts(self, operation: Operation) -> None:
        takes_a_key = "Idempotency-Key" in {parameter.name for parameter in operation.parameters}

        assert takes_a_key == (operation.method == "POST")


def test_the_version_prefix_is_in_the_server_and_not_in_the_paths() -> None:
    assert all(server["url"].endswith("/v1") for server in CONTENT["servers"])
    assert not [path for path in CONTENT["paths"] if path.startswith("/v1")]


def test_links_lead_from_creation_to_reading_and_cancelling() -> None:
    found = {(link.source, link.target) for link in DOCUMENT.links}
    creations = ("createTextToMusic", "createReferenceAudioToMusic")

    assert {(source, target) for source in creations for target in ("getTask", "cancelTask")} <= found


def test_links_name_operations_and_their_parameters() -> None:
    unknown = [
        (link.source, link.target, name)
        for link in DOCUMENT.links
        for name in link.parameters
        if name not in {parameter.name for parameter in DOCUMENT.operations[link.target].parameters}
    ]

    assert unknown == []


def test_unknown_option_namespaces_are_the_only_unknown_fields_refused() -> None:
    closed = [place for place, node in nodes(CONTENT) if node.get("additionalProperties") is False]

    assert [place for place in closed if "x-certain" not in place] == ["/components/schemas/ModelOptions"]


def test_nothing_is_used_on_which_validators_disagree() -> None:
    schemas = [node for _, node in nodes(CONTENT) if "type" in node or "enum" in node]

    assert not [schema for schema in schemas if schema.keys() & {"pattern", "multipleOf"}]
    assert {schema["format"] for schema in schemas if "format" in schema} == {"binary", "date-time"}
