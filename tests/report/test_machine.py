from __future__ import annotations

import json
from dataclasses import replace
from decimal import Decimal
from typing import TYPE_CHECKING

import jsonschema_rs
import pytest
from hypothesis import given, settings

from conformance.contract.files import specs_root
from conformance.generation.walk import OperationCoverage, Untried
from conformance.journal.reader import Recording
from conformance.journal.records import Observation
from conformance.report.machine import report_json
from conformance.verdicts.model import LeftTask, Overall, Spend, Verdict
from conformance.verdicts.reach_map import OperationReach, Reached, ThingAsked
from tests.report.drawn import runs
from tests.report.factory import (
    FACTS,
    SPEND,
    answer,
    assessment,
    exchange,
    hostile,
    judgement,
    one_of_each_verdict,
    played,
    request,
    requirement,
)
from tests.report.hostility import HOSTILE

if TYPE_CHECKING:
    from conformance.verdicts.model import Assessment

SCHEMA = json.loads((specs_root() / "schemas" / "report.schema.json").read_text("utf-8"))
VALIDATOR = jsonschema_rs.Draft202012Validator(SCHEMA, validate_formats=True)


def test_the_schema_is_a_valid_and_closed_schema() -> None:
    objects = [part for part in (SCHEMA, *SCHEMA["$defs"].values()) if part.get("type") == "object"]

    assert jsonschema_rs.meta.is_valid(SCHEMA)
    assert all(part["additionalProperties"] is False for part in objects)
    assert all(part["required"] == list(part["properties"]) for part in objects)


@given(runs())
@settings(max_examples=50, deadline=None)
def test_the_report_of_any_run_fits_its_schema(run: tuple[Assessment, Recording]) -> None:
    report = report_json(*run)

    VALIDATOR.validate(json.loads(json.dumps(report, allow_nan=False)))


@pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE.keys())
def test_whatever_a_target_writes_the_report_is_utf_8_and_fits_its_schema(text: str) -> None:
    content = json.dumps(report_json(*hostile(text)), ensure_ascii=False).encode("utf-8")

    VALIDATOR.validate(json.loads(content))


def test_the_verdict_and_the_counts_are_those_of_the_assessment() -> None:
    run = assessment(*one_of_each_verdict(), overall=Overall.NONCONFORMANT)
    report = report_json(run, Recording())

    assert ("nonconformant", run.headline) == (report["verdict"], report["headline"])
    assert report["assessed"]["MUST"] == {
        "total": 5,
        "pass": 1,
        "fail": 1,
        "inconclusive": 1,
        "not_applicable": 1,
        "error": 1,
    }
    assert report["assessed"]["MAY"]["total"] == 0


def test_a_level_without_requirements_is_counted_as_none() -> None:
    run = assessment(*one_of_each_verdict())
    report = report_json(replace(run, tallies={"MUST": run.tallies["MUST"]}), Recording())

    assert report["assessed"]["SHOULD"]["total"] == 0


def test_amounts_are_decimal_strings_as_they_were_seen() -> None:
    spend = Spend("credits", Decimal("210.0000"), Decimal("80.50"), None, play=True)

    assert report_json(assessment(spend=spend), Recording())["spend"] == {
        "unit": "credits",
        "debited": "210.0000",
        "refunded": "80.50",
        "net": "129.5000",
        "cap": None,
        "play": True,
        "tier": "play",
        "at_stake": "0",
        "stopped": None,
        "unaffordable": [],
        "left": [],
    }


def test_what_became_of_real_money_is_in_the_report() -> None:
    spend = replace(
        SPEND,
        at_stake=Decimal("80.0000"),
        stopped="a task of song-1 was charged 800, its price is 80",
        unaffordable=(("race", Decimal("150.0000")),),
        left=(LeftTask("task-1", "song-1", Decimal("80.0000")),),
    )
    shown = report_json(assessment(spend=spend), Recording())["spend"]

    assert (shown["tier"], shown["cap"], shown["at_stake"]) == ("paid", "500", "80.0000")
    assert shown["stopped"] == "a task of song-1 was charged 800, its price is 80"
    assert shown["unaffordable"] == [{"scenario": "race", "needed": "150.0000"}]
    assert shown["left"] == [{"task": "task-1", "model": "song-1", "at_stake": "80.0000"}]


def test_very_small_amounts_have_no_exponent() -> None:
    spend = Spend("credits", Decimal("1E-7"), Decimal(0), Decimal("5E+2"), play=False)
    shown = report_json(assessment(spend=spend), Recording())["spend"]

    assert (shown["debited"], shown["cap"]) == ("0.0000001", "500")


def test_a_system_without_money_has_no_spend() -> None:
    assert report_json(assessment(spend=None), Recording())["spend"] is None


def test_a_requirement_names_its_tests_and_the_exchanges_behind_its_verdict() -> None:
    sent = exchange(request(url="http://target.test/v1/songs"), answer(201))
    run = assessment(judgement(Verdict.FAIL, "expected a title, got none", "main-1"))
    entry = report_json(run, Recording(exchanges=(sent,)))["requirements"][0]

    assert entry["tests"] == [
        {
            "name": "test_songs.py::test_title",
            "verdict": "fail",
            "reason": "expected a title, got none",
            "history": [],
            "run": None,
        }
    ]
    assert entry["evidence"] == [
        {
            "exchange": "main-1",
            "name": "created",
            "method": "POST",
            "url": "http://target.test/v1/songs",
            "status": 201,
            "failure": None,
            "places": [],
        }
    ]


def test_the_history_by_which_a_model_broke_a_rule_is_told_step_by_step() -> None:
    run = assessment(played(judgement(Verdict.FAIL, "no refund"), "opened with 500 credits", "start a song"))
    (test,) = report_json(run, Recording())["requirements"][0]["tests"]

    assert test["history"] == ["opened with 500 credits", "start a song"]


def test_an_exchange_without_an_answer_says_why() -> None:
    unanswered = exchange(failure="timed out after 30 s")
    run = assessment(judgement(Verdict.FAIL, "no answer", "main-1"))
    evidence = report_json(run, Recording(exchanges=(unanswered,)))["requirements"][0]["evidence"][0]

    assert (evidence["status"], evidence["failure"]) == (None, "timed out after 30 s")


def test_an_exchange_that_the_recording_lacks_is_still_named() -> None:
    run = assessment(judgement(Verdict.PASS, "", "main-9"))
    evidence = report_json(run, Recording())["requirements"][0]["evidence"][0]

    assert (evidence["exchange"], evidence["method"]) == ("main-9", None)


def test_requirements_keep_the_order_of_the_assessment() -> None:
    ids = ["ACME-B", "ACME-A", "ACME-C"]
    run = assessment(*(judgement(Verdict.PASS, about=requirement(name)) for name in ids))

    assert ids == [entry["id"] for entry in report_json(run, Recording())["requirements"]]


def test_what_is_needed_to_run_it_again_is_in_the_report() -> None:
    report = report_json(assessment(), Recording())

    assert (FACTS.seed, FACTS.command, FACTS.run_id) == (report["seed"], report["command"], report["run"])
    assert report["duration_seconds"] == 12.346


def test_observations_are_listed_with_their_exchanges() -> None:
    seen = Observation("ACME-OBS-01", "answers 409", ("main-1",))

    assert report_json(assessment(observations=(seen,)), Recording())["observations"] == [
        {"id": "ACME-OBS-01", "text": "answers 409", "exchanges": ["main-1"]}
    ]


def test_how_much_of_the_document_was_tried_is_counted_and_the_rest_is_named() -> None:
    skipped = Untried("query:limit/type", "limit", "type", "broken", "what is sent there always is a text")
    tried = (OperationCoverage("listSongs", 3, 2, (skipped,)), OperationCoverage("getSong", 1, 1, ()))

    found = report_json(assessment(constraints=tried), Recording())["constraints"]

    assert (found["total"], found["exercised"]) == (4, 3)
    assert [(entry["operation"], entry["total"], entry["exercised"]) for entry in found["operations"]] == [
        ("listSongs", 3, 2),
        ("getSong", 1, 1),
    ]
    assert found["operations"][0]["untried"] == [
        {
            "constraint": "query:limit/type",
            "place": "limit",
            "keyword": "type",
            "side": "broken",
            "why": "what is sent there always is a text",
        }
    ]


def test_a_run_that_came_to_none_of_it_says_nothing_about_constraints() -> None:
    assert report_json(assessment(), Recording())["constraints"] is None


def test_with_what_each_operation_was_asked_is_counted_and_the_rest_is_named() -> None:
    ways = {ThingAsked.EXISTING: Reached(12, 7), ThingAsked.NEVER: Reached()}
    run = assessment(reach=(OperationReach("readShelf", "GET /shelves/{id}", ways),))

    assert report_json(run, Recording())["reach"] == [
        {
            "operation": "readShelf",
            "ways": {
                "existing": {"exchanges": 12, "accepted": 7},
                "never": {"exchanges": 0, "accepted": 0},
                "ended": None,
                "other_kind": None,
                "others": None,
            },
            "unreached": ["never"],
        }
    ]


def test_a_run_of_which_nobody_looked_says_nothing_about_reach() -> None:
    assert report_json(assessment(), Recording())["reach"] is None
