"""Writing all reports of a run into its folder."""

from __future__ import annotations

import json
import os
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from conformance.report.errors import ReportNotWrittenError
from conformance.report.html import html_page
from conformance.report.junit import junit_xml
from conformance.report.machine import report_json

if TYPE_CHECKING:
    from conformance.journal.reader import Recording
    from conformance.verdicts.model import Assessment


def write_reports(assessment: Assessment, recording: Recording, folder: Path) -> tuple[Path, ...]:
    """
    Write `report.json`, `junit.xml` and `index.html` into `folder`, made if need be; returns their paths.

    Each file appears complete or not at all; one that is there already is replaced.

    Raises:
        ReportNotWrittenError: the folder can't be made or written to.
    """
    machine = json.dumps(report_json(assessment, recording), indent=2, ensure_ascii=False, allow_nan=False)
    contents = {
        "report.json": f"{machine}\n".encode(),
        "junit.xml": junit_xml(assessment, recording),
        "index.html": html_page(assessment, recording).encode(),
    }
    try:
        folder.mkdir(parents=True, exist_ok=True)
        return tuple(_replace(folder / name, content) for name, content in contents.items())
    except OSError as error:
        sentence = f"The report can't be written to {folder}: {error.strerror}."
        raise ReportNotWrittenError(sentence) from error


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
