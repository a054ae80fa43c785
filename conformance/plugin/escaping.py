"""What pytest shows of a failed test, made inert: it quotes what the target sent."""

from __future__ import annotations

from dataclasses import fields, is_dataclass
from typing import TYPE_CHECKING, Any

from conformance.report.text import INVISIBLE, escaped

if TYPE_CHECKING:
    import pytest


def make_inert(report: pytest.TestReport) -> None:
    """Escape the invisible characters in a report's account of a failure and in what was captured meanwhile."""
    report.longrepr = _inert(report.longrepr)
    # Why a failure is forgiven; pytest prints it with -v.
    if hasattr(report, "wasxfail"):
        report.wasxfail = _inert(report.wasxfail)
    report.sections = [(escaped(title), escaped(text)) for title, text in report.sections]


def _inert(value: Any) -> Any:  # noqa: ANN401 - pytest's own classes, each made of others
    if isinstance(value, str):
        return escaped(value) if INVISIBLE.search(value) else value
    if isinstance(value, (list, tuple)):
        return type(value)(map(_inert, value))
    if is_dataclass(value) and not isinstance(value, type):
        for member in fields(value):
            inner = getattr(value, member.name, None)
            if isinstance(inner, (str, list, tuple)) or is_dataclass(inner):
                object.__setattr__(value, member.name, _inert(inner))
        for name, inner in vars(value).items():
            if isinstance(inner, (list, tuple)):
                object.__setattr__(value, name, _inert(inner))
    return value
