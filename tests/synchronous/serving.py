"""The translation desk at a URL, and runs of the suite that know nothing of it but its document and conventions."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import httpx

from conformance.target.serve import serve_app
from tests.cli.forking import served_by_forks
from tests.cli.runs import KEY, REPORTS, conformance, started
from tests.synchronous.desk.app import BOOKS, MAIN_KEY
from tests.synchronous.desk.books import MoneyTotals
from tests.synchronous.desk.faults import FAULTS

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.cli.forking import Fork
    from tests.cli.runs import Finished

DESK = Path(__file__).parent / "desk"
DESCRIBED = ("--spec", str(DESK / "openapi.yaml"), "--conventions", str(DESK / "conventions.yaml"))
ENVIRONMENT = {KEY: MAIN_KEY}
PREFIX = "TRANSLATION_DESK-"


@dataclass(frozen=True)
class Served:
    """The desk while it answers, with the books that only tests look at."""

    origin: str
    folder: Path
    books: MoneyTotals

    def certified(self, *options: str, money: str = "real") -> Finished:
        """A run from start to end, with its reports in a folder of its own."""
        return conformance("run", *self.arguments(*options, money=money), folder=self.folder, environment=ENVIRONMENT)

    def begun(self, *options: str, money: str = "real") -> Fork:
        """The same, while it goes on."""
        return started(["run", *self.arguments(*options, money=money)], self.folder, ENVIRONMENT)

    def under_way(self) -> int:
        """How many requests the desk is still dealing with."""
        shown: int = httpx.get(f"{self.origin}/under-way", trust_env=False).raise_for_status().json()
        return shown

    def arguments(self, *options: str, money: str) -> tuple[str, ...]:
        statement = self.folder / f"{money}.toml"
        statement.write_text(f'[target]\nbase_url = "{self.origin}"\nmoney = "{money}"\n', "utf-8")
        return ("--target", str(statement), *DESCRIBED, "--report-dir", REPORTS, *options)


@contextmanager
def served(folder: Path, *faults: str, **environment: str) -> Iterator[Served]:
    """The desk with these faults."""
    folder.mkdir(parents=True, exist_ok=True)
    books = folder / "books"
    settings = {FAULTS: ",".join(faults), BOOKS: str(books), **environment}
    app = "tests.synchronous.desk.app:create_app"
    with served_by_forks(), serve_app(app, factory=True, environment=settings, log=folder / "desk.log") as running:
        yield Served(running.origin, folder, MoneyTotals(books))


def verdicts(run: Finished) -> dict[str, str]:
    """The verdicts by requirement, without the name of the system."""
    return {name.removeprefix(PREFIX): verdict for name, verdict in run.verdicts}


def failing(run: Finished) -> set[str]:
    return {name for name, verdict in verdicts(run).items() if verdict == "fail"}


def spend(run: Finished) -> dict[str, Any]:
    found: dict[str, Any] = run.report["spend"]
    return found
