"""Every mutant is killed: the requirement that it breaks fails, and nothing else but what its declaration names."""

from __future__ import annotations

import json
import os
import re
from contextlib import ExitStack
from functools import cache
from typing import TYPE_CHECKING, Any

import pytest

from conformance.mutants.laboratory import carry_out
from conformance.mutants.shares import share_of
from conformance.mutants.trials import Trials, trials_of
from tests.mutants.catalogues import CATALOGUES

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from conformance.mutants.base import Mutant

# What pytest shows of an assertion and of objects means nothing to a person who reads a report.
PYTESTS_ACCOUNT = re.compile(r"^assert |\+  where|\w+\(\w+=| object at 0x|Error$|Mismatch$", re.MULTILINE)
# Names a share of the mutants (3/8: every eighth), because all of them take minutes.
SHARE = os.environ.get("CONFORMANCE_MUTANTS", "")
ALL = [(system, mutant) for system, mutants in CATALOGUES.items() for mutant in mutants.values()]


@pytest.fixture(scope="session")
def trials() -> Iterator[Callable[[str], Trials]]:
    """The trials of a system, prepared when the first of its mutants is tried."""
    with ExitStack() as prepared:
        yield cache(lambda system: prepared.enter_context(trials_of(system, reports_failures=True)))


@pytest.mark.parametrize("system, mutant", share_of(ALL, SHARE), ids=lambda part: getattr(part, "id", part))
def test_a_mutant_fails_the_requirement_that_it_breaks_and_no_other(
    system: str, mutant: Mutant, tmp_path: Path, trials: Callable[[str], Trials]
) -> None:
    verdicts = carry_out(trials(system).of_mutant(mutant, tmp_path)).verdicts

    assert [name for name, verdict in verdicts.items() if verdict == "error"] == []
    assert {name for name, verdict in verdicts.items() if verdict == "fail"} == {mutant.breaks, *mutant.consequences}
    told = list(_failed(tmp_path))
    assert {failed["id"] for failed in told} == {mutant.breaks, *mutant.consequences}
    for failed in told:
        assert not PYTESTS_ACCOUNT.search(failed["reason"]), failed
        assert failed["evidence"], failed
        assert [place for shown in failed["evidence"] for place in shown["places"]], failed
        assert "curl -sS" in _row(tmp_path, failed["id"]), failed


def _row(folder: Path, requirement: str) -> str:
    """What the page shows of a requirement."""
    (page,) = folder.glob("*/index.html")
    return page.read_text("utf-8").partition(f'<div class="body" id="{requirement}">')[2].partition("</article>")[0]


def _failed(folder: Path) -> Iterator[dict[str, Any]]:
    """What the report says of each requirement that fails."""
    (report,) = folder.glob("*/report.json")
    content = json.loads(report.read_text("utf-8"))
    yield from (entry for entry in content["requirements"] if entry["verdict"] == "fail")
