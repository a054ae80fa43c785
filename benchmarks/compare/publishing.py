"""What was measured, kept as JSON in benchmarks/results, and shown as tables in docs/benchmark.md."""

from __future__ import annotations

import json
import os
import platform
import re
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from compare.installing import versions
from compare.planted_results import by_class, by_kind, each_fault, of_tools
from compare.servers_page import overview, sections

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

_ROOT: Final = Path(__file__).resolve().parents[2]
RESULTS: Final = _ROOT / "benchmarks" / "results"
PAGES: Final = tuple(
    _ROOT / "docs" / name for name in ("benchmark.md", "benchmark-applications.md", "benchmark-servers.md")
)


def keep(name: str, content: Mapping[str, Any]) -> None:
    """Keep results under a name, with date, versions and machine; they name no host and no path."""
    RESULTS.mkdir(exist_ok=True)
    described = {"date": datetime.now(UTC).date().isoformat(), "machine": _machine(), "versions": dict(versions())}
    text = json.dumps({**described, **content}, indent=2, ensure_ascii=False)
    (RESULTS / f"{name}.json").write_text(f"{text}\n", "utf-8")


def kept(name: str) -> dict[str, Any] | None:
    """The results that were kept under a name."""
    path = RESULTS / f"{name}.json"
    content: dict[str, Any] | None = json.loads(path.read_text("utf-8")) if path.exists() else None
    return content


def publish() -> None:
    """Put all kept results into the pages, each between its pair of marks; the rest is written by hand."""
    for page in PAGES:
        _publish(page)


def _publish(page: Path) -> None:
    text = page.read_text("utf-8")
    for name, shown in _SHOWN.items():
        content = kept(name)
        if content is not None:
            block = "\n".join([_origin(content), "", *shown(content)])
            marks = re.compile(rf"(<!-- {name} -->\n).*?(<!-- end -->)", re.DOTALL)
            text = marks.sub(lambda found, block=block: f"{found[1]}{block}\n{found[2]}", text)  # type: ignore[misc]
    page.write_text(text, "utf-8")


def table(header: Sequence[str], rows: Iterable[Sequence[object]]) -> list[str]:
    """A table of Markdown."""
    lines = [header, ["---"] * len(header), *([str(cell) for cell in row] for row in rows)]
    return [f"| {' | '.join(line)} |" for line in lines]


def _machine() -> dict[str, Any]:
    return {
        "cores": os.cpu_count(),
        "system": platform.system(),
        "architecture": platform.machine(),
        "load_at_the_end": round(os.getloadavg()[0], 1),
    }


def _origin(content: Mapping[str, Any]) -> str:
    machine, found = content["machine"], content["versions"]
    programs = ", ".join(f"{name} {found[name]}" for name in ("CPython", "Node.js", "Java"))
    where = f"{machine['cores']} cores, {machine['system']} {machine['architecture']}"
    return f"{content['date']}, {where}, {programs}; load at the end {machine['load_at_the_end']:g}."


def _faults(content: Mapping[str, Any]) -> list[str]:
    faults: list[str] = content["faults"]
    numbers = {fault: str(number) for number, fault in enumerate(faults, 1)}
    rows = [_row(row, faults) for row in content["rows"] if "absent" not in row]
    header = ["tool", "version", *numbers.values(), "found", "false alarms", "requests", "per fault", "wall s", "CPU s"]
    named = "; ".join(f"{number} {fault}" for fault, number in numbers.items())
    left_out = [f"- {row['tool']} was not run: {row['absent']}." for row in content["rows"] if "absent" in row]
    complaints = [f"- {row['tool']}: {said}" for row in content["rows"] for said in row.get("complaints", ())]
    return [*table(header, _with_versions(rows, content)), "", f"Faults: {named}.", *left_out, *complaints]


def _row(row: Mapping[str, Any], faults: Sequence[str]) -> list[str]:
    marks = [_mark(row["found"][fault]) for fault in faults]
    count = row["faults_found"]
    per_fault = f"{row['requests'] / count:.0f}" if count else "-"
    costs = [f"{row['requests']:g}", per_fault, f"{row['wall_seconds']:.1f}", f"{row['cpu_seconds']:.1f}"]
    return [row["tool"], *marks, f"{count:g}", str(len(row["false_alarms"])), *costs]


def _with_versions(rows: Iterable[list[str]], content: Mapping[str, Any]) -> list[list[str]]:
    packages = {row["tool"]: row.get("package", "") for row in content["rows"]}
    return [[row[0], content["versions"].get(packages[row[0]], "-"), *row[1:]] for row in rows]


def _mark(share: float) -> str:
    return "-" if share == 0 else "x" if share == 1 else f"{share:.2f}"


def _mutants(content: Mapping[str, Any]) -> list[str]:
    size = len(content["faults"])
    rows = [
        [
            row["tool"],
            f"{row['faults_found']:g} of {size}",
            len(row["false_alarms"]),
            f"{row['requests']:g}",
            f"{row['wall_seconds']:.1f}",
            f"{row['cpu_seconds']:.1f}",
        ]
        for row in content["rows"]
        if "absent" not in row
    ]
    header = ["tool", "mutants found", "false alarms", "requests", "wall s", "CPU s"]
    drawn = (
        f"{size} of {content['population']} mutants, drawn with seed {content['seed']}: {', '.join(content['faults'])}."
    )
    complaints = [f"- {row['tool']}: {said}" for row in content["rows"] for said in row.get("complaints", ())]
    return [*table(header, rows), "", drawn, *complaints]


def _figures(content: Mapping[str, Any]) -> list[str]:
    return table(["figure", "value"], [[figure["figure"], figure["value"]] for figure in content["figures"]])


def _documents(content: Mapping[str, Any]) -> list[str]:
    counted = ("operations", "judged of requirements", "fails", "errors", "crashed", "requests", "seconds")
    header = ["document", "found in", "OpenAPI", *counted]
    rows = [
        [
            row["title"],
            f"{row['package']} {row['package_version']} ({row['registry']})",
            row["openapi"],
            row["operations"],
            f"{row['judged']} of {row['requirements']}",
            row["fails"],
            row["errors"],
            "yes" if row["crashed"] else "no",
            row["requests"],
            f"{row['seconds']:.0f}",
        ]
        for row in content["rows"]
    ]
    return table(header, rows)


def _planted(content: Mapping[str, Any]) -> list[str]:
    tools = content["tools"]
    costs = [f"{tool}: {what}" for tool in tools for what in ("alarms", "requests", "CPU s")]
    alarms = [
        f"- {one['kind']}, {one['tool']}: {alarm['level']} `{alarm['finding']}`"
        for one in content["sound"]
        for alarm in one["false_alarms"]
    ]
    complaints = [f"- {one['kind']}, {one['tool']}: {one['complaint']}" for one in content["sound"] if one["complaint"]]
    return [
        *table(["tool", "faults found", "alarms on sound servers", "requests", "CPU s"], of_tools(content)),
        "",
        "## By class",
        "",
        *table(["class", "faults", *tools], by_class(content)),
        "",
        "## By application",
        "",
        *table(["application", "framework", "faults", *tools, *costs], by_kind(content)),
        "",
        "## Alarms on sound servers",
        "",
        *(alarms or ["None."]),
        *complaints,
        "",
        "## Each fault",
        "",
        *table(["application", "fault", "class", *tools], each_fault(content)),
    ]


def _servers(content: Mapping[str, Any]) -> list[str]:
    ours = ["judged", "faults of the server", "of its document", "requests", "s", "CPU s"]
    theirs = [f"schemathesis: {what}" for what in ("failures", "requests", "s", "CPU s")]
    head = ["server", "OpenAPI", "operations", *ours, *theirs]
    return [*table(head, overview(content)), "", *sections(content)]


_SHOWN: Final = {
    "faults": _faults,
    "mutants": _mutants,
    "figures": _figures,
    "documents": _documents,
    "planted": _planted,
    "servers": _servers,
}
