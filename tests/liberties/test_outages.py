"""What stands in front of a target may fail once, also when a request is over the limit on purpose."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.cli.runs import conformance

if TYPE_CHECKING:
    from pathlib import Path


@pytest.mark.parametrize("system, requirement", [("beatra", "BEATRA-ERROR-11"), ("minimax", "MINIMAX-ERROR-02")])
def test_a_limit_that_is_hidden_by_an_outage_is_asked_for_once_more(
    system: str, requirement: str, tmp_path: Path
) -> None:
    target = ("--app", f"tests.liberties.outages:{system}", "--factory", "--control-url", "/_control")
    run = conformance("run", *target, "--system", system, "--only", requirement, folder=tmp_path)

    judged = {entry["id"]: entry["verdict"] for entry in run.report["requirements"]}
    assert judged[requirement] == "pass", run.output
    assert "502 Bad Gateway" in (run.folder / "journal-main.jsonl").read_text("utf-8")
