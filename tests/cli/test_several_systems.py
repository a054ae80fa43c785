"""Two systems side by side, in a copy of the project to which a second one was added by its folders alone."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from typing import TYPE_CHECKING, Final

import pytest

from tests.cli.runs import CHECKOUT

if TYPE_CHECKING:
    from pathlib import Path

OLD, NEW = "beatra", "second"
SYSTEMS: Final = [*sorted(path.parent.name for path in (CHECKOUT / "specs").glob("*/conventions.yaml")), NEW]
FOLDERS: Final = ("specs/{}", "conformance/suite/{}", "conformance/mutants/{}")
USAGE_ERROR: Final = 2
# One that the first system has, and one of every system.
SOME_TESTS: Final = ("--", "-k", "test_an_unknown_path or test_requests_without_a_usable_key")


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The project with a second system: the first one under another name, whose scenarios have the same names."""
    root = tmp_path_factory.mktemp("project")
    for name in ("conformance", "specs", "tools", "docs"):
        shutil.copytree(CHECKOUT / name, root / name, ignore=shutil.ignore_patterns("__pycache__"))
    for folder in FOLDERS:
        added = root / folder.format(NEW)
        shutil.copytree(root / folder.format(OLD), added)
        for file in filter(lambda path: path.suffix in {".py", ".yaml", ".json"}, added.rglob("*")):
            file.write_text(renamed(file.read_text("utf-8")), "utf-8")
    # Its requirements bear another name, so that no version of it is released.
    (root / "specs" / NEW / "versions.json").unlink()
    for system in (OLD, NEW):
        conventions = root / "specs" / system / "conventions.yaml"
        conventions.write_text(conventions.read_text("utf-8").replace("default: true\n", ""), "utf-8")
    return root


def renamed(text: str) -> str:
    """What is said of the first system, said of the second one; the reference stays the same."""
    kept = text.replace(f"conformance.reference.{OLD}", "conformance.reference.\0")
    return kept.replace(OLD, NEW).replace(OLD.upper(), NEW.upper()).replace("\0", OLD)


def python(project: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "PYTHONPATH": str(project), "COLUMNS": "300"}
    command = [sys.executable, *arguments]
    return subprocess.run(command, cwd=project, env=environment, capture_output=True, text=True, check=False)


def test_every_system_with_an_embedded_implementation_is_certified(project: Path, tmp_path: Path) -> None:
    done = python(project, "tools/certify-references", "--report-dir", str(tmp_path), *SOME_TESTS)

    assert done.returncode == 0, done.stdout + done.stderr
    reports = [json.loads(report.read_text("utf-8")) for report in tmp_path.glob("*/report.json")]
    passed = {entry["id"] for report in reports for entry in report["requirements"] if entry["verdict"] == "pass"}
    assert {f"{OLD.upper()}-ERROR-07", f"{NEW.upper()}-ERROR-07"} <= passed
    assert len(reports) == len(SYSTEMS)


def test_whose_embedded_implementation_is_meant_is_asked_in_one_sentence(project: Path) -> None:
    done = python(project, "-m", "conformance", "run")

    assert done.returncode == USAGE_ERROR
    assert f"Say with --system whose embedded implementation is meant: {', '.join(SYSTEMS)}." in done.stderr
    assert "Traceback" not in done.stderr


def test_the_mutants_of_every_system_are_in_the_kill_matrix(project: Path) -> None:
    python(project, "-m", "conformance.mutants.matrix", "--only", "param-dotted", "-n", "1")

    for system in (OLD, NEW):
        matrix = json.loads((project / "specs" / system / "kill-matrix.json").read_text("utf-8"))
        (row,) = (row for row in matrix["mutants"] if row["id"] == "param-dotted")
        assert (row["system"], row["killed"]) == (system, True)
