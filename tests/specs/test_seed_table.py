"""The table of the collected documents' lines is complete: no line is without a requirement or a reason."""

from __future__ import annotations

import hashlib
import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from conformance.contract.files import known_systems
from tests.specs.contents import raw, written_ids

if TYPE_CHECKING:
    from collections.abc import Iterator

each_system = pytest.mark.parametrize("system", known_systems())


def files_of(system: str) -> list[dict[str, Any]]:
    """The files in the table of a system."""
    found: list[dict[str, Any]] = raw("seeds.yaml", system)["files"]
    return found


each_file = pytest.mark.parametrize(
    "entry",
    [pytest.param(entry, id=f"{system} {entry['file']}") for system in known_systems() for entry in files_of(system)],
)


def collected(name: str) -> Path:
    """The collected document of that name, where this machine has it; otherwise the test is skipped."""
    beside = Path(__file__).resolve().parents[3] / "shared" / "seeds"
    path = Path(os.environ.get("CONFORMANCE_SEEDS") or beside) / name
    if not path.is_file():
        pytest.skip("the collected documents are not here; CONFORMANCE_SEEDS names their folder")
    return path


def lines(entry: dict[str, Any]) -> Iterator[tuple[int, str, set[str]]]:
    """Number, digest and requirements of each line that the table has of a file."""
    for group in entry["groups"]:
        for number, digest in enumerate(group["sha256"], group["first"]):
            yield number, digest, set(group.get("requirements", ()))


def requirements_by_line(system: str) -> dict[str, set[str]]:
    """The requirements that the table gives for each line, as `file:number`."""
    return {f"{entry['file']}:{number}": names for entry in files_of(system) for number, _, names in lines(entry)}


@each_file
def test_lines_are_numbered_from_one_to_the_last_without_a_gap(entry: dict[str, Any]) -> None:
    assert [number for number, _, _ in lines(entry)] == list(range(1, entry["lines"] + 1))


@each_file
def test_digests_are_those_of_the_collected_lines(entry: dict[str, Any]) -> None:
    content = collected(entry["file"]).read_bytes()
    collected_lines = content.removesuffix(b"\n").split(b"\n")

    assert hashlib.sha256(content).hexdigest() == entry["sha256"]
    assert [hashlib.sha256(line).hexdigest() for line in collected_lines] == [d for _, d, _ in lines(entry)]


@each_system
def test_files_are_listed_once(system: str) -> None:
    names = [entry["file"] for entry in files_of(system)]

    assert sorted(set(names)) == names


@each_system
def test_lines_name_requirements_that_exist(system: str) -> None:
    assert set[str]().union(*requirements_by_line(system).values()) <= set(written_ids(system))


@each_system
def test_requirements_that_name_a_line_are_on_it(system: str) -> None:
    table = requirements_by_line(system)
    missing = [
        (entry["id"], source["seed"])
        for entry in raw("requirements.yaml", system)["requirements"]
        for source in entry["sources"]
        if "seed" in source and entry["id"] not in table.get(source["seed"], ())
    ]

    assert missing == []
