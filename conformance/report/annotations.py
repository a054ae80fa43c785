"""Annotations on a job of GitHub Actions: one command of its runner for everything that makes a run red."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from conformance.report.text import one_line, printable
from conformance.verdicts.compile import EXIT_INCONCLUSIVE

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

# GitHub shows ten errors and ten warnings of a step and drops the others unseen.
MOST_SHOWN: Final = 10
_TITLE_LIMIT: Final = 200
_TEXT_LIMIT: Final = 2000
_IN_TEXT: Final = {"%": "%25", "\r": "%0D", "\n": "%0A"}
_IN_PROPERTY: Final = {**_IN_TEXT, ":": "%3A", ",": "%2C"}


def github_annotations(report: Mapping[str, Any]) -> tuple[str, ...]:
    """
    The annotations for a `report.json`: errors for what fails the run, warnings for the other failures.

    Each is one line of printable characters that the runner reads as one command, whatever the target sent.
    """
    errors = [*_objections(report), *_errors(report)]
    warnings = [_command("warning", *parts) for parts in _requirements(report, fails=False)]
    return (*_most(errors, "error"), *_most(warnings, "warning"))


def _objections(report: Mapping[str, Any]) -> Iterator[str]:
    gate = report["gate"]
    for sentence in gate["objections"]:
        yield _command("error", "The gate objects", sentence)
    if gate["exit_status"] == EXIT_INCONCLUSIVE:
        yield _command("error", "Nothing could be judged", report["headline"])


def _errors(report: Mapping[str, Any]) -> Iterator[str]:
    for parts in _requirements(report, fails=True):
        yield _command("error", *parts)


def _requirements(report: Mapping[str, Any], *, fails: bool) -> Iterator[tuple[str, str]]:
    weighty = ("MUST", "SHOULD") if report["gate"]["strict"] else ("MUST",)
    for entry in report["requirements"]:
        broken = entry["verdict"] == "fail"
        excuse = entry["expected"]
        fatal = entry["verdict"] == "error" or (broken and entry["level"] in weighty and excuse is None)
        if fatal is fails and (broken or fatal):
            excused = f"{_excuse(excuse)}\n" if broken and excuse is not None else ""
            title = f"{entry['verdict']} {entry['id']} ({entry['level']}): {entry['title']}"
            yield title, f"{entry['statement']}\n{excused}{entry['reason']}"


def _excuse(excuse: Mapping[str, Any]) -> str:
    kind = "Known as flaky" if excuse["flaky"] else "Expected to fail"
    return f"{kind} until {excuse['expires']} ({excuse['owner']}: {excuse['reason']})"


def _most(commands: list[str], kind: str) -> list[str]:
    if len(commands) <= MOST_SHOWN:
        return commands
    left = len(commands) - MOST_SHOWN + 1
    return [*commands[: MOST_SHOWN - 1], _command(kind, f"{left} more", "The report has them all.")]


def _command(kind: str, title: str, text: str) -> str:
    shown = _escaped(one_line(title, _TITLE_LIMIT), _IN_PROPERTY)
    return f"::{kind} title={shown}::{_escaped(printable(text, _TEXT_LIMIT), _IN_TEXT)}"


def _escaped(text: str, escapes: Mapping[str, str]) -> str:
    # Character by character: what one escape brings in, no other may escape again.
    return "".join(escapes.get(character, character) for character in text)
