"""Whatever a target sends: no monitor raises, and the order in which exchanges were written down is no matter."""

from __future__ import annotations

import random
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from conformance.contract.requirements import Place
from conformance.journal.reader import Recording
from conformance.monitors.monitor import MonitorResult
from conformance.monitors.registry import MONITORS, judge
from conformance.monitors.traffic import Traffic
from tests.monitors.factory import METHODS, Talk
from tests.monitors.sample import contract, rule

OWNS = (Place(operation="createSong", status="success"), Place(pointer="/result"), Place(pointer="/cost/note"))
CONTRACT = contract(
    *(
        rule(name, *(OWNS if name in ("documented-success-status", "output-on-success") else ()))
        for name in MONITORS
        if name != "conforms"
    )
)
WORDS = st.sampled_from(
    [
        "waiting",
        "working",
        "done",
        "broken",
        "stopped",
        "Done",
        "s1",
        "s2",
        "loud",
        "broke",
        "away",
        "30.00",
        "0",
        "-30",
        "0.30",
        "/model",
        "~",
        "\ud800",
        "\x00",
        "9" * 5000,
    ]
)
SCALARS = st.none() | st.booleans() | st.integers() | st.floats() | WORDS | st.text(max_size=5)
NAMES = st.sampled_from(
    ["song", "songs", "state", "model", "result", "reason", "cost", "paid", "back", "paid_usd", "fault", "kind",
     "text", "again", "trace", "at"]
) | st.text(max_size=3)  # fmt: skip
VALUES: st.SearchStrategy[Any] = st.recursive(
    SCALARS, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(NAMES, inner, max_size=6), max_leaves=20
)
LIKELY = st.fixed_dictionaries(
    {"song": WORDS | VALUES, "state": WORDS | VALUES},
    optional={
        "cost": st.dictionaries(st.sampled_from(["paid", "back", "paid_usd", "back_usd", "note"]), WORDS | VALUES),
        "result": VALUES,
        "fault": st.fixed_dictionaries(
            {"kind": WORDS | VALUES, "text": WORDS, "again": VALUES}, optional={"at": VALUES}
        ),
        "songs": st.lists(VALUES, max_size=3),
    },
)
DEEP = st.sampled_from(
    [b"[" * 400 + b"]" * 400, b'{"a":' * 600 + b"1" + b"}" * 600, b"[" * 90_000, b"1" * 9000, b"\xff"]
)
HEADERS = st.dictionaries(
    st.sampled_from(["X-Trace", "Content-Type", "x-trace", "Content-Length"]), st.text(max_size=12), max_size=3
)
SAYING = st.fixed_dictionaries(
    {
        "operation": st.sampled_from([*METHODS, None, "unheard"]),
        "status": st.sampled_from([200, 202, 204, 299, 302, 400, 402, 404, 429, 500, 503, 600, 99, None]),
        "answer": LIKELY | VALUES | DEEP | st.binary(max_size=8),
        "sent": LIKELY | VALUES | DEEP,
        "asking": st.dictionaries(st.sampled_from(["X-Trace", "Once-Key"]), st.text(max_size=5), max_size=2),
        "headers": HEADERS,
        "path": st.sampled_from(["/songs/s1", "/songs/s2/stop", "/songs", "/[", "/songs/%ff?x", "/songs/s1/stop#"]),
        "lasting": st.sampled_from([0.0, 0.5, 40.0]),
        "repeats": st.sampled_from([None, "e00001", "e00002", "gone"]),
        "account": st.sampled_from(["main", None]),
    }
)


def verdicts(talk: Talk, *, shuffled: bool = False) -> dict[str, MonitorResult]:
    exchanges = list(talk.exchanges)
    if shuffled:
        random.Random(len(exchanges)).shuffle(exchanges)
    traffic = Traffic(Recording(exchanges=tuple(exchanges)), CONTRACT)
    return {requirement.id: judge(requirement, traffic) for requirement in CONTRACT.registry}


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow], derandomize=True)
@given(st.lists(SAYING, max_size=6))
def test_no_monitor_raises_or_depends_on_the_order_of_the_recording(sayings: list[dict[str, Any]]) -> None:
    talk = Talk()
    for saying in sayings:
        talk.say(**saying)

    found = verdicts(talk)

    assert found == verdicts(talk, shuffled=True)
    for judged in found.values():
        assert judged.exercised >= len(judged.findings)
        for finding in judged.findings:
            assert finding.exchanges
            finding.sentence.encode()


@pytest.mark.parametrize("part", ["request_id", "idempotency", "errors", "tasks", "money"])
def test_a_system_without_some_convention_is_not_judged_by_it(part: str) -> None:
    talk = Talk()
    talk.create()
    talk.say("getSong", 404, {})
    bare = contract(*(rule(name) for name in MONITORS if name != "conforms"), without=[part])

    judged = [judge(requirement, talk.traffic(bare)) for requirement in bare.registry]

    assert all(isinstance(outcome, MonitorResult) for outcome in judged)
