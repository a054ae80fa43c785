"""A process of a run that is judged again: client and stage that answer from the recording, and send nothing."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from conformance.client.control import KEY_PLACEHOLDERS
from conformance.client.guard import PlayMoney
from conformance.client.holders import Holder
from conformance.client.pacer import Pacer
from conformance.client.purse import Purse
from conformance.client.recorded import Recorded, Wording
from conformance.client.replaying import RecordedMoney, RecordedPurchases, ReplayingClient
from conformance.client.vault import PURSE_FILE
from conformance.generation.books import ReadBook
from conformance.journal.reader import read_recording
from conformance.journal.redaction import Redactor, Secret
from conformance.journal.writer import Journal
from conformance.plugin.assembly import Equipment, journal_of, offer_of, stage_of
from conformance.plugin.keeping import PROBES_FILE
from conformance.plugin.money import Till
from conformance.plugin.pacing import pacing_of
from conformance.suite.scenarios import SCENARIOS, Conductor, UnknownScenarioError

if TYPE_CHECKING:
    from collections.abc import Callable, Collection

    from conformance.client.stage import Stage
    from conformance.contract.contract import Contract
    from conformance.journal.reader import Recording
    from conformance.journal.records import Exchange, Reading
    from conformance.plugin.settings import RunSettings


class ReplayedJournal(Journal):
    """Keeps what is observed anew; readings and notes are in the recording already."""

    def reading(self, reading: Reading) -> None:
        """Nothing: the recording has it."""

    def note(self, kind: str, **fields: Any) -> None:  # noqa: ANN401 - any JSON value
        """Nothing: the recording has it."""


class ReplayingConductor(Conductor):
    """
    Carries scenarios out with recorded answers, each when it is asked for.

    What one process of the run recorded hangs together, so there is a conductor for each of them.
    """

    def __init__(self, recorded: Recorded, stage_in: Callable[[str | None], Stage]) -> None:
        super().__init__(stage_in(None))
        self._recorded = recorded
        self._stage_in = stage_in
        self._lanes: dict[str | None, Conductor] = {}

    def start(self, fixtures: Collection[str]) -> None:
        """Begin nothing: nobody waits for anything."""

    def result(self, scenario_id: str) -> Any:  # noqa: ANN401 - whatever the scenario returns
        """See `Conductor.result`."""
        if scenario_id not in SCENARIOS:
            raise UnknownScenarioError(f"There is no scenario {scenario_id}.")
        lane = self._recorded.lane_of((scenario_id,)) or self._recorded.lane_of(SCENARIOS[scenario_id].gets)
        if lane not in self._lanes:
            self._lanes[lane] = Conductor(self._stage_in(lane))
        return self._lanes[lane].result(scenario_id)


def equip_again(settings: RunSettings, worker: str) -> Equipment:
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
    till = _till(settings, worker, recording)
    recorded = Recorded(
        recording.exchanges,
        Wording(settings.run_id, convention.header if convention else None),
        _made_by_the_client(till, contract),
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
            guard=till.guard,
            pacer=Pacer(),
            limits=pacing_of(settings, lane or worker).limits,
            user_agent=settings.user_agent,
        )

    client = client_in(None)
    offer = offer_of(settings, client)

    def stage_in(lane: str | None) -> Stage:
        return stage_of(settings, client_in(lane), keys, offer, till, probes=_probes(settings))

    return Equipment(
        contract,
        client,
        stage_in(None),
        offer,
        till,
        book=ReadBook(recording.notes),
        conductor=lambda _stage: ReplayingConductor(recorded, stage_in),
    )


def _made_by_the_client(till: Till, contract: Contract) -> Callable[[Exchange], bool]:
    """Where money is real, the client cancels on its own, and what is bought is handed to all who want it."""
    bought = frozenset(till.purse.bought_exchanges()) if till.purse is not None else frozenset[str]()
    cancel = contract.conventions.tasks.cancel if contract.conventions.tasks else None
    if till.purse is None:
        return lambda _exchange: False
    return lambda exchange: exchange.id in bought or (cancel is not None and exchange.operation == cancel)


def _probes(settings: RunSettings) -> Path | None:
    return settings.path / PROBES_FILE if settings.probes_file else None


def _till(settings: RunSettings, worker: str, recording: Recording) -> Till:
    if settings.play:
        return Till(PlayMoney(settings.tier))
    if not (settings.path / PURSE_FILE).exists():
        return Till(RecordedMoney(settings.tier, ()))
    purse = Purse(settings.path / PURSE_FILE)
    holder = Holder(settings.path, worker)
    unaffordable = tuple(name for name, _ in purse.balance().unaffordable)
    return Till(RecordedMoney(settings.tier, unaffordable), RecordedPurchases(purse, holder, recording), purse, holder)
