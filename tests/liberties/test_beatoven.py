"""The liberties with Beatoven's composition: founded, taken by something, and seen in some answer."""

from __future__ import annotations

import asyncio
import re
import time
from functools import cache
from typing import TYPE_CHECKING, Any, Final

import httpx
import pytest

from conformance.contract.contract import load_contract
from conformance.contract.liberties import load_liberties
from conformance.liberties.beatoven.app import create_app
from conformance.liberties.beatoven.catalogue import TAKEN
from conformance.suite.audio import decode
from conformance.target.embedded import LIBERTY_VARIABLE

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

LIBERTIES: Final = load_liberties("beatoven")
COMPOSE: Final = "/api/v1/tracks/compose"
PROMPT: Final = {"prompt": {"text": "20 seconds calm piano"}}
MADE_AT_RANDOM: Final = re.compile(r"[0-9a-f]{64}|[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
REQUESTS: Final = 60
SLOW_SECONDS: Final = 0.015
# What only a run against the server is told, and no answer shows.
SHOWN: Final = [liberty.id for liberty in LIBERTIES if not liberty.withholds]


def test_each_is_taken_by_something_and_nothing_else_is_taken() -> None:
    by_code = [taken.id for taken in TAKEN]
    by_data = [liberty.id for liberty in LIBERTIES if liberty.wrappers or liberty.withholds]

    assert sorted([*by_code, *by_data]) == sorted(liberty.id for liberty in LIBERTIES)


def test_they_touch_requirements_that_exist() -> None:
    registry = load_contract("beatoven").registry
    named = {name for liberty in LIBERTIES for name in liberty.touches}

    assert sorted(name for name in named if name not in registry) == []


@cache
def seen_of_the_reference() -> tuple[object, ...]:
    return tuple(tour(()))


def test_the_reference_without_liberties_always_shows_the_same() -> None:
    assert tuple(tour(())) == seen_of_the_reference()


@pytest.mark.parametrize("liberty", SHOWN)
def test_a_liberty_changes_an_answer(liberty: str) -> None:
    assert tuple(tour((liberty,))) != seen_of_the_reference()


def tour(liberties: tuple[str, ...]) -> Iterator[object]:
    """What a client sees of a server that takes these liberties, without what is made at random."""
    with pytest.MonkeyPatch.context() as environment, asyncio.Runner() as runner:
        environment.setenv(LIBERTY_VARIABLE, ",".join(liberties))
        transport = httpx.ASGITransport(create_app())
        client = httpx.AsyncClient(transport=transport, base_url="http://studio.test")

        def ask(method: str, path: str, token: str = "", **parts: Any) -> httpx.Response:  # noqa: ANN401 - httpx's own
            headers = {**({"Authorization": f"Bearer {token}"} if token else {}), **parts.pop("headers", {})}
            return runner.run(client.request(method, path, headers=headers, **parts))

        keys = ask("POST", "/_control/tenants").json()["keys"]
        yield from _composition(ask, keys)
        yield from _refusals(ask, keys["main"])
        yield [ask("GET", "/api/v1/tasks/none", keys["main"]).status_code for _ in range(REQUESTS)]
        runner.run(client.aclose())


def _composition(ask: Any, keys: dict[str, str]) -> Iterator[object]:  # noqa: ANN401 - the function above
    main = keys["main"]
    yield min(seconds_for(lambda: ask("GET", "/api/v1/tasks/none", main)) for _ in range(5)) < SLOW_SECONDS
    started = ask("POST", COMPOSE, main, json={**PROMPT, "format": "aac"})
    yield seen(started)
    task = f"/api/v1/tasks/{started.json()['task_id']}"
    for seconds in (0, 5, 20):
        ask("POST", "/_control/clock", main, json={"advance_seconds": seconds})
        yield seen(ask("GET", task, main))
    yield seen(ask("GET", task, keys["second"]))
    ask("POST", "/_control/clock", main, json={"advance_seconds": 3600})
    meta = ask("GET", task, main).json()["meta"]
    projects = {ask_project(ask, main) for _ in range(2)}
    yield len(projects)
    for url in (meta["track_url"], meta["stems_url"]["chords"]):
        file = ask("GET", url)
        yield file.status_code, file.headers.get("content-type"), decoded(file)
    ask("POST", "/_control/tasks/outcome", main, json={"outcome": "failed"})
    failing = ask("POST", COMPOSE, main, json=PROMPT).json()["task_id"]
    ask("POST", "/_control/clock", main, json={"advance_seconds": 3600})
    yield seen(ask("GET", f"/api/v1/tasks/{failing}", main))


def ask_project(ask: Any, token: str) -> object:  # noqa: ANN401 - the function above
    task_id = ask("POST", COMPOSE, token, json=PROMPT).json()["task_id"]
    ask("POST", "/_control/clock", token, json={"advance_seconds": 3600})
    return ask("GET", f"/api/v1/tasks/{task_id}", token).json()["meta"]["project_id"]


def _refusals(ask: Any, main: str) -> Iterator[object]:  # noqa: ANN401 - the function above
    yield seen(ask("POST", COMPOSE, json=PROMPT))
    for body in ({}, {**PROMPT, "title": "x"}, {"prompt": {"text": "x" * 2000}}):
        yield seen(ask("POST", COMPOSE, main, json=body))
    yield seen(ask("POST", COMPOSE, main, content=b'{"prompt": {"text": "x"}}', headers={"Content-Type": "text/plain"}))
    created = ask("POST", "/api/v1/tracks", main, json=PROMPT)
    yield seen(created)


def seconds_for(asking: Callable[[], object]) -> float:
    began = time.monotonic()
    asking()
    return time.monotonic() - began


def decoded(file: httpx.Response) -> object:
    return decode(file.content).container if file.is_success else None


def seen(answer: httpx.Response) -> tuple[object, ...]:
    headers = sorted(
        (name.decode(), "" if name.lower() == b"content-length" else MADE_AT_RANDOM.sub("…", value.decode()))
        for name, value in answer.headers.raw
    )
    return answer.status_code, headers, MADE_AT_RANDOM.sub("…", answer.text)
