"""What the comparison counts as found, and what as an alarm on a sound server."""

from __future__ import annotations

from typing import Any

from applications.faults import kind
from compare.planted import Finding, Run, found
from compare.planted_results import by_class, by_kind, each_fault, of_tools, results

FAULT = kind("tickets").faults["others-tickets"]
READ, LISTED = "GET /tickets/{id}", "GET /tickets"


def _run(fault: str, *findings: tuple[str, str], tool: str = "tool", level: str = "MUST", name: str = "tickets") -> Run:
    told = tuple(Finding(name, level, (operation,)) for name, operation in findings)
    return Run(tool, name, fault, told, requests=10, wall=1.0, cpu=1.0)


def test_a_fault_is_found_by_a_new_finding_at_an_operation_of_it() -> None:
    assert [one.name for one in found(FAULT, _run(FAULT.name, ("KEYS", READ)), _run(""))] == ["KEYS"]


def test_a_fault_is_not_found_by_what_the_sound_server_has_too() -> None:
    assert found(FAULT, _run(FAULT.name, ("KEYS", READ)), _run("", ("KEYS", READ))) == ()


def test_a_fault_is_not_found_by_a_finding_at_another_operation() -> None:
    assert found(FAULT, _run(FAULT.name, ("KEYS", LISTED)), _run("")) == ()


def test_a_fault_is_not_found_by_an_error_of_the_tool() -> None:
    assert found(FAULT, _run(FAULT.name, ("KEYS", READ), level="error"), _run("")) == ()


def _content() -> dict[str, Any]:
    return results([
        _run("", ("ALARM", LISTED), level="SHOULD"),
        _run(FAULT.name, ("KEYS", READ)),
        _run("closed-reopened"),
        _run("", tool="other"),
        _run(FAULT.name, tool="other"),
    ])  # fmt: skip


def test_results_name_the_finding_by_which_each_tool_found_a_fault() -> None:
    by = {one["fault"]: one["found_by"] for one in _content()["faults"] if one["kind"] == "tickets"}

    assert by["others-tickets"] == {"tool": ["KEYS"], "other": []}
    assert by["closed-reopened"] == {"tool": []}


def test_tables_count_what_was_tried() -> None:
    rows = {row[0]: row for row in by_class(_content())}

    assert rows["permissions"] == ["permissions", "8", "1 of 1", "0 of 1"]
    assert rows["all"][2:] == ["1 of 2", "0 of 1"]


def test_tables_tell_alarms_on_the_sound_server_by_their_level() -> None:
    tickets = next(row for row in by_kind(_content()) if row[0] == "tickets")

    assert tickets == ["tickets", "flask", "12", "1 of 2", "0 of 1", "1 SHOULD", "10", "1.0", "0", "10", "1.0"]
    assert [row[1:3] for row in of_tools(_content())] == [["1 of 2", "1 SHOULD"], ["0 of 1", "0"]]


def test_each_fault_has_a_row_with_what_found_it() -> None:
    row = next(row for row in each_fault(_content()) if "others-tickets" in row[1])

    assert row == ["tickets", "A user can read another user's ticket (`others-tickets`)", "permissions", "KEYS", "-"]
