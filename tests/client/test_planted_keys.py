"""Planted keys come back from their file as they were put there, whatever happened in between."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest

from conformance.accounts.planted_keys import (
    Age,
    PlantedKey,
    PlantedKeyFile,
    UnreadableProbesError,
    UnwritableProbesError,
    age_of,
)

if TYPE_CHECKING:
    from pathlib import Path

NOON = datetime(2026, 1, 31, 12, tzinfo=UTC)
PROBE = PlantedKey(
    base_url="https://api.example.com/v1",
    operation="create",
    key="key-1",
    body={"prompt": "piano — quiet"},
    task_id="tsk_1",
    sent_at=NOON,
    answered_at=NOON + timedelta(seconds=1),
    target_date=NOON,
)
LATER = replace(
    PROBE, key="key-2", sent_at=NOON + timedelta(hours=1), answered_at=NOON + timedelta(hours=1), target_date=None
)


@pytest.fixture
def probes(tmp_path: Path) -> PlantedKeyFile:
    return PlantedKeyFile(tmp_path / "probes.json")


def test_without_a_file_there_are_no_probes(probes: PlantedKeyFile) -> None:
    assert probes.read() == ()


def test_probes_of_several_ages_are_kept_oldest_first(probes: PlantedKeyFile) -> None:
    probes.add(LATER)
    probes.add(PROBE)

    assert probes.read() == (PROBE, LATER)


def test_a_probe_that_was_used_is_forgotten(probes: PlantedKeyFile) -> None:
    probes.add(PROBE)
    probes.add(LATER)
    probes.remove(PROBE)

    assert probes.read() == (LATER,)


def test_a_probe_that_nobody_came_back_to_is_forgotten_after_a_month(probes: PlantedKeyFile) -> None:
    probes.add(PROBE)
    probes.add(replace(LATER, sent_at=NOON + timedelta(days=31)))

    assert [probe.key for probe in probes.read()] == ["key-2"]


def test_a_crash_while_writing_leaves_the_file_as_it_was(
    probes: PlantedKeyFile, monkeypatch: pytest.MonkeyPatch
) -> None:
    probes.add(PROBE)

    def crash(_: int) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("os.fsync", crash)
    with pytest.raises(KeyboardInterrupt):
        probes.add(LATER)

    assert probes.read() == (PROBE,)
    assert [path.name for path in probes.path.parent.iterdir() if path.name.startswith(".")] == []


@pytest.mark.parametrize("content", ["", "[]", "{}", '{"probes_version": 2, "probes": []}', "\ud800"])
def test_a_file_of_another_kind_is_refused(probes: PlantedKeyFile, content: str) -> None:
    probes.path.write_bytes(content.encode("utf-8", "surrogatepass"))

    with pytest.raises(UnreadableProbesError):
        probes.read()


def test_a_place_that_can_not_be_written_is_named(tmp_path: Path) -> None:
    (tmp_path / "nowhere").touch()

    with pytest.raises(UnwritableProbesError, match="nowhere"):
        PlantedKeyFile(tmp_path / "nowhere" / "probes.json").add(PROBE)


def test_an_age_lies_between_what_the_clocks_say() -> None:
    now = NOON + timedelta(hours=20)

    assert age_of(PROBE, now, NOON + timedelta(hours=21)) == Age(
        timedelta(hours=20) - timedelta(seconds=1), timedelta(hours=21)
    )


def test_without_the_targets_clock_ours_decides() -> None:
    assert age_of(LATER, NOON + timedelta(hours=2), NOON).most == timedelta(hours=1)
