"""One fault, one verdict: a run in which everything is right but one thing fails exactly one requirement."""

from __future__ import annotations

from typing import Any

import pytest

from conformance.contract.requirements import Place
from conformance.monitors.registry import MONITORS, judge
from tests.monitors.factory import Talk, cost, fault, song
from tests.monitors.sample import contract, rule

# These need readings of wallets, which no exchange with the target shows.
ABOUT_WALLETS = {"refusals-cost-nothing", "ledger"}
# These are about requests that are answered and paid for at once.
ANSWERED_AT_ONCE = {"request-price", "refused-charge", "stream-ends"}
OWNED = {
    "documented-success-status": (Place(operation="createSong", status="success"),),
    "amount-format": (Place(operation="getSong", statuses=("2XX",), pointer="/cost"),),
}
RULES = [name for name in MONITORS if name not in ABOUT_WALLETS | ANSWERED_AT_ONCE | {"conforms"}]
CONTRACT = contract(*(rule(name, *OWNED.get(name, ())) for name in RULES))
PAID = cost(paid_usd="0.30")
REFUNDED = cost(back="30.00", paid_usd="0.30", back_usd="0.30")

# One run, step by step: the operation, the status, the answer, and what else is special about the exchange.
Step = tuple[str | None, int, Any, dict[str, Any]]
ECHOED: dict[str, Any] = {"asking": {"X-Trace": "abc"}, "headers": {"X-Trace": "abc"}}
RUN: dict[str, Step] = {
    "created": ("createSong", 202, song("waiting", cost=PAID), {"sent": {"model": "loud"}}),
    "working": ("getSong", 200, song("working", cost=PAID), ECHOED),
    "done": ("getSong", 200, song("done", cost=PAID, result={"clips": ["la"]}), {}),
    "kept": ("stopSong", 200, song("done", cost=PAID, result={"clips": ["la"]}), {}),
    "broken": ("getSong", 200, song("broken", "s2", cost=REFUNDED, reason={"kind": "odd"}), {"path": "/songs/s2"}),
    "cancel": ("stopSong", 200, song("stopped", "s3", cost=PAID), {"path": "/songs/s3/stop"}),
    "stopped": ("getSong", 200, song("stopped", "s3", cost=REFUNDED), {"path": "/songs/s3"}),
    "page": ("listSongs", 200, {"songs": [song("done"), song("stopped", "s3")]}, {}),
    "odd": ("createSong", 422, fault("strange"), {"sent": {"model": "loud"}}),
    "refused": (
        "createSong",
        402,
        fault("broke", at="/model", trace="t1"),
        {"sent": {"model": "loud"}, "headers": {"X-Trace": "t1"}},
    ),
    "unknown": (None, 404, fault(), {}),
}  # fmt: skip


def failing(**changed: Step) -> list[str]:
    """The requirements that fail when some steps of the run are others; new steps come last."""
    talk = Talk()
    for operation, status, answer, special in (RUN | changed).values():
        talk.say(operation, status, answer, **special)
    traffic = talk.traffic(CONTRACT)
    return [requirement.id for requirement in CONTRACT.registry if judge(requirement, traffic).findings]


def other(step: str, answer: Any = None, status: int | None = None, **special: Any) -> dict[str, Step]:  # noqa: ANN401 - any JSON value
    """A step of the run that is answered otherwise."""
    operation, usual_status, usual, usual_special = RUN[step]
    return {step: (operation, status or usual_status, usual if answer is None else answer, usual_special | special)}


CASES: list[tuple[str, dict[str, Step]]] = [
    ("envelope", other("unknown", b"<h1>Not found</h1>", headers={"Content-Type": "text/html"})),
    ("envelope", other("refused", {"detail": "no"})),
    ("envelope", other("refused", {"fault": {"kind": 5, "text": "No.", "again": "no", "trace": "x"}})),
    ("retryable", other("refused", fault("broke", again="no", trace="t1"))),
    ("error-code-table", other("refused", fault("broke", again=True, trace="t1"))),
    ("error-code-table", other("refused", status=403)),
    ("lasting-refusals", {"odd": ("createSong", 400, fault("strange", again=True), {"sent": {"model": "loud"}})}),
    ("error-param", other("refused", fault("broke", at="model", trace="t1"))),
    ("request-id-present", other("unknown", headers={"X-Trace": ""})),
    ("request-id-echo", other("working", headers={"X-Trace": "made"})),
    ("request-id-unique", other("done", headers={"X-Trace": "madee00001"})),
    ("request-id-in-error", other("refused", fault("broke", trace="t2"))),
    ("json-content-type", other("done", headers={"Content-Type": "text/plain"})),
    ("no-repeatable-5xx", {f"fall{n}": ("getSong", 500, fault(), {"repeats": f"e000{9 + n}"}) for n in (1, 2, 3)}),
    ("documented-success-status", other("created", status=200)),
    ("task-states", other("working", song("Working", cost=PAID))),
    ("task-states", other("page", {"songs": [song(5)]})),
    ("task-transitions", {"back": ("getSong", 200, song("working", "s9", cost=PAID), {"path": "/songs/s9"}),
                          "then": ("getSong", 200, song("waiting", "s9", cost=PAID), {"path": "/songs/s9"})}),
    ("task-terminal-final", {"risen": ("getSong", 200, song("working", cost=PAID), {})}),
    ("task-id-stable", other("done", song("done", "s7", cost=PAID, result={"clips": ["la"]}))),
    ("output-on-success", other("done", song("done", cost=PAID))),
    ("output-only-on-success", other("working", song("working", cost=PAID, result={"clips": ["la"]}))),
    ("error-on-failure", other("broken", song("broken", "s2", cost=REFUNDED))),
    ("charge-visible", other("working", song("working", cost={"paid": "30.00"}))),
    ("amount-format", other("working", song("working", cost=cost(30, paid_usd="0.30")))),
    ("amount-format", other("working", song("working", cost="30.00"))),
    ("usd-consistent", other("done", song("done", cost=cost(paid_usd="3.00"), result={"clips": ["la"]}))),
    ("price", {"dear": ("createSong", 202, song("waiting", "s8", cost=cost("31", paid_usd="0.31")),
                        {"sent": {"model": "loud"}})}),
    ("refund-on-failure", other("broken", song("broken", "s2", cost=PAID, reason={}))
                          | {"wait": (None, 404, fault(), {"lasting": 600.0}),
                             "late": ("getSong", 200, song("broken", "s2", cost=PAID, reason={}),
                                      {"path": "/songs/s2"})}),
    ("refund-on-cancel", other("stopped", song("stopped", "s3", cost=PAID))
                         | {"wait": (None, 404, fault(), {"lasting": 600.0}),
                            "late": ("getSong", 200, song("stopped", "s3", cost=PAID), {"path": "/songs/s3"})}),
    ("success-keeps-charge", other("kept", song("done", cost=REFUNDED, result={"clips": ["la"]}))),
    ("no-refund-before-end", other("working", song("working", cost=REFUNDED))),
    ("list-shape", other("page", {"songs": [song("done"), song("done")]})),
    ("list-shape", other("page", {"songs": {"0": song("done")}})),
]  # fmt: skip


def test_the_run_is_right_as_it_is() -> None:
    assert failing() == []


def test_the_run_exercises_every_rule_that_the_cases_break() -> None:
    talk = Talk()
    for operation, status, answer, special in RUN.values():
        talk.say(operation, status, answer, **special)
    traffic = talk.traffic(CONTRACT)

    broken = {name for name, _ in CASES}
    assert [r.monitor for r in CONTRACT.registry if r.monitor in broken and not judge(r, traffic).exercised] == []


@pytest.mark.parametrize("rule_name, changed", CASES)
def test_one_fault_fails_one_requirement(rule_name: str, changed: dict[str, Step]) -> None:
    assert failing(**changed) == [f"SAMPLE-{rule_name.upper()}"]


@pytest.mark.parametrize(
    "operation, changed",
    [
        ("getSong", other("done", song("done", model=5, cost=PAID, result={"clips": ["la"]}))),
        ("getSong", other("done", b"<p>done</p>", headers={"Content-Type": "text/html"})),
        ("getSong", other("done", {"state": "done", "cost": PAID, "result": {"clips": ["la"]}})),
        ("listSongs", other("page", {"songs": [song("done", model=5)]})),
        ("stopSong", {"moved": ("stopSong", 302, None, {})}),
    ],
)
def test_a_fault_that_nobody_owns_fails_the_requirement_of_its_operation(
    operation: str, changed: dict[str, Step]
) -> None:
    assert failing(**changed) == [f"SAMPLE-{operation}-CONFORMS"]
