"""The requirements that conventions of somebody's own imply, and how much weight they have."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from conformance.contract.errors import InvalidContractError
from conformance.contract.external.requirements import kinds
from conformance.contract.external.rules import DERIVED_SCENARIOS, RULES
from conformance.contract.files import read_yaml, specs_root
from conformance.monitors.registry import MONITORS
from tests.contract.described import JSON, document, loaded, operation

if TYPE_CHECKING:
    from conformance.contract.contract import Contract

PROBLEM = {"type": "object", "required": ["error"], "properties": {"error": {"type": "object"}}}
REFUSED = {"description": "refused", "content": {JSON: {"schema": PROBLEM}}}
TASKS = {
    "create": ["makeThing"],
    "get": "readThing",
    "id": "/id",
    "id_parameter": "id",
    "status": "/state",
    "states": {"new": {"phase": "waiting", "next": ["done"]}, "done": {"phase": "succeeded", "next": []}},
}
POLLING = {"first_seconds": 1, "growth": 2, "maximum_seconds": 4, "timeout_seconds": 9}
ERRORS = {"object": "/error", "code": "/error/code", "message": "/error/message"}
IDEMPOTENCY = {"header": "Once", "operations": ["makeThing"]}


def contract_of(folder: Path, conventions: dict[str, Any], *, certain: bool = False) -> Contract:
    """A contract of two operations; where it is `certain`, the document says for itself what conventions say."""
    made = {"200": {"description": "made", **({"headers": {"Trace": {"required": True}}} if certain else {})}}
    refusals = {"401": REFUSED, "409": REFUSED, "4XX": REFUSED} if certain else {}
    headers = [{"name": name, "in": "header"} for name in ("Once", "trace")] if certain else []
    read = {"200": {"description": "it"}, **({"404": REFUSED} if certain else {})}
    paths = {
        "/things": {"post": operation({"type": "object"}, responses={**made, **refusals}, parameters=headers)},
        "/things/{id}": {"get": {"operationId": "readThing", "responses": read}},
    }
    components = {"securitySchemes": {"key": {"type": "http", "scheme": "bearer"}}}
    return loaded(folder, document(paths=paths, components=components, security=[{"key": []}]), conventions)


def levels(contract: Contract) -> dict[str, str]:
    """The level of each requirement, by its id without the system."""
    return {r.id.removeprefix("THING-"): r.level for r in contract.registry}


def test_a_document_alone_implies_what_it_says_of_every_operation(tmp_path: Path) -> None:
    assert levels(contract_of(tmp_path, {})) == {
        "NO-REPEATABLE-5XX": "MUST",
        "makeThing-ACCEPTS": "SHOULD",
        "makeThing-REFUSES": "SHOULD",
        "makeThing-CREDENTIALS": "SHOULD",
        "makeThing-CONFORMS": "MUST",
        "readThing-CREDENTIALS": "SHOULD",
        "readThing-CONFORMS": "MUST",
    }


@pytest.mark.parametrize(
    "conventions, implied",
    [
        ({"request_id": {"header": "Trace"}}, {"REQUEST-ID-PRESENT", "REQUEST-ID-ECHO"}),
        ({"errors": ERRORS}, {"ENVELOPE"}),
        ({"errors": {**ERRORS, "retryable": "/error/again"}}, {"ENVELOPE", "RETRYABLE"}),
        (
            {"idempotency": IDEMPOTENCY},
            {
                f"makeThing-{kind}"
                for kind in ("REPEATS", "SAME-BODIES", "DISTINCT-KEYS", "REPEATS-AT-ONCE", "FOREIGN-KEYS")
            },
        ),
        (
            {"tasks": TASKS},
            {
                "TASK-STATES",
                "TASK-TRANSITIONS",
                "TASK-TERMINAL-FINAL",
                "TASK-ID-STABLE",
                "makeThing-READABLE",
                "readThing-UNKNOWN",
                "readThing-ACCEPTS",
            },
        ),
    ],
)
def test_conventions_imply_what_they_describe_and_nothing_else(
    conventions: dict[str, Any], implied: set[str], tmp_path: Path
) -> None:
    alone = set(levels(contract_of(tmp_path, {})))

    assert set(levels(contract_of(tmp_path, conventions))) - alone == implied


def test_retries_are_judged_where_an_answer_tells_what_was_made(tmp_path: Path) -> None:
    implied = levels(contract_of(tmp_path, {"idempotency": IDEMPOTENCY, "tasks": TASKS}))

    assert {"makeThing-REPLAYS", "makeThing-CONFLICTS"} <= set(implied)


def test_that_tasks_end_is_judged_where_it_is_said_how_long_they_take(tmp_path: Path) -> None:
    assert "makeThing-ENDS" not in levels(contract_of(tmp_path, {"tasks": TASKS}))
    assert "makeThing-ENDS" in levels(contract_of(tmp_path, {"tasks": {**TASKS, "polling": POLLING}}))


ALL = {"request_id": {"header": "Trace"}, "errors": ERRORS, "idempotency": IDEMPOTENCY, "tasks": TASKS}
BACKED = {
    "REQUEST-ID-PRESENT",
    "REQUEST-ID-ECHO",
    "ENVELOPE",
    "makeThing-REPLAYS",
    "makeThing-CONFLICTS",
    "makeThing-REFUSES",
    "makeThing-CREDENTIALS",
    "readThing-UNKNOWN",
}


@pytest.mark.parametrize("certain, level", [(True, "MUST"), (False, "SHOULD")])
def test_what_the_document_says_for_certain_is_a_must(certain: bool, level: str, tmp_path: Path) -> None:  # noqa: FBT001 - the case
    found = levels(contract_of(tmp_path, ALL, certain=certain))

    assert {name: found[name] for name in BACKED} == dict.fromkeys(BACKED, level)


def test_conventions_have_the_last_word_on_levels(tmp_path: Path) -> None:
    weights = {"accepts": {"level": "MUST"}, "envelope": {"level": "MAY"}, "replays": {"level": "MUST"}}

    found = levels(contract_of(tmp_path, {**ALL, "generated": weights}))

    assert (found["makeThing-ACCEPTS"], found["ENVELOPE"], found["makeThing-REPLAYS"]) == ("MUST", "MAY", "MUST")


def test_a_task_is_handed_from_what_makes_it_to_what_reads_it(tmp_path: Path) -> None:
    described = contract_of(tmp_path, {"tasks": TASKS}).document

    assert [(link.source, link.target, dict(link.parameters)) for link in described.links] == [
        ("makeThing", "readThing", {"id": "$response.body#/id"})
    ]


def test_headers_that_the_client_sets_are_not_required_of_anybody_else(tmp_path: Path) -> None:
    parameters = [
        {"name": name, "in": "header", "required": True} for name in ("once", "TRACE", "X-Tenant", "authorization")
    ]
    paths = {"/things": {"post": operation({}, parameters=parameters)}}

    contract = loaded(tmp_path, document(paths=paths), {"request_id": {"header": "Trace"}, "idempotency": IDEMPOTENCY})

    required = {p.name: p.required for p in contract.document.operations["makeThing"].parameters}
    assert required == {"once": False, "TRACE": False, "X-Tenant": True, "authorization": False}


def test_conventions_that_name_an_unknown_operation_are_refused(tmp_path: Path) -> None:
    with pytest.raises(InvalidContractError, match=r"names operations that openapi\.json lacks: makeThing"):
        loaded(tmp_path, document(), {"idempotency": IDEMPOTENCY})


def test_conventions_keep_to_the_schema_of_all_others(tmp_path: Path) -> None:
    with pytest.raises(InvalidContractError, match=r"conventions.yaml breaks its schema at errors: "):
        loaded(tmp_path, document(), {"errors": {"object": "/error"}})


def test_every_rule_has_a_monitor() -> None:
    assert set(RULES) <= set(MONITORS)


def test_the_schema_of_conventions_knows_every_kind() -> None:
    schema = read_yaml(specs_root() / "schemas" / "conventions.schema.json")

    assert set(schema["properties"]["generated"]["propertyNames"]["enum"]) == set(kinds())
    assert not set(DERIVED_SCENARIOS) & set(RULES)


def test_the_reference_explains_every_kind() -> None:
    reference = (Path(__file__).parents[2] / "docs" / "reference" / "conventions.md").read_text("utf-8")

    assert [kind for kind in kinds() if f"| `{kind}` |" not in reference] == []
