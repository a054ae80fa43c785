"""Each fault of the desk that document or conventions speak of is found, and blamed on the rule that it breaks."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest

from tests.synchronous.desk import faults
from tests.synchronous.desk.app import BUSY_EVERY
from tests.synchronous.serving import failing, served, verdicts

if TYPE_CHECKING:
    from pathlib import Path

NONCONFORMANT = 1
OPERATIONS = (
    "listLanguages",
    "detectLanguage",
    "createGlossary",
    "readGlossary",
    "deleteGlossary",
    "translateText",
    "readTranslation",
    "summarizeText",
)
WITH_BODY = ("detectLanguage", "createGlossary", "translateText", "summarizeText")
# For each fault the requirements that fail by it, and no others.
FAILING = {
    faults.UNKNOWN_MEMBER_ACCEPTED: {"translateText-REFUSES"},
    faults.LONG_TEXT_ACCEPTED: {"translateText-REFUSES"},
    faults.VALID_REQUEST_REFUSED: {"translateText-ACCEPTS"},
    faults.UNDOCUMENTED_CODE: {f"{operation}-CONFORMS" for operation in WITH_BODY},
    faults.CODE_AS_TEXT: {f"{operation}-CONFORMS" for operation in OPERATIONS},
    faults.MESSAGE_MISSING: {"ENVELOPE"},
    faults.KEY_IGNORED: {f"{operation}-CREDENTIALS" for operation in OPERATIONS},
    faults.CRASH_ON_EMPTY: {"NO-REPEATABLE-5XX"},
    faults.DOUBLE_CHARGE: {"REQUEST-PRICE"},
    faults.STREAM_CHARGE: {"REQUEST-PRICE"},
    faults.REFUSAL_CHARGED: {"REFUSED-CHARGE"},
    faults.STREAM_WITHOUT_END: {"STREAM-ENDS"},
    faults.STREAM_CUT_OFF: {"STREAM-ENDS"},
    faults.STREAM_GOES_ON: {"STREAM-ENDS"},
    faults.FRAME_IS_NO_JSON: {"summarizeText-CONFORMS"},
    faults.GLOSSARY_LOST: {"readGlossary-ACCEPTS", "deleteGlossary-ACCEPTS"},
    faults.TRANSLATION_LOST: {"readTranslation-ACCEPTS"},
}
# Each run meets faults of which no two break the same rule, so what fails tells them apart.
TOGETHER = (
    (
        faults.UNKNOWN_MEMBER_ACCEPTED,
        faults.STREAM_WITHOUT_END,
        faults.GLOSSARY_LOST,
        faults.DOUBLE_CHARGE,
        faults.MESSAGE_MISSING,
    ),
    (faults.LONG_TEXT_ACCEPTED, faults.STREAM_CUT_OFF, faults.TRANSLATION_LOST, faults.REFUSAL_CHARGED),
    (faults.VALID_REQUEST_REFUSED, faults.STREAM_GOES_ON, faults.STREAM_CHARGE, faults.FRAME_IS_NO_JSON),
    (faults.CODE_AS_TEXT, faults.KEY_IGNORED),
    (faults.UNDOCUMENTED_CODE, faults.CRASH_ON_EMPTY),
)
# No false alarm with so many seeds: one by default, ten where CONFORMANCE_SEEDS=10 asks for it.
SEEDS = int(os.environ.get("CONFORMANCE_SEEDS", "1"))


def test_every_fault_is_met_in_some_run() -> None:
    assert sorted(fault for met in TOGETHER for fault in met) == sorted(FAILING)
    for met in TOGETHER:
        broken = [requirement for fault in met for requirement in FAILING[fault]]
        assert sorted(set(broken)) == sorted(broken)


@pytest.mark.parametrize("met", TOGETHER, ids=", ".join)
def test_faults_are_found_and_blamed_on_what_they_break(met: tuple[str, ...], tmp_path: Path) -> None:
    with served(tmp_path, *met) as desk:
        run = desk.certified("--seed", "1", "--examples", "2", "--strict", money="play")

    assert failing(run) == set().union(*(FAILING[fault] for fault in met))
    assert "error" not in verdicts(run).values()
    assert run.status == NONCONFORMANT


def test_a_crash_after_the_charge_is_found(tmp_path: Path) -> None:
    with served(tmp_path, faults.CRASH_AFTER_CHARGE) as desk:
        run = desk.certified("--seed", "1", "--examples", "1", "--", "-k", "translateText", money="play")

    assert {"NO-REPEATABLE-5XX"} <= failing(run) <= {"NO-REPEATABLE-5XX", "translateText-ACCEPTS"}


@pytest.mark.parametrize("seed", range(2, 2 + SEEDS))
def test_a_sound_desk_is_blamed_for_nothing(seed: int, tmp_path: Path) -> None:
    """Even if it is busy now and then, and says so inside HTTP 200."""
    with served(tmp_path, **{BUSY_EVERY: "25"}) as desk:
        run = desk.certified("--seed", str(seed), money="play")

    assert set(verdicts(run).values()) == {"pass"}
