"""A process of a run that is judged again: client and stage that answer from the recording, and send nothing."""

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
from conformance.client.rate_limit import Pacer
from conformance.generation.case_store import RecordedCaseStore
from conformance.journal.reader import read_recording
from conformance.journal.redaction import Redactor, Secret
from conformance.journal.writer import Journal
from conformance.money.guard import PlayMoneyGuard
from conformance.money.ledger import SpendLedger
from conformance.money.ledger_store import LEDGER_FILE
from conformance.money.process_lease import ProcessLease
from conformance.plugin.manifest import PROBES_FILE
from conformance.plugin.session import MoneySession, ProcessSession, account_pool_of, journal_of, offer_of, pacing_of
from conformance.suite.scenarios import ScenarioRunner, UnknownScenarioError

if TYPE_CHECKING:
    from collections.abc import Callable, Collection

    from conformance.accounts.account_pool import AccountPool
    from conformance.contract.contract import Contract
    from conformance.journal.reader import Recording
    from conformance.journal.records import BalanceReading, Exchange
    from conformance.plugin.settings import RunSettings


class ReplayedJournal(Journal):
    """Keeps what is observed anew; readings and notes are in the recording already."""

    def reading(self, reading: BalanceReading) -> None:
        """Nothing: the recording has it."""

    def note(self, kind: str, **fields: Any) -> None:  # noqa: ANN401 - any JSON value
        """Nothing: the recording has it."""


class ReplayingScenarioRunner(ScenarioRunner):
    """
    Carries scenarios out with recorded answers, each when it is asked for.

    What one process of the run recorded hangs together, so there is a conductor for each of them.
    """

    def __init__(
        self, recorded: RecordedExchanges, stage_in: Callable[[str | None], AccountPool], package: str
    ) -> None:
        super().__init__(stage_in(None), package)
        self._package = package
        self._recorded = recorded
        self._stage_in = stage_in
        self._lanes: dict[str | None, ScenarioRunner] = {}

    def start(self, fixtures: Collection[str]) -> None:
        """Begin nothing: nobody waits for anything."""

    def result(self, scenario_id: str) -> Any:  # noqa: ANN401 - whatever the scenario returns
        """See `ScenarioRunner.result`."""
        if scenario_id not in self.known:
            raise UnknownScenarioError(f"There is no scenario {scenario_id}.")
        lane = self._recorded.lane_of((scenario_id,)) or self._recorded.lane_of(self.known[scenario_id].gets)
        if lane not in self._lanes:
            self._lanes[lane] = ScenarioRunner(self._stage_in(lane), self._package)
        return self._lanes[lane].result(scenario_id)


def open_replay_session(settings: RunSettings, worker: str) -> ProcessSession:
    """
    Build the client and the stage of a process that judges a recording.

    Raises:
        JournalError: the recording can't be read.
        ControlError: the recorded answer of the control interface is none.
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
        )

    client = client_in(None)
    offer = offer_of(settings, client)

    def stage_in(lane: str | None) -> AccountPool:
        return account_pool_of(settings, client_in(lane), keys, offer, money_session, probes=_probes(settings))

    return ProcessSession(
        contract,
        client,
        stage_in(None),
        offer,
        money_session,
        book=RecordedCaseStore(recording.notes),
        scenario_runner=lambda _account_pool, package: ReplayingScenarioRunner(recorded, stage_in, package),
    )


def _made_by_the_client(money_session: MoneySession, contract: Contract) -> Callable[[Exchange], bool]:
    """Where money is real, the client cancels on its own, and what is bought is handed to all who want it."""
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
