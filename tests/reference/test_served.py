from __future__ import annotations

import socket
import threading
from contextlib import contextmanager
from typing import TYPE_CHECKING

import httpx
import pytest
import uvicorn

from conformance.reference.beatra.app import create_app
from conformance.reference.beatra.settings import ReferenceSettings
from tests.reference.sandbox import SONG, TEXT_TO_MUSIC

if TYPE_CHECKING:
    from collections.abc import Iterator

SETTINGS = ReferenceSettings(queued_seconds=0, running_seconds=0, upload_bytes=1_000_000)


@contextmanager
def served() -> Iterator[str]:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        server = uvicorn.Server(uvicorn.Config(create_app(SETTINGS), log_level="warning"))
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]}, daemon=True)
        thread.start()
        try:
            yield f"http://127.0.0.1:{listener.getsockname()[1]}"
        finally:
            server.should_exit = True
            thread.join()


@pytest.fixture(scope="module")
def client() -> Iterator[httpx.Client]:
    headers = {"Authorization": f"Bearer {SETTINGS.main_key}"}
    with served() as origin, httpx.Client(base_url=origin, headers=headers, trust_env=False) as opened:
        yield opened


def exchange(client: httpx.Client, request: bytes) -> bytes:
    with socket.create_connection((client.base_url.host, client.base_url.port or 0), timeout=5) as connection:
        connection.sendall(request)
        return b"".join(iter(lambda: connection.recv(65536), b""))


def test_clips_are_delivered_under_urls_of_the_servers_own_address(client: httpx.Client) -> None:
    task_id = client.post(TEXT_TO_MUSIC, json=SONG).json()["task_id"]
    clip = client.get(f"/v1/tasks/{task_id}").json()["output"]["clips"][0]

    assert clip["url"].startswith(str(client.base_url))
    assert client.get(clip["url"]).content.startswith(b"RIFF")


def test_a_file_far_beyond_the_limit_is_answered_and_not_cut_off(client: httpx.Client) -> None:
    answer = client.post("/v1/uploads", files={"file": ("a.mp3", b"a" * 3_500_000, "audio/mpeg")})

    assert (answer.status_code, answer.json()["error"]["code"]) == (413, "payload_too_large")


def test_head_answers_like_get_without_a_body(client: httpx.Client) -> None:
    answer = client.head("/v1/tasks")

    assert (answer.status_code, answer.content) == (200, b"")
    assert answer.headers["x-request-id"].startswith("req_")


def test_path_segments_with_dots_lead_nowhere(client: httpx.Client) -> None:
    key = SETTINGS.main_key.encode()
    answer = exchange(
        client,
        b"GET /v1/tasks/../tasks HTTP/1.1\r\nHost: x\r\nConnection: close\r\nAuthorization: Bearer "
        + key
        + b"\r\n\r\n",
    )

    assert answer.startswith(b"HTTP/1.1 404 ")
    assert b'"code":"not_found"' in answer


def test_a_client_that_goes_away_in_the_middle_of_its_request_does_no_harm(client: httpx.Client) -> None:
    with socket.create_connection((client.base_url.host, client.base_url.port or 0)) as connection:
        connection.sendall(
            b"POST /v1/music/text-to-music HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n"
            b"Content-Length: 100\r\nAuthorization: Bearer " + SETTINGS.main_key.encode() + b"\r\n\r\n{"
        )

    assert client.get("/v1/tasks").status_code == 200
