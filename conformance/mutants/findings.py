"""What the laboratory learns from a run, handed from the run's process to its own as a file in the run's folder."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

_FILE: Final = "findings.json"


class NoFindingsError(Exception):
    """A folder holds no findings: the run in it ended before its verdict, or was not one of the laboratory."""


@dataclass(frozen=True, slots=True)
class Findings:
    """
    What came of a run, in the words of report.json.

    `overall` is the verdict of the run, `verdicts` those of the requirements by their ids. `by_document` are the
    verdicts that drawn requests and monitors over their traffic give alone: what the document can prove by itself; none
    unless the trial asked for them.
    """

    overall: str
    verdicts: Mapping[str, str]
    by_document: Mapping[str, str]

    def write_into(self, folder: Path) -> None:
        """Leave the findings in the folder of the run."""
        (folder / _FILE).write_text(json.dumps(asdict(self)), "utf-8")


def findings_below(folder: Path) -> Findings:
    """
    The findings of the one run whose folder lies in a folder.

    Raises:
        NoFindingsError: there are none.
    """
    file = next(folder.glob(f"*/{_FILE}"), None)
    if file is None:
        raise NoFindingsError(f"No run below {folder} left findings.")
    return Findings(**json.loads(file.read_text("utf-8")))
