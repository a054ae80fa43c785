"""Which requests are sent to a target depends on whether its money is real."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.cli.runs import KEY, conformance
from tests.cli.targets import counting

if TYPE_CHECKING:
    from pathlib import Path

    from tests.cli.runs import Sandbox

OK = 0
ENVIRONMENT = {KEY: "sk-0123456789abcdef0123456789abcdef"}


def test_a_target_with_real_money_is_only_read(tmp_path: Path) -> None:
    with counting() as (url, methods):
        run = conformance("run", url, "--examples", "2", folder=tmp_path, environment=ENVIRONMENT)

    assert set(methods) == {"GET"}
    assert run.report["spend"]["play"] is False
    assert any("the target's money is real" in entry["reason"] for entry in run.report["requirements"])


def test_what_real_money_keeps_from_being_judged_is_inconclusive_with_a_reason(served: Sandbox, tmp_path: Path) -> None:
    arguments = ("run", served.base_url, "--seed", "1", "--examples", "2")

    run = conformance(*arguments, folder=tmp_path, environment=served.environment)

    assert run.status == OK
    assert not {verdict for _, verdict in run.verdicts} & {"fail", "error"}
    assert all(entry["reason"] for entry in run.report["requirements"] if entry["verdict"] == "inconclusive")
    assert {entry["method"] for one in run.report["requirements"] for entry in one["evidence"]} == {"GET"}


def test_play_money_without_a_control_interface_is_spent_and_judged(served: Sandbox, tmp_path: Path) -> None:
    statement = f'[target]\nbase_url = "{served.base_url}"\nmoney = "play"\n'
    (tmp_path / "target.toml").write_text(statement, "utf-8")
    # Without a clock to advance, scenarios that wait for a task would take their real time.
    selection = "namespace or test_refunds or usable_key"
    arguments = ("run", "--target", "target.toml", "--examples", "2", "--", "-k", selection)

    run = conformance(*arguments, folder=tmp_path, environment=served.environment)

    assert run.status == OK
    assert not {verdict for _, verdict in run.verdicts} & {"fail", "error"}
    assert ("BEATRA-createTextToMusic-CREDENTIALS", "pass") in run.verdicts
    assert any("the target does not offer control:" in entry["reason"] for entry in run.report["requirements"])
