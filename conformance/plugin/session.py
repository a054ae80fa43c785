"""What a process of a run works with: client, accounts and guard, put together from the settings."""

from __future__ import annotations

import logging
import math
import os
import random
import re
import time
from contextlib import ExitStack, suppress
from dataclasses import dataclass, field, replace
from decimal import Decimal
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Final

from conformance import __version__
from conformance.accounts.account import with_timeout
from conformance.accounts.account_pool import AccountPool
from conformance.accounts.control import KEY_PLACEHOLDERS, discover
from conformance.accounts.planted_keys import PlantedKeyFile
from conformance.client.allowance import NoLimit, SharedAllowance
from conformance.client.client import Client, TrafficLimits
from conformance.client.errors import UndecidedError
from conformance.client.identity import Identity
from conformance.client.locks import ProcessLease
from conformance.client.presented import Presented, StatedHeader
from conformance.client.rate_limit import OwnTurns, Pacer, Places, SharedTurns, places_of
from conformance.client.retry import RetryPolicy
from conformance.client.stop_signal import MOST_TIME_OUTS_IN_A_ROW, STOPPED, StopSignal
from conformance.client.transports.faulty import FaultyTransport
from conformance.client.transports.over_httpx import HttpxTransport
from conformance.client.transports.raw import RawTransport
from conformance.generation.case_store import WritableCaseStore
from conformance.journal.errors import JournalError
from conformance.journal.redaction import Redactor, Secret
from conformance.journal.writer import Journal
from conformance.money.budget import ANY, Tier, price_of
from conformance.money.charges import ChargeTracker
from conformance.money.guard import PlayMoneyGuard, RealMoneyGuard
from conformance.money.ledger import SpendLedger
from conformance.money.ledger_store import LEDGER_FILE
from conformance.money.purchases import Purchases
from conformance.suite.own_things import OwnThings
from conformance.suite.scenarios import ScenarioRunner
from conformance.target.headers import parts_of, split_pairs
from conformance.target.settings import MAIN_KEY, stated_secret

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from conformance.accounts.control import Offer
    from conformance.client.allowance import Allowance
    from conformance.contract.contract import Contract
    from conformance.generation.cases import CaseStore
    from conformance.money.guard import SpendGuard
    from conformance.plugin.settings import RunSettings


@dataclass(frozen=True, slots=True)
class MoneySession:
    """What a process needs to spend real money; for play money there is a guard only."""

    guard: SpendGuard
    purchases: Purchases | None = None
    ledger: SpendLedger | None = None
    lease: ProcessLease | None = None
    stopping: StopSignal = field(default_factory=StopSignal)
    charge_tracker: ChargeTracker | None = None

    def close(self) -> None:
        """Release the process lease and close the ledger."""
        if self.lease is not None:
            self.lease.close()
        if self.ledger is not None:
            self.ledger.close()


def money_session_of(settings: RunSettings, worker: str, contract: Contract, stopping: StopSignal) -> MoneySession:
    """The money session of one process; when its ledger can't be written, it ends the run and releases its lease."""
    if settings.play:
        return MoneySession(PlayMoneyGuard(settings.tier), stopping=stopping)
    ledger = ledger_of(settings, contract)
    lease = ProcessLease(settings.path, worker)
    ledger.on_failure(stopping.fail)
    stopping.give_up = lease.close
    charge_tracker = ChargeTracker(ledger, contract, settings.base_url.rstrip("/"))
    guard = RealMoneyGuard(settings.tier, ledger, lease, charge_tracker, sleep=stopping.sleep)
    purchases = Purchases(ledger, lease, sleep=stopping.sleep)
    return MoneySession(guard, purchases, ledger, lease, stopping, charge_tracker)


def ledger_of(settings: RunSettings, contract: Contract) -> SpendLedger:
    """The ledger of the run, with the purchases of the earlier run that this one repeats, if any."""
    pricing = contract.conventions.pricing
    first = not (settings.path / LEDGER_FILE).exists()
    ledger = SpendLedger.open(
        settings.path,
        run_id=settings.run_id,
        base_url=settings.base_url,
        system=settings.system,
        unit=pricing.unit if pricing else "",
        cap=_cap(settings, contract),
    )
    earlier = Path(settings.repeats) / LEDGER_FILE if settings.repeats else None
    # Without idempotency keys a purchase can't be asked for again without buying it again.
    if first and earlier is not None and earlier.exists() and contract.conventions.idempotency is not None:
        other = SpendLedger(earlier)
        ledger.inherit(other)
        other.close()
    return ledger


def _cap(settings: RunSettings, contract: Contract) -> Decimal:
    """What may be spent: nothing in the tier `read`, the dearest task in `free`, else the cap."""
    pricing = contract.conventions.pricing
    if settings.tier is Tier.READ or pricing is None:
        return Decimal(0)
    if settings.tier is Tier.FREE:
        return price_of(ANY, pricing.known)
    return Decimal(settings.max_credits or settings.max_purchases or 0)


# Where a target may have other users: two is the smallest number of requests that can race.
_SMALLEST_BATCH: Final = 2
_FOLDER: Final = "pace"
_NUMBER: Final = re.compile(r"[0-9]+$")


@dataclass(frozen=True, slots=True)
class Pacing:
    """The pacer of a process, and the bounds of its traffic."""

    pacer: Pacer
    limits: TrafficLimits


def pacing_of(settings: RunSettings, worker: str, sleep: Callable[[float], None] = time.sleep) -> Pacing:
    """The pacing of a worker; the files that processes share lie in the run's folder."""
    usual = TrafficLimits() if settings.crowds else TrafficLimits(batch_size=_SMALLEST_BATCH)
    places = None if settings.concurrency is None else _places(settings.concurrency, settings.processes, worker)
    limited = settings.rate_per_second is not None or places is not None
    folder = _made(settings.path) if limited else settings.path
    pacer = Pacer(
        settings.rate_per_second,
        RetryPolicy(random=random.Random(settings.seed)),  # noqa: S311 - jitter
        turns=OwnTurns() if settings.rate_per_second is None else SharedTurns(folder / "turns"),
        places=None if places is None else Places([folder / f"place-{place}" for place in places]),
        sleep=sleep,
    )
    return Pacing(pacer, usual if places is None else replace(usual, concurrency=len(places)))


def _places(concurrency: int, processes: int, worker: str) -> tuple[int, ...]:
    # Without workers there is one process, and the check of the target before it.
    number = _NUMBER.search(worker)
    return places_of(int(number[0]) if number else 0, processes, concurrency)


def _made(run_folder: Path) -> Path:
    folder = run_folder / _FOLDER
    folder.mkdir(parents=True, exist_ok=True)
    return folder


# Time-outs in a row after which clean-up ends: a target that is silent is not asked for each task.
_WHEN_CLEANING_UP: Final = 2


@dataclass(frozen=True, slots=True)
class ProcessSession:
    """What a process of the run works with."""

    contract: Contract
    client: Client
    account_pool: AccountPool
    offer: Offer | None
    money_session: MoneySession
    case_store: CaseStore
    scenario_runner: Callable[[AccountPool, str], ScenarioRunner] = ScenarioRunner

    def read_ended(self) -> None:
        """
        Read once more what this process has bought and what has ended, for the rules over all traffic.

        With play money scenarios do that, where the time of a target can be advanced.
        """
        if self.money_session.charge_tracker is not None:
            # A target that does not answer any more has ended the run already.
            with suppress(UndecidedError):
                self.money_session.charge_tracker.read_ended()

    def close(self) -> None:
        """Close connections and files."""
        self.client.close()
        self.client.journal.close()
        self.money_session.close()


def open_process_session(settings: RunSettings, worker: str) -> ProcessSession:
    """
    Build the client and the account pool of one process.

    Raises:
        ControlError: a control interface was named but does not answer like one.
    """
    contract = settings.contract()
    # At the level DEBUG these write the headers of answers, in which a target may reflect the key.
    for chatty in ("httpcore", "httpx"):
        logging.getLogger(chatty).setLevel(logging.WARNING)
    redactor = Redactor()
    keys = keys_of(settings)
    presented = presented_of(settings, partial(stated_secret, os.environ))
    for key in (*keys.values(), *presented.secrets()):
        redactor.register(key)
    with ExitStack() as opened:
        money_session = money_session_of(settings, worker, settings.priced_contract(), stop_signal_of(settings))
        opened.callback(money_session.close)
        client = _client(settings, worker, contract, redactor, money_session=money_session, presented=presented)
        opened.callback(client.journal.close)
        opened.callback(client.close)
        offer = offer_of(settings, client)
        # From here on the process session closes them.
        opened.pop_all()
    account_pool = account_pool_of(settings, client, keys, offer, money_session, probes=_path(settings.probes_file))
    return ProcessSession(contract, client, account_pool, offer, money_session, WritableCaseStore(client.journal))


def stop_signal_of(settings: RunSettings) -> StopSignal:
    """The stop signal of one process: it ends the run after its time, or when the target does not answer."""
    return StopSignal(
        ends_at=math.inf if settings.ends_at is None else settings.ends_at,
        time_is_over=f"The run was ended since it took longer than {settings.wall_seconds:g} s (--max-wall).",
        in_a_row=MOST_TIME_OUTS_IN_A_ROW if settings.ends_at is not None else _WHEN_CLEANING_UP,
    )


def offer_of(settings: RunSettings, client: Client) -> Offer | None:
    """
    What the control interface offers and does, None where there is none.

    Raises:
        ControlError: one was named but does not answer like one.
    """
    return discover(client, settings.control_url).without(settings.pretended) if settings.control_url else None


def account_pool_of(
    settings: RunSettings,
    client: Client,
    keys: Mapping[str, Secret],
    offer: Offer | None,
    money_session: MoneySession,
    *,
    probes: Path | None,
) -> AccountPool:
    """The account pool of one process; `probes` is the file of planted keys."""
    tasks = client.contract.conventions.tasks
    return AccountPool(
        client,
        guard=money_session.guard,
        keys=keys,
        control_url=settings.control_url,
        offer=offer,
        polling=None if tasks is None else with_timeout(tasks.polling, settings.poll_timeout_seconds),
        lock_file=settings.path / "target.lock",
        openapi_url=settings.openapi_url,
        failing_request=settings.failing_request,
        heavy=settings.heavy_probes,
        provisional=settings.spends_on_provisional,
        exclusive=settings.exclusive_account,
        deletions=None if settings.destructive else OwnThings(client.contract.document),
        purchases=money_session.purchases,
        probes=None if probes is None else PlantedKeyFile(probes),
        reference_audio_url=settings.reference_audio_url or (offer.reference_audio_url if offer else None),
        sensitive_text=settings.sensitive_text or (offer.sensitive_text if offer else None),
        key_variable=dict(settings.key_variables).get("main", MAIN_KEY),
    )


def keys_of(settings: RunSettings) -> Mapping[str, Secret]:
    """The keys of a run, by role, from the environment."""
    # Keys are wrapped as they are read: no local variable may hold one in plain.
    return {
        role: Secret(os.environ[variable].strip(), KEY_PLACEHOLDERS[role])
        for role, variable in settings.key_variables
        if os.environ.get(variable, "").strip()
    }


def presented_of(settings: RunSettings, secret_in: Callable[[str], Secret]) -> Presented:
    """The headers and the keys of security schemes that a run states, with the secrets in the variables they name."""

    def parts(value: str) -> Iterator[str | Secret]:
        for text, variable in parts_of(value):
            yield text
            if variable:
                yield secret_in(variable)

    headers = tuple(StatedHeader(name, tuple(parts(value))) for name, value in split_pairs(settings.headers, ": "))
    keys = {scheme: secret_in(variable) for scheme, variable in split_pairs(settings.scheme_keys, "=")}
    return Presented(headers, keys)


def journal_of(
    settings: RunSettings, worker: str, contract: Contract, redactor: Redactor, kind: type[Journal] = Journal
) -> Journal:
    """The journal of one process."""
    return kind(
        settings.path,
        worker,
        redactor,
        run=settings.run_id,
        system=settings.system,
        contract_version=contract.conventions.contract_version,
        suite_version=__version__,
        seed=settings.seed,
        carriers=contract.conventions.carriers,
    )


def _client(
    settings: RunSettings,
    worker: str,
    contract: Contract,
    redactor: Redactor,
    *,
    money_session: MoneySession,
    presented: Presented,
) -> Client:
    journal = journal_of(settings, worker, contract, redactor)
    money_session.stopping.tell = partial(_note, journal)
    pacing = pacing_of(settings, worker, money_session.stopping.sleep)
    return Client(
        base_url=settings.base_url,
        contract=contract,
        journal=journal,
        redactor=redactor,
        transports={
            "httpx": HttpxTransport(ca_file=settings.ca_file, proxy=settings.proxy),
            "raw": RawTransport(settings.base_url, ca_file=settings.ca_file, proxy=settings.proxy),
        },
        faulty=lambda plan: FaultyTransport(settings.base_url, plan, ca_file=settings.ca_file, proxy=settings.proxy),
        guard=money_session.guard,
        pacer=pacing.pacer,
        identity=Identity(settings.run_id, worker),
        limits=pacing.limits,
        user_agent=settings.user_agent,
        stopping=money_session.stopping,
        presented=presented,
        allowance=_allowance(settings),
    )


def _allowance(settings: RunSettings) -> Allowance:
    """How many requests made from the document the run may send; a recording is judged as it was made."""
    if settings.max_requests is None or settings.recorded is not None:
        return NoLimit()
    return SharedAllowance(_made(settings.path) / "requests", settings.max_requests)


def _note(journal: Journal, reason: str) -> None:
    # If the journal can't be written, that is the reason of the stop.
    with suppress(JournalError):
        journal.note(STOPPED, reason=reason)


def _path(text: str | None) -> Path | None:
    return None if text is None else Path(text)
