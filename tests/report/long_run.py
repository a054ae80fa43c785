"""A run that took long: as many exchanges as one likes, most of them with tasks, judged by the sample contract."""

from __future__ import annotations

from typing import TYPE_CHECKING

from conformance.verdicts.model import Verdict
from tests.monitors.factory import Talk, cost, song
from tests.report.factory import judgement, requirement
from tests.report.money_and_tasks import recorded, told

if TYPE_CHECKING:
    from conformance.journal.reader import Recording
    from conformance.verdicts.model import Assessment

_STEPS = 5
_FAILS_EVERY = 10


def long_run(exchanges: int, requirements: int = 400) -> tuple[Assessment, Recording]:
    """A run with so many exchanges, and requirements that rest on them; every tenth of these fails."""
    talk = Talk()
    for number in range(exchanges // _STEPS):
        name, account = f"song-{number}", f"tenant-{number % 50}"
        sent = {"model": "loud", "lyrics": "la " * 200}
        talk.read_balance(f"{5000 - number}.00", account)
        talk.create(song("waiting", name, cost=cost("30.00"), engine="loud"), sent=sent, account=account)
        for state, back in (("working", None), ("working", None), ("broken", None), ("broken", "30.00")):
            path = f"/songs/{name}"
            told_of_it = song(state, name, cost=cost("30.00", back), engine="loud", text="la " * 200)
            talk.get(told_of_it, path=path, account=account)
    ids = [exchange.id for exchange in talk.exchanges]
    judgements = (
        judgement(
            Verdict.PASS if number % _FAILS_EVERY else Verdict.FAIL,
            "expected 500.00, got 470.00",
            *ids[number * 7 : number * 7 + 12],
            about=requirement(
                f"ACME-LONG-{number:03}", surface=f"part {number % 8}", title=f"Song {number} has a title"
            ),
        )
        for number in range(requirements)
    )
    return told(*judgements, seen=tuple(f"seen {number}" for number in range(1000))), recorded(talk)
