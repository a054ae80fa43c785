"""A liberty is no way out: the requirements that it touches are judged all the same where they can be, and pass."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from conformance.contract.matrices import WAYS
from conformance.liberties.trials import liberty_trials
from conformance.mutants.laboratory import carry_out
from tests.liberties.applications import having

if TYPE_CHECKING:
    from pathlib import Path

WITH_PLAY_MONEY = WAYS[0]
# The liberty, the tests that come near it (all monitors judge besides), and requirements that pass all the same.
LIBERTIES = [
    ("late-refunds", "refunds or cancellation or charges", ("MONEY-08", "MONEY-10", "MONEY-11", "MONEY-22")),
    ("agreed-prices", "charges or balance or songs", ("MONEY-01", "MONEY-03", "MONEY-21")),
    (
        "bills-from-the-start-of-work+refunds-of-cancellations-unshown+dollar-signs",
        "charges or balance or refunds or cancellation",
        ("MONEY-01", "MONEY-02", "MONEY-04"),
    ),
    ("validation-as-400", "errors or limits or namespaces", ("ERROR-03", "ERROR-08", "MUSIC-34")),
    ("short-default-pages", "lists", ("LIST-04", "LIST-05", "LIST-06")),
    ("restless-members+signed-clip-urls", "lists or cancellation", ("LIST-16", "LIST-17", "CANCEL-04")),
    ("references-by-purpose", "generated or reference", ("createReferenceAudioToMusic-ACCEPTS", "MUSIC-15")),
    ("no-limits-of-models", "limits or models or songs", ("MUSIC-34", "MUSIC-12")),
    ("lazy-keys", "window", ("IDEMPOTENCY-10", "IDEMPOTENCY-11")),
    ("keys-of-failures-are-free", "window", ("IDEMPOTENCY-10", "IDEMPOTENCY-12")),
    ("few-unfinished-tasks", "parallel_retries or retries", ("IDEMPOTENCY-01", "IDEMPOTENCY-15")),
    ("no-time-of-cancellation", "cancellation", ("CANCEL-01", "CANCEL-02")),
    ("typed-ids", "unknown or test_tasks or test_cancellation", ("TASK-11", "CANCEL-05")),
    ("no-minimax", "test_models or test_songs", ("MUSIC-03", "MUSIC-04")),
    ("late-files", "test_songs or test_uploads", ("MUSIC-07",)),
    ("only-mp3+nested-uploads", "test_uploads or reference", ("UPLOAD-01", "MUSIC-15")),
    ("running-tasks-not-cancelled+brief-cancellations", "test_cancellation", ("CANCEL-04",)),
    ("lagging-lists", "test_tasks", ("LIST-02",)),
    ("bad-gateway-pages", "", ("ERROR-01", "ERROR-02", "ERROR-06", "REQUEST-ID-01")),
]


@pytest.mark.parametrize("taken, selected, judged", LIBERTIES, ids=[taken for taken, *_ in LIBERTIES])
def test_a_requirement_passes_on_a_server_that_takes_liberties(
    taken: str, selected: str, judged: tuple[str, ...], tmp_path: Path
) -> None:
    with liberty_trials("beatra") as trials:
        # That reports can be made of such a run, too, is tried in `test_tolerance.py`.
        trial = trials.of(taken.split("+"), WITH_PLAY_MONEY, tmp_path, selected, reported=False)
        verdicts = carry_out(trial).verdicts

    assert having(verdicts, "fail", "error") == set()
    assert {name: verdicts[f"BEATRA-{name}"] for name in judged} == dict.fromkeys(judged, "pass")
