"""A deployment with real money: the suite gets its address and keys, and only the tests see its books."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import httpx

from conformance.target.serve import serve_app
from tests.cli.forking import served_by_forks
from tests.cli.runs import KEY, conformance, started

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.cli.forking import Fork
    from tests.cli.runs import Finished

REFERENCE = "conformance.reference.beatra.app:create_app"
FAULTY = "conformance.mutants.beatra.app:create_app"
STARTING = Decimal(1000)
_MAIN, _SECOND, _FORBIDDEN = ("sk-" + digit * 32 for digit in "012")
KEYS = {KEY: _MAIN, "CONFORMANCE_SECOND_KEY": _SECOND, "CONFORMANCE_FORBIDDEN_KEY": _FORBIDDEN}
_OVER = {"succeeded", "failed", "canceled"}
_PREFIX = "CONFORMANCE_REFERENCE_"


@dataclass(frozen=True)
class Deployment:
    """A reference that is served from a process of its own, and stated as one with real money."""

    origin: str
    folder: Path

    @property
    def net(self) -> Decimal:
        """What its two tenants have paid in all, by its own books."""
        return sum((STARTING - self._balance(key) for key in (_MAIN, _SECOND)), Decimal(0))

    def tasks(self) -> list[dict[str, Any]]:
        """All tasks of both tenants, as it shows them to their owners."""
        return [task for key in (_MAIN, _SECOND) for task in self._tasks(key)]

    def going_on(self) -> list[str]:
        return [task["task_id"] for task in self.tasks() if task["status"] not in _OVER]

    def certified(self, *options: str) -> Finished:
        """A run against it that knows nothing but its address and keys."""
        return conformance("run", *self.statement(), *options, folder=self.folder, environment=KEYS)

    def begun(self, *options: str) -> Fork:
        """The same, while it goes on."""
        return started(["run", *self.statement(), *options], self.folder, KEYS)

    def statement(self) -> tuple[str, str]:
        content = f'[target]\nbase_url = "{self.origin}/v1"\nsystem = "beatra"\nmoney = "real"\n'
        (self.folder / "target.toml").write_text(content, "utf-8")
        return "--target", "target.toml"

    def _balance(self, key: str) -> Decimal:
        return Decimal(self._shown("/_control/wallet", key)["balance_credits"])

    def _tasks(self, key: str) -> Iterator[dict[str, Any]]:
        cursor = ""
        while True:
            page = self._shown(f"/v1/tasks?limit=100{cursor}", key)
            yield from (self._shown(f"/v1/tasks/{summary['task_id']}", key) for summary in page["data"])
            if not page["has_more"]:
                return
            cursor = f"&cursor={page['next_cursor']}"

    def _shown(self, path: str, key: str) -> dict[str, Any]:
        answer = httpx.get(self.origin + path, headers={"Authorization": f"Bearer {key}"}, trust_env=False)
        shown: dict[str, Any] = answer.raise_for_status().json()
        return shown


@contextmanager
def deployed(folder: Path, app: str = REFERENCE, *, queued: float, running: float, **more: str) -> Iterator[Deployment]:
    """A deployment whose tasks wait and work for so many seconds; `more` are environment variables."""
    environment = {
        **more,
        f"{_PREFIX}QUEUED_SECONDS": f"{queued}",
        f"{_PREFIX}RUNNING_SECONDS": f"{running}",
        f"{_PREFIX}STARTING_CREDITS": f"{STARTING}",
        f"{_PREFIX}MAIN_KEY": _MAIN,
        f"{_PREFIX}SECOND_KEY": _SECOND,
        f"{_PREFIX}FORBIDDEN_KEY": _FORBIDDEN,
    }
    with served_by_forks(), serve_app(app, factory=True, environment=environment, log=folder / "target.log") as served:
        yield Deployment(served.origin, folder)
