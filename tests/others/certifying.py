"""Certifying a server several times, and holding the verdicts against each other."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Final

from tests.cli.runs import conformance

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from contextlib import AbstractContextManager
    from pathlib import Path

# `make others` asks for several; `make test` makes do with one run of the first way.
RUNS: Final = int(os.environ.get("CONFORMANCE_OTHERS_RUNS", "1"))
_SILENT: Final = frozenset({"pass", "inconclusive", "not_applicable"})


def tried(ways: Sequence[str]) -> Sequence[str]:
    """The ways of certifying that are tried in this run of the tests."""
    return ways if RUNS > 1 else ways[:1]


def expect_silence_and_constancy(
    serve: Callable[[Path], AbstractContextManager[str]],
    statement: str,
    keys: Mapping[str, str],
    folder: Path,
    *options: str,
) -> frozenset[tuple[str, str]]:
    """
    No alarm in any of the runs, and no verdict that changes; the verdicts.

    Each run meets a server of its own: with what earlier runs left in an account, more can be judged.
    """
    seen = []
    for seed in range(1, RUNS + 1):
        place = folder / str(seed)
        place.mkdir()
        (place / "target.toml").write_text(statement)
        with serve(place / "errors.log") as url:
            arguments = ("run", url, "--target", "target.toml", "--seed", str(seed), *options)
            finished = conformance(*arguments, folder=place, environment=keys)
        assert finished.status == 0, finished.output
        seen.append(finished.verdicts)

    assert {verdict for _, verdict in seen[0]} <= _SILENT
    changed = [sorted(verdicts ^ seen[0]) for verdicts in seen if verdicts != seen[0]]
    assert changed == [], changed
    return seen[0]
