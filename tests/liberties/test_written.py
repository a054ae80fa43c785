"""Liberties as data: complete, founded on documents that are listed, and each taken by something."""

from __future__ import annotations

import pytest

from conformance.contract.contract import load_contract
from conformance.contract.errors import UnknownLibertyError
from conformance.contract.files import check_against_schema, known_systems, read_yaml, system_folder
from conformance.contract.liberties import LIBERTIES_FILE, load_liberties
from conformance.liberties.beatra.catalogue import TAKEN
from conformance.liberties.wrappers import WRAPPERS
from conformance.target.embedded import liberties_named
from conformance.target.errors import ClashingLibertiesError

SYSTEMS = [name for name in known_systems() if (system_folder(name) / LIBERTIES_FILE).exists()]
BEATRA = load_liberties("beatra")


@pytest.mark.parametrize("system", SYSTEMS)
def test_files_keep_to_their_schema(system: str) -> None:
    path = system_folder(system) / LIBERTIES_FILE

    check_against_schema(read_yaml(path), "liberties", path)


@pytest.mark.parametrize("system", SYSTEMS)
def test_wrappers_are_known(system: str) -> None:
    named = {name for liberty in load_liberties(system) for name in liberty.wrappers}

    assert named <= WRAPPERS.keys()


def test_each_liberty_is_taken_by_something_and_nothing_else_is_taken() -> None:
    by_code = [taken.id for taken in TAKEN]
    by_data = {liberty.id for liberty in BEATRA if liberty.wrappers or liberty.withholds}

    assert sorted({*by_code, *by_data}) == sorted(liberty.id for liberty in BEATRA)
    assert len(set(by_code)) == len(by_code)


def test_an_unknown_liberty_gets_the_nearest_known_one() -> None:
    with pytest.raises(UnknownLibertyError, match=r"'latencyy'. Did you mean latency\?"):
        _ = BEATRA["latencyy"]


def test_two_that_exclude_each_other_are_refused_whichever_says_so() -> None:
    one = next(liberty for liberty in BEATRA if liberty.excludes)
    conventions = load_contract("beatra").conventions

    for pair in ((one.id, *one.excludes), (*one.excludes, one.id)):
        with pytest.raises(ClashingLibertiesError, match=f"{pair[0]} and {pair[1]}"):
            liberties_named(conventions, pair)
