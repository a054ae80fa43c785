"""Which runs a run is compared with: those before it, of the same target, as a whole."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from conformance.plugin.earlier_runs import runs_before
from conformance.plugin.manifest import RUN_FILE, keep
from tests.plugin.test_manifest import settings_in
from tests.report.compare.past import PASS, said, stored

if TYPE_CHECKING:
    from pathlib import Path


def run(reports: Path, name: str, **more: Any) -> Path:  # noqa: ANN401 - any setting
    folder = stored(reports / name, said("A", PASS), started_at=name)
    keep(settings_in(folder, **more), strict=False)
    return folder


def before(reports: Path, **more: Any) -> list[str]:  # noqa: ANN401 - any setting
    """The runs that run-5 is compared with."""
    return [found.started_at for found in runs_before(settings_in(reports / "run-5", **more))]


def test_runs_of_the_same_target_are_read_from_the_oldest_to_the_newest(tmp_path: Path) -> None:
    for name in ("run-2", "run-1", "run-7"):
        run(tmp_path, name)

    assert before(tmp_path) == ["run-1", "run-2"]


def test_another_application_or_document_is_another_target(tmp_path: Path) -> None:
    run(tmp_path, "run-1", app="shop:app")
    run(tmp_path, "run-2", app="other:app")
    run(tmp_path, "run-3", spec="openapi.yaml")

    assert before(tmp_path, app="shop:app") == ["run-1"]


def test_a_run_of_a_part_is_none_to_compare_with(tmp_path: Path) -> None:
    run(tmp_path, "run-1", only=("ACME-A",))
    run(tmp_path, "run-2", next_cause=True)
    run(tmp_path, "run-3", repeats=str(tmp_path / "run-1"))

    assert before(tmp_path) == []


def test_damaged_runs_are_passed_over(tmp_path: Path) -> None:
    (run(tmp_path, "run-1") / "report.json").write_text("{")
    (run(tmp_path, "run-2") / RUN_FILE).unlink()
    (run(tmp_path, "run-3") / RUN_FILE).write_text("[]")
    run(tmp_path, "run-4")

    assert before(tmp_path) == ["run-4"]


def test_only_the_last_runs_are_read(tmp_path: Path) -> None:
    for number in range(15):
        run(tmp_path, f"run-4.{number:02}")

    assert before(tmp_path) == [f"run-4.{number:02}" for number in range(4, 15)]


def test_a_run_has_its_verdicts_and_the_way_to_its_page(tmp_path: Path) -> None:
    (run(tmp_path, "run-1") / "index.html").write_text("")
    (found,) = runs_before(settings_in(tmp_path / "run-5"))

    assert (found.verdicts, found.page) == ({"ACME-A": PASS}, "../run-1/index.html")
