"""The walk over a schema: every constraint is broken alone, and met at its boundary."""

from __future__ import annotations

import copy
import json
from typing import TYPE_CHECKING, Any

import jsonschema_rs
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from conformance.generation.instances import Schemas, values_of
from conformance.generation.walk_schema import ConstraintCase, Walked, walk_schema
from tests.generation.schemas import schemas

if TYPE_CHECKING:
    from conformance.generation.constraints import Constraint

RELAXED = settings(deadline=None, max_examples=60, suppress_health_check=list(HealthCheck))
LISTED = "whatever breaks it is none of the values that are listed either"
SMALLEST = "nothing is smaller"


def walked(schema: Any, components: dict[str, Any] | None = None) -> Walked:  # noqa: ANN401 - any schema
    known = Schemas({"components": components or {}})
    return walk_schema(schema, known, values_of(schema, known), "the body")


def broken(schema: Any, components: dict[str, Any] | None = None) -> dict[str, Any]:  # noqa: ANN401 - any schema
    """What breaks each constraint, by the reason."""
    return {probe.reason: probe.value for probe in walked(schema, components).probes if probe.side == "broken"}


def met(schema: Any) -> dict[str, Any]:  # noqa: ANN401 - any schema
    return {probe.reason: probe.value for probe in walked(schema).probes if probe.side == "met"}


def accepts(schema: Any, value: object) -> bool:  # noqa: ANN401 - any schema
    return jsonschema_rs.Draft202012Validator(schema, validate_formats=True).is_valid(value)


def without(schema: Any, constraint: Constraint) -> Any:  # noqa: ANN401 - any schema
    """The schema as it were if nobody had thought of the constraint."""
    relaxed = copy.deepcopy(schema)
    lease = relaxed
    for step in constraint.path[:-1]:
        lease = lease[step]
    if constraint.keyword == "required":
        lease["required"].remove(constraint.detail)
    else:
        del lease[constraint.path[-1]]
    return relaxed


@given(schemas())
@RELAXED
def test_what_breaks_a_constraint_breaks_no_other(schema: dict[str, Any]) -> None:
    for probe in walked(schema).probes:
        if probe.side == "broken":
            assert not accepts(schema, probe.value)
            assert accepts(without(schema, probe.constraint), probe.value)


@given(schemas())
@RELAXED
def test_what_meets_a_constraint_is_valid(schema: dict[str, Any]) -> None:
    assert all(accepts(schema, probe.value) for probe in walked(schema).probes if probe.side == "met")


@given(schemas())
@RELAXED
def test_every_constraint_is_broken_once_and_met_or_it_is_said_why_not(schema: dict[str, Any]) -> None:
    found = walked(schema)
    sides = [(probe.constraint, probe.side) for probe in found.probes]

    for constraint in found.constraints:
        why = {gap.side: gap.why for gap in found.gaps if gap.constraint == constraint}
        assert sides.count((constraint, "broken")) == (0 if "broken" in why else 1)
        assert "met" in {side for other, side in sides if other == constraint}
        assert set(why.values()) <= {LISTED, SMALLEST}


@given(schemas())
@RELAXED
def test_the_same_schema_gives_the_same_walk(schema: dict[str, Any]) -> None:
    first, second = (
        [
            (probe.constraint.id, probe.side, probe.reason, json.dumps(probe.value))
            for probe in walked(given_again).probes
        ]
        for given_again in (schema, json.loads(json.dumps(schema)))
    )

    assert first == second


@given(schemas(), st.data())
@RELAXED
def test_an_unknown_key_in_a_closed_object_is_found_at_every_depth(schema: dict[str, Any], data: st.DataObject) -> None:
    probes = walked(schema).probes

    for constraint in walked(schema).constraints:
        if constraint.keyword == "additionalProperties":
            assert [p for p in probes if p.constraint == constraint and p.side == "broken"]


def test_constraints_have_ids_that_lead_to_them() -> None:
    schema = {"type": "object", "required": ["a"], "properties": {"a": {"anyOf": [{"maxLength": 3}]}}}

    assert [constraint.id for constraint in walked(schema).constraints] == [
        "/type",
        "/required:a",
        "/properties/a/anyOf",
        "/properties/a/anyOf/0/maxLength",
    ]


@pytest.mark.parametrize(
    "schema, reason",
    [
        ({"type": "string", "maxLength": 20}, "prompt one character over 20"),
        ({"type": "string", "minLength": 2}, "prompt one character under 2"),
        ({"type": "string"}, "prompt is a number, not of type string"),
        ({"type": "integer", "minimum": 5}, "prompt is 4, one under 5"),
        ({"type": "integer", "maximum": 5}, "prompt is 6, one over 5"),
        ({"type": "number", "exclusiveMaximum": 5}, "prompt is 5, not below 5"),
        ({"type": "integer", "multipleOf": 4}, "prompt is 5, no multiple of 4"),
        ({"enum": ["a", "b"]}, 'prompt is "a-not", none of a, b'),
        ({"const": "a"}, 'prompt is "a-not", not "a"'),
        ({"type": "string", "format": "date"}, 'prompt is "not a date", no date'),
        ({"type": "string", "pattern": "^[a-z]$"}, 'prompt is "a!", which does not match ^[a-z]$'),
        ({"type": "array", "maxItems": 2, "items": {"type": "string"}}, "prompt one item over 2"),
        ({"type": "array", "uniqueItems": True, "items": {"type": "string"}}, "prompt has an item twice"),
        ({"type": "array", "items": {"type": "integer"}}, "prompt[0] is a text, not of type integer"),
        ({"type": "array", "prefixItems": [{"const": 1}], "items": False}, "prompt has an item more than it may have"),
        ({"type": "array", "contains": {"const": 1}}, "prompt is [], against contains"),
        ({"type": "object", "maxProperties": 1}, "prompt one key over 1"),
        ({"type": "object", "additionalProperties": {"const": 1}}, "prompt.unexpected is 2, not 1"),
        ({"type": "object", "patternProperties": {"^x-": {"const": 1}}}, "prompt.x- is 2, not 1"),
        ({"type": "object", "propertyNames": {"maxLength": 3}}, "prompt has a key of a form that is not allowed"),
        ({"type": "object", "properties": {"old": False}}, "prompt.old is there, which nothing may be"),
        ({"type": "object", "dependentRequired": {"a": ["b"]}}, "prompt has a without b"),
        ({"not": {"type": "integer"}}, "prompt is 1, which is excluded"),
        ({"anyOf": [{"type": "string"}, {"type": "null"}]}, "prompt is 12345, which fits none of its alternatives"),
        ({"oneOf": [{"const": 1}, {"const": 2}]}, "prompt is 12345, which does not fit just one of its alternatives"),
        ({"allOf": [{"type": "string"}, {"maxLength": 3}]}, "prompt one character over 3"),
        (
            {"type": "object", "if": {"required": ["a"]}, "then": {"required": ["b"]}},
            "prompt.b is missing",
        ),
        (
            {"type": "object", "dependentSchemas": {"a": {"properties": {"b": {"const": 1}}, "required": ["b"]}}},
            "prompt.b is missing",
        ),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_the_reason_says_what_is_wrong(schema: dict[str, Any], reason: str) -> None:
    assert reason in broken({"type": "object", "properties": {"prompt": schema}})


def test_boundaries_are_met_exactly() -> None:
    parts = {
        "prompt": {"type": "string", "minLength": 2, "maxLength": 20},
        "count": {"type": "integer", "minimum": 3, "exclusiveMaximum": 9},
        "tags": {"type": "array", "minItems": 1, "maxItems": 3, "items": {"type": "string"}},
        "mode": {"enum": ["fast", "fine"]},
        "title": {"type": ["string", "null"]},
    }
    found = met({"type": "object", "properties": parts})

    assert len(found["prompt of exactly 2 characters"]["prompt"]) == 2
    assert len(found["prompt of exactly 20 characters"]["prompt"]) == 20
    assert found["count is 3"]["count"] == 3
    assert found["count is 8"]["count"] == 8
    assert len(found["tags of exactly 1 item"]["tags"]) == 1
    assert len(found["tags of exactly 3 items"]["tags"]) == 3
    assert {found[f'mode is "{name}"']["mode"] for name in ("fast", "fine")} == {"fast", "fine"}
    assert found["title is null"]["title"] is None


def test_a_text_of_a_pattern_is_met_at_the_boundaries_of_its_length() -> None:
    found = met({"type": "string", "pattern": "^[a-z]+$", "minLength": 4, "maxLength": 9})

    assert len(found["the body of exactly 4 characters"]) == 4
    assert len(found["the body of exactly 9 characters"]) == 9


def test_all_that_is_not_tried_is_as_documents_show_it() -> None:
    tune = {"type": "object", "additionalProperties": False, "properties": {"seed": {"type": "integer"}}}
    schema = {
        "type": "object",
        "properties": {"prompt": {"type": "string"}, "options": {"type": "object", "properties": {"tune": tune}}},
        "examples": [{"prompt": "calm piano", "options": {"tune": {"seed": 7}}}],
    }

    assert broken(schema)["options.tune has a key that it must not have, unexpected"] == {
        "prompt": "calm piano",
        "options": {"tune": {"seed": 7, "unexpected": "text"}},
    }


def test_what_an_alternative_demands_is_broken_in_that_alternative() -> None:
    file = {
        "type": "object",
        "required": ["kind", "id"],
        "properties": {"kind": {"const": "file"}, "id": {"maxLength": 3}},
    }
    link = {"type": "object", "required": ["kind", "url"], "properties": {"kind": {"const": "link"}}}
    found = broken({"oneOf": [file, link]})

    assert found["url is missing"] == {"kind": "link"}
    assert found["id is missing"] == {"kind": "file"}
    assert found["id one character over 3"]["kind"] == "file"


def test_a_schema_that_holds_itself_is_followed_once() -> None:
    part = {"type": "object", "properties": {"name": {"maxLength": 3}, "next": {"$ref": "#/components/schemas/Part"}}}
    found = walked({"$ref": "#/components/schemas/Part"}, {"schemas": {"Part": part}})

    assert [constraint.id for constraint in found.constraints] == ["/$ref/type", "/$ref/properties/name/maxLength"]
    assert found.gaps == ()


def test_a_constraint_that_contradicts_another_is_left_out_with_the_reason() -> None:
    schema = {
        "type": "object",
        "properties": {"a": {"type": "string", "enum": ["x"]}, "b": {"allOf": [{"const": 1}, {"const": 2}]}},
    }
    reasons = {(gap.constraint.id, gap.side): gap.why for gap in walked(schema).gaps}

    assert reasons["/properties/a/type", "broken"] == LISTED
    assert reasons["/properties/b/allOf/1/const", "met"] == "no valid request is known in which it applies"


def test_nothing_longer_than_a_request_can_be_is_made_up() -> None:
    schema = {"type": "string", "maxLength": 10**12}

    assert [(gap.constraint.keyword, gap.side) for gap in walked(schema).gaps] == [
        ("maxLength", "broken"),
        ("maxLength", "met"),
    ]


def test_what_only_answers_carry_is_never_sent() -> None:
    schema = {"type": "object", "properties": {"id": {"type": "string", "readOnly": True}, "a": {"type": "string"}}}

    assert all("id" not in probe.value for probe in walked(schema).probes if isinstance(probe.value, dict))
    assert all(isinstance(probe, ConstraintCase) for probe in walked(schema).probes)
