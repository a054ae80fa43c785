"""jsonschema-rs, which decides, and openapi-core, the second opinion, read our documents alike."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import pytest

from conformance.contract.document import Document
from conformance.contract.files import known_systems, read_yaml, specs_root
from tests.contract.corpus import BodySchema, body_schemas, nodes

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

BODIES = [pytest.param(body, id=" ".join((body.file, *body.place[1:-1]))) for body in body_schemas()]
DOCUMENTS = sorted(path.parent.name for path in specs_root().glob("*/openapi.yaml"))
AGREED_FORMATS = {"date-time", "binary"}
# Classes and assertions that Python and ECMAScript read differently; `$` alone differs only without ECMAScript's
# expressions, and only the control interface, whose answers are never compared, needs it.
DISPUTED_IN_PATTERNS = re.compile(r"\\[^.\-/]|\(\?|\[\[")


def schemas(document: str) -> Iterator[Mapping[str, Any]]:
    """Every mapping of a document that looks like a schema."""
    for node in nodes(read_yaml(specs_root() / document / "openapi.yaml")):
        if isinstance(node.get("type"), str | list) or "enum" in node or "$ref" in node or "allOf" in node:
            yield node


@pytest.mark.parametrize("schema", BODIES)
def test_the_engines_agree_on_every_body(schema: BodySchema) -> None:
    judged = [(body, schema.decided(body), schema.second(body)) for body in schema.bodies()]

    assert [body for body, decided, second in judged if decided is not second] == []
    assert {decided for _, decided, _ in judged} == {True, False}


@pytest.mark.parametrize("schema", BODIES)
def test_both_accept_every_documented_example(schema: BodySchema) -> None:
    assert [body for body in schema.examples if not (schema.decided(body) and schema.second(body))] == []


@pytest.mark.parametrize("document", DOCUMENTS)
class TestNoDocument:
    """What documents must not use, because the engines differ on it."""

    def test_asks_for_multiples_of_fractions(self, document: str) -> None:
        factors = [schema["multipleOf"] for schema in schemas(document) if "multipleOf" in schema]

        assert [factor for factor in factors if not isinstance(factor, int)] == []

    def test_uses_a_format_on_which_the_engines_differ(self, document: str) -> None:
        assert {schema["format"] for schema in schemas(document) if "format" in schema} <= AGREED_FORMATS

    def test_uses_a_pattern_on_which_the_engines_differ(self, document: str) -> None:
        patterns = [schema["pattern"] for schema in schemas(document) if "pattern" in schema]

        assert [pattern for pattern in patterns if DISPUTED_IN_PATTERNS.search(pattern)] == []

    def test_chooses_schemas_by_a_discriminator(self, document: str) -> None:
        assert [schema for schema in schemas(document) if "discriminator" in schema] == []


@pytest.mark.parametrize("system", known_systems())
def test_the_document_of_no_system_ends_a_pattern_with_an_anchor(system: str) -> None:
    assert [schema["pattern"] for schema in schemas(system) if "$" in schema.get("pattern", "")] == []


@pytest.mark.parametrize(
    "schema, body",
    [
        pytest.param({"format": "date-time"}, "2016-12-31T23:59:60Z", id="a leap second"),
        pytest.param({"format": "date-time"}, "2016-12-31T15:59:60-08:00", id="a leap second elsewhere"),
        pytest.param({"format": "date-time"}, "0000-01-05T10:00:00Z", id="the year zero"),
        pytest.param({"format": "date-time"}, "2026-01-05T10:00:00Z\n", id="an instant and a new line"),
        pytest.param({"format": "uri"}, "no address", id="format uri"),
        pytest.param({"format": "hostname"}, "no host", id="format hostname"),
        pytest.param({"format": "duration"}, "a while", id="format duration"),
        pytest.param({"format": "time"}, "12:00:00Z", id="format time"),
        pytest.param({"format": "byte"}, "x", id="format byte"),
        pytest.param({"format": "int32"}, 2**40, id="format int32"),
        pytest.param({"multipleOf": 0.01}, 19.99, id="multiples of fractions"),
        pytest.param({"multipleOf": 3}, 1e300, id="multiples beyond the whole numbers of floating point"),
        pytest.param({"pattern": r"\p{L}"}, "a", id="character classes of Unicode"),
        pytest.param({"type": "number"}, float("nan"), id="what is no number of JSON"),
        pytest.param({"oneOf": [{"type": "object"}], "discriminator": {"propertyName": "t"}}, {}, id="discriminator"),
    ],
)
def test_what_the_engines_are_known_to_differ_on(schema: dict[str, Any], body: object) -> None:
    content = {"openapi": "3.1.0", "components": {"schemas": {"Odd": schema}}}
    odd = BodySchema("none", Document(content), ("components", "schemas", "Odd"), schema, ())

    assert odd.decided(body) is not odd.second(body)
