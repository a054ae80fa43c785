"""The live column that is committed: what is missed has one of four reasons, and a sample of it is tried again."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, cast

import pytest

from conformance.contract.contract import load_contract
from conformance.contract.files import check_against_schema, known_systems, read_json, system_folder
from conformance.contract.matrices import LIVE_FILE, REASONS, LiveColumn, live_column, load_live_column
from conformance.mutants.base import TRIAL_SEED, Mutant
from conformance.mutants.live import CAP, as_text, complaints_about, killed_by, live_headline, tried_live
from conformance.mutants.shares import share_of
from conformance.target.embedded import faults_of

if TYPE_CHECKING:
    from collections.abc import Mapping

SYSTEMS = [name for name in known_systems() if (system_folder(name) / LIVE_FILE).is_file()]
# A run waits for tasks of real time, so few are tried: another share after each commit.
SHARE = os.environ.get("CONFORMANCE_LIVE_MUTANTS", "")
LEAST_KILLED = 0.85

of_every_system = pytest.mark.parametrize("system", SYSTEMS)


def catalogue_of(system: str) -> Mapping[str, Mutant]:
    return cast("Mapping[str, Mutant]", faults_of(load_contract(system).conventions).by_id)


def column_of(system: str) -> LiveColumn:
    column = load_live_column(system)
    assert column is not None
    return column


@of_every_system
def test_it_is_as_its_schema_says_and_nothing_but_what_follows_from_its_rows(system: str) -> None:
    path = system_folder(system) / LIVE_FILE
    check_against_schema(read_json(path), "live-column", path)

    assert path.read_text("utf-8") == as_text(column_of(system), catalogue_of(system))


@of_every_system
def test_whatever_is_missed_has_one_of_four_reasons(system: str) -> None:
    assert complaints_about(column_of(system), catalogue_of(system)) == []
    assert set(column_of(system).misses.values()) <= set(REASONS)


@of_every_system
def test_nearly_all_mutants_are_killed(system: str) -> None:
    column, catalogue = column_of(system), catalogue_of(system)
    killed = [name for name in column.failed if killed_by(column, catalogue[name])]

    assert len(killed) >= LEAST_KILLED * len(column.failed), live_headline(column, catalogue)


@of_every_system
def test_a_sample_is_killed_again(system: str) -> None:
    column, catalogue = column_of(system), catalogue_of(system)
    killed = [mutant for name, mutant in catalogue.items() if killed_by(column, mutant)]
    sample = share_of(killed, SHARE) if SHARE else killed[-1:]

    rows = list(tried_live(system, sample, TRIAL_SEED, processes=2))
    again = live_column(system, CAP, {row.mutant: row.failed for row in rows})
    assert {row.mutant: sorted(row.failed) for row in rows if not killed_by(again, catalogue[row.mutant])} == {}


def mutant(name: str) -> Mutant:
    return Mutant(id=name, breaks="ACME-1", story="Somebody forgot it.")


def test_what_is_wrong_with_a_column_is_said_in_sentences() -> None:
    catalogue = {name: mutant(name) for name in ("killed", "missed", "explained", "untried")}
    failed = {"killed": frozenset({"ACME-1"}), "missed": frozenset[str](), "explained": frozenset({"ACME-2"})}
    misses = {"explained": "needs time", "killed": "would cost more", "gone": "needs time"}

    assert complaints_about(LiveColumn("acme", "310", failed, misses), catalogue) == [
        "missed is missed on a live deployment, and no reason says why.",
        "killed is killed on a live deployment, although it is said that it would cost more.",
        "gone is no mutant of acme.",
    ]


def test_a_fail_that_a_narrower_requirement_explains_is_a_kill_and_any_other_fail_is_none() -> None:
    failed = {"first": frozenset({"ACME-2"}), "second": frozenset({"ACME-3"}), "third": frozenset({"ACME-1"})}
    column = LiveColumn("acme", "310", failed, explained_by={"ACME-1": ("ACME-2",)})

    killed = [column.killed(name, "ACME-1") for name in ("first", "second", "third", "untried")]
    assert killed == [True, False, True, None]
