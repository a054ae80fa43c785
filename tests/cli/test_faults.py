"""`conformance faults`, `serve --fault` and `demo`: the implementation with a fault, and the suite that finds it."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING
from urllib.parse import urlsplit
from urllib.request import url2pathname

import pytest
from click.testing import CliRunner

from conformance.cli.main import main
from conformance.contract.contract import load_contract
from conformance.target.embedded import faults_of
from tests.cli.runs import CHECKOUT, conformance, started

if TYPE_CHECKING:
    from pathlib import Path

OK, USAGE = 0, 2
FAULTS = faults_of(load_contract("beatra").conventions)
BASE_PATH_MOVED = next(fault for fault in FAULTS.by_id.values() if fault.base_path is not None)


def said(*arguments: str, status: int = OK) -> str:
    result = CliRunner().invoke(main, arguments)
    assert result.exit_code == status, result.output
    return result.output


def test_every_fault_is_listed_with_what_it_breaks_and_its_story() -> None:
    lines = said("faults", "--system", "beatra").splitlines()

    listed = {tuple(line.split()): story.strip() for line, story in zip(lines[::2], lines[1::2], strict=True)}
    assert listed == {(fault.id, fault.breaks): fault.story for fault in FAULTS.by_id.values()}


def test_the_list_can_be_narrowed_to_a_requirement() -> None:
    lines = said("faults", "--system", "beatra", "--breaks", "BEATRA-MONEY-10").splitlines()

    assert lines[::2]
    assert all(line.endswith("BEATRA-MONEY-10") for line in lines[::2])


def test_a_requirement_that_no_fault_breaks_is_said_in_one_sentence() -> None:
    assert "No fault breaks BEATRA-NOTHING" in said("faults", "--breaks", "BEATRA-NOTHING", status=USAGE)


@pytest.mark.parametrize("command", [("demo",), ("serve", "--fault")])
def test_an_unknown_fault_gets_the_nearest_known_one(command: tuple[str, ...]) -> None:
    answer = said(*command, f"{FAULTS.demo}s", status=USAGE)

    assert f"There is no fault '{FAULTS.demo}s'. Did you mean {FAULTS.demo}?" in answer


def test_a_sandbox_with_a_fault_says_which_and_where_it_is(tmp_path: Path) -> None:
    process = started(["serve", "--port", "0", "--fault", BASE_PATH_MOVED.id], tmp_path)
    try:
        told = process.lines(5)
    finally:
        process.terminate()
        process.communicate(timeout=30)

    assert f"{BASE_PATH_MOVED.id}, breaks {BASE_PATH_MOVED.breaks}: {BASE_PATH_MOVED.story}" in told
    assert urlsplit(re.findall(r"http://\S+", told)[0]).path == BASE_PATH_MOVED.base_path


def sample_of_readme() -> list[str]:
    """The lines that the README shows of the demo."""
    lines = (CHECKOUT / "README.md").read_text("utf-8").splitlines()
    first = next(number for number, line in enumerate(lines) if line.startswith("    nonconformant"))
    after = next(number for number, line in enumerate(lines) if number > first and line and not line.startswith("    "))
    return [line.removeprefix("    ") for line in lines[first:after]]


def pattern_of(line: str) -> str:
    """What a line may look like in another run: names of tasks, ports, balances and counts are others."""
    kept = re.split(r"(?:tsk_)?[0-9a-f]*[0-9][0-9a-f.]*|…", line)
    return f"^{'.*'.join(map(re.escape, kept))}$"


def test_the_demo_finds_its_fault_and_says_where_the_report_tells_of_it(tmp_path: Path) -> None:
    run = conformance("demo", "--no-open", folder=tmp_path)
    place = urlsplit(run.output.split()[-1])
    broken = FAULTS[FAULTS.demo].breaks

    assert run.status == OK
    assert f"{broken} is broken, and the run found it" in run.output
    assert place.fragment == broken
    assert url2pathname(place.path) == str(run.folder / "index.html")
    assert f'id="{broken}"' in (run.folder / "index.html").read_text("utf-8")
    assert {name for name, verdict in run.verdicts if verdict == "fail"} == {broken}
    assert [line for line in sample_of_readme() if not re.search(pattern_of(line), run.output, re.MULTILINE)] == []
