"""Failures that an owner answers for until a day: those expected to happen, and those that come and go."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Final

from conformance.contract.errors import ContractError
from conformance.contract.files import Scalars, check_against_schema, read_yaml
from conformance.verdicts.errors import ContradictingExpectationsError, UnreadableExpectationsError

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

_SCHEMA: Final = "expected-failures"


@dataclass(frozen=True, slots=True)
class Expectation:
    """
    A requirement that may fail without failing the run, why, who answers for it, and the last day of that (UTC).

    One that is not `flaky` is expected to fail: that it passes is news which the run must not keep to itself.
    """

    id: str
    reason: str
    owner: str
    expires: date
    flaky: bool = False

    def holds_on(self, today: date) -> bool:
        """Whether the failure is still answered for on that day."""
        return today <= self.expires

    @property
    def kind(self) -> str:
        """What it says of its requirement, as a part of a sentence."""
        return "known as flaky" if self.flaky else "expected to fail"

    def __str__(self) -> str:
        return f"{self.kind} until {self.expires} ({self.owner}: {self.reason})"


def read_expectations(path: Path, *, flaky: bool) -> tuple[Expectation, ...]:
    """
    What a file says: all its entries are expected failures, or all are flaky ones.

    Raises:
        UnreadableExpectationsError: it can't be read, is no YAML, or breaks its schema.
        ContradictingExpectationsError: it names a requirement twice.
    """
    try:
        # Only texts are wanted: YAML's own dates would fail on a 30th of February before the place could be named.
        content = read_yaml(path, Scalars.TEXT)
        check_against_schema(content, _SCHEMA, path)
    except ContractError as error:
        raise UnreadableExpectationsError(str(error)) from error
    except RecursionError as error:
        raise UnreadableExpectationsError(f"{path} is nested too deeply.") from error
    try:
        found = tuple(
            Expectation(entry["id"], entry["reason"], entry["owner"], date.fromisoformat(entry["expires"]), flaky)
            for entry in content["failures"]
        )
    except ValueError as error:  # a year that the schema knows and no calendar
        raise UnreadableExpectationsError(f"{path} names a day that is none: {error}.") from error
    check_unique(found, str(path))
    return found


def check_unique(expectations: Iterable[Expectation], place: str) -> None:
    """
    Make sure that every requirement is named once.

    Raises:
        ContradictingExpectationsError: one is named twice; the sentence begins with `place`.
    """
    counts = Counter(expectation.id for expectation in expectations)
    twice = next((name for name, count in counts.items() if count > 1), None)
    if twice is not None:
        raise ContradictingExpectationsError(f"{place}: {twice} is named more than once; one entry must say it all.")
