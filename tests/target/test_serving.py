from __future__ import annotations

import signal
import socket
import subprocess
import sys
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import httpx
import pytest

from conformance.target.errors import AppNotLoadableError
from conformance.target.serve import serve_app

if TYPE_CHECKING:
    from pathlib import Path

APPS = "tests.target.apps"
ACKNOWLEDGED_AFTER_SECONDS = 0.035
# Serves an application until it is told otherwise, and says where.
PARENT = """
import pathlib, sys, threading
from conformance.target.serve import serve_app
log = pathlib.Path(sys.argv[1])
with serve_app("tests.target.apps:echo", factory=False, environment={}, log=log) as served:
    print(served.origin, flush=True)
    threading.Event().wait()
"""


def is_ended(connection: socket.socket) -> bool:
    """Whether the process at the other end lets go of a connection before the connection's time limit."""
    try:
        return connection.recv(1) == b""
    except ConnectionResetError:
        return True


def problem_of(spec: str, log: Path, *, factory: bool = False, startup_seconds: float = 10) -> str:
    with (
        pytest.raises(AppNotLoadableError) as caught,
        serve_app(spec, factory=factory, environment={}, log=log, startup_seconds=startup_seconds),
    ):
        pass
    return str(caught.value)


@pytest.mark.parametrize("name, kind", [("echo", "app"), ("make_echo", "factory")])
def test_an_application_or_its_factory_is_served_on_loopback(name: str, kind: str, tmp_path: Path) -> None:
    with serve_app(f"{APPS}:{name}", factory=kind == "factory", environment={}, log=tmp_path / "log") as served:
        answer = httpx.get(f"{served.origin}/v1/here", trust_env=False)

    assert served.origin.startswith("http://127.0.0.1:")
    assert answer.json()["path"] == "/v1/here"


def test_the_body_of_an_answer_does_not_wait_until_its_head_is_acknowledged(tmp_path: Path) -> None:
    with (
        serve_app(f"{APPS}:echo", factory=False, environment={}, log=tmp_path / "log") as served,
        httpx.Client(trust_env=False) as client,
    ):
        # A connection that is new acknowledges at once, one that is older only after 40 ms.
        elapsed = [client.get(served.origin).elapsed.total_seconds() for _ in range(40)]

    assert min(elapsed[-20:]) < ACKNOWLEDGED_AFTER_SECONDS


def test_the_application_sees_the_variables_that_it_was_given(tmp_path: Path) -> None:
    given = {"CONFORMANCE_REFERENCE_X": "1"}
    with serve_app(f"{APPS}:echo", factory=False, environment=given, log=tmp_path / "log") as served:
        answer = httpx.get(served.origin, trust_env=False)

    assert answer.json()["environment"] == given


def test_two_applications_have_ports_of_their_own(tmp_path: Path) -> None:
    with (
        serve_app(f"{APPS}:echo", factory=False, environment={}, log=tmp_path / "1") as first,
        serve_app(f"{APPS}:echo", factory=False, environment={}, log=tmp_path / "2") as second,
    ):
        origins = {first.origin, second.origin}

    assert len(origins) == 2


def test_nothing_answers_after_the_block(tmp_path: Path) -> None:
    with serve_app(f"{APPS}:echo", factory=False, environment={}, log=tmp_path / "log") as served:
        pass

    with pytest.raises(httpx.ConnectError):
        httpx.get(served.origin, trust_env=False)


def test_an_application_that_is_asked_to_stop_ends_before_the_block_does(tmp_path: Path) -> None:
    with serve_app(f"{APPS}:echo", factory=False, environment={}, log=tmp_path / "log") as served:
        with socket.create_connection(("127.0.0.1", urlsplit(served.origin).port or 0), timeout=10) as connection:
            served.request_stop()
            ended = is_ended(connection)
        served.request_stop()

    assert ended


def test_what_the_application_prints_goes_to_the_log(tmp_path: Path) -> None:
    log = tmp_path / "run" / "target.log"
    with serve_app(f"{APPS}:echo", factory=False, environment={}, log=log):
        pass

    assert "Application startup complete" in log.read_text("utf-8")


@pytest.mark.parametrize(
    "spec, kind, reason",
    [
        (
            "nosuch:app",
            "app",
            "module nosuch can't be imported: ModuleNotFoundError: No module named 'nosuch'; if it is installed in",
        ),
        ("tests.target.crashing:app", "app", "can't be imported: RuntimeError: settings are missing"),
        ("tests.target.exiting:app", "app", "the end of what it wrote: this needs a licence"),
        (f"{APPS}:nosuch", "app", "module tests.target.apps has no nosuch"),
        (f"{APPS}:NOT_CALLABLE", "app", "is no application, nothing that can be called"),
        (
            f"{APPS}:make_nothing",
            "factory",
            "make_nothing made no application: RuntimeError: no database anywhere",
        ),
        (f"{APPS}:failing_startup", "app", "the disk is full"),
        ("tests.target.apps", "app", "an application is named as package.module:attribute"),
    ],
)
def test_what_cannot_be_served_says_why_in_one_line(spec: str, kind: str, reason: str, tmp_path: Path) -> None:
    log = tmp_path / "log"

    problem = problem_of(spec, log, factory=kind == "factory")

    assert problem.startswith(f"{spec} can't be served: ")
    assert reason in problem
    assert problem.endswith(f"(its log: {log}).")
    assert "\n" not in problem


def test_a_startup_that_never_ends_is_given_up(tmp_path: Path) -> None:
    problem = problem_of(f"{APPS}:endless_startup", tmp_path / "log", startup_seconds=0.5)

    assert "did not start within 0.5 s" in problem


@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGTERM, signal.SIGKILL])
def test_the_application_never_outlives_the_one_who_serves_it(how: signal.Signals, tmp_path: Path) -> None:
    with subprocess.Popen(
        [sys.executable, "-c", PARENT, str(tmp_path / "log")],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    ) as parent:
        assert parent.stdout
        origin = urlsplit(parent.stdout.readline().strip())
        with socket.create_connection((str(origin.hostname), origin.port or 0), timeout=10) as connection:
            parent.send_signal(how)

            assert is_ended(connection)
