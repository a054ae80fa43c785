"""Serving the proxy until it is stopped, time is over or no request arrives any more; findings are shown meanwhile."""

from __future__ import annotations

import asyncio
import signal
import time
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import uvicorn

from conformance.journal.reader import Recording
from conformance.target.durations import seconds_of
from conformance.traffic.errors import UnusableTimeLimitError
from conformance.traffic.judge import failing

if TYPE_CHECKING:
    import socket
    from collections.abc import Callable

    from conformance.traffic.proxy import Activity, Proxy
    from conformance.traffic.records import Records
    from conformance.verdicts.model import RequirementOutcome

_POLL_SECONDS: Final = 0.1
# Judging all that was seen takes longer the more it is; it must not take more than a part of the time.
_SHARE: Final = 10
_GRACE_SECONDS: Final = 5


@dataclass(frozen=True, slots=True)
class Until:
    """When watching ends on its own: after so many seconds, or so many seconds after the last answer (None: never)."""

    over_seconds: float | None = None
    idle_seconds: float | None = None

    def is_reached(self, started: float, activity: Activity) -> bool:
        """Whether it has ended; before the first request nothing counts as idle."""
        if self.over_seconds is not None and time.monotonic() - started >= self.over_seconds:
            return True
        return self.idle_seconds is not None and activity.done > 0 and activity.idle_seconds() >= self.idle_seconds


def duration(text: str) -> float:
    """
    The seconds of a duration such as `90s`, `10m`, `2h` or `1.5` (seconds).

    Raises:
        UnusableTimeLimitError: it is none.
    """
    seconds = seconds_of(text)
    if seconds is None:
        raise UnusableTimeLimitError(f"{text[:40]!r} is no duration; write it like 90s, 10m or 2h, at most 30 days.")
    return seconds


def serve(
    proxy: Proxy, listener: socket.socket, records: Records, until: Until, show: Callable[[RequirementOutcome], None]
) -> None:
    """Serve the proxy on a socket until the end, and `show` each requirement as soon as it is seen to fail."""
    config = uvicorn.Config(
        proxy.app(),
        log_level="warning",
        access_log=False,
        server_header=False,
        date_header=False,
        timeout_graceful_shutdown=_GRACE_SECONDS,
    )
    # Ctrl-C is how watching usually ends, and a signal to the process means the same; uvicorn passes both on.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    with suppress(KeyboardInterrupt):
        asyncio.run(_watch(uvicorn.Server(config), listener, proxy, records=records, until=until, show=show))


async def _watch(
    server: uvicorn.Server,
    listener: socket.socket,
    proxy: Proxy,
    *,
    records: Records,
    until: Until,
    show: Callable[[RequirementOutcome], None],
) -> None:
    serving = asyncio.create_task(server.serve([listener]))
    shown: set[str] = set()
    seen, started, next_judgement = 0, time.monotonic(), 0.0
    while not serving.done():
        if until.is_reached(started, proxy.activity):
            server.should_exit = True
        count = len(records.kept)
        if count > seen and time.monotonic() >= next_judgement:
            seen, began = count, time.monotonic()
            found = await asyncio.to_thread(failing, records.kept[:count], Recording(), records.watched)
            for outcome in found:
                if outcome.requirement not in shown:
                    shown.add(outcome.requirement)
                    show(outcome)
            next_judgement = time.monotonic() + _SHARE * (time.monotonic() - began)
        await asyncio.wait((serving,), timeout=_POLL_SECONDS)
    await serving
