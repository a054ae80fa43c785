"""A target that is no implementation of the contract never comes out conformant."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from tests.cli.runs import KEY, conformance

if TYPE_CHECKING:
    from pathlib import Path

    from tests.cli.runs import Finished, Sandbox

NONCONFORMANT, INCONCLUSIVE = 1, 5
# What a part of the suite finds nonconformant, the whole of it does too.
# So many operations may each be a page before the rest is taken for none of the API.
MOST_LOOKED_AT = 4
SELECTION = "test_generated or namespace"


def run_against(name: str, folder: Path) -> Finished:
    environment = {KEY: "sk-0123456789abcdef0123456789abcdef"}
    arguments = ("--app", f"tests.cli.targets:{name}", "--seed", "1", "--examples", "2", "--", "-k", SELECTION)
    return conformance("run", *arguments, folder=folder, environment=environment)


@pytest.mark.parametrize("name", ["empty_object", "empty_list", "broken", "raising"])
def test_what_answers_the_same_to_everything_is_nonconformant(name: str, tmp_path: Path) -> None:
    run = run_against(name, tmp_path)

    assert run.status == NONCONFORMANT
    assert run.report["verdict"] == "nonconformant"
    assert "error" not in {verdict for _, verdict in run.verdicts}
    assert "Traceback" not in run.output


def test_what_has_none_of_the_operations_is_told_so_at_once(tmp_path: Path) -> None:
    run = run_against("not_found", tmp_path)

    assert run.status == INCONCLUSIVE
    assert "No documented operation answers below " in run.output
    assert {verdict for _, verdict in run.verdicts} == {"inconclusive"}


@pytest.mark.parametrize("name", ["html", "no_content"])
def test_what_answers_no_json_is_told_so_at_once(name: str, tmp_path: Path) -> None:
    run = run_against(name, tmp_path)

    assert run.status in (NONCONFORMANT, INCONCLUSIVE)
    assert "The target does not speak JSON: GET /tasks at " in run.output
    assert run.report["verdict"] in ("nonconformant", "inconclusive")
    assert run.report["exchanges"] <= MOST_LOOKED_AT
    assert "Traceback" not in run.output


def test_one_operation_that_shows_a_page_hides_no_other(tmp_path: Path) -> None:
    answered = {"200": {"description": "it", "content": {"application/json": {"schema": {"type": "object"}}}}}
    paths = {path: {"get": {"operationId": path[1:], "responses": answered}} for path in ("/first", "/second")}
    document = {"openapi": "3.1.0", "info": {"title": "Pages", "version": "1"}, "paths": paths}
    (tmp_path / "openapi.json").write_text(json.dumps(document), "utf-8")

    run = conformance("run", "--app", "tests.cli.targets:moved_first", "--spec", "openapi.json", folder=tmp_path)

    verdicts = dict(run.verdicts)
    assert verdicts["PAGES-first-CONFORMS"] == "fail"
    assert verdicts["PAGES-second-CONFORMS"] == "pass"


def test_what_refuses_every_key_is_told_so_at_once(tmp_path: Path) -> None:
    run = run_against("unauthorized", tmp_path)

    assert run.status in (NONCONFORMANT, INCONCLUSIVE)
    assert "The target refuses the key at once: GET /tasks at " in run.output
    assert run.report["exchanges"] == 1
    assert "Traceback" not in run.output


def test_an_implementation_that_refuses_the_key_leaves_the_run_inconclusive(served: Sandbox, tmp_path: Path) -> None:
    environment = {KEY: "sk-0123456789abcdef0123456789abcdef"}

    run = conformance("run", served.base_url, folder=tmp_path, environment=environment)

    assert run.status == INCONCLUSIVE
    assert "The target refuses the key at once: GET /tasks at " in run.output
    assert run.report["verdict"] == "inconclusive"
    assert "Traceback" not in run.output


def test_a_target_without_a_key_is_not_asked_anything(served: Sandbox, tmp_path: Path) -> None:
    run = conformance("run", served.base_url, folder=tmp_path)

    assert run.status == INCONCLUSIVE
    assert "CONFORMANCE_API_KEY is not set, and openapi.yaml asks for a key (--api-key-env" in run.output
    assert run.report["exchanges"] == 0
