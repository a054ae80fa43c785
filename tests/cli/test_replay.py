"""`conformance replay` sends one recorded exchange again and shows how its answer differs."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from conformance.client.request import PreparedRequest
from conformance.journal.reader import read_recording
from tests.cli.runs import KEY, conformance
from tests.cli.studio.app import FAULT
from tests.cli.studio.app import KEY as STUDIO_KEY
from tests.cli.test_any_document import run_studio
from tests.client.bench import BASE, make_bench
from tests.client.loopback import saying, serving

if TYPE_CHECKING:
    from pathlib import Path

    from tests.cli.runs import Finished

ALIKE, DIFFERENT, USAGE_ERROR = 0, 1, 2


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Finished:
    return run_studio(tmp_path_factory.mktemp("run"), "--only", "LOOP_STUDIO-post-loops-REPLAYS")


def exchange_of(run: Finished, method: str) -> str:
    recording = read_recording(run.folder)
    return next(one.id for one in recording.exchanges if one.request.method == method and one.origin == "target")


def replayed(run: Finished, exchange: str, *more: str, fault: str = "", key: str = STUDIO_KEY) -> Finished:
    environment = {FAULT: fault, **({KEY: key} if key else {})}
    return conformance("replay", str(run.folder), exchange, *more, folder=run.folder, environment=environment)


def test_an_answer_that_has_not_changed_is_the_same(run: Finished) -> None:
    again = replayed(run, exchange_of(run, "GET"))

    assert again.status == ALIKE
    assert "  the same answer: 200" in again.output
    assert STUDIO_KEY not in again.output


def test_what_has_changed_is_shown_place_by_place(run: Finished) -> None:
    again = replayed(run, exchange_of(run, "GET"), fault="trace missing")

    assert again.status == DIFFERENT
    assert "  header x-trace: " in again.output
    assert " → nothing" in again.output


def test_what_may_cost_real_money_is_sent_on_request_only(run: Finished) -> None:
    post = exchange_of(run, "POST")

    refused = replayed(run, post, "http://127.0.0.1:9/v2")

    assert refused.status == USAGE_ERROR
    assert f"{post} is a POST that may cost real money, so it is not sent; --may-cost sends it." in refused.output
    assert "The target gives no answer: " in replayed(run, post, "http://127.0.0.1:9/v2", "--may-cost").output


@pytest.mark.parametrize(
    "exchange, key, sentence",
    [
        ("main-99999", STUDIO_KEY, "has no exchange 'main-99999'; the nearest is main-"),
        (None, "", f"{KEY} is not set: the request carried the key in it."),
    ],
)
def test_what_can_t_be_sent_is_said_in_one_sentence(
    exchange: str | None, key: str, sentence: str, run: Finished
) -> None:
    again = replayed(run, exchange or exchange_of(run, "GET"), key=key)

    assert again.status == USAGE_ERROR
    assert sentence in again.output
    assert "Traceback" not in again.output


def recorded_run(folder: Path, url: str, *headers: tuple[str, str]) -> None:
    """A run of one exchange, with a key called TENANT_KEY in one of the headers that the user stated."""
    bench = make_bench(folder, [])
    bench.client.send(PreparedRequest("GET", url, headers, transport="raw"), bench.sender())
    bench.client.journal.close()
    stated = {"headers": ["X-Tenant: $TENANT_KEY"], "scheme_keys": [], "key_variables": [["main", "MUSIC_KEY"]]}
    settings = {"base_url": BASE, "play": True, "system": "sample", "app": None, **stated}
    (folder / "run.json").write_text(json.dumps({"settings": settings}), "utf-8")


def test_keys_and_nothing_else_of_the_environment_are_put_in(tmp_path: Path) -> None:
    headers = (("X-Tenant", "$TENANT_KEY"), ("If-Match", "$CI_TOKEN"))
    recorded_run(tmp_path, f"{BASE}/songs/$TENANT_KEY?after=$CI_TOKEN", *headers)
    environment = {"MUSIC_KEY": "sk-music-1", "TENANT_KEY": "tenant-1234", "CI_TOKEN": "token-of-the-pipeline"}

    with serving(saying(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")) as server:
        conformance("replay", str(tmp_path), "gw0-1", server.origin, folder=tmp_path, environment=environment)

    heard = bytes(server.visits[0].heard).decode()
    assert heard.startswith("GET /songs/$TENANT_KEY?after=$CI_TOKEN HTTP/1.1\r\n")
    assert "Authorization: Bearer sk-music-1\r\n" in heard
    assert "X-Tenant: tenant-1234\r\n" in heard
    assert "If-Match: $CI_TOKEN\r\n" in heard


def test_a_request_with_a_key_that_was_changed_on_purpose_is_not_sent(tmp_path: Path) -> None:
    recorded_run(tmp_path, f"{BASE}/songs", ("X-Tenant", "$TENANT_KEY (altered)"))

    again = conformance("replay", str(tmp_path), "gw0-1", folder=tmp_path)

    assert again.status == USAGE_ERROR
    assert "gw0-1 carried a changed key (altered), so it can't be sent again." in again.output


def test_a_folder_that_is_no_run_is_refused(tmp_path: Path) -> None:
    (tmp_path / "run.json").write_text(json.dumps({}), "utf-8")

    again = conformance("replay", str(tmp_path), "main-1", folder=tmp_path)

    assert again.status == USAGE_ERROR
    assert "Traceback" not in again.output
