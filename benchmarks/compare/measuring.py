"""Processes that are waited for, with what they cost."""

from __future__ import annotations

import os
import signal
import subprocess
import threading
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

# Far more than any tool takes; it only ends what hangs.
_LONGEST_SECONDS: Final = 900.0


@dataclass(frozen=True, slots=True)
class Step:
    """One command of a tool, with what it needs in its environment; what it prints goes to the file `output`."""

    arguments: Sequence[str]
    output: str
    environment: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Cost:
    """What commands cost: wall time, and processor time of theirs and of all processes they waited for, in seconds."""

    wall: float
    cpu: float
    status: int


def carried_out(steps: Sequence[Step], folder: Path) -> Cost:
    """Carry commands out in a folder, one after the other, whatever their exit statuses are; `status` is the last."""
    costs = [_carried_out(step, folder) for step in steps]
    return Cost(sum(cost.wall for cost in costs), sum(cost.cpu for cost in costs), costs[-1].status)


def _carried_out(step: Step, folder: Path) -> Cost:
    started = time.monotonic()
    with (folder / step.output).open("wb") as output:
        process = subprocess.Popen(  # noqa: S603 - the commands are ours
            step.arguments,
            cwd=folder,
            env={**os.environ, **step.environment},
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
        patience = threading.Timer(_LONGEST_SECONDS, os.killpg, (process.pid, signal.SIGKILL))
        patience.start()
        # Not `Popen.wait`: only this call tells what the process has used.
        _, status, used = os.wait4(process.pid, 0)
        patience.cancel()
    process.returncode = os.waitstatus_to_exitcode(status)
    return Cost(time.monotonic() - started, used.ru_utime + used.ru_stime, process.returncode)
