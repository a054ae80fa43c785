"""An account that all scenarios share: balances are compared only where nothing else can move them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from conformance.target.launch import EMBEDDED_KEYS
from tests.liberties.applications import WITH_CONTROL, having, verdicts_on

if TYPE_CHECKING:
    from pathlib import Path

APPLICATION = "tests.liberties.served:one_for_all"
BY_BALANCE = ("MONEY-01", "MONEY-10", "MONEY-11", "MONEY-12", "MONEY-15", "MONEY-16", "MONEY-19")


@pytest.mark.parametrize("exclusive, verdict", [("true", "pass"), ("false", "inconclusive")])
def test_money_is_judged_by_the_balance_of_an_exclusive_account_only(
    exclusive: str, verdict: str, tmp_path: Path
) -> None:
    statement = tmp_path / "target.toml"
    statement.write_text(f"[target]\nexclusive_account = {exclusive}\n")
    keys = {variable: f"sk-{role:0<32}" for role, variable in EMBEDDED_KEYS.items()}
    arguments = (*WITH_CONTROL, "--target", str(statement), "--api-key-env", EMBEDDED_KEYS["main"])
    verdicts = verdicts_on(
        APPLICATION,
        tmp_path,
        selected="refunds or balance or charges or reference_audio",
        arguments=arguments,
        variables=keys,
    )

    assert having(verdicts, "fail", "error") == set()
    assert {name: verdicts[f"BEATRA-{name}"] for name in BY_BALANCE} == dict.fromkeys(BY_BALANCE, verdict)
