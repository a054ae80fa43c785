"""What is not there decides nothing: neither is it in order, nor is anything else to blame for it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from conformance.contract.contract import load_contract
from tests.liberties.applications import having, verdicts_on

if TYPE_CHECKING:
    from pathlib import Path

COVERS = "BEATRA-createReferenceAudioToMusic-ACCEPTS"


def test_nothing_passes_where_nothing_exists(tmp_path: Path) -> None:
    verdicts = verdicts_on("tests.liberties.served:nothing", tmp_path, arguments=())

    assert having(verdicts, "pass") == set()
    assert having(verdicts, "error") == set()


def test_a_missing_operation_is_said_once_and_what_needs_it_is_inconclusive(tmp_path: Path) -> None:
    verdicts = verdicts_on("tests.liberties.served:without_covers", tmp_path)

    assert having(verdicts, "fail", "error") == {COVERS}
    for name in ("AUTH-01", "AUTH-02", "ERROR-08", "MUSIC-15", "createReferenceAudioToMusic-CREDENTIALS"):
        assert verdicts[f"BEATRA-{name}"] == "inconclusive", name


def test_a_surface_that_is_not_offered_is_no_matter_of_other_rules(tmp_path: Path) -> None:
    surfaces = [name for name in load_contract("beatra").conventions.surfaces if name != "uploads"]
    arguments = ("--control-url", "/_control", "--surfaces", ",".join(surfaces))
    verdicts = verdicts_on("tests.liberties.served:without_uploads", tmp_path, arguments=arguments)

    assert having(verdicts, "fail", "error") == set()
    for name in ("AUTH-01", "AUTH-02"):
        assert verdicts[f"BEATRA-{name}"] == "pass", name
