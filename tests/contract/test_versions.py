"""A released version of a contract stays as it is; what is new is yet to come, and what asks for less says why."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from conformance.contract.contract import load_contract
from conformance.contract.errors import InvalidContractError, UnknownVersionError
from conformance.contract.files import known_systems, system_folder
from conformance.contract.versions import Loosening, Versions, as_text, drift, frozen_as, versions_of
from tests.report.factory import requirement

if TYPE_CHECKING:
    from pathlib import Path

OLD = requirement("ACME-TASK-01", statement="A task has an id.")
NEW = replace(requirement("ACME-TASK-02", statement="A task has an end."), since="1.1")
GONE = replace(requirement("ACME-TASK-03", statement="A task has a colour."), until="1.0")
RELEASED = frozen_as("1.0", (OLD, GONE))
VERSIONS = Versions("1.1", (RELEASED,))


@pytest.mark.parametrize("system", known_systems())
def test_what_was_released_is_what_it_was(system: str) -> None:
    versions = load_contract(system).versions
    assert versions is not None

    for frozen in versions.frozen:
        assert drift(frozen, load_contract(system, frozen.version).registry) == ()


@pytest.mark.parametrize("system", known_systems())
def test_every_version_is_a_contract_of_its_own(system: str) -> None:
    versions = load_contract(system).versions
    assert versions is not None

    assert [load_contract(system, name).conventions.contract_version for name in versions.known] == [*versions.known]


def test_a_run_judges_by_the_newest_version_that_was_released() -> None:
    assert VERSIONS.picked(None) == "1.0"
    assert Versions("2.0").picked(None) == "2.0"


def test_next_is_the_version_that_the_files_describe() -> None:
    assert VERSIONS.picked("next") == "1.1"
    assert VERSIONS.picked("1.1") == "1.1"


def test_another_version_is_refused_with_those_that_there_are() -> None:
    with pytest.raises(
        UnknownVersionError, match=r"There is no contract version '3\.0'; there are 1\.0, 1\.1, and next\."
    ):
        VERSIONS.picked("3.0")


def test_a_requirement_is_judged_from_one_version_to_another() -> None:
    judged = {version: [one.id for one in (OLD, NEW, GONE) if VERSIONS.has(one, version)] for version in ("1.0", "1.1")}

    assert judged == {"1.0": [OLD.id, GONE.id], "1.1": [OLD.id, NEW.id]}


def test_versions_are_ordered_as_numbers() -> None:
    late = replace(OLD, since="1.9")

    assert Versions("1.10").has(late, "1.10")


def test_a_new_rule_in_a_released_version_is_refused() -> None:
    assert drift(RELEASED, (OLD, GONE, replace(NEW, since=None))) == (
        "ACME-TASK-02 is new in 1.0, which was released: say `since` a later version.",
    )


def test_a_stricter_rule_in_a_released_version_is_refused() -> None:
    weak = frozen_as("1.0", (replace(OLD, level="SHOULD"),))

    assert drift(weak, (OLD,)) == (
        "ACME-TASK-01 is stricter than it was released in 1.0: give the rule a later version.",
    )


@pytest.mark.parametrize(
    "now",
    [replace(OLD, level="SHOULD"), replace(OLD, statement="A task may have an id.")],
    ids=["level", "statement"],
)
def test_a_rule_that_differs_needs_a_reason(now: object) -> None:
    assert isinstance(now, type(OLD))
    (said,) = drift(frozen_as("1.0", (OLD,)), (now,))
    reasoned = replace(
        frozen_as("1.0", (OLD,)),
        loosened={OLD.id: Loosening(frozen_as("1.0", (now,)).requirements[OLD.id], "a reason")},
    )

    assert said.endswith("record why, or give the new rule a later version.")
    assert drift(reasoned, (now,)) == ()
    assert Versions("1.0", (reasoned,)).loosenings(OLD.id) == (("1.0", "a reason"),)


def test_a_rule_that_is_gone_needs_a_reason() -> None:
    assert drift(RELEASED, (OLD,)) == (
        "ACME-TASK-03 was withdrawn from 1.0: record why, or give the new rule a later version.",
    )
    assert drift(replace(RELEASED, loosened={GONE.id: Loosening("withdrawn", "a reason")}), (OLD,)) == ()


def test_how_a_statement_is_broken_into_lines_does_not_matter() -> None:
    assert drift(RELEASED, (replace(OLD, statement="A task\n  has an id."), GONE)) == ()


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "acme").mkdir()
    monkeypatch.setattr("conformance.contract.versions.system_folder", lambda system: tmp_path / system)
    return tmp_path / "acme"


def test_what_was_written_is_read_again(folder: Path) -> None:
    versions = Versions("1.1", (replace(RELEASED, loosened={GONE.id: Loosening("withdrawn", "It is too much.")}),))
    (folder / "versions.json").write_text(as_text(versions), "utf-8")

    assert versions_of("acme", "1.1") == versions


def test_a_released_version_is_not_edited_by_hand(folder: Path) -> None:
    content = json.loads(as_text(VERSIONS))
    del content["versions"][0]["requirements"][OLD.id]
    (folder / "versions.json").write_text(json.dumps(content), "utf-8")

    with pytest.raises(InvalidContractError, match=r"the digest of version 1\.0 does not fit its requirements"):
        versions_of("acme", "1.1")


def test_the_files_describe_no_older_version_than_was_released(folder: Path) -> None:
    (folder / "versions.json").write_text(as_text(VERSIONS), "utf-8")

    with pytest.raises(InvalidContractError, match=r"has version 1\.0, which is newer than 0\.9"):
        versions_of("acme", "0.9")


def test_the_released_versions_of_a_system_stand_beside_its_requirements() -> None:
    assert (system_folder("beatra") / "versions.json").is_file()
