"""What the documents leave open is no fault: no requirement fails on applications that take such a liberty."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.liberties.applications import having, verdicts_on

if TYPE_CHECKING:
    from pathlib import Path

# The liberty, the tests that come near it (all monitors judge besides), and requirements that pass all the same.
LIBERTIES = [
    ("bills:late_refunds", "refunds or cancellation or charges", ("MONEY-08", "MONEY-10", "MONEY-11", "MONEY-22")),
    ("bills:agreed_prices", "charges or balance or songs", ("MONEY-01", "MONEY-03", "MONEY-21")),
    ("bills:own_bills", "charges or balance or refunds or cancellation", ("MONEY-01", "MONEY-02", "MONEY-04")),
    ("shapes:validation_as_400", "errors or limits or namespaces", ("ERROR-03", "ERROR-08", "MUSIC-34")),
    ("shapes:short_pages", "lists", ("LIST-04", "LIST-05", "LIST-06")),
    ("shapes:restless_members", "lists or cancellation", ("LIST-16", "LIST-17", "CANCEL-04")),
    ("shapes:strict_purposes", "generated or reference", ("createReferenceAudioToMusic-ACCEPTS", "MUSIC-15")),
    ("shapes:no_model_limits", "limits or models or songs", ("MUSIC-34", "MUSIC-12")),
    ("shapes:lazy_keys", "window", ("IDEMPOTENCY-10", "IDEMPOTENCY-11")),
    ("shapes:keys_of_failures_are_free", "window", ("IDEMPOTENCY-10", "IDEMPOTENCY-12")),
    ("shapes:few_unfinished_tasks", "parallel_retries or retries", ("IDEMPOTENCY-01", "IDEMPOTENCY-15")),
    ("shapes:no_time_of_cancellation", "cancellation", ("CANCEL-01", "CANCEL-02")),
]


@pytest.mark.parametrize("liberty, selected, judged", LIBERTIES, ids=lambda value: str(value).partition(":")[2])
def test_no_requirement_fails(liberty: str, selected: str, judged: tuple[str, ...], tmp_path: Path) -> None:
    verdicts = verdicts_on(f"tests.liberties.{liberty}", tmp_path, selected=selected)

    assert having(verdicts, "fail", "error") == set()
    assert {name: verdicts[f"BEATRA-{name}"] for name in judged} == dict.fromkeys(judged, "pass")
