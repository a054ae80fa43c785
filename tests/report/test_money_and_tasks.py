"""What the page shows of tasks, wallets and the document."""

from __future__ import annotations

import re
from dataclasses import replace
from decimal import Decimal
from html import unescape
from itertools import pairwise

import pytest

from conformance.journal.reader import Recording
from conformance.report.html import html_page
from conformance.verdicts.model import Spend, Verdict
from tests.monitors.factory import Talk, cost, song
from tests.report.factory import judgement
from tests.report.hostility import HOSTILE
from tests.report.money_and_tasks import hostile_tasks, recorded, shown, told, unexplained_fall


def words(source: str) -> str:
    """The texts of a page one after the other, without its style and script."""
    body = re.sub(r"<(style|script)>.*?</\1>", "", source, flags=re.DOTALL)
    return typed(" ".join(unescape(re.sub("<[^>]*>", " ", body)).split()))


def typed(text: str) -> str:
    """The text with the signs that a keyboard has."""
    return text.replace("\N{MINUS SIGN}", "-").replace("\N{MULTIPLICATION SIGN}", "x")


def part(source: str, name: str) -> str:
    """The section of a page with that id."""
    return source.partition(f'<div id="{name}">')[2].partition("</section>")[0]


def drawing(source: str) -> str:
    return typed(source.partition('<svg class="timeline"')[2].partition("</svg>")[0])


def test_the_life_of_a_task_is_drawn_with_its_states_and_its_money() -> None:
    life = drawing(part(shown(unexplained_fall()), "tasks"))

    assert re.findall(r'class="phase (\w+)"', life) == ["waiting", "working", "failed"]
    assert re.findall(r">([-+][^<]*)<", life) == ["-30.00", "+30.00"]
    assert 'aria-label="waiting, then working, then broken; charged 30.00; refunded 30.00"' in life


def test_the_states_of_a_drawing_follow_each_other_without_gaps() -> None:
    life = drawing(part(shown(unexplained_fall()), "tasks"))
    bars = [(float(left), float(width)) for left, width in re.findall(r'<rect.*?x="(.*?)%".*?width="(.*?)%"', life)]

    assert bars[0][0] == 0
    assert all(left + width == pytest.approx(after) for (left, width), (after, _) in pairwise(bars))
    assert sum(bars[-1]) == pytest.approx(100)


def test_the_same_is_said_in_words() -> None:
    told_of_it = words(part(shown(unexplained_fall()), "tasks"))

    assert "s1 loud, broken after 2.50 s, -30.00 coins, +30.00 coins" in told_of_it
    assert "0.50 s create 202 waiting 30.00 e00001" in told_of_it
    assert "2.50 s get 200 broken 30.00 30.00 e00003" in told_of_it


def test_answers_that_tell_nothing_new_are_left_out() -> None:
    talk = Talk()
    talk.create()
    for _ in range(50):
        talk.get(song("working"))

    assert words(part(shown(talk), "tasks")).count("get 200 working") == 1


def test_a_stored_answer_does_not_turn_a_task_back() -> None:
    talk = Talk()
    talk.create(asking={"X-Once": "a"})
    talk.get(song("done"))
    talk.create(asking={"X-Once": "a"})

    assert re.findall(r'class="phase (\w+)"', drawing(shown(talk))) == ["waiting", "succeeded"]


def test_a_long_life_is_bounded() -> None:
    talk = Talk()
    talk.create()
    for number in range(300):
        talk.get(song("working", cost=cost(f"{number}.00")))

    assert len(shown(talk)) - len(shown(unexplained_fall())) < 40_000


def test_a_broken_requirement_shows_the_tasks_of_its_evidence_and_the_account_that_does_not_add_up() -> None:
    page = shown(unexplained_fall(), judgement(Verdict.FAIL, "expected 500, got 440", "e00003"))
    row = page.partition('<article class="requirement"')[2].partition("</article>")[0]

    assert '<svg class="timeline"' in row
    assert "the tasks explain a fall by 0.00 to 30.00 since the reading before, not by 60.00" in row
    assert "<mark>440.00</mark>" in row


def test_the_ledger_says_which_account_does_not_add_up() -> None:
    assert "main 1 30.00 30.00 0.00 does not add up" in words(part(shown(unexplained_fall()), "ledger"))


def test_the_ledger_of_an_honest_target_adds_up() -> None:
    talk = Talk()
    talk.read_balance("500.00")
    talk.create(song("waiting", cost=cost("30.00")))
    talk.get(song("broken", cost=cost("30.00", "30.00")))
    talk.read_balance("500.00")
    ledger = words(part(shown(talk), "ledger"))

    assert "main 1 30.00 30.00 0.00 adds up" in ledger
    assert "does not" not in ledger


def test_what_nobody_can_know_is_no_fault_in_the_ledger() -> None:
    talk = Talk()
    talk.read_balance("500.00")
    talk.say("createSong", None)
    talk.read_balance("470.00")

    assert "does not add up" not in words(shown(talk))


def test_a_wallet_that_was_set_anew_is_no_fault_in_the_ledger() -> None:
    talk = Talk()
    talk.read_balance("500.00")
    talk.set_balance()
    talk.read_balance("20.00")

    assert "does not add up" not in words(shown(talk))


def test_the_spend_is_drawn_against_the_cap() -> None:
    spend = Spend("credits", Decimal(30), Decimal(0), Decimal(60), play=False, tier="paid")
    money = part(html_page(replace(told(), spend=spend), recorded(unexplained_fall())), "money")

    assert re.findall(r'<line class="cap".*y1="(.*?)"', money) == ["0.0"]
    assert "at the most 30.00 credits; the dashed line is the cap of 60" in words(money)


def test_statuses_are_shown_beside_those_of_the_document() -> None:
    talk = Talk()
    talk.create()
    talk.say("getAudio", 418)
    talk.say("getAudio", None)
    statuses = words(part(shown(talk), "statuses"))

    assert "createSong POST /songs 202 x 1" in statuses
    assert "getAudio GET /songs/{song}/audio 418 x 1, not in the document no answer x 1 200, 204" in statuses


def test_an_observation_stands_under_its_question_beside_what_the_documents_say() -> None:
    run = told(seen=("it is sung twice", "it is sung twice", "it is sung once"))
    text = words(html_page(run, Recording()).partition('<div id="observations">')[2])

    assert "Is a song sung twice? ACME-OBS-01" in text
    assert "it is sung twice 2 times e00001" in text
    assert "The reference of songs (API): once is enough" in text


def test_a_contract_without_tasks_and_money_has_no_such_sections() -> None:
    page = shown(Talk())

    assert [name for name in ("tasks", "ledger", "money") if part(page, name)] == []


@pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE.keys())
def test_whatever_a_task_says_is_text_and_nothing_else(text: str) -> None:
    harmless, hostile = (re.findall(r"<[a-z/!]+", html_page(*hostile_tasks(said))) for said in ("harmless", text))

    assert set(hostile) <= set(harmless) | {"<line", "<text", "</text"}


@pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE.keys())
def test_no_invisible_character_of_a_task_reaches_the_page(text: str) -> None:
    source = html_page(*hostile_tasks(text))

    assert re.findall("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ud800-\udfff\ufffe]", source) == []
    assert len(source) < 400_000
