"""The translation desk by itself: what it answers, what it charges, what each of its faults changes."""

from __future__ import annotations

import asyncio
import json
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import httpx
import pytest
import yaml

from tests.project.checkout import ROOT
from tests.synchronous.desk import app, faults
from tests.synchronous.desk.books import MoneyTotals

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from starlette.applications import Starlette

    Desk = Callable[..., "Caller"]

DRAFT = {"text": "tea", "target": "de", "quality": "draft"}
SUMMARY = {"text": "one two three four five", "sentences": 1}


class Caller:
    """A client of the desk with the main key, unless a request brings another one."""

    def __init__(self, desk: Starlette) -> None:
        self._transport = httpx.ASGITransport(desk, raise_app_exceptions=False)

    def get(self, path: str, key: str | None = app.MAIN_KEY) -> httpx.Response:
        return asyncio.run(self._sent("GET", path, key))

    def post(self, path: str, json: object, key: str | None = app.MAIN_KEY) -> httpx.Response:
        return asyncio.run(self._sent("POST", path, key, json))

    def delete(self, path: str) -> httpx.Response:
        return asyncio.run(self._sent("DELETE", path, app.MAIN_KEY))

    async def _sent(self, method: str, path: str, key: str | None, json: object = None) -> httpx.Response:
        headers = {} if key is None else {"Desk-Key": key}
        async with httpx.AsyncClient(transport=self._transport, base_url="http://desk/desk", headers=headers) as client:
            return await client.request(method, path, json=json)


@pytest.fixture
def books(tmp_path: Path) -> MoneyTotals:
    return MoneyTotals(tmp_path / "books")


@pytest.fixture
def desk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Desk:
    def made(fault: str = "", **environment: str) -> Caller:
        settings = {faults.FAULTS: fault, app.BOOKS: str(tmp_path / "books"), **environment}
        for name, value in settings.items():
            monkeypatch.setenv(name, value)
        return Caller(app.create_app())

    return made


def code(content: dict[str, Any]) -> object:
    return content["status"]["code"]


def frames(text: str) -> list[dict[str, Any]]:
    return [json.loads(event.removeprefix("data: ")) for event in text.split("\n\n") if event]


def test_the_guide_shows_how_it_is_described() -> None:
    guide = (ROOT / "docs" / "how-to" / "test-any-api.md").read_text("utf-8")
    _, _, section = guide.partition("## An API that answers at once")
    block = [line for line in section.partition("\n- **")[0].splitlines() if line.startswith("    ")]
    shown = yaml.safe_load("\n".join(block))
    described = yaml.safe_load((ROOT / "tests" / "synchronous" / "desk" / "conventions.yaml").read_text("utf-8"))

    assert {name: described[name] for name in ("outcomes", "money", "operations")} == {
        name: part for name, part in shown.items() if name != "errors"
    }
    assert shown["errors"].items() <= described["errors"].items()


def test_what_it_accepts_is_made_charged_and_read_back(desk: Desk, books: MoneyTotals) -> None:
    client = desk()

    made = client.post("/translations", json=DRAFT).json()

    assert (code(made), made["text"], made["charged"]) == (0, "aet", "0.50")
    assert client.get(f"/translations/{made['translation_id']}").json() == made
    assert books.spent == Decimal("0.50")


def test_a_price_is_set_by_the_quality_and_that_of_a_summary_is_fixed(desk: Desk, books: MoneyTotals) -> None:
    client = desk()

    client.post("/translations", json={**DRAFT, "quality": "reviewed"})
    client.post("/summaries", json=SUMMARY)
    client.post("/summaries", json={**SUMMARY, "sentences": 5})

    charged = [(entry.key, entry.operation, entry.amount) for entry in books.entries if entry.amount is not None]
    assert charged == [
        ("main", "translateText", Decimal("2.00")),
        ("main", "summarizeText", Decimal("1.25")),
        ("main", "summarizeText", Decimal("1.25")),
    ]


def test_a_summary_ends_with_the_frame_that_says_so(desk: Desk) -> None:
    answer = desk().post("/summaries", json=SUMMARY)

    assert answer.headers["content-type"].startswith("text/event-stream")
    assert [frame["finished"] for frame in frames(answer.text)] == [False, False, False, True]
    assert frames(answer.text)[-1]["charged"] == "1.25"


def test_free_things_are_made_read_and_deleted(desk: Desk, books: MoneyTotals) -> None:
    client = desk()

    made = client.post("/glossaries", json={"name": "k", "terms": [{"source": "a", "target": "b"}]}).json()
    path = f"/glossaries/{made['glossary_id']}"
    codes = [code(answer.json()) for answer in (client.get(path), client.delete(path), client.get(path))]

    assert codes == [app.DONE, app.DONE, app.NOT_FOUND]
    assert code(client.get("/languages").json()) == code(client.post("/detections", json={"text": "a"}).json()) == 0
    assert books.entries == ()


@pytest.mark.parametrize(
    "wanted",
    [
        {},
        {**DRAFT, "more": 1},
        {**DRAFT, "text": ""},
        {**DRAFT, "text": "a" * 501},
        {**DRAFT, "target": "xx"},
        {**DRAFT, "quality": []},
        {**DRAFT, "formal": 1},
    ],
)
def test_what_the_document_does_not_allow_is_refused_in_http_200_and_costs_nothing(
    wanted: object, desk: Desk, books: MoneyTotals
) -> None:
    refused = desk().post("/translations", json=wanted)

    assert refused.status_code == 200
    assert code(refused.json()) == app.INVALID
    assert refused.json()["charged"] == "0.00"
    assert books.spent == 0
    assert len(books.arrivals) == 1


@pytest.mark.parametrize("key", [None, "", "another"])
def test_no_key_opens_nothing(key: str | None, desk: Desk, books: MoneyTotals) -> None:
    refused = desk().post("/translations", json=DRAFT, key=key)

    assert (refused.status_code, code(refused.json())) == (200, app.BAD_KEY)
    assert books.entries == ()


def test_what_one_key_made_is_unknown_to_another(desk: Desk) -> None:
    client = desk()
    made = client.post("/translations", json=DRAFT).json()

    answer = client.get(f"/translations/{made['translation_id']}", key=app.SECOND_KEY)

    assert code(answer.json()) == app.NOT_FOUND


def test_without_credit_nothing_is_made(desk: Desk, books: MoneyTotals) -> None:
    client = desk(**{app.CREDIT: "0.75"})

    codes = [code(client.post("/translations", json=DRAFT).json()) for _ in range(2)]

    assert codes == [app.DONE, app.NO_CREDIT]
    assert books.spent == Decimal("0.50")


def test_a_busy_desk_says_so_before_it_does_anything(desk: Desk, books: MoneyTotals) -> None:
    client = desk(**{app.BUSY_EVERY: "2"})

    codes = [code(client.post("/translations", json=DRAFT).json()) for _ in range(4)]

    assert codes == [app.DONE, app.BUSY, app.DONE, app.BUSY]
    assert len(books.arrivals) == 2


@pytest.mark.parametrize(
    "fault, wanted, codes",
    [
        (faults.UNKNOWN_MEMBER_ACCEPTED, {**DRAFT, "more": 1}, app.DONE),
        (faults.LONG_TEXT_ACCEPTED, {**DRAFT, "text": "a" * 501}, app.DONE),
        (faults.VALID_REQUEST_REFUSED, {**DRAFT, "quality": "reviewed"}, app.INVALID),
        (faults.UNDOCUMENTED_CODE, {}, app.UNDOCUMENTED),
        (faults.CODE_AS_TEXT, DRAFT, "0"),
        (faults.CRASH_AFTER_CHARGE, DRAFT, app.BROKEN),
    ],
)
def test_a_fault_changes_the_code(fault: str, wanted: object, codes: object, desk: Desk) -> None:
    assert code(desk(fault).post("/translations", json=wanted).json()) == codes


@pytest.mark.parametrize(
    "fault, wanted, spent",
    [
        (faults.DOUBLE_CHARGE, DRAFT, "1.00"),
        (faults.REFUSAL_CHARGED, {}, "0.50"),
        (faults.CRASH_AFTER_CHARGE, DRAFT, "0.50"),
        (faults.ANSWER_LOST, DRAFT, "0.50"),
    ],
)
def test_a_fault_changes_what_is_charged(
    fault: str, wanted: object, spent: str, desk: Desk, books: MoneyTotals
) -> None:
    desk(fault).post("/translations", json=wanted)

    assert books.spent == Decimal(spent)


def test_a_fault_makes_it_crash_on_an_empty_text(desk: Desk) -> None:
    crashed = desk(faults.CRASH_ON_EMPTY).post("/summaries", json={"text": ""})

    assert (crashed.status_code, code(crashed.json())) == (500, app.BROKEN)


def test_a_fault_opens_the_desk_without_a_key(desk: Desk) -> None:
    answer = desk(faults.KEY_IGNORED).get("/languages", key="none")

    assert code(answer.json()) == app.DONE


def test_a_fault_takes_the_text_from_refusals(desk: Desk) -> None:
    assert desk(faults.MESSAGE_MISSING).post("/translations", json={}).json()["status"] == {"code": app.INVALID}


@pytest.mark.parametrize("fault", [faults.GLOSSARY_LOST, faults.TRANSLATION_LOST])
def test_a_fault_loses_what_was_made(fault: str, desk: Desk) -> None:
    client = desk(fault)
    glossary = client.post("/glossaries", json={"name": "k", "terms": [{"source": "a", "target": "b"}]}).json()
    translation = client.post("/translations", json=DRAFT).json()

    found = {
        faults.GLOSSARY_LOST: code(client.get(f"/glossaries/{glossary['glossary_id']}").json()),
        faults.TRANSLATION_LOST: code(client.get(f"/translations/{translation['translation_id']}").json()),
    }

    assert [name for name, answered in found.items() if answered == app.NOT_FOUND] == [fault]


@pytest.mark.parametrize(
    "fault, end",
    [
        (faults.STREAM_WITHOUT_END, '"finished": false}\n\n'),
        (faults.STREAM_GOES_ON, '"and so on", "finished": false}\n\n'),
        (faults.STREAM_CUT_OFF, '{"status": {"co'),
        (faults.STREAM_CHARGE, '"charged": "2.50"}\n\n'),
    ],
)
def test_a_fault_changes_how_a_stream_ends(fault: str, end: str, desk: Desk) -> None:
    assert desk(fault).post("/summaries", json=SUMMARY).text.endswith(end)


def test_a_fault_makes_a_frame_unreadable(desk: Desk) -> None:
    assert desk(faults.FRAME_IS_NO_JSON).post("/summaries", json=SUMMARY).text.startswith("data: one \n\n")
