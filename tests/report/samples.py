"""
Reports of runs against hostile targets, for the tools that read them.

`python -m tests.report.samples FOLDER` writes one folder for each hostile text, and the results for Allure of all of
them into `FOLDER/allure`; it prints how many requirements they hold.
"""

from __future__ import annotations

import sys
from dataclasses import replace
from pathlib import Path

from conformance.report.allure import write_allure
from conformance.report.write import write_reports
from tests.report.factory import LINES, hostile
from tests.report.hostility import HOSTILE


def write_samples(folder: Path) -> int:
    """Write the reports of all of them; returns the number of requirements."""
    requirements = 0
    for name, text in HOSTILE.items():
        run, recording = hostile(text)
        # Each is a system of its own: the same requirement twice would be one test with a history.
        run = replace(run, facts=replace(run.facts, run_id=f"run-{name}", system=name))
        write_reports(run, recording, folder / name, LINES)
        write_allure(run, recording, folder / "allure")
        requirements += len(run.judgements)
    return requirements


if __name__ == "__main__":
    print(write_samples(Path(sys.argv[1])))  # noqa: T201 - what the caller waits for
