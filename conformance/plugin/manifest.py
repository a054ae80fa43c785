"""What a run writes into its folder beside its journal, so that its recording can be judged again."""

from __future__ import annotations

import json
import math
import shutil
import sqlite3
from contextlib import closing, contextmanager
from dataclasses import dataclass, fields, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import pytest

from conformance.journal.errors import JournalError
from conformance.journal.reader import read_recording
from conformance.journal.redaction import Redactor
from conformance.money.ledger_store import LEDGER_FILE, UnwritableLedgerError, check_readable
from conformance.plugin.errors import NoSuchRecordingError, UnreadableRunError
from conformance.plugin.session import keys_of
from conformance.plugin.settings import RunSettings
from conformance.target.options import rows
from conformance.verdicts.compile import EXIT_ERROR

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence


RUN_FILE: Final = "run.json"
PROBES_FILE: Final = "probes-before.json"
_VERSION: Final = 1
# Settings that may hold a password or name files of one machine; a recording is judged without them.
_LEFT_OUT: Final = {row.name: row.about.default for row in rows() if row.about.passing}


@dataclass(frozen=True, slots=True)
class RecordedRun:
    """
    A run that is over: its folder, its settings, and whether a broken SHOULD was to fail it.

    `stopped` says why it ended before its first test, where it did.
    """

    folder: Path
    settings: RunSettings
    strict: bool
    stopped: str | None = None

    def settings_in(self, folder: Path) -> RunSettings:
        """The settings of judging it again, with the new report in `folder`."""
        # Rounds that were limited by time end where the recording ends.
        endless = math.inf if self.settings.max_seconds else 0.0
        return replace(self.settings, folder=str(folder), recorded=str(self.folder), max_seconds=endless, ends_at=None)


def keep(settings: RunSettings, *, strict: bool, stopped: str | None = None) -> None:
    """
    Write the settings of a run into its folder, without API keys, and copy the file of planted keys.

    `strict` and `stopped` as in `RecordedRun`.
    """
    keys = keys_of(settings)
    redactor = Redactor(*keys.values())
    plain = {**settings.to_plain(), **_LEFT_OUT, "key_roles": sorted(keys)}
    said = redactor.value({"settings": plain, "stopped": stopped})
    content = {"run_version": _VERSION, "strict": strict, **said}
    (settings.path / RUN_FILE).write_text(json.dumps(content, indent=2) + "\n", "utf-8")
    planted = Path(settings.probes_file) if settings.probes_file else None
    if planted is not None and planted.exists():
        shutil.copyfile(planted, settings.path / PROBES_FILE)


def read_run(folder: Path) -> RecordedRun:
    """
    The run in a folder.

    Raises:
        NoSuchRecordingError: there is none.
        UnreadableRunError: its settings, its recording or its ledger can't be read.
    """
    run = described(folder)
    try:
        # Read once at the start, so that a broken recording is reported once and not by each test.
        read_recording(folder)
        if (folder / LEDGER_FILE).exists():
            check_readable(folder / LEDGER_FILE)
    except (JournalError, UnwritableLedgerError) as error:
        raise UnreadableRunError(str(error)) from error
    return run


def described(folder: Path) -> RecordedRun:
    """
    The run in a folder as its settings describe it, without a look at its recording.

    Raises:
        NoSuchRecordingError: there are none.
        UnreadableRunError: they can't be read.
    """
    try:
        content = json.loads((folder / RUN_FILE).read_text("utf-8"))
        if content["run_version"] != _VERSION:
            raise UnreadableRunError(f"{folder / RUN_FILE} is of version {content['run_version']}, not {_VERSION}.")
        settings = _settings(content["settings"])
        return RecordedRun(folder, settings, bool(content["strict"]), content.get("stopped"))
    except FileNotFoundError as error:
        raise NoSuchRecordingError(
            f"{folder} is not the folder of a run that can be judged again: it holds no {RUN_FILE}."
        ) from error
    except (OSError, ValueError, LookupError, TypeError, AttributeError, RecursionError) as error:
        raise UnreadableRunError(f"{folder / RUN_FILE} does not describe a run.") from error


def prepare(settings: RunSettings) -> None:
    """Copy what changes while a recording is judged, ledger and planted keys, into the folder of the new report."""
    recorded = Path(settings.recorded or "")
    planted = recorded / PROBES_FILE
    if planted.exists():
        shutil.copyfile(planted, settings.path / PROBES_FILE)
    ledger = recorded / LEDGER_FILE
    if ledger.exists():
        with (
            closing(sqlite3.connect(f"{ledger.resolve().as_uri()}?mode=ro", uri=True)) as old,
            closing(sqlite3.connect(settings.path / LEDGER_FILE)) as new,
        ):
            old.backup(new)


def keep_deselected(settings: RunSettings, worker: str, tests: Mapping[str, Sequence[str]]) -> None:
    """Write down which tests were left out of a run, by `-k` for example, and the requirements that each judges."""
    if tests:
        (settings.path / f"deselected-{worker}.json").write_text(json.dumps(tests), "utf-8")


def deselected_in(settings: RunSettings) -> frozenset[str]:
    """The tests that were left out of the run whose recording is judged."""
    files = [] if settings.recorded is None else Path(settings.recorded).glob("deselected-*.json")
    return frozenset(name for file in files for name in json.loads(file.read_text("utf-8")))


def requirements_deselected(settings: RunSettings) -> frozenset[str]:
    """The requirements of tests that were left out of this run, or of the one whose recording is judged."""
    folders = (settings.path, *([Path(settings.recorded)] if settings.recorded else ()))
    kept = [json.loads(file.read_text("utf-8")) for folder in folders for file in folder.glob("deselected-*.json")]
    return frozenset(name for tests in kept for names in _judged_by(tests) for name in names)


_FOUND_FILE: Final = "first-found"


def stop_at(settings: RunSettings, scope: str) -> None:
    """Let all processes of the run leave out the tests that are not of the scope in which the first failure was."""
    file = settings.path / _FOUND_FILE
    if not file.exists():
        file.write_text(scope, "utf-8")


def is_left_out(settings: RunSettings, scope: str) -> bool:
    """Whether a test of the scope comes after the first failure, where the run is to stop there."""
    file = settings.path / _FOUND_FILE
    return settings.next_cause and file.exists() and file.read_text("utf-8") != scope


def _judged_by(tests: object) -> list[list[str]]:
    # Runs of earlier versions kept the names of the tests alone.
    return list(tests.values()) if isinstance(tests, dict) else []


def _settings(plain: Mapping[str, Any]) -> RunSettings:
    """The settings in a file; those that this version does not know are ignored."""
    known = {field.name for field in fields(RunSettings)}
    kept = {name: tuple(value) if isinstance(value, list) else value for name, value in plain.items() if name in known}
    return RunSettings.from_plain(kept)


@contextmanager
def written_down() -> Iterator[None]:
    """End the pytest session with a sentence and the exit status of an error where files can't be read or written."""
    try:
        yield
    except OSError as error:
        place = f": {error.filename}" if error.filename else ""
        pytest.exit(f"The run can't go on, this machine says: {error.strerror or error}{place}.", EXIT_ERROR)
    except (JournalError, UnwritableLedgerError) as error:
        pytest.exit(f"The run can't go on: {error}", EXIT_ERROR)
