"""What came of servers that others published: each finding with the decision that was made on it by hand."""

from __future__ import annotations

import re
from collections import defaultdict
from dataclasses import dataclass
from fnmatch import fnmatch
from typing import TYPE_CHECKING, Any, Final, Literal, get_args

import yaml

from compare.servers import servers

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from pathlib import Path

Fault = Literal["server", "document"]
_NAMED_AT_MOST: Final = 4
_OF_FAULT: Final = {"server": "Fault of the server", "document": "Fault of the document"}


class InvalidDecisionError(Exception):
    """A decision lacks one of its members, or names no fault that there is."""


@dataclass(frozen=True, slots=True)
class Decision:
    """
    Whose fault some findings of this suite are, and what shows it: a request, its answer, what the document says.

    It is about the findings with an id that fits one of the `requirements` and a reason that has the pattern `seen`.
    """

    requirements: tuple[str, ...]
    seen: str
    fault: Fault
    why: str
    request: str
    answer: str
    document: str

    def is_about(self, finding: Mapping[str, Any]) -> bool:
        """Whether a finding is one of those."""
        named = any(fnmatch(finding["id"], pattern) for pattern in self.requirements)
        return named and re.search(self.seen, finding["seen"]) is not None


@dataclass(frozen=True, slots=True)
class Decisions:
    """What was decided on one server: on the findings of this suite, and on those of schemathesis that it lacks."""

    decided: tuple[Decision, ...]
    missed: str

    def of(self, finding: Mapping[str, Any]) -> Decision | None:
        """The decision on a finding: the first that is about it."""
        return next((decision for decision in self.decided if decision.is_about(finding)), None)


def decisions_of(folder: Path) -> Decisions:
    """The decisions of a folder (raises `InvalidDecisionError`)."""
    content = yaml.safe_load((folder / "decisions.yaml").read_text("utf-8"))
    return Decisions(tuple(map(_decision, content["findings"] or ())), content["missed"].strip())


def _decision(entry: dict[str, Any]) -> Decision:
    if entry.get("fault") not in get_args(Fault):
        raise InvalidDecisionError(f"{entry.get('fault')!r} is no fault; there are {get_args(Fault)}")
    missing = [name for name in ("requirements", "why", "request", "answer", "document") if not entry.get(name)]
    if missing:
        raise InvalidDecisionError(f"a decision lacks {', '.join(missing)}: {entry}")
    texts = {name: str(entry[name]).strip() for name in ("why", "request", "answer", "document")}
    return Decision(tuple(entry["requirements"]), entry.get("seen", ""), entry["fault"], **texts)


def complaints(content: Mapping[str, Any]) -> Iterator[str]:
    """What keeps the page from being true: findings without a decision, errors, decisions about nothing."""
    folders = {server.name: server.folder for server in servers()}
    for measured in content["servers"]:
        decisions = decisions_of(folders[measured["name"]])
        used = set()
        for finding in measured["ours"]["findings"]:
            decision = decisions.of(finding)
            if finding["verdict"] == "error":
                yield f"{measured['name']}: the suite erred at {finding['id']}: {finding['seen']}"
            elif decision is None:
                yield f"{measured['name']}: nothing says whose fault {finding['id']} is: {finding['seen']}"
            else:
                used.add(decision)
        for decision in decisions.decided:
            if decision not in used:
                yield f"{measured['name']}: a decision is about {decision.requirements}, which does not fail"


def overview(content: Mapping[str, Any]) -> list[list[str]]:
    """A row for each server: its document, and what both tools found there."""
    folders = {server.name: server for server in servers()}
    rows = []
    for measured in content["servers"]:
        server, ours, theirs = folders[measured["name"]], measured["ours"], measured["schemathesis"]
        decisions = decisions_of(server.folder)
        decided = [decisions.of(finding) for finding in ours["findings"]]
        counts = [str(sum(one is not None and one.fault == fault for one in decided)) for fault in get_args(Fault)]
        judged = f"{ours['judged']} of {ours['requirements']}"
        cost = [str(ours["requests"]), f"{ours['wall_seconds']:.0f}", f"{ours['cpu_seconds']:.0f}"]
        beside = [str(sum(theirs["failures"].values())), str(theirs["requests"])]
        beside += [f"{theirs['wall_seconds']:.0f}", f"{theirs['cpu_seconds']:.0f}"]
        named = f"[{server.stated['title']}](#{_anchor(server.stated['title'])})"
        rows.append([named, measured["openapi"], str(measured["operations"]), judged, *counts, *cost, *beside])
    return rows


def _anchor(title: str) -> str:
    return title.lower().replace(" ", "-")


def sections(content: Mapping[str, Any]) -> Iterator[str]:
    """A section for each server."""
    folders = {server.name: server for server in servers()}
    for measured in content["servers"]:
        server = folders[measured["name"]]
        decisions = decisions_of(server.folder)
        yield from (f"## {server.stated['title']}", "", server.stated["about"].strip(), "")
        yield from (f"Installed: {', '.join(f'`{name}`' for name in _packages(measured))}.", "")
        of_decision: dict[Decision, list[Mapping[str, Any]]] = defaultdict(list)
        for finding in measured["ours"]["findings"]:
            decision = decisions.of(finding)
            if decision is not None:
                of_decision[decision].append(finding)
        for decision in decisions.decided:
            if of_decision[decision]:
                yield from _told(decision, of_decision[decision])
        codes = ", ".join(f"{code} {count}" for code, count in measured["schemathesis"]["failures"].items())
        yield from (f"**Schemathesis**: {codes or 'no failure'}. {decisions.missed}", "")


def _code(request: str) -> str:
    """A request as code, as far as it is not so already."""
    first, space, rest = request.partition(" with") if " with" in request else (request, "", "")
    return f"`{first}`{space}{rest}" if "`" not in first else request


def _packages(measured: Mapping[str, Any]) -> Sequence[str]:
    packages: list[str] = measured["packages"]
    return packages


def _told(decision: Decision, findings: Sequence[Mapping[str, Any]]) -> Iterator[str]:
    named = [finding["id"].partition("-")[2] for finding in findings]
    more = f" and {len(named) - _NAMED_AT_MOST} more" if len(named) > _NAMED_AT_MOST else ""
    levels = " and ".join(sorted({finding["level"] for finding in findings}))
    many = "1 finding" if len(named) == 1 else f"{len(named)} findings"
    yield f"**{_OF_FAULT[decision.fault]}** ({many}, {levels}). {decision.why}"
    yield ""
    yield f"- found by: {', '.join(f'`{name}`' for name in named[:_NAMED_AT_MOST])}{more}"
    yield f"- request: {_code(decision.request)}"
    yield f"- answer: {decision.answer}"
    yield f"- document: {decision.document}"
    yield ""
