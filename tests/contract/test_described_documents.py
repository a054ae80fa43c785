"""What is taken from a document that somebody brings: names, keys, paths, links; and what is said of a useless one."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from conformance.contract.errors import (
    ContractError,
    ForeignReferenceError,
    InvalidContractError,
    UnreadableDocumentError,
    UnsupportedVersionError,
)
from conformance.contract.external.load import load_described
from tests.contract.described import document, loaded, operation

if TYPE_CHECKING:
    from pathlib import Path

ANSWER = {"200": {"description": "fine"}}


@pytest.mark.parametrize(
    "title, name",
    [
        ("Loop Studio", "loop_studio"),
        ("The Loop Studio REST API", "loop_studio"),
        ("Café ☕", "cafe"),
        ("3D Sound", "api_3d_sound"),
        ("☕", "api"),
        ("A very long title that goes on and on", "a_very_long_title_that"),
        ("Pneumonoultramicroscopicsilicovolcanoconiosis", "pneumonoultramicroscopic"),
    ],
)
def test_a_system_is_known_by_the_title_of_its_document(title: str, name: str, tmp_path: Path) -> None:
    assert loaded(tmp_path, document(info={"title": title, "version": "1"})).system == name


def test_conventions_may_name_the_system(tmp_path: Path) -> None:
    contract = loaded(tmp_path, document(), {"system": "mine", "title": "Mine", "contract_version": "7"})

    assert (contract.system, contract.conventions.title, contract.conventions.contract_version) == ("mine", "Mine", "7")
    assert all(requirement.id.startswith("MINE-") for requirement in contract.registry)


def test_every_operation_has_a_name_of_its_own(tmp_path: Path) -> None:
    paths = {
        "/a/{id}": {"get": {"responses": ANSWER}, "delete": {"operationId": "drop it!", "responses": ANSWER}},
        "/b": {"get": {"operationId": "drop it?"}, "put": {"operationId": "repos/put"}},
        "/drop-it": {"$ref": "#/components/pathItems/shared"},
    }
    shared = {"pathItems": {"shared": {"post": {"operationId": "DROP-it", "responses": ANSWER}}}}

    contract = loaded(tmp_path, document(paths=paths, components=shared))

    assert {o.location: o.id for o in contract.document.operations.values()} == {
        "GET /a/{id}": "get-a-id",
        "DELETE /a/{id}": "drop-it",
        "GET /b": "drop-it.2",
        "PUT /b": "repos-put",
        "POST /drop-it": "DROP-it.3",
    }


def test_a_parameter_of_an_operation_goes_before_the_same_of_its_path(tmp_path: Path) -> None:
    of_path = [{"name": "n", "in": "query", "schema": {"type": "string"}}, {"name": "m", "in": "query"}]
    of_operation = [{"name": "n", "in": "query", "required": True, "schema": {"type": "integer"}}]
    paths = {"/things": {"parameters": of_path, "get": operation(parameters=of_operation)}}

    parameters = loaded(tmp_path, document(paths=paths)).document.operations["makeThing"].parameters

    assert [(p.name, p.required, p.schema) for p in parameters] == [("n", True, {"type": "integer"}), ("m", False, {})]


@pytest.mark.parametrize(
    "servers, path",
    [
        ([], ""),
        ([{"url": "https://api.example/"}], ""),
        ([{"url": "https://api.example/v1/"}, {"url": "/v2"}], "/v1"),
        ([{"url": "/api/v1"}], "/api/v1"),
        ([{"url": "https://{host}/{version}", "variables": {"version": {"default": "v3"}}}], "/v3"),
    ],
)
def test_the_path_of_the_first_server_stands_before_all_others(servers: list[Any], path: str, tmp_path: Path) -> None:
    assert loaded(tmp_path, document(servers=servers)).base_path == path


@pytest.mark.parametrize(
    "scheme, header, query, value",
    [
        ({"type": "http", "scheme": "bearer"}, "Authorization", "", "Bearer key"),
        ({"type": "http", "scheme": "Basic"}, "Authorization", "", "Basic a2V5"),
        ({"type": "oauth2", "flows": {}}, "Authorization", "", "Bearer key"),
        ({"type": "openIdConnect", "openIdConnectUrl": "https://id.example"}, "Authorization", "", "Bearer key"),
        ({"type": "apiKey", "in": "header", "name": "X-Key"}, "X-Key", "", "key"),
        ({"type": "apiKey", "in": "query", "name": "key"}, "", "key", "key"),
    ],
)
def test_the_place_of_the_key_is_taken_from_the_security_schemes(
    scheme: dict[str, Any], header: str, query: str, value: str, tmp_path: Path
) -> None:
    components = {"securitySchemes": {"unfit": {"type": "mutualTLS"}, "fit": scheme}}
    content = document(components=components, security=[{"unfit": []}, {"fit": []}])

    authentication = loaded(tmp_path, content).conventions.authentication

    assert authentication is not None
    assert (authentication.header, authentication.query) == (header, query)
    assert authentication.presented(lambda: "key") == value


def test_conventions_go_before_the_security_schemes(tmp_path: Path) -> None:
    components = {"securitySchemes": {"fit": {"type": "http", "scheme": "bearer"}}}
    content = document(components=components, security=[{"fit": []}])

    contract = loaded(tmp_path, content, {"authentication": {"header": "X-Token"}})

    assert contract.conventions.authentication is not None
    assert contract.conventions.authentication.header == "X-Token"


def test_without_a_scheme_that_a_key_fits_none_is_presented(tmp_path: Path) -> None:
    assert loaded(tmp_path, document()).conventions.authentication is None


def test_links_may_name_a_place_of_the_document_and_those_that_need_the_request_are_left_out(tmp_path: Path) -> None:
    links = {
        "found": {"operationRef": "#/paths/~1things~1{id}/get", "parameters": {"path.id": "$response.body#/id"}},
        "lost": {"operationId": "readThing", "parameters": {"id": "$request.body#/id"}},
    }
    paths = {
        "/things": {"post": operation({}, responses={"200": {"description": "made", "links": links}})},
        "/things/{id}": {"get": {"operationId": "readThing", "responses": ANSWER}},
        "/others/{id}": {"get": {"operationId": "readOther", "responses": ANSWER}},
    }

    described = loaded(tmp_path, document(paths=paths)).document

    assert [(link.source, link.target, dict(link.parameters)) for link in described.links] == [
        ("makeThing", "readThing", {"id": "$response.body#/id"})
    ]
    assert described.operations["readThing"].certain
    assert not described.operations["readOther"].certain


def test_yaml_is_read_with_the_values_of_json(tmp_path: Path) -> None:
    path = tmp_path / "openapi.yaml"
    path.write_text(
        "openapi: 3.0.0\ninfo: {title: Day, version: 2026-11-20}\n"
        "paths: {/day: {get: {operationId: day, parameters: [{name: sure, in: query, schema: {enum: [yes, no]}}],\n"
        "  responses: {200: {description: a day}}}}}\n"
    )

    contract = load_described(path)

    day = contract.document.operations["day"]
    assert contract.conventions.contract_version == "2026-11-20"
    assert day.parameters[0].schema == {"enum": ["yes", "no"]}
    assert [answer.key for answer in day.answers] == ["200"]


@pytest.mark.parametrize(
    "content, error, sentence",
    [
        ({"swagger": "2.0", "paths": {}}, UnsupportedVersionError, "Swagger; documents of OpenAPI 3.0 and"),
        ({"paths": {}}, UnsupportedVersionError, "says of no version of OpenAPI that it is one"),
        (document("3.2.0"), UnsupportedVersionError, "is of version 3.2.0"),
        (document(paths={}), UnreadableDocumentError, "describes no paths, so there is nothing to test"),
        (
            document(paths={"/a": {"get": {"parameters": [{"$ref": "common.yaml#/p"}]}}}),
            ForeignReferenceError,
            "refers to 'common.yaml#/p', outside of itself",
        ),
        (
            document(paths={"/a": {"get": {"parameters": [{"$ref": "#/components/parameters/none"}]}}}),
            InvalidContractError,
            "refers to '#/components/parameters/none', which it does not contain",
        ),
        (
            document(paths={"/a": {"post": operation({"$ref": "#/components/schemas/None"})}}),
            InvalidContractError,
            "refers to '#/components/schemas/None', which it does not contain",
        ),
        (
            document(components={"schemas": {"Odd": {"type": "string", "pattern": "(["}}}),
            UnreadableDocumentError,
            "has a schema that can't be used",
        ),
        (document(paths={"/a": {"get": {"parameters": 5}}}), UnreadableDocumentError, "can't be used: "),
    ],
)
def test_what_is_no_use_is_said_in_one_sentence(
    content: dict[str, Any], error: type[ContractError], sentence: str, tmp_path: Path
) -> None:
    with pytest.raises(error) as raised:
        loaded(tmp_path, content)

    assert sentence in str(raised.value)
    assert "\n" not in str(raised.value)


@pytest.mark.parametrize(
    "text", ["True if it rains", "false alarms are bad", "trueish", "No", "yes, please", "2026-01-01"]
)
def test_a_text_that_begins_like_another_value_of_yaml_is_a_text(text: str, tmp_path: Path) -> None:
    path = tmp_path / "openapi.yaml"
    path.write_text(
        "openapi: 3.1.0\n"
        "info: {title: Rain, version: 1}\n"
        "paths:\n"
        "  /rain:\n"
        "    get:\n"
        "      operationId: showRain\n"
        f"      description: {text}\n"
        "      responses: {200: {description: rain}}\n",
        "utf-8",
    )

    described = load_described(path).document.content["paths"]["/rain"]["get"]

    assert described["description"] == text
