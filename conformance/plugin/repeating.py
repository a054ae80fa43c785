"""What an earlier run has to say about which tests are to be run again."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from conformance.client.stakes import UnwritablePurseError
from conformance.client.vault import PURSE_FILE, check_readable
from conformance.journal.errors import JournalError, MissingJournalError
from conformance.journal.reader import Recording, read_recording
from conformance.plugin.errors import UnreadableRunError

if TYPE_CHECKING:
    from collections.abc import Collection
    from pathlib import Path

_TO_REPEAT = ("fail", "error")


@dataclass(frozen=True, slots=True)
class Earlier:
    """The requirements that an earlier run found broken or erred on, and what caused the traffic that showed it."""

    run_id: str
    requirements: frozenset[str]
    causes: frozenset[str]

    def concerns(self, requirements: Collection[str], fixtures: Collection[str]) -> bool:
        """Whether a test judges one of them, or causes what a monitor judged."""
        return not self.requirements.isdisjoint(requirements) or not self.causes.isdisjoint(fixtures)


def read_earlier(folder: Path) -> Earlier:
    """
    What the run in this folder has to say.

    Raises:
        UnreadableRunError: its report, its recording or its purse is damaged.
    """
    try:
        recording = _recorded(folder)
        if (folder / PURSE_FILE).exists():
            check_readable(folder / PURSE_FILE)
        return _earlier(json.loads((folder / "report.json").read_text("utf-8")), recording)
    except (JournalError, UnwritablePurseError) as error:
        raise UnreadableRunError(str(error)) from error
    except (OSError, ValueError, LookupError, TypeError, AttributeError, RecursionError) as error:
        raise UnreadableRunError(f"{folder / 'report.json'} is not the report of a run.") from error


def _earlier(report: Any, recording: Recording) -> Earlier:  # noqa: ANN401 - anything may stand in a file
    broken = [entry for entry in report["requirements"] if entry["verdict"] in _TO_REPEAT]
    shown = {item["exchange"] for entry in broken for item in entry["evidence"]}
    exchanges = filter(None, map(recording.exchange, shown))
    causes = {exchange.cause.partition("[")[0] for exchange in exchanges if exchange.cause}
    return Earlier(str(report["run"]), frozenset(entry["id"] for entry in broken), frozenset(causes))


def _recorded(folder: Path) -> Recording:
    try:
        return read_recording(folder)
    except MissingJournalError:
        return Recording()
