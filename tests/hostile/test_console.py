"""What a console shows of a target's text: no character in it that a terminal acts on."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from conformance.plugin.outcomes import make_inert
from conformance.report.text import INVISIBLE
from tests.cli.runs import pytest_forked
from tests.suite.liars import VARIABLE
from tests.suite.lies.content import DIRECTION

if TYPE_CHECKING:
    from pathlib import Path

WRITTEN = r"odd\x9b\x90\u202e\u2066\u2028\x85"
APPLICATION = (
    "--conformance-app",
    "tests.suite.liars:create_app",
    "--conformance-factory",
    "--conformance-control-url",
    "/_control",
)
FEW = ("--conformance-examples", "1", "-k", "test_unknown_paths")


def test_what_monitors_say_is_escaped_where_pytest_tells_all(tmp_path: Path) -> None:
    run = pytest_forked(
        *("-vv", "-rA", "--pyargs", "conformance.suite", *APPLICATION, *FEW),
        folder=tmp_path,
        environment={VARIABLE: "errors/direction"},
    )

    assert "conformance/monitors::BEATRA-ERROR-02 FAILED" in run.output
    assert run.output.count(WRITTEN) > 1
    assert not INVISIBLE.search(run.output)


def forgiven() -> pytest.TestReport:
    """A report that quotes a target in each of its texts."""
    told = pytest.TestReport(
        nodeid="test_monitors.py::A-1",
        location=("test_monitors.py", None, "A-1"),
        keywords={},
        outcome="skipped",
        longrepr=("test_monitors.py", 0, f"odd{DIRECTION}"),
        when="call",
        sections=[("Captured", f"odd{DIRECTION}")],
    )
    told.wasxfail = f"SHOULD not met: odd{DIRECTION}"
    return told


def test_the_reasons_of_what_is_skipped_or_forgiven_are_escaped() -> None:
    told = forgiven()

    make_inert(told)

    assert told.longrepr == ("test_monitors.py", 0, WRITTEN)
    assert told.wasxfail == f"SHOULD not met: {WRITTEN}"
    assert told.sections == [("Captured", WRITTEN)]
