"""What the kill matrix takes for one statement is named by ids that exist, on both sides."""

from __future__ import annotations

from conformance.contract.contract import load_contract
from conformance.contract.external.load import load_described
from conformance.contract.files import system_folder
from conformance.contract.versions import NEXT
from conformance.mutants.beatra.stated import STATED


def test_both_sides_of_what_is_stated_twice_are_requirements() -> None:
    contract = load_contract("beatra", NEXT)
    alone = load_described(system_folder("beatra") / contract.conventions.document)

    assert set(STATED) <= {entry.id for entry in contract.registry}
    assert {name for names in STATED.values() for name in names} <= {entry.id for entry in alone.registry}
