"""Files of failures that an owner answers for: what they may say, and what is said about one of no use."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

import pytest

from conformance.verdicts.errors import ContradictingExpectationsError, UnreadableExpectationsError
from conformance.verdicts.expectations import Expectation, read_expectations

if TYPE_CHECKING:
    from pathlib import Path

ENTRY = "{id: ACME-1, reason: ticket 7, owner: payments, expires: 2027-01-31}"


def written(folder: Path, text: str) -> Path:
    path = folder / "known.yaml"
    path.write_text(text, "utf-8")
    return path


@pytest.mark.parametrize("flaky", [False, True])
@pytest.mark.parametrize("day", ["2027-01-31", "'2027-01-31'"])
def test_an_entry_says_which_requirement_may_fail_why_who_answers_and_until_when(
    tmp_path: Path, day: str, *, flaky: bool
) -> None:
    path = written(tmp_path, f"failures: [{ENTRY.replace('2027-01-31', day)}]")

    (found,) = read_expectations(path, flaky=flaky)

    assert found == Expectation("ACME-1", "ticket 7", "payments", date(2027, 1, 31), flaky)


def test_nothing_may_be_known_to_fail(tmp_path: Path) -> None:
    assert read_expectations(written(tmp_path, "failures: []"), flaky=False) == ()


def test_it_holds_on_its_last_day_and_no_longer() -> None:
    known = Expectation("ACME-1", "ticket 7", "payments", date(2027, 1, 31))

    assert known.holds_on(date(2027, 1, 31))
    assert not known.holds_on(date(2027, 2, 1))


@pytest.mark.parametrize(
    "text, complaint",
    [
        ("", "must hold a mapping at its top"),
        ("- ACME-1", "must hold a mapping at its top"),
        ("failures: [", "is not valid YAML"),
        pytest.param("[" * 5_000 + "]" * 5_000, "nested too deeply", id="deep"),
        ("known: []", "known"),
        ("failures: {}", "at failures"),
        (f"failures: [{ENTRY.replace('ACME-1', '[]')}]", "failures/0/id"),
        (f"failures: [{ENTRY.replace('2027-01-31', 'soon')}]", "failures/0/expires"),
        (f"failures: [{ENTRY.replace('2027-01-31', '2027-01-31 10:00:00')}]", "failures/0/expires"),
        (f"failures: [{ENTRY.replace('2027-01-31', '2027-02-30')}]", "2027-02-30"),
        (f"failures: [{ENTRY.replace('2027-01-31', '0000-01-31')}]", "year 0 is out of range"),
        (f"failures: [{ENTRY.replace('owner: payments, ', '')}]", "owner"),
        (f"failures: [{ENTRY.replace('ticket 7', chr(39) * 2)}]", "failures/0/reason"),
        (f"failures: [{ENTRY[:-1]}, until: never}}]", "until"),
    ],
)
def test_a_file_of_no_use_is_told_in_one_sentence_that_names_it(tmp_path: Path, text: str, complaint: str) -> None:
    path = written(tmp_path, text)

    with pytest.raises(UnreadableExpectationsError) as caught:
        read_expectations(path, flaky=False)

    assert str(caught.value).startswith(str(path))
    assert complaint in str(caught.value)


def test_a_file_that_is_not_there_is_told(tmp_path: Path) -> None:
    with pytest.raises(UnreadableExpectationsError, match="can't be read: No such file or directory"):
        read_expectations(tmp_path / "absent.yaml", flaky=False)


def test_bytes_that_are_no_text_are_told(tmp_path: Path) -> None:
    path = tmp_path / "known.yaml"
    path.write_bytes(b"failures: \xff")

    with pytest.raises(UnreadableExpectationsError, match="is not UTF-8 text"):
        read_expectations(path, flaky=False)


def test_no_requirement_is_named_twice(tmp_path: Path) -> None:
    path = written(tmp_path, f"failures: [{ENTRY}, {ENTRY}]")

    with pytest.raises(ContradictingExpectationsError, match="ACME-1 is named more than once"):
        read_expectations(path, flaky=False)
