"""A target whose clock nobody moves is judged by keys that earlier runs planted."""

from __future__ import annotations

import json
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

import httpx
import pytest

from tests.cli.runs import KEY, conformance, sandbox

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.cli.runs import Finished, Sandbox

WITHIN, AFTER = "BEATRA-IDEMPOTENCY-10", "BEATRA-IDEMPOTENCY-11"
AT_ONCE = {"CONFORMANCE_REFERENCE_QUEUED_SECONDS": "0", "CONFORMANCE_REFERENCE_RUNNING_SECONDS": "0"}
MOMENTS = ("sent_at", "answered_at", "target_date")


@pytest.fixture
def target(tmp_path: Path) -> Iterator[Sandbox]:
    """A reference whose control interface the runs are not told of."""
    with sandbox(tmp_path, AT_ONCE) as running:
        (tmp_path / "target.toml").write_text(f'[target]\nbase_url = "{running.base_url}"\nmoney = "play"\n', "utf-8")
        yield running


def run(target: Sandbox, folder: Path, name: str) -> Finished:
    (folder / name).mkdir()
    arguments = ["--target", "../target.toml", "--probes", "../probes.json", "--", "-k", "24_hours"]
    return conformance("run", *arguments, folder=folder / name, environment=target.environment)


def planted(folder: Path) -> list[dict[str, str]]:
    found: list[dict[str, str]] = json.loads((folder / "probes.json").read_text("utf-8"))["probes"]
    return found


def grow_older(folder: Path, hours: int) -> None:
    """Let the file say that everything was planted so many hours earlier."""
    content = json.loads((folder / "probes.json").read_text("utf-8"))
    for probe in content["probes"]:
        for name in MOMENTS:
            probe[name] = (datetime.fromisoformat(probe[name]) - timedelta(hours=hours)).isoformat()
    (folder / "probes.json").write_text(json.dumps(content), "utf-8")


def verdicts(finished: Finished) -> dict[str, str]:
    return {name: verdict for name, verdict in finished.verdicts if name in (WITHIN, AFTER)}


def test_the_first_run_plants_a_key_and_cancels_its_task(target: Sandbox, tmp_path: Path) -> None:
    first = run(target, tmp_path, "first")

    assert verdicts(first) == {WITHIN: "inconclusive", AFTER: "inconclusive"}
    (probe,) = planted(tmp_path)
    task = httpx.get(
        f"{target.base_url}/tasks/{probe['task_id']}", headers={"Authorization": f"Bearer {target.environment[KEY]}"}
    ).json()
    assert task["status"] in {"canceled", "succeeded"}
    assert target.environment[KEY] not in (tmp_path / "probes.json").read_text("utf-8")


def test_a_key_of_less_than_a_day_is_used_again_and_another_one_planted(target: Sandbox, tmp_path: Path) -> None:
    run(target, tmp_path, "first")
    (old,) = planted(tmp_path)
    grow_older(tmp_path, hours=20)

    second = run(target, tmp_path, "second")

    assert verdicts(second) == {WITHIN: "pass", AFTER: "inconclusive"}
    (new,) = planted(tmp_path)
    assert new["key"] != old["key"]


@pytest.mark.parametrize("hours, verdict", [(50, "pass"), (0, "fail")])
def test_a_key_of_more_than_two_days_must_be_forgotten(
    target: Sandbox, tmp_path: Path, hours: int, verdict: str
) -> None:
    run(target, tmp_path, "first")
    grow_older(tmp_path, hours=50)
    headers = {"Authorization": f"Bearer {target.environment[KEY]}"}
    httpx.post(f"{target.control_url}/clock", json={"advance_seconds": hours * 3600}, headers=headers)

    second = run(target, tmp_path, "second")

    assert verdicts(second) == {WITHIN: "inconclusive", AFTER: verdict}


def test_a_key_of_about_a_day_is_kept_for_a_later_run(target: Sandbox, tmp_path: Path) -> None:
    run(target, tmp_path, "first")
    grow_older(tmp_path, hours=24)

    second = run(target, tmp_path, "second")

    assert verdicts(second) == {WITHIN: "inconclusive", AFTER: "inconclusive"}
    assert len(planted(tmp_path)) == 2


def test_a_file_of_another_kind_ends_the_run_before_it_begins(target: Sandbox, tmp_path: Path) -> None:
    (tmp_path / "probes.json").write_text("{}", "utf-8")

    refused = run(target, tmp_path, "first")

    assert refused.status == 2
    assert "no file of planted keys" in refused.output
    assert "Traceback" not in refused.output
