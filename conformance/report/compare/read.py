"""Reports of earlier runs, read back for comparison."""

from __future__ import annotations

import json
import os
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import quote

import jsonschema_rs

from conformance.contract.files import is_folder
from conformance.report.errors import UnreadableReportError
from conformance.verdicts.model import Overall, Verdict

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

LARGEST_REPORT: Final = 64 * 1024 * 1024
_JUDGED = (Verdict.PASS, Verdict.FAIL)
_TEXT = {"type": "string"}
# What is read of a report, and no more: older and newer ones have the same core.
_SCHEMA: Final = {
    "type": "object",
    "required": ["report_version", "run", "system", "contract_version", "target", "started_at", "verdict", "headline"],
    "properties": {
        "report_version": {"type": "string", "pattern": r"^1\.[0-9]+$"},
        **dict.fromkeys(
            ("run", "system", "contract_version", "suite_version", "target", "started_at", "headline"), _TEXT
        ),
        "verdict": {"enum": [str(overall) for overall in Overall]},
        "requirements": {
            "type": "array",
            "items": {
                "type": "object",
                "required": ["id", "title", "level", "surface", "verdict", "reason"],
                "properties": {
                    **dict.fromkeys(("id", "title", "surface", "reason"), _TEXT),
                    "level": {"enum": ["MUST", "SHOULD", "MAY"]},
                    "verdict": {"enum": [str(verdict) for verdict in Verdict]},
                },
            },
        },
    },
}


@dataclass(frozen=True, slots=True)
class ReportEntry:
    """What a report says of one requirement; `excused` is a failure that was expected."""

    id: str
    title: str
    level: str
    surface: str
    verdict: Verdict
    reason: str
    excused: bool = False

    @property
    def judged(self) -> bool:
        """Whether it passed or failed."""
        return self.verdict in _JUDGED


@dataclass(frozen=True, slots=True)
class PastRun:
    """
    A run as its report describes it.

    `page` is the report for people, where it stands beside the one that was read; `label` is the name
    that the user gave the run, if any.
    """

    run_id: str
    system: str
    contract_version: str
    suite_version: str
    target: str
    started_at: str
    overall: Overall
    headline: str
    entries: Mapping[str, ReportEntry]
    page: Path | None = None
    label: str = ""

    @property
    def name(self) -> str:
        """What the run is called where it stands among others."""
        return self.label or self.target or self.run_id

    def page_from(self, folder: Path) -> str | None:
        """The relative address of its page as seen from a page in a folder."""
        if self.page is None:
            return None
        return quote(os.path.relpath(self.page.resolve(), folder.resolve()), errors="surrogateescape")


def read_run(place: Path, label: str = "") -> PastRun:
    """
    The run whose report stands at a path, the folder of the run or its `report.json` under any name.

    Raises:
        UnreadableReportError: there is no report, or it is none of ours.
    """
    path = place / "report.json" if is_folder(place) else place
    report = _content(path)
    page = path.parent / "index.html"
    return PastRun(
        run_id=report["run"],
        system=report["system"],
        contract_version=report["contract_version"],
        suite_version=report.get("suite_version", ""),
        target=report["target"],
        started_at=report["started_at"],
        overall=Overall(report["verdict"]),
        headline=report["headline"],
        entries={entry["id"]: _entry(entry) for entry in report.get("requirements", ())},
        page=page if page.is_file() else None,
        label=label,
    )


def _entry(entry: Mapping[str, Any]) -> ReportEntry:
    verdict = Verdict(entry["verdict"])
    return ReportEntry(
        id=entry["id"],
        title=entry["title"],
        level=entry["level"],
        surface=entry["surface"],
        verdict=verdict,
        reason=entry["reason"],
        excused=verdict is Verdict.FAIL and bool(entry.get("expected")),
    )


def _content(path: Path) -> Any:  # noqa: ANN401 - checked against a schema, which types don't know
    try:
        if path.stat().st_size > LARGEST_REPORT:
            raise UnreadableReportError(f"{path} is larger than any report of a run.")
        report = json.loads(path.read_text("utf-8"))
    except OSError as error:
        raise UnreadableReportError(f"{path} can't be read: {error.strerror}.") from error
    except (ValueError, RecursionError) as error:
        raise UnreadableReportError(f"{path} is not the report of a run: it is no JSON.") from error
    try:
        first = next(iter(_validator().iter_errors(report)), None)
    except ValueError as error:  # a lone surrogate in the name of a member
        raise UnreadableReportError(f"{path} is not the report of a run: it holds what is no text.") from error
    if first is not None:
        where = "/".join(str(step) for step in first.instance_path) or "its top"
        raise UnreadableReportError(f"{path} is not a report that this version reads: {where} is not as expected.")
    return report


@cache
def _validator() -> jsonschema_rs.Draft202012Validator:
    return jsonschema_rs.Draft202012Validator(_SCHEMA)
