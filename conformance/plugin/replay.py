"""A process that judges a recording again: client and account pool answer from the recording and send nothing."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from conformance.accounts.control import KEY_PLACEHOLDERS
from conformance.accounts.replay import (
    RecordedExchanges,
    RecordedMoneyGuard,
    RecordedPurchases,
    ReplayingClient,
    RequestMatcher,
)
from conformance.client.locks import ProcessLease
from conformance.client.rate_limit import Pacer
from conformance.generation.case_store import RecordedCaseStore
from conformance.journal.reader import read_recording
from conformance.journal.redaction import Redactor, Secret
from conformance.journal.writer import Journal
from conformance.money.guard import PlayMoneyGuard
from conformance.money.ledger import SpendLedger
from conformance.money.ledger_store import LEDGER_FILE
from conformance.plugin.manifest import PROBES_FILE
from conformance.plugin.session import (
    MoneySession,
    ProcessSession,
    account_pool_of,
    journal_of,
    offer_of,
    pacing_of,
    presented_of,
)
from conformance.suite.scenarios import ScenarioRunner

if TYPE_CHECKING:
    from collections.abc import Callable, Collection

    from conformance.accounts.account_pool import AccountPool
    from conformance.contract.contract import Contract
    from conformance.journal.reader import Recording
    from conformance.journal.records import BalanceReading, Exchange
    from conformance.plugin.settings import RunSettings
    from conformance.suite.scenarios import Scenario


class ReplayedJournal(Journal):
    """Keeps new observations; readings and notes are in the recording already."""

    def reading(self, reading: BalanceReading) -> None:
        """Nothing: the recording has it."""

    def note(self, kind: str, **fields: Any) -> None:  # noqa: ANN401 - any JSON value
        """Nothing: the recording has it."""


class ReplayingScenarioRunner(ScenarioRunner):
    """
    Carries scenarios out with recorded answers, each when a test needs it.

    The exchanges of one process belong together, so each recorded process has a scenario runner of its own.
    """

    def __init__(
        self, recorded: RecordedExchanges, account_pool_in: Callable[[str | None], AccountPool], package: str
    ) -> None:
        super().__init__(account_pool_in(None), package)
        self._package = package
        self._recorded = recorded
        self._account_pool_in = account_pool_in
        self._lanes: dict[str | None, ScenarioRunner] = {}

    def start(self, fixtures: Collection[str]) -> None:
        """Begin nothing: recorded answers take no time."""

    def carried_out(self, wanted: Scenario) -> Any:  # noqa: ANN401 - whatever the scenario returns
        """See `ScenarioRunner.carried_out`."""
        lane = self._recorded.lane_of((wanted.id,)) or self._recorded.lane_of(wanted.gets)
        if lane not in self._lanes:
            self._lanes[lane] = ScenarioRunner(self._account_pool_in(lane), self._package)
        return self._lanes[lane].carried_out(wanted)


def open_replay_session(settings: RunSettings, worker: str) -> ProcessSession:
    """
    Build the client and the account pool of a process that judges a recording.

    Raises:
        JournalError: the recording can't be read.
        ControlError: the recorded answer of the control interface can't be used.
    """
    contract = settings.contract()
    recording = read_recording(Path(settings.recorded or ""))
    keys = {role: Secret(KEY_PLACEHOLDERS[role], KEY_PLACEHOLDERS[role]) for role in settings.key_roles}
    redactor = Redactor(*keys.values())
    journal = journal_of(settings, worker, contract, redactor, ReplayedJournal)
    convention = contract.conventions.request_id
    money_session = _money_session(settings, worker, recording)
    recorded = RecordedExchanges(
        recording.exchanges,
        RequestMatcher(settings.run_id, convention.header if convention else None),
        _made_by_the_client(money_session, contract),
    )

    def client_in(lane: str | None) -> ReplayingClient:
        return ReplayingClient(
            recorded,
            lane=lane,
            play=settings.play,
            run_id=settings.run_id,
            base_url=settings.base_url,
            contract=contract,
            journal=journal,
            redactor=redactor,
            guard=money_session.guard,
            pacer=Pacer(),
            limits=pacing_of(settings, lane or worker).limits,
            user_agent=settings.user_agent,
            presented=presented_of(settings, lambda variable: Secret(f"${variable}", f"${variable}")),
        )

    client = client_in(None)
    offer = offer_of(settings, client)

    def account_pool_in(lane: str | None) -> AccountPool:
        return account_pool_of(settings, client_in(lane), keys, offer, money_session, probes=_probes(settings))

    return ProcessSession(
        contract,
        client,
        account_pool_in(None),
        offer,
        money_session,
        case_store=RecordedCaseStore(recording.notes),
        scenario_runner=lambda _account_pool, package: ReplayingScenarioRunner(recorded, account_pool_in, package),
    )


def _made_by_the_client(money_session: MoneySession, contract: Contract) -> Callable[[Exchange], bool]:
    """Whether the client sent an exchange on its own: with real money it cancels, and makes shared purchases once."""
    bought = (
        frozenset(money_session.ledger.bought_exchanges()) if money_session.ledger is not None else frozenset[str]()
    )
    cancel = contract.conventions.tasks.cancel if contract.conventions.tasks else None
    if money_session.ledger is None:
        return lambda _exchange: False
    return lambda exchange: exchange.id in bought or (cancel is not None and exchange.operation == cancel)


def _probes(settings: RunSettings) -> Path | None:
    return settings.path / PROBES_FILE if settings.probes_file else None


def _money_session(settings: RunSettings, worker: str, recording: Recording) -> MoneySession:
    if settings.play:
        return MoneySession(PlayMoneyGuard(settings.tier))
    if not (settings.path / LEDGER_FILE).exists():
        return MoneySession(RecordedMoneyGuard(settings.tier, ()))
    ledger = SpendLedger(settings.path / LEDGER_FILE)
    lease = ProcessLease(settings.path, worker)
    unaffordable = tuple(name for name, _ in ledger.balance().unaffordable)
    return MoneySession(
        RecordedMoneyGuard(settings.tier, unaffordable), RecordedPurchases(ledger, lease, recording), ledger, lease
    )
