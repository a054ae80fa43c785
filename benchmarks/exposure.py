"""
How much a target can take from a run that has a cap, when it does its worst and processes are killed.

    .venv/bin/python benchmarks/exposure.py [--runs 200] [--seed 1]

Each run has eight processes with one purse and a cap of 1000, against a server on loopback that keeps books of its own.
Runs take turns: a greedy server accepts everything and charges ten times the price, an honest one does as it should;
in every other pair of runs one process is killed (-9) while its request is under way. With the greedy server no more
than the cap and the excess of one request may ever be at stake. With the honest one everything that was planned must
have been carried out by all that were not killed, and in the end nothing is paid for but what was to be kept.
Prints one line of JSON; the exit status is 1 when any run broke a promise.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import signal
import sys
import tempfile
import threading
import traceback
from contextlib import suppress
from contextvars import copy_context
from dataclasses import dataclass
from decimal import Decimal
from functools import partial
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from select import select
from typing import TYPE_CHECKING, Final
from urllib.request import urlopen

from conformance.accounts.account import Account
from conformance.client.client import Client
from conformance.client.errors import ReservationError
from conformance.client.identity import Identity
from conformance.client.locks import ProcessLease
from conformance.client.rate_limit import Pacer
from conformance.client.transports.faulty import FaultyTransport
from conformance.client.transports.over_httpx import HttpxTransport
from conformance.journal.redaction import Redactor, Secret
from conformance.journal.writer import Journal
from conformance.money.budget import Budget, Tier, cancels, keeps, refuses
from conformance.money.charges import ChargeTracker
from conformance.money.cleanup import Cleaner
from conformance.money.guard import RealMoneyGuard
from conformance.money.ledger import SpendLedger
from conformance.money.purchases import Purchases
from tests.client.shop import LOUD, SOFT, Shop, shop_contract

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from email.message import Message

    from conformance.journal.records import Exchange

WORKERS: Final = 8
CAP: Final = Decimal(1000)
PRICES: Final = {LOUD: Decimal(80), SOFT: Decimal(50)}
GREED: Final = 10
PATIENCE_SECONDS: Final = 30
EXCESS: Final = max(PRICES.values()) * (GREED - 1)
KEPT: Final = sum(PRICES.values(), Decimal(0))
KEY: Final = "sk-abcdefghijklmnopqrstuvwxyz012345"
# Of the creations that a run makes at least, one is answered too late for the process that is killed.
LATEST_KILL: Final = 9
NO_MODEL: Final = "no such model"


@dataclass(frozen=True, slots=True)
class ScenarioBudget:
    """A scenario: what it may spend, and the models that it asks for; `bought` is made once for all processes."""

    name: str
    budget: Budget
    asked: tuple[str, ...] = ()
    bought: tuple[str, ...] = ()


# What each process plans, all at the same time; some have to wait for others, as not all fit under the cap at once.
SCENARIO_BUDGETS: Final = (
    ScenarioBudget("song", keeps(LOUD), bought=(LOUD,)),
    ScenarioBudget("life", keeps(SOFT), bought=(SOFT,)),
    ScenarioBudget("retry", cancels(LOUD, SOFT, open_at_once=2), asked=(LOUD, SOFT)),
    ScenarioBudget("options", cancels(SOFT), asked=(SOFT,)),
    ScenarioBudget("refused", refuses(2), asked=(NO_MODEL, NO_MODEL)),
    ScenarioBudget("shelf", keeps(SOFT, cancelled=(LOUD,) * 3, open_at_once=3), asked=(LOUD,) * 3, bought=(SOFT,)),
)


def main() -> None:
    """Carry out all runs and say what was the most that was ever at stake."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--runs", type=int, default=200, help="how many, of both kinds of servers together")
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    outcomes = []
    for number in range(options.runs):
        outcomes.append(carried_out(number, random.Random(f"{options.seed}-{number}")))  # noqa: S311 - no secret
        if sys.stderr.isatty() or (number + 1) % 20 == 0:
            print(f"{number + 1} of {options.runs} runs", file=sys.stderr, flush=True)
    print(json.dumps(summary(outcomes)))
    sys.exit(any(outcome.complaints for outcome in outcomes))


@dataclass(frozen=True, slots=True)
class Outcome:
    """A run as the server's books have it, and the promises that it broke."""

    greedy: bool
    killed: bool
    most: Decimal
    net: Decimal
    created: int
    complaints: tuple[str, ...]


def summary(outcomes: list[Outcome]) -> Mapping[str, object]:
    """The figures of all runs."""
    greedy, honest = ([one for one in outcomes if one.greedy is kind] for kind in (True, False))
    return {
        "runs": len(outcomes),
        "with_a_kill": sum(one.killed for one in outcomes),
        "bound": f"{CAP + EXCESS:f}",
        "most_with_greedy_server": f"{max((one.most for one in greedy), default=Decimal(0)):f}",
        "most_with_honest_server": f"{max((one.most for one in honest), default=Decimal(0)):f}",
        "tasks_with_honest_server": sum(one.created for one in honest),
        "complaints": [complaint for one in outcomes for complaint in one.complaints],
    }


def carried_out(number: int, chance: random.Random) -> Outcome:
    """One run: the even ones against the greedy server, every other pair with a kill."""
    greedy, kill_at = number % 2 == 0, None
    if number // 2 % 2 == 0:
        # A greedy server gets one request only, unless nobody lives to see its answer.
        kill_at = 1 if greedy else chance.randint(1, LATEST_KILL)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        server = Server(greedy=greedy, kill_at=kill_at)
        try:
            workers = [forked(partial(worked, folder, server.url, index)) for index in range(WORKERS)]
            victim = server.kill(workers) if kill_at is not None else None
            failed = [index for index, pid in enumerate(workers) if os.waitpid(pid, 0)[1] and index != victim]
            cleaned(folder, server.url)
            return judged(number, folder, server.books(), failed, greedy=greedy, victim=victim)
        finally:
            server.stop()


def judged(
    number: int,
    folder: Path,
    books: Mapping[str, str],
    failed: list[int],
    *,
    greedy: bool,
    victim: int | None,
) -> Outcome:
    """Compare what the server has in its books with what was promised."""
    most, net = Decimal(books["most"]), Decimal(books["net"])
    bound = CAP + EXCESS if greedy else CAP
    complaints = [f"run {number}: process {index} broke" for index in failed]
    if most > bound:
        complaints.append(f"run {number}: {most:f} was at stake, which is more than {bound:f}")
    if not greedy:
        undone = [line for path in folder.glob("undone-*") for line in path.read_text("utf-8").splitlines()]
        complaints += [f"run {number}: {line}" for line in undone]
        if net != KEPT:
            complaints.append(f"run {number}: {net:f} was paid for, not {KEPT:f}")
    return Outcome(greedy, victim is not None, most, net, int(books["created"]), tuple(complaints))


def forked(work: Callable[[], None]) -> int:
    """A process of its own that does this work; its status says whether it came to its end."""
    pid = os.fork()
    if pid:
        return pid
    status = 1
    try:
        work()
        status = 0
    except BaseException:
        traceback.print_exc()
        raise
    finally:
        os._exit(status)


class Server:
    """The target, in a process of its own: it tells when the request is there whose sender is to be killed."""

    def __init__(self, *, greedy: bool, kill_at: int | None) -> None:
        shop = Shop(prices=PRICES, markup=Decimal(GREED if greedy else 1), lenient=greedy)
        self._told, telling = os.pipe()
        acknowledged, self._acknowledging = os.pipe()
        http = Counter(shop, kill_at, telling, acknowledged)
        self.url = f"http://127.0.0.1:{http.server_address[1]}/api"
        self._pid = forked(http.serve_forever)
        http.server_close()
        os.close(telling)
        os.close(acknowledged)

    def kill(self, workers: list[int]) -> int | None:
        """Kill the process whose request has come, before it is answered, and return its index."""
        if not select([self._told], [], [], PATIENCE_SECONDS)[0]:
            return None
        victim = os.read(self._told, 1)[0]
        os.kill(workers[victim], signal.SIGKILL)
        os.write(self._acknowledging, b".")
        return victim

    def books(self) -> Mapping[str, str]:
        """What the server has in its books."""
        with urlopen(f"{self.url}/books") as answer:  # noqa: S310 - our own server
            found: dict[str, str] = json.load(answer)
        return found

    def stop(self) -> None:
        """End it."""
        os.kill(self._pid, signal.SIGKILL)
        os.waitpid(self._pid, 0)
        os.close(self._told)
        os.close(self._acknowledging)


class Counter(ThreadingHTTPServer):
    """Where the shop is asked; it waits with one answer until whoever asked is dead."""

    daemon_threads = True

    def __init__(self, shop: Shop, kill_at: int | None, telling: int, acknowledged: int) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.shop = shop
        self._kill_at, self._telling, self._acknowledged = kill_at, telling, acknowledged
        self._created, self._counting = 0, threading.Lock()

    def wait_for_the_kill(self, sender: int) -> None:
        """Count one more creation; if it is the one, say so and wait."""
        with self._counting:
            self._created += 1
            now = self._created == self._kill_at
        if now:
            os.write(self._telling, bytes([sender]))
            os.read(self._acknowledged, 1)

    def said(self, method: str, path: str, content: bytes, headers: Message) -> tuple[int, bytes]:
        """Status and body of an answer."""
        shop = self.shop
        if path == "/books":
            books = {"most": f"{shop.most:f}", "net": f"{shop.exposure:f}", "created": str(len(shop.songs))}
            return HTTPStatus.OK, json.dumps(books).encode()
        if path.endswith("/finish"):
            shop.songs[path.split("/")[2]].state = "done"
        incoming = shop.answered(method, path, content, headers.get("Once-Key", ""))
        if incoming.status == HTTPStatus.ACCEPTED:
            self.wait_for_the_kill(int(headers["User-Agent"]))
        return incoming.status, incoming.content


class Handler(BaseHTTPRequestHandler):
    """One connection to the counter."""

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    server: Counter  # type: ignore[mutable-override] # nobody else makes one

    def handle_one_request(self) -> None:
        """Answer whatever the method is."""
        self.raw_requestline = self.rfile.readline(65537)
        if not self.raw_requestline or not self.parse_request():
            self.close_connection = True
            return
        content = self.rfile.read(int(self.headers.get("Content-Length", "0")))
        status, body = self.server.said(self.command, self.path.removeprefix("/api"), content, self.headers)
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def handle(self) -> None:
        """Answer until whoever asks hangs up, or is killed."""
        with suppress(ConnectionError):
            super().handle()

    def log_message(self, *_arguments: object) -> None:
        """Keep the console quiet."""


@dataclass(frozen=True, slots=True)
class Process:
    """A process of the run, put together as the plugin does it."""

    guard: RealMoneyGuard
    ledger: SpendLedger
    lease: ProcessLease
    account: Account


def process_of(folder: Path, url: str, index: int, worker: str) -> Process:
    """The process of this number, with the run's purse."""
    contract = shop_contract(PRICES)
    ledger = SpendLedger.open(folder, run_id="run", base_url=url, system="sample", unit="coins", cap=CAP)
    lease = ProcessLease(folder, worker)
    guard = RealMoneyGuard(Tier.PAID, ledger, lease, ChargeTracker(ledger, contract, url))
    redactor = Redactor(Secret(KEY))
    http = HttpxTransport()
    client = Client(
        base_url=url,
        contract=contract,
        journal=Journal(
            folder, worker, redactor, run="run", system="sample", contract_version="1.0", suite_version="1"
        ),
        redactor=redactor,
        transports={"httpx": http, "raw": http},
        faulty=lambda plan: FaultyTransport(url, plan),
        guard=guard,
        pacer=Pacer(),
        identity=Identity("run", worker),
        user_agent=str(index),
    )
    purchases = Purchases(ledger, lease)
    account = Account(client, "shared", {"main": Secret(KEY)}, None, None, run_tag="run", purchases=purchases)
    return Process(guard, ledger, lease, account)


def worked(folder: Path, url: str, index: int) -> None:
    """What a process does: all its scenarios at the same time; what it could not do is written down."""
    process = process_of(folder, url, index, f"gw{index}")
    undone: list[str] = []

    def carry_out(story: ScenarioBudget) -> None:
        try:
            with process.guard.admit(story.name, story.budget):
                for model in story.bought:
                    expect(process.account.bought(f"{model} song", "createSong", {"model": model}), model)
                for model in story.asked:
                    expect(process.account.call("createSong", json={"model": model}), model)
        except (ReservationError, UnexpectedAnswerError) as error:
            undone.append(f"process {index}: {story.name}: {error}")

    threads = [threading.Thread(target=copy_context().run, args=(carry_out, story)) for story in SCENARIO_BUDGETS]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    (folder / f"undone-{index}").write_text("".join(f"{line}\n" for line in undone), "utf-8")


class UnexpectedAnswerError(Exception):
    """A scenario got another answer than an honest server gives."""


def expect(created: Exchange, model: str) -> None:
    """Raise `UnexpectedAnswerError` unless a song was made, or refused where it must be."""
    expected = HTTPStatus.UNPROCESSABLE_ENTITY if model == NO_MODEL else HTTPStatus.ACCEPTED
    if created.response is None or created.status != expected:
        raise UnexpectedAnswerError(f"{model} was answered {created.failure or created.status}")


def cleaned(folder: Path, url: str) -> None:
    """What the controller does in the end: cancel what the dead have left, but keep what was bought."""
    process = process_of(folder, url, WORKERS, "main")
    process.ledger.under_way(process.lease.is_alive)
    for task in process.ledger.tasks():
        if task.kept:
            with urlopen(f"{url}/songs/{task.task_id}/finish"):  # noqa: S310 - our own server
                pass
    charge_tracker = ChargeTracker(process.ledger, shop_contract(PRICES), url)
    Cleaner(process.ledger, charge_tracker, process.account.send).clean()
    process.ledger.close()
    process.lease.close()
    process.account.client.journal.close()
    process.account.client.close()


if __name__ == "__main__":
    main()
