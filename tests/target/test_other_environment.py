"""An application that is installed in another environment than the suite is run by that one's interpreter."""

from __future__ import annotations

import os
import venv
from pathlib import Path
from typing import NamedTuple

import httpx
import pytest

from conformance.target.errors import AppNotLoadableError, InterpreterWithoutAppError
from conformance.target.options import Options
from conformance.target.serve import serve_app
from conformance.target.settings import resolve_settings

# Needs a package that only that environment has, and a module of its own that is called like one of the suite's.
APPLICATION = """
import sys
import settings
import onlythere

async def app(scope, receive, send):
    if scope["type"] != "http":
        raise NotImplementedError
    said = f"{sys.prefix} {settings.NAME} {onlythere.NAME} {'conformance' in sys.modules}"
    await send({"type": "http.response.start", "status": 200, "headers": []})
    await send({"type": "http.response.body", "body": said.encode()})
"""
UVICORN_OF_ITS_OWN = "raise RuntimeError('the uvicorn of this environment')"


class Elsewhere(NamedTuple):
    """An environment without the suite and without uvicorn, by its folder and its interpreter."""

    folder: Path
    python: str

    @property
    def packages(self) -> Path:
        (found,) = self.folder.glob("[Ll]ib/**/site-packages")
        return found


@pytest.fixture
def elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Elsewhere:
    made = tmp_path / "environment"
    venv.create(made, with_pip=False)
    python = made / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
    found = Elsewhere(made, str(python))
    (found.packages / "onlythere.py").write_text("NAME = 'of that environment'", "utf-8")
    project = tmp_path / "project"
    project.mkdir()
    (project / "service.py").write_text(APPLICATION, "utf-8")
    (project / "settings.py").write_text("NAME = 'of the project'", "utf-8")
    monkeypatch.chdir(project)
    monkeypatch.delenv("PYTHONPATH", raising=False)
    return found


def problem_of(log: Path, python: str | None) -> str:
    with (
        pytest.raises(AppNotLoadableError) as caught,
        serve_app("service:app", factory=False, environment={}, log=log, python=python),
    ):
        pass
    return str(caught.value)


def test_it_is_served_without_the_suite_and_with_the_uvicorn_of_the_suite(elsewhere: Elsewhere, tmp_path: Path) -> None:
    log = tmp_path / "log"
    with serve_app("service:app", factory=False, environment={}, log=log, python=elsewhere.python) as served:
        answer = httpx.get(served.origin, trust_env=False)

    assert answer.text == f"{elsewhere.folder} of the project of that environment False"


def test_a_uvicorn_that_is_there_goes_first(elsewhere: Elsewhere, tmp_path: Path) -> None:
    (elsewhere.packages / "uvicorn.py").write_text(UVICORN_OF_ITS_OWN, "utf-8")

    assert "RuntimeError: the uvicorn of this environment" in problem_of(tmp_path / "log", elsewhere.python)


def test_nothing_else_is_lent(elsewhere: Elsewhere, tmp_path: Path) -> None:
    Path("service.py").write_text("import httpx", "utf-8")

    problem = problem_of(tmp_path / "log", elsewhere.python)

    assert "module service can't be imported: ModuleNotFoundError: No module named 'httpx' (its log: " in problem


def test_without_it_the_sentence_says_how_to_name_it(elsewhere: Elsewhere, tmp_path: Path) -> None:
    problem = problem_of(tmp_path / "log", None)

    assert "ModuleNotFoundError: No module named 'onlythere'; if it is installed in another environment" in problem
    assert "(--python PATH)" in problem


@pytest.mark.parametrize("python", ["nosuch-python", "./nosuch/bin/python", "."])
def test_what_is_no_interpreter_is_said_so(elsewhere: Elsewhere, python: str, tmp_path: Path) -> None:
    problem = problem_of(tmp_path / "log", python)

    assert problem == f"{python} is no Python interpreter that can be started (--python)."


def test_an_interpreter_is_for_an_application() -> None:
    with pytest.raises(InterpreterWithoutAppError, match="of an --app, and none was given"):
        resolve_settings(Options(python="python3"), {})
