"""Writing all reports of a run into its folder."""

from __future__ import annotations

import json
import os
import tempfile
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
    from collections.abc import Callable, Mapping

    from conformance.journal.reader import Recording
    from conformance.report.source_lines import ContractLines
    from conformance.verdicts.model import Assessment


# Each report by the name of its file, made of the assessment, the recording and the lines of the contract.
REPORTS: Final[Mapping[str, Callable[[Assessment, Recording, ContractLines], bytes]]] = MappingProxyType(
    {
        "report.json": lambda assessment, recording, _: _json(report_json(assessment, recording)),
        "junit.xml": lambda assessment, recording, _: junit_xml(assessment, recording),
        "index.html": lambda assessment, recording, _: html_page(assessment, recording).encode(),
        "summary.md": lambda assessment, recording, _: markdown_summary(assessment, recording).encode(),
        "badge.svg": lambda assessment, _recording, _lines: badge_svg(assessment),
        "evidence.har": lambda assessment, recording, _: evidence_har(assessment, recording),
        "results.sarif": lambda assessment, recording, lines: _json(sarif_log(assessment, recording, lines)),
    }
)


def write_reports(assessment: Assessment, recording: Recording, folder: Path, lines: ContractLines) -> tuple[Path, ...]:
    """
    Write all reports into `folder`, made if need be; returns their paths. `lines` are those of the run's contract.

    Each file appears complete or not at all; one that is there already is replaced.

    Raises:
        ReportNotWrittenError: the folder can't be made or written to.
    """
    contents = {name: made(assessment, recording, lines) for name, made in REPORTS.items()}
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
