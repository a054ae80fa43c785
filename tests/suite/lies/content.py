"""Lies in the JSON of answers."""

from __future__ import annotations

from random import Random
from typing import TYPE_CHECKING, Any

from tests.suite.lies.telling import Answer, everywhere, in_errors, in_json, in_pages, in_tasks

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from tests.suite.lies.telling import Lie

LONG = "9" * 100_000
HUGE = "x" * 2_000_000
NOWHERE = ("http://[", "https://", "http://127.0.0.1:1/x", "http://a b/\n", "http://127.0.0.1:99999/")

CLIPS: Mapping[str, object] = {
    "string": "two of them",
    "null": None,
    "numbers": [1, 2],
    "nulls": [None, None],
    "object": {"0": {}},
    "empty": [{}, {}],
    "nowhere": [{"artifact_id": "artifact_1", "url": url} for url in NOWHERE],
}
MEMBERS: Mapping[str, dict[str, Any]] = {
    "output-string": {"output": "done"},
    "output-list": {"output": [1]},
    "status-number": {"status": 3},
    "status-list": {"status": ["succeeded"]},
    "status-object": {"status": {"succeeded": True}},
    "status-unknown": {"status": "done"},
    "error-string": {"error": "no"},
    "metadata-list": {"metadata": [1]},
}
IDS: Mapping[str, object] = {
    "null": None,
    "number": 17,
    "object": {"id": 1},
    "empty": "",
    "path": "../../x?y#z %00\0\n",
    "dots": "..",
    "half-character": "tsk_\ud800",
    "long": LONG,
    "same": "tsk_1",
}
AMOUNTS: Mapping[str, object] = {
    "nan": "NaN",
    "signalling-nan": "sNaN",
    "large": "1e999",
    "enormous": "1e999999999",
    "tiny": "0E-99999999",
    "long": LONG,
    "bare-nan": float("nan"),
    "bare-infinity": float("inf"),
    "bare": 80.1,
    "bool": True,
    "list": ["80"],
    "other-digits": "８０.0000",  # noqa: RUF001 - Python reads these as 80
}
TIMES: Mapping[str, object] = {
    "last": "9999-12-31T23:59:59.999999-14:00",
    "first": "0001-01-01T00:00:00+14:00",
    "none": "0000-00-00T00:00:00Z",
    "number": 1_700_000_000,
    "without-zone": "2026-01-01T00:00:00",
}
# What terminals act on, beyond ASCII: a control sequence begins, the direction turns, a line ends.
DIRECTION = "\x9b\x90\u202e\u2066\u2028\x85"
PAGES: Mapping[str, Callable[[Answer, dict[str, Any]], dict[str, Any]]] = {
    "object": lambda _, page: {"data": {str(number): item for number, item in enumerate(page["data"])}},
    "strangers": lambda *_: {"data": ["task", 1, None, [], {}]},
    "strings": lambda *_: {"has_more": "false", "next_cursor": 7},
    "same-cursor": lambda *_: {"has_more": True, "next_cursor": "again"},
    "new-cursor": lambda answer, _: {"has_more": True, "next_cursor": f"c{answer.number}"},
    "new-cursor-to-nothing": lambda answer, _: {"has_more": True, "next_cursor": f"c{answer.number}", "data": []},
    "no-cursor": lambda *_: {"has_more": True, "next_cursor": None},
    "long-cursor": lambda *_: {"has_more": True, "next_cursor": LONG},
    "half-a-cursor": lambda *_: {"has_more": True, "next_cursor": "\ud800"},
}
ERRORS: Mapping[str, Callable[[dict[str, Any]], object]] = {
    "string": lambda _: "something",
    "list": lambda _: [1, {}],
    "lists": lambda error: {name: [1] for name in error},
    "objects": lambda error: {name: {"a": 1} for name in error},
    "direction": lambda error: dict.fromkeys(error, f"odd{DIRECTION}"),
    "no-pointer": lambda error: {**error, "param": "~~2/not a pointer"},
    "long-pointer": lambda error: {**error, "param": "/a" * 100_000},
    "long-code": lambda error: {**error, "code": HUGE},
}
OTHERS: tuple[object, ...] = (None, True, 0, -1, 1.5, 10**30, "", "x", [], {}, [None], {"a": 1})


def _foreign() -> Lie:
    """Shows the first task that anybody was shown whenever a task is shown."""
    seen: list[dict[str, Any]] = []

    def other(task: dict[str, Any]) -> dict[str, Any]:
        seen.append(task)
        return seen[0]

    return in_tasks(other)


def _resurrected(answer: Answer) -> Answer:
    return in_tasks(lambda task: {**task, "status": "running"})(answer) if answer.number % 2 else answer


def _swapped(_name: str, value: object) -> object:
    return str(value) if isinstance(value, int | float) else len(value) if isinstance(value, str) else value


def _corrupt(seed: int, chance: float) -> Lie:
    """Replaces values at random by values of another type."""
    random = Random(seed)

    def change(_name: str, value: object) -> object:
        if random.random() >= chance:
            return value
        return random.choice([other for other in OTHERS if type(other) is not type(value)])

    return everywhere(change)


def _clips(value: object) -> Lie:
    return in_tasks(lambda task: {**task, "output": {**task["output"], "clips": value}} if task.get("output") else task)


def _members(values: dict[str, Any]) -> Lie:
    return in_tasks(lambda task: {**task, **values})


def _named(suffix: str, value: object) -> Lie:
    return everywhere(lambda name, found: value if name.endswith(suffix) else found)


def _amounts(value: object) -> Lie:
    return everywhere(lambda name, found: value if name.endswith(("_credits", "_usd_reference")) else found)


FAMILIES: Mapping[str, Mapping[str, Lie]] = {
    "clips": {name: _clips(value) for name, value in CLIPS.items()},
    "members": {name: _members(values) for name, values in MEMBERS.items()},
    "ids": {name: _members({"task_id": value}) for name, value in IDS.items()},
    "amounts": {name: _amounts(value) for name, value in AMOUNTS.items()},
    "reasons": {"list": _named("finish_reason", ["stop"])},
    "times": {name: _named("_at", value) for name, value in TIMES.items()},
    "pages": {name: in_pages(change) for name, change in PAGES.items()},
    "errors": {name: in_errors(change) for name, change in ERRORS.items()},
    "stories": {
        "resurrected": _resurrected,
        "never-ending": in_tasks(lambda task: {**task, "status": "running", "output": None}),
        "negative-refunds": _named("refunded_credits", "-80.0000"),
        "foreign-tasks": _foreign(),
    },
    "types": {
        "swapped": everywhere(_swapped),
        "null": in_json(lambda _: None),
        "number": in_json(lambda _: 3),
        "string": in_json(lambda _: "yes"),
        "list": in_json(lambda _: [1]),
    },
    "corrupt": {f"seed-{seed}": _corrupt(seed, 0.1) for seed in range(10)},
    "barely-corrupt": {f"seed-{seed}": _corrupt(seed, 0.01) for seed in range(10)},
    "sizes": {"title": _members({"title": HUGE}), "request-id": _named("request_id", HUGE)},
}
