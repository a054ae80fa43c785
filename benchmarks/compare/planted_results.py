"""What came of the applications with planted faults, as it is kept, and as tables of the page."""

from __future__ import annotations

import statistics
from collections import Counter
from typing import TYPE_CHECKING, Any

from applications.faults import CLASSES, KINDS, kind

from compare.planted import SOUND, found

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from compare.planted import Run


def results(runs: Sequence[Run]) -> dict[str, Any]:
    """The runs as results: for each fault by what each tool found it, and what each tool says of sound servers."""
    by_place = {(run.tool, run.kind, run.fault): run for run in runs}
    tools = list(dict.fromkeys(run.tool for run in runs))
    sound = [_told_of_sound(run) for run in runs if run.fault == SOUND]
    faults = []
    for name in KINDS:
        for fault in kind(name).faults.values():
            tried = {tool: by_place.get((tool, name, fault.name)) for tool in tools}
            by = {
                tool: sorted(one.name for one in found(fault, run, by_place[tool, name, SOUND]))
                for tool, run in tried.items()
                if run is not None and (tool, name, SOUND) in by_place
            }
            faults.append({"kind": name, "fault": fault.name, "class": fault.kind, "says": fault.says, "found_by": by})
    return {"tools": tools, "sound": sound, "faults": faults}


def _told_of_sound(run: Run) -> dict[str, Any]:
    alarms = [{"finding": one.name, "level": one.level} for one in run.findings]
    cost = {"requests": run.requests, "wall_seconds": round(run.wall, 1), "cpu_seconds": round(run.cpu, 1)}
    return {"kind": run.kind, "tool": run.tool, "false_alarms": alarms, **cost, "complaint": run.complaint}


def by_class(content: Mapping[str, Any]) -> list[list[str]]:
    """A row for each class of faults, and one for all: how many were tried, and how many each tool found."""
    faults = content["faults"]
    rows = [_counted(name, [one for one in faults if one["class"] == name], content) for name in CLASSES]
    return [*rows, _counted("all", faults, content)]


def by_kind(content: Mapping[str, Any]) -> list[list[str]]:
    """A row for each application: faults found by each tool, and what each tool says of the sound server."""
    rows = []
    for name in KINDS:
        row = _counted(name, [one for one in content["faults"] if one["kind"] == name], content)
        told = {one["tool"]: one for one in content["sound"] if one["kind"] == name}
        for tool in content["tools"]:
            row += _cost([told[tool]] if tool in told else [])
        rows.append([row[0], kind(name).framework, *row[1:]])
    return rows


def _counted(name: str, faults: Sequence[Mapping[str, Any]], content: Mapping[str, Any]) -> list[str]:
    found_by = Counter(tool for fault in faults for tool, names in fault["found_by"].items() if names)
    tried = Counter(tool for fault in faults for tool in fault["found_by"])
    cells = [
        str(found_by[tool]) if tried[tool] == len(faults) else f"{found_by[tool]} of {tried[tool]}"
        for tool in content["tools"]
    ]
    return [name, str(len(faults)), *cells]


def _cost(told: Sequence[Mapping[str, Any]]) -> list[str]:
    if not told:
        return ["-", "-", "-"]
    alarms = Counter(alarm["level"] for one in told for alarm in one["false_alarms"])
    said = ", ".join(f"{count} {level}" for level, count in sorted(alarms.items())) or "0"
    requests = statistics.median(one["requests"] for one in told)
    return [said, f"{requests:g}", f"{statistics.median(one['cpu_seconds'] for one in told):.1f}"]


def of_tools(content: Mapping[str, Any]) -> list[list[str]]:
    """A row for each tool: faults found, alarms on all sound servers, medians of requests and processor time."""
    rows = []
    for number, tool in enumerate(content["tools"]):
        _, size, *counts = by_class(content)[-1]
        share = counts[number] if "of" in counts[number] else f"{counts[number]} of {size}"
        rows.append([tool, share, *_cost(_of(content["sound"], tool))])
    return rows


def _of(told: Iterable[Mapping[str, Any]], tool: str) -> list[Mapping[str, Any]]:
    return [one for one in told if one["tool"] == tool]


def each_fault(content: Mapping[str, Any]) -> list[list[str]]:
    """A row for each fault: what it is, and by what each tool found it."""
    rows = []
    for fault in content["faults"]:
        cells = [_names(fault["found_by"].get(tool)) for tool in content["tools"]]
        rows.append([fault["kind"], f"{fault['says'].removesuffix('.')} (`{fault['fault']}`)", fault["class"], *cells])
    return rows


def _names(names: Sequence[str] | None) -> str:
    if names is None:
        return "not tried"
    more = f" and {len(names) - 1} more" if len(names) > 1 else ""
    return f"{names[0].partition('-')[2] or names[0]}{more}" if names else "-"
