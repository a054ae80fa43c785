"""Every mutant is killed: the requirement that it breaks fails, and nothing else but what its declaration names."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest

from conformance.mutants.beatra.app import VARIABLE
from conformance.mutants.beatra.catalogue import MUTANTS
from conformance.mutants.laboratory import Trial, carry_out
from conformance.target.reference_audio import AUDIO_PATH, serve_reference_audio
from tests.mutants.shares import share_of

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from conformance.mutants.base import Mutant

# Names a share of the mutants (3/8: every eighth), because all of them take minutes.
SHARE = os.environ.get("CONFORMANCE_MUTANTS", "")


@pytest.fixture(scope="session")
def audio() -> Iterator[dict[str, str]]:
    """The settings of a mutant that can fetch a file over HTTPS."""
    with serve_reference_audio() as served:
        origin = served.url.removesuffix(AUDIO_PATH)
        values = {"AUDIO_URL": served.url, "FETCH_ALLOW": origin, "FETCH_CA": str(served.ca_file)}
        yield {f"CONFORMANCE_REFERENCE_{name}": value for name, value in values.items()}


@pytest.mark.parametrize("mutant", share_of(list(MUTANTS.values()), SHARE), ids=lambda m: m.id)
def test_a_mutant_fails_the_requirement_that_it_breaks_and_no_other(
    mutant: Mutant, tmp_path: Path, audio: dict[str, str]
) -> None:
    verdicts = carry_out(
        Trial(
            application="conformance.mutants.beatra.app:create_app",
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
