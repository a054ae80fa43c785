"""What a run's folder says of the run: enough to judge its recording again, and no key."""

from __future__ import annotations

import json
from contextlib import closing
from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from conformance.journal.redaction import Redactor
from conformance.journal.writer import Journal
from conformance.money.ledger import SpendLedger
from conformance.money.ledger_store import LEDGER_FILE
from conformance.plugin.errors import NoSuchRecordingError, UnreadableRunError
from conformance.plugin.manifest import (
    PROBES_FILE,
    RUN_FILE,
    deselected_in,
    keep,
    keep_deselected,
    prepare,
    read_run,
    requirements_deselected,
)
from conformance.plugin.settings import RunSettings

if TYPE_CHECKING:
    from collections.abc import Callable

KEY = "sk-abcdefghijklmnopqrstuvwxyz012345"


def settings_in(folder: Path, **more: Any) -> RunSettings:  # noqa: ANN401 - see RunSettings
    return RunSettings(
        run_id="run-1",
        folder=str(folder),
        system="beatra",
        base_url="http://127.0.0.1:1/v1",
        play=True,
        seed=7,
        examples=5,
        started_at="2026-01-01T00:00:00+00:00",
        key_variables=(("main", "A_KEY"), ("second", "ANOTHER_KEY")),
        **more,
    )


@pytest.fixture
def kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> RunSettings:
    """The settings of a run with one of two keys, kept in its folder."""
    monkeypatch.setenv("A_KEY", KEY)
    monkeypatch.delenv("ANOTHER_KEY", raising=False)
    settings = settings_in(
        tmp_path,
        prices=(("loud", "30"),),
        surfaces=("music",),
        failing_request={"prompt": KEY},
        proxy="http://user:secret@proxy.test:3128",
    )
    keep(settings, strict=True)
    record_nothing(tmp_path)
    return settings


def record_nothing(folder: Path) -> None:
    """A journal without any record but its header."""
    journal = Journal(folder, "main", Redactor(), run="run-1", system="beatra", contract_version="1", suite_version="1")
    journal.close()


def test_a_run_is_read_back_as_it_was(kept: RunSettings) -> None:
    read = read_run(kept.path)

    known = replace(kept, proxy=None, failing_request={"prompt": "$CONFORMANCE_API_KEY"}, key_roles=("main",))
    assert (read.settings, read.strict) == (known, True)


def test_no_key_and_no_password_is_written(kept: RunSettings) -> None:
    written = (kept.path / RUN_FILE).read_text("utf-8")

    assert KEY not in written
    assert "secret" not in written


def test_judging_it_again_writes_elsewhere(kept: RunSettings) -> None:
    again = read_run(kept.path).settings_in(Path("elsewhere"))

    assert (again.folder, again.recorded) == ("elsewhere", kept.folder)


def rewritten(kept: RunSettings, change: Callable[[dict[str, Any]], object]) -> None:
    content = json.loads((kept.path / RUN_FILE).read_text("utf-8"))
    change(content)
    (kept.path / RUN_FILE).write_text(json.dumps(content), "utf-8")


def test_what_a_later_version_says_besides_is_passed_over(kept: RunSettings) -> None:
    rewritten(kept, lambda content: content["settings"].update(mood="sunny"))

    assert read_run(kept.path).settings.seed == 7


def test_a_folder_that_is_no_run_is_said_to_be_none(tmp_path: Path) -> None:
    with pytest.raises(NoSuchRecordingError, match=r"holds no run\.json"):
        read_run(tmp_path)


@pytest.mark.parametrize(
    "text", ["", "{}", "[]", "null", '{"run_version": 1, "strict": false, "settings": 3}', "[" * 9999]
)
def test_a_file_that_describes_no_run_is_refused_in_one_sentence(tmp_path: Path, text: str) -> None:
    (tmp_path / RUN_FILE).write_text(text, "utf-8")

    with pytest.raises(UnreadableRunError, match="does not describe a run"):
        read_run(tmp_path)


def test_another_version_of_the_file_is_named(kept: RunSettings) -> None:
    rewritten(kept, lambda content: content.update(run_version=2))

    with pytest.raises(UnreadableRunError, match="version 2, not 1"):
        read_run(kept.path)


def test_a_journal_that_can_not_be_read_is_named(kept: RunSettings) -> None:
    (kept.path / "journal-main.jsonl").write_text("no journal\n", "utf-8")

    with pytest.raises(UnreadableRunError, match=r"journal-main\.jsonl, line 1, is no record"):
        read_run(kept.path)


def ledger_in(run: Path) -> SpendLedger:
    """The purse of a run with a cap of 5."""
    return SpendLedger.open(
        run, run_id="run-1", base_url="http://127.0.0.1:1/v1", system="beatra", unit="credits", cap=Decimal(5)
    )


def test_planted_keys_and_the_purse_are_copied_so_that_judging_changes_neither(tmp_path: Path) -> None:
    run, again = tmp_path / "run", tmp_path / "again"
    run.mkdir()
    again.mkdir()
    planted = tmp_path / "probes.json"
    planted.write_text("planted", "utf-8")
    with closing(ledger_in(run)):
        pass
    keep(settings_in(run, probes_file=str(planted)), strict=False)
    record_nothing(run)
    planted.write_text("planted, and once more", "utf-8")

    prepare(read_run(run).settings_in(again))

    assert (again / PROBES_FILE).read_text("utf-8") == "planted"
    with closing(SpendLedger(again / LEDGER_FILE)) as copy, closing(SpendLedger(run / LEDGER_FILE)) as original:
        copy.stop("judged again")
        assert (copy.balance().cap, copy.balance().broken) == (Decimal(5), "judged again")
        assert (original.balance().cap, original.balance().broken) == (Decimal(5), None)


def test_what_somebody_left_out_is_left_out_again(tmp_path: Path) -> None:
    settings = settings_in(tmp_path)
    keep_deselected(settings, "gw0", {"a": ["A-1"], "b": ["A-2", "A-3"]})
    keep_deselected(settings, "gw1", {"b": ["A-2", "A-3"], "c": []})
    keep_deselected(settings, "gw2", {})

    assert deselected_in(settings) == frozenset()
    assert deselected_in(replace(settings, recorded=str(tmp_path))) == {"a", "b", "c"}
    assert requirements_deselected(settings) == {"A-1", "A-2", "A-3"}
