"""Every mutant is killed: the requirement that it breaks fails, and nothing else but what its declaration names."""

from __future__ import annotations

import os
import re
from typing import TYPE_CHECKING

import pytest

from conformance.mutants.app import VARIABLE
from conformance.mutants.catalogue import MUTANTS
from conformance.mutants.laboratory import Trial, carry_out
from conformance.target.reference_audio import AUDIO_PATH, serve_reference_audio

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from conformance.mutants.base import Mutant

SHARE = "CONFORMANCE_MUTANTS"


def share_of(mutants: list[Mutant], share: str) -> list[Mutant]:
    """Of a share k/n every n-th mutant, the k-th first; all when none is named."""
    if not share:
        return mutants
    wanted = re.fullmatch(r"(\d+)/([1-9]\d*)", share)
    if wanted is None:
        raise pytest.UsageError(f"{SHARE} must be a share such as 3/8, not {share!r}.")
    position, parts = int(wanted[1]), int(wanted[2])
    return mutants[position % parts :: parts]


@pytest.fixture(scope="session")
def audio() -> Iterator[dict[str, str]]:
    """The settings of a mutant that can fetch a file over HTTPS."""
    with serve_reference_audio() as served:
        origin = served.url.removesuffix(AUDIO_PATH)
        values = {"AUDIO_URL": served.url, "FETCH_ALLOW": origin, "FETCH_CA": str(served.ca_file)}
        yield {f"CONFORMANCE_REFERENCE_{name}": value for name, value in values.items()}


@pytest.mark.parametrize("mutant", share_of(list(MUTANTS.values()), os.environ.get(SHARE, "")), ids=lambda m: m.id)
def test_a_mutant_fails_the_requirement_that_it_breaks_and_no_other(
    mutant: Mutant, tmp_path: Path, audio: dict[str, str]
) -> None:
    verdicts = carry_out(
        Trial(
            application="conformance.mutants.app:create_app",
            base_path=mutant.base_path,
            folder=tmp_path,
            arguments=arguments_for(mutant),
            environment={**audio, VARIABLE: mutant.id},
        )
    )

    assert [name for name, verdict in verdicts.items() if verdict == "error"] == []
    assert {name for name, verdict in verdicts.items() if verdict == "fail"} == {mutant.breaks, *mutant.consequences}


def arguments_for(mutant: Mutant) -> tuple[str, ...]:
    """The whole hand-written part of the suite, and the drawn requests where a mutant needs them."""
    drawn = ["--examples", str(mutant.examples)]
    selected = [] if mutant.generated else ["--", "-k", "not test_generated"]
    heavy = "--heavy" if mutant.heavy else "--no-heavy"
    return ("--control-url", "/_control", "--seed", "1", heavy, *drawn, *selected)
