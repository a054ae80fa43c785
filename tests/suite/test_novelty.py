"""Drawn requests go on while answers show something new; what one of them teaches is not asked many times."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import pytest

from conformance.generation.cases import Case, Drawing
from conformance.generation.resources import LinkedValues
from conformance.suite.batch import fire
from conformance.suite.generated import HandedValues
from conformance.suite.novelty import IN_VAIN, novelty_for
from tests.journal.factory import exchange

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from conformance.journal.records import Exchange

CREATE: Any = SimpleNamespace(id="createSong", reads_only=False)
SPARING = Drawing(seed=1, count=40, sparing=True)
ASKED_FOR = Drawing(seed=1, count=40)


def case(number: int, *tries: str) -> Case:
    return Case("createSong", "POST", f"/songs?n={number}", (), b"", "valid", tries=tries)


@dataclass
class Target:
    """An account whose requests are answered with these bodies, in order, and with the last one from then on."""

    answers: Sequence[object]
    frugal: bool = False
    sent: list[str] = field(default_factory=list)
    client: Any = field(default_factory=lambda: SimpleNamespace(base_url="http://target.test"))

    def may_send(self, _: object) -> bool:
        return True

    def discard(self, _: object) -> None:
        """Keep what was made."""

    def send(self, prepared: Any) -> Exchange:  # noqa: ANN401 - only its address is looked at
        self.sent.append(prepared.url)
        position = min(len(self.sent), len(self.answers)) - 1
        return exchange(content=json.dumps(self.answers[position]).encode())


def sent_of(answers: Sequence[object], cases: Sequence[Case], drawing: Drawing = SPARING) -> int:
    account: Any = Target(answers)
    drawn = [each for each in cases if not each.tries]
    batch = fire(account, CREATE, cases, novelty_for(drawing, drawn))
    assert batch.needless == len(cases) - len(batch.sent)
    return len(batch.sent)


DRAWN = [case(number) for number in range(20)]


def test_requests_whose_answers_are_all_alike_come_to_an_end() -> None:
    assert sent_of([{"id": "a", "at": 1}, {"id": "b", "at": 2}], DRAWN) == 1 + IN_VAIN


@pytest.mark.parametrize(
    "news", [{"id": 7}, {"id": "a", "more": None}, {"id": {"of": 1}}, [], None, {"id": ["a"]}], ids=str
)
def test_an_answer_of_another_form_lets_them_go_on(news: object) -> None:
    plain = {"id": "a"}

    assert sent_of([plain, plain, news, plain], DRAWN) == 3 + IN_VAIN


def test_answers_that_are_always_new_let_all_of_them_go() -> None:
    assert sent_of([{f"member_{number}": 1} for number in range(20)], DRAWN) == 20


def test_what_tries_a_constraint_is_never_left_out() -> None:
    walked = [case(number, "body:/name maxLength met") for number in range(20)]

    assert sent_of([{}], walked) == 20
    assert sent_of([{}], [*walked, *DRAWN]) == 20 + IN_VAIN


def test_so_many_as_an_option_asks_for_are_all_sent() -> None:
    assert sent_of([{}], DRAWN, ASKED_FOR) == 20


def test_a_request_that_another_one_contains_is_part_of_it() -> None:
    whole = Case("a", "GET", "/songs", (("X-Page", "1"), ("Accept", "text/plain")), b"", "valid")
    part = Case("a", "GET", "/songs", (("Accept", "*/*"),), b"", "valid")

    assert part.is_part_of(whole)
    assert not whole.is_part_of(part)
    assert not part.is_part_of(Case("a", "GET", "/songs?page=2", (), b"", "valid"))


@pytest.mark.parametrize("operation, made", [("getSong", 2), ("deleteSong", 4)])
def test_what_only_reads_a_thing_shares_it_in_one_account(
    operation: str, made: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    handed: list[Mapping[str, str]] = []

    def make(*_: object) -> LinkedValues:
        handed.append({"id": str(len(handed))})
        return LinkedValues(handed[-1], {})

    monkeypatch.setattr("conformance.suite.generated.handed_over", make)
    asked: Any = SimpleNamespace(id=operation, reads_only=operation.startswith("get"))
    values = HandedValues()
    unused: Any = None
    mine, other = (SimpleNamespace(label=label) for label in ("mine", "another"))

    for account in (mine, mine, other, other):
        known: Any = account
        values.of(unused, asked, known, SPARING)

    assert len(handed) == made
