"""Runs of different systems beside each other: lined up by what the conventions of each name as shared."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

from conformance.contract.contract import load_contract
from conformance.contract.files import known_systems
from conformance.report.compare.read import read_run
from conformance.report.compare.table import matrix_page
from conformance.report.errors import IncomparableRunsError
from conformance.verdicts.model import Judgement
from tests.report.compare.past import FAIL, PASS, stored
from tests.report.factory import requirement

if TYPE_CHECKING:
    from pathlib import Path

    from conformance.verdicts.model import Verdict

STREAMS, POLLS = "MINIMAX-STREAM-01", "BEATOVEN-TASK-01"
_ROWS = re.compile(r'<tr class="surface"><th[^>]*>(.*?)</th>(.*?)</tr>', re.DOTALL)
_CELLS = re.compile(r"<td[^>]*>(.*?)</td>")


def run_of(folder: Path, system: str, name: str, verdict: Verdict) -> Path:
    return stored(folder, Judgement(requirement(name), verdict, "", ()), system=system)


def summaries(page: str) -> dict[str, list[str]]:
    """The cells of the rows that sum capabilities up."""
    return {name: _CELLS.findall(cells) for name, cells in _ROWS.findall(page)}


def test_runs_of_different_systems_are_lined_up_by_capability(tmp_path: Path) -> None:
    one = run_of(tmp_path / "one", "minimax", STREAMS, PASS)
    two = run_of(tmp_path / "two", "beatoven", POLLS, FAIL)

    page = matrix_page([read_run(one), read_run(two)], tmp_path)

    assert "minimax, beatoven: 2 runs compared" in page
    found = summaries(page)
    assert (found["streaming"], found["poll"]) == (["1 of 1", "none"], ["none", "0 of 1"])


def test_a_system_that_is_not_known_is_lined_up_with_none(tmp_path: Path) -> None:
    one = run_of(tmp_path / "one", "minimax", STREAMS, PASS)
    two = run_of(tmp_path / "two", "another", "ANOTHER-THING-01", PASS)

    with pytest.raises(IncomparableRunsError, match="Only runs of one system can be compared"):
        matrix_page([read_run(one), read_run(two)], tmp_path)


@pytest.mark.parametrize("system", known_systems())
def test_every_system_names_what_it_shares_with_others(system: str) -> None:
    capabilities = {name: set(load_contract(name).conventions.capabilities) for name in known_systems()}
    others = set[str]().union(*(names for name, names in capabilities.items() if name != system))

    assert capabilities[system] & others >= {"create", "formats", "errors"}
