"""The suite stays silent: no requirement fails on a reference that takes liberties, alone or several at once."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest

from conformance.contract.files import known_systems, system_folder
from conformance.contract.liberties import LIBERTIES_FILE, load_liberties
from conformance.contract.matrices import WAYS
from conformance.liberties.combining import draw_combinations
from conformance.liberties.selecting import selection_near
from conformance.liberties.tolerating import LONGEST_RUN_SECONDS
from conformance.liberties.trials import liberty_trials
from conformance.mutants.laboratory import carry_out
from conformance.mutants.shares import share_of
from conformance.plugin.outcomes import register_markers

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

# Names a share (3/8: every eighth), because all of them take many minutes.
SHARE = os.environ.get("CONFORMANCE_LIBERTIES", "")
SYSTEMS = [name for name in known_systems() if (system_folder(name) / LIBERTIES_FILE).exists()]
WITH_PLAY_MONEY, WITH_A_CAP, *_ = WAYS


@pytest.fixture(scope="module", autouse=True)
def marks_are_known(request: pytest.FixtureRequest) -> None:
    """Let the modules of the suite be imported outside of a conformance run."""
    register_markers(request.config)


def sets_of(system: str) -> Iterator[tuple[str, tuple[str, ...]]]:
    liberties = load_liberties(system)
    for names in [*((liberty.id,) for liberty in liberties), *draw_combinations(liberties)]:
        yield system, names


ALL = [entry for system in SYSTEMS for entry in sets_of(system)]


@pytest.mark.parametrize(
    "system, names", share_of(ALL, SHARE), ids=lambda value: value if isinstance(value, str) else "+".join(value)
)
def test_no_requirement_fails(system: str, names: tuple[str, ...], tmp_path: Path) -> None:
    touched = {requirement for name in names for requirement in load_liberties(system)[name].touches}

    with liberty_trials(system) as trials:
        trial = trials.of(names, WITH_PLAY_MONEY, tmp_path, selection_near(system, touched))
        verdicts = carry_out(trial, LONGEST_RUN_SECONDS).verdicts

    assert {name: verdict for name, verdict in verdicts.items() if verdict in ("fail", "error")} == {}
    assert "pass" in verdicts.values(), "Silence says nothing where nothing is judged."


def test_a_run_with_a_cap_judges_what_can_be_bought_and_stays_silent_too(tmp_path: Path) -> None:
    with liberty_trials("beatra") as trials:
        trial = trials.of(("nulls-left-out",), WITH_A_CAP, tmp_path, "test_listing or test_tasks or test_errors")
        verdicts = carry_out(trial).verdicts

    assert {"fail", "error"}.isdisjoint(verdicts.values())
    assert verdicts["BEATRA-STATUS-03"] == "pass"
