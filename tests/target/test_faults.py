from __future__ import annotations

from dataclasses import replace

import pytest

from conformance.contract.contract import load_contract
from conformance.target.embedded import faults_of
from conformance.target.errors import NoFaultsError, UnknownFaultError

CONVENTIONS = load_contract("beatra").conventions


def test_every_fault_says_what_it_breaks_and_how_it_came_about() -> None:
    known = faults_of(CONVENTIONS).by_id

    assert known
    assert all(fault.id == name and fault.breaks and fault.story for name, fault in known.items())


def test_the_fault_to_show_first_is_among_them() -> None:
    faults = faults_of(CONVENTIONS)

    assert faults[faults.demo].id == faults.demo


def test_an_unknown_fault_gets_the_nearest_known_one() -> None:
    with pytest.raises(UnknownFaultError, match=r"'failure-refunded-on-papre'.*mean failure-refunded-on-paper"):
        _ = faults_of(CONVENTIONS)["failure-refunded-on-papre"]


def test_a_name_that_is_like_no_other_is_referred_to_the_list() -> None:
    with pytest.raises(UnknownFaultError, match="`conformance faults` lists all"):
        _ = faults_of(CONVENTIONS)["qqq"]


def test_a_system_without_an_embedded_implementation_has_no_faults() -> None:
    with pytest.raises(NoFaultsError, match="comes without faults"):
        faults_of(replace(CONVENTIONS, embedded=None))
