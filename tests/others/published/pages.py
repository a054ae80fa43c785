"""The page of a published server in docs/others, made of its statement, what was found, and the decisions on that."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Final

from tests.others.published.catalogue import CHECKOUT

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from pathlib import Path

    from tests.others.published.catalogue import Server
    from tests.others.published.findings import Finding, WayFindings

DOCUMENTS: Final = CHECKOUT / "docs" / "others"
_OF_FAULT: Final = {
    "server": "Fault of the server.",
    "foreign": "Asked for by this contract alone; the server does not claim it.",
}


def page_of(server: Server) -> Path:
    """Where its page is."""
    return DOCUMENTS / f"{server.name}.md"


def as_page(server: Server, ways: Sequence[WayFindings]) -> str:
    """The page as it is published."""
    return "\n".join([*_head(server), *(line for way in ways for line in _section(server, way))]).rstrip() + "\n"


def _head(server: Server) -> Iterator[str]:
    yield f"# {server.stated['title']}"
    yield ""
    yield server.stated["about"].strip()
    yield ""
    yield f"Installed: {', '.join(f'`{package}`' for package in packages(server))}."
    yield f"`make others` starts it as [its statement](../../tests/others/published/{server.name}/server.toml) says."
    yield ""


def packages(server: Server) -> Iterator[str]:
    """What is installed for it, each package with its exact version."""
    yield from server.packages
    file = server.folder / "package.json"
    if file.exists():
        for name, version in json.loads(file.read_text("utf-8"))["dependencies"].items():
            yield f"{name}@{version}"


def _section(server: Server, way: WayFindings) -> Iterator[str]:
    yield f"## {way.way}"
    yield ""
    yield f"{way.headline[0].upper()}{way.headline[1:]}. {way.passed} requirements passed."
    yield ""
    failed = {finding.id: finding for finding in way.findings if finding.verdict == "fail"}
    for decision in server.decisions:
        concerned = [failed[id_] for id_ in sorted(decision.requirements & failed.keys())]
        if concerned:
            yield f"**{_OF_FAULT[decision.fault]}** {decision.why} Source: {decision.source}."
            yield ""
            yield from _table(("requirement", "level", "what was seen"), map(_row, concerned))
    yield from _open(finding for finding in way.findings if finding.verdict != "fail")


def _row(finding: Finding) -> tuple[str, ...]:
    seen = f"{finding.reason} (in some runs: it depends on what is drawn)" if finding.varies else finding.reason
    return finding.id, finding.level, seen


def _open(findings: Iterable[Finding]) -> Iterator[str]:
    """What could not be judged, by what prevented that."""
    by_reason: dict[tuple[str, str], list[str]] = {}
    for finding in findings:
        by_reason.setdefault((finding.verdict, finding.reason), []).append(finding.id)
    if by_reason:
        yield "What was left open:"
        yield ""
        rows = ((verdict, reason, ", ".join(ids)) for (verdict, reason), ids in by_reason.items())
        yield from _table(("verdict", "why", "requirements"), rows)


def _table(head: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> Iterator[str]:
    yield f"| {' | '.join(head)} |"
    yield f"|{'---|' * len(head)}"
    for row in rows:
        yield f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in row)} |"
    yield ""
