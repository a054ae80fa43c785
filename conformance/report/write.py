"""Writing all reports of a run into its folder."""

from __future__ import annotations

import json
import os
import tempfile
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Final

from conformance.report.badge import badge_svg
from conformance.report.errors import ReportNotWrittenError
from conformance.report.har import evidence_har
from conformance.report.html import html_page
from conformance.report.junit import junit_xml
from conformance.report.machine import report_json
from conformance.report.markdown import markdown_summary
from conformance.report.sarif import sarif_log

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from conformance.journal.reader import Recording
    from conformance.report.page.trend import PublishedRun
    from conformance.report.source_lines import ContractLines
    from conformance.verdicts.model import Assessment


@dataclass(frozen=True, slots=True)
class _Reported:
    """What the reports of a run are made of; `earlier` are runs against the same target, the oldest first."""

    assessment: Assessment
    recording: Recording
    lines: ContractLines
    earlier: Sequence[PublishedRun]


# Each report by the name of its file.
REPORTS: Final[Mapping[str, Callable[[_Reported], bytes]]] = MappingProxyType(
    {
        "report.json": lambda run: _json(report_json(run.assessment, run.recording)),
        "junit.xml": lambda run: junit_xml(run.assessment, run.recording),
        "index.html": lambda run: html_page(run.assessment, run.recording, run.earlier).encode(),
        "summary.md": lambda run: markdown_summary(run.assessment, run.recording).encode(),
        "badge.svg": lambda run: badge_svg(run.assessment),
        "evidence.har": lambda run: evidence_har(run.assessment, run.recording),
        "results.sarif": lambda run: _json(sarif_log(run.assessment, run.recording, run.lines)),
    }
)


def write_reports(
    assessment: Assessment,
    recording: Recording,
    folder: Path,
    lines: ContractLines,
    earlier: Sequence[PublishedRun] = (),
) -> tuple[Path, ...]:
    """
    Write all reports into `folder`, made if need be; returns their paths.

    `lines` are those of the run's contract, `earlier` runs against the same target, the oldest first.

    Each file appears complete or not at all; one that is there already is replaced.

    Raises:
        ReportNotWrittenError: the folder can't be made or written to.
    """
    run = _Reported(assessment, recording, lines, earlier)
    contents = {name: made(run) for name, made in REPORTS.items()}
    return tuple(write_file(folder / name, content) for name, content in contents.items())


def write_file(path: Path, content: bytes) -> Path:
    """
    Write a file, complete or not at all, into a folder that is made if need be; returns its path.

    Raises:
        ReportNotWrittenError: the folder can't be made or written to.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        return _replace(path, content)
    except OSError as error:
        sentence = f"The report can't be written to {path.parent}: {error.strerror}."
        raise ReportNotWrittenError(sentence) from error


def _json(value: dict[str, Any]) -> bytes:
    return f"{json.dumps(value, indent=2, ensure_ascii=False, allow_nan=False)}\n".encode()


def _replace(path: Path, content: bytes) -> Path:
    descriptor, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}-")
    temporary = Path(name)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(content)
        temporary.chmod(0o644)
        temporary.replace(path)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise
    return path
