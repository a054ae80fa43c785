"""Runs with tasks and wallets, also long ones, judged by a contract that knows of them."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from conformance.contract.requirements import Question, SourceDocument, Sources
from conformance.journal.reader import Recording
from conformance.journal.records import Observation
from conformance.report.html import html_page
from conformance.verdicts.model import Verdict
from tests.monitors.factory import Talk, cost, song
from tests.monitors.sample import contract
from tests.report.factory import assessment, judgement, requirement

if TYPE_CHECKING:
    from conformance.verdicts.model import Assessment, Judgement


SOURCES = Sources(
    documents={"API": SourceDocument("The reference of songs", "https://songs.test/api")},
    questions={"ACME-OBS-01": Question("Is a song sung twice?", {"API": "once is enough"})},
)
_STEPS = 5
_FAILS_EVERY = 10


def recorded(talk: Talk) -> Recording:
    return Recording(exchanges=tuple(talk.exchanges), readings=tuple(talk.readings))


def told(*judgements: Judgement, seen: tuple[str, ...] = ()) -> Assessment:
    """An assessment of a run against the sample contract, with the texts of one observation."""
    observations = tuple(Observation("ACME-OBS-01", text, ("e00001",)) for text in seen)
    return assessment(*judgements, contract=replace(contract(), sources=SOURCES), observations=observations, spend=None)


def unexplained_fall() -> Talk:
    """A task that failed and was paid back, and a wallet that has fallen by more than the task explains."""
    talk = Talk()
    talk.read_balance("500.00")
    talk.create(song("waiting", cost=cost("30.00"), engine="loud"))
    talk.get(song("working", cost=cost("30.00")))
    talk.get(song("broken", cost=cost("30.00", "30.00")))
    talk.read_balance("440.00")
    return talk


def shown(talk: Talk, *judgements: Judgement) -> str:
    return html_page(told(*judgements), recorded(talk))


def hostile_tasks(text: str) -> tuple[Assessment, Recording]:
    """A run whose tasks say a text wherever a target can write one into the history of a task."""
    talk = Talk()
    talk.read_balance("500.00")
    ids = [
        talk.create(song("waiting", text, cost=cost(text, text), engine=text), account=text),
        talk.get(song(text, "s1", cost=cost("30.00", text), engine=text), account=text),
        talk.list(song("broken", text, cost=cost("30.00", "1" + text)), account=text),
    ]
    return told(judgement(Verdict.FAIL, text, *ids), seen=(text, text)), recorded(talk)


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
