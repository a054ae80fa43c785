"""Leases end with their owners, however these end."""

from __future__ import annotations

import signal
import subprocess
import sys
from typing import TYPE_CHECKING

from conformance.client.locks import ProcessLease, is_alive

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

import pytest

HOLDING = """
import sys
from pathlib import Path
from conformance.client.locks import ProcessLease
lease = ProcessLease(Path(sys.argv[1]), "gw1")
print(lease.name, flush=True)
sys.stdin.read()
"""


@pytest.fixture
def other(tmp_path: Path) -> Iterator[tuple[str, subprocess.Popen[str]]]:
    """Another process that holds leases, by its name."""
    command = [sys.executable, "-c", HOLDING, str(tmp_path)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        yield process.stdout.readline().strip(), process
        process.kill()


def test_a_process_lives_until_it_gives_up(tmp_path: Path) -> None:
    lease = ProcessLease(tmp_path, "gw0")

    assert lease.is_alive(lease.name)
    assert is_alive(tmp_path, lease.name)
    lease.close()
    assert not lease.is_alive(lease.name)
    assert not is_alive(tmp_path, lease.name)


def test_who_was_never_there_does_not_live(tmp_path: Path) -> None:
    assert not is_alive(tmp_path, "gw7-1")


def test_asking_does_not_end_a_lease(tmp_path: Path) -> None:
    lease = ProcessLease(tmp_path, "gw0")

    assert [is_alive(tmp_path, lease.name) for _ in range(3)] == [True, True, True]
    lease.close()


def test_another_process_is_seen_to_live(tmp_path: Path, other: tuple[str, subprocess.Popen[str]]) -> None:
    name, _ = other
    lease = ProcessLease(tmp_path, "gw0")

    assert lease.is_alive(name)
    lease.close()


@pytest.mark.parametrize("end", [signal.SIGKILL, signal.SIGTERM])
def test_and_to_be_dead_at_once(tmp_path: Path, other: tuple[str, subprocess.Popen[str]], end: int) -> None:
    name, process = other
    process.send_signal(end)
    process.wait()

    assert not is_alive(tmp_path, name)


def test_no_two_processes_have_one_name(tmp_path: Path, other: tuple[str, subprocess.Popen[str]]) -> None:
    lease = ProcessLease(tmp_path, "gw1")

    assert lease.name != other[0]
    lease.close()
