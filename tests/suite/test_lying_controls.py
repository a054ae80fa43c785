"""A control interface that does not do what it says makes requirements inconclusive; no API is blamed for it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import pytest

from conformance.mutants.base import DRAWN_EXAMPLES, TRIAL_SEED
from tests.cli.runs import judged
from tests.suite.control_liars import LIES, VARIABLE

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from tests.cli.runs import Finished

SENTENCES: Final[Mapping[str, str]] = {
    "clock": "The control interface offers clock, but a clock that was put ahead by 60 s moved by 0 s.",
    "half-the-clock": "The control interface offers clock, but a clock that was put ahead by 60 s moved by 30 s.",
    "wallet": "The control interface offers wallet, but a balance that was set to 12.3456 shows as 0.0000.",
    "usual-balance": "offers tenants/balance, but an account that was opened with 12.3456 shows 1000.0000.",
    "rate-limit": "the rate limit was set, but a request got 200",
    "one-account": "The control interface opened an account that it had opened before.",
}


def run_against(lie: str, folder: Path) -> Finished:
    environment = {VARIABLE: lie}
    if "clock" in lie:
        # Tasks are waited for.
        environment |= {f"CONFORMANCE_REFERENCE_{state}_SECONDS": "0.5" for state in ("QUEUED", "RUNNING")}
    application = ("--app", "tests.suite.control_liars:create_app", "--factory", "--control-url", "/_control")
    # The fork server has drawn these requests ahead, which takes longer than to send a few more of them.
    options = ("--seed", str(TRIAL_SEED), "--examples", str(DRAWN_EXAMPLES), "--no-heavy")
    return judged(*application, *options, folder=folder, environment=environment)


@pytest.mark.parametrize("lie", LIES)
def test_a_lie_of_the_control_interface_is_no_fault_of_the_api(lie: str, tmp_path: Path) -> None:
    run = run_against(lie, tmp_path)

    verdicts = {verdict for _, verdict in run.verdicts}
    assert not verdicts & {"fail", "error"}, run.output
    assert SENTENCES.get(lie, "") in run.output
    # What can be done without the lie is judged.
    assert ("pass" in verdicts) is (lie != "one-account")
