"""Other projects' pytest runs do not notice that the plugin is installed."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from tests.cli.runs import LEAN, pytest_run

if TYPE_CHECKING:
    from pathlib import Path

    from tests.cli.runs import Sandbox

OK = 0
CONFTEST = """
def pytest_addoption(parser):
    for name in ("--api-key", "--app", "--seed", "--target", "--system", "--examples", "--report-dir", "--workers"):
        parser.addoption(name, default=name)
    parser.addoption("--strict-api", action="store_true")

def pytest_configure(config):
    config.addinivalue_line("markers", "requirement(id): a marker of this project")
"""
TESTS = """
import pytest

@pytest.fixture
def contract():
    return "a fixture of this project"

@pytest.mark.requirement("R1")
def test_own_options_and_markers_are_untouched(request, contract):
    assert request.config.getoption("--api-key") == "key"
    assert request.config.getoption("--seed") == "seven"
    assert request.config.getoption("--app") == "--app"
    assert request.config.getoption("--strict-api")
    assert contract == "a fixture of this project"
"""
INI = """
[pytest]
addopts = --strict-markers --strict-config --api-key key --seed seven --strict-api
xfail_strict = true
filterwarnings = error
"""
SHOWING = """
import json, pathlib, sys

def pytest_unconfigure():
    pathlib.Path("modules.json").write_text(json.dumps(sorted(sys.modules)))
"""
HEAVY = {
    *("av", "schemathesis", "hypothesis", "httpx", "h11", "starlette", "uvicorn", "jsonschema_rs", "openapi_core"),
    *("yaml", "jinja2", "requests", "trustme", "sqlite3", "click"),
}
# The table of options, and the rooms that it stands in.
OURS = {
    *("conformance", "conformance.plugin", "conformance.plugin.entry"),
    *("conformance.suite", "conformance.contract", "conformance.contract.pricing"),
    *("conformance.target", "conformance.target.kinds", "conformance.target.errors", "conformance.target.headers"),
    *("conformance.target.options", "conformance.target.target_options", "conformance.target.urls"),
}


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A project with options, markers, fixtures and a strict configuration of its own."""
    (tmp_path / "conftest.py").write_text(CONFTEST, "utf-8")
    (tmp_path / "test_own.py").write_text(TESTS, "utf-8")
    (tmp_path / "pytest.ini").write_text(INI, "utf-8")
    return tmp_path


@pytest.mark.parametrize("workers", ["0", "2"])
def test_a_project_with_options_of_the_same_names_runs_as_before(workers: str, project: Path) -> None:
    run = pytest_run("-n", workers, folder=project, environment=LEAN)

    assert run.status == OK, run.output
    assert "1 passed" in run.output
    assert not run.reports.exists()


def test_a_project_may_run_the_suite_beside_its_own_strict_configuration(project: Path, served: Sandbox) -> None:
    target = ("--base-url", served.base_url, "--conformance-control-url", served.control_url)
    arguments = ("--pyargs", "conformance.suite", "-k", "namespace", "--rootdir", ".", "-c", "pytest.ini")
    own = ("-o", "addopts=--strict-markers --strict-config")

    run = pytest_run(*arguments, *own, *target, folder=project, environment=served.environment)

    assert run.status == OK, run.output
    assert "2 passed" in run.output or run.report["assessed"]["MUST"]["pass"] > 0


def test_nothing_heavy_is_imported_unless_the_suite_is_selected(tmp_path: Path) -> None:
    (tmp_path / "showing.py").write_text(SHOWING, "utf-8")
    (tmp_path / "test_nothing.py").write_text("def test_nothing():\n    pass\n", "utf-8")

    run = pytest_run("-p", "showing", folder=tmp_path, environment={**LEAN, "PYTHONPATH": str(tmp_path)})

    modules = json.loads((tmp_path / "modules.json").read_text("utf-8"))
    assert run.status == OK
    assert {name for name in modules if name.partition(".")[0] == "conformance"} == OURS
    assert not HEAVY & set(modules)
