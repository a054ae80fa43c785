"""The runs before this one, so that its page can say how the target came along."""

from __future__ import annotations

from itertools import islice
from typing import TYPE_CHECKING, Final

from conformance.plugin.errors import NoSuchRecordingError, UnreadableRunError
from conformance.plugin.manifest import described
from conformance.report.compare.read import read_run
from conformance.report.errors import UnreadableReportError
from conformance.report.page.trend import PublishedRun

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from conformance.plugin.settings import RunSettings

# Reading a report takes milliseconds, and a run must not wait for those of a year.
_MOST_RUNS: Final = 11
_MOST_LOOKED_AT: Final = 60


def runs_before(settings: RunSettings) -> tuple[PublishedRun, ...]:
    """
    The last runs in the same report folder that judged the same target as a whole, the oldest first.

    A run whose files are damaged, or that never got to a report, is passed over.
    """
    folders = sorted(settings.path.parent.glob("run-*"), reverse=True)
    earlier = (folder for folder in folders if folder.name < settings.path.name)
    found = islice(_read(islice(earlier, _MOST_LOOKED_AT), settings), _MOST_RUNS)
    return tuple(reversed(list(found)))


def _read(folders: Iterator[Path], settings: RunSettings) -> Iterator[PublishedRun]:
    for folder in folders:
        try:
            if _is_alike(described(folder).settings, settings):
                run = read_run(folder)
                verdicts = {name: entry.verdict for name, entry in run.entries.items()}
                yield PublishedRun(run.started_at, run.overall, verdicts, run.page_from(settings.path))
        except (NoSuchRecordingError, UnreadableRunError, UnreadableReportError):
            continue


def _is_alike(earlier: RunSettings, settings: RunSettings) -> bool:
    """Whether an earlier run judged the same target as this one, and not only a part of its requirements."""
    partial = earlier.only or earlier.repeats or earlier.next_cause
    return not partial and _subject(earlier) == _subject(settings)


def _subject(settings: RunSettings) -> tuple[object, ...]:
    # An application is served on another port in each run.
    place = settings.app or settings.base_url
    return settings.system, settings.spec, settings.conventions, place
