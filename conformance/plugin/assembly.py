"""Putting a process's client and stage together from the settings of the run."""

from __future__ import annotations

import logging
import math
import os
from contextlib import ExitStack, suppress
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Final

from conformance import __version__
from conformance.client.account import with_timeout
from conformance.client.client import Client
from conformance.client.control import KEY_PLACEHOLDERS, discover
from conformance.client.identity import Identity
from conformance.client.probes import ProbeFile
from conformance.client.stage import Stage
from conformance.client.stopping import MOST_TIME_OUTS_IN_A_ROW, STOPPED, StopSignal
from conformance.client.transports.faulty import FaultyTransport
from conformance.client.transports.over_httpx import HttpxTransport
from conformance.client.transports.raw import RawTransport
from conformance.generation.books import WritingBook
from conformance.journal.errors import JournalError
from conformance.journal.redaction import Redactor, Secret
from conformance.journal.writer import Journal
from conformance.plugin.money import Till, till_of
from conformance.plugin.pacing import pacing_of
from conformance.suite.scenarios import Conductor

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from conformance.client.control import Offer
    from conformance.contract.contract import Contract
    from conformance.generation.cases import Book
    from conformance.plugin.settings import RunSettings


# Cleaning up has no time of its own: a target that has gone silent is not asked for each of its tasks.
_WHEN_CLEANING_UP: Final = 2


@dataclass(frozen=True, slots=True)
class Equipment:
    """What a process of the run works with."""

    contract: Contract
    client: Client
    stage: Stage
    offer: Offer | None
    till: Till
    book: Book
    conductor: Callable[[Stage], Conductor] = Conductor

    def close(self) -> None:
        """Close connections and files."""
        self.client.close()
        self.client.journal.close()
        self.till.close()


def equip(settings: RunSettings, worker: str) -> Equipment:
    """
    Build the client and the stage of one process.

    Raises:
        ControlError: a control interface was named but does not answer like one.
    """
    contract = settings.contract()
    # At the level DEBUG these write the headers of answers, in which a target may reflect the key.
    for chatty in ("httpcore", "httpx"):
        logging.getLogger(chatty).setLevel(logging.WARNING)
    redactor = Redactor()
    keys = keys_of(settings)
    for key in keys.values():
        redactor.register(key)
    with ExitStack() as opened:
        till = till_of(settings, worker, contract, stop_signal_of(settings))
        opened.callback(till.close)
        client = _client(settings, worker, contract, redactor, till)
        opened.callback(client.journal.close)
        opened.callback(client.close)
        offer = offer_of(settings, client)
        # From here on they belong to the equipment.
        opened.pop_all()
    stage = stage_of(settings, client, keys, offer, till, probes=_path(settings.probes_file))
    return Equipment(contract, client, stage, offer, till, WritingBook(client.journal))


def stop_signal_of(settings: RunSettings) -> StopSignal:
    """What ends the run in one process: the end of its time, or a target that does not answer."""
    return StopSignal(
        ends_at=math.inf if settings.ends_at is None else settings.ends_at,
        time_is_over=f"The run was ended since it took longer than {settings.wall_seconds:g} s (--max-wall).",
        in_a_row=MOST_TIME_OUTS_IN_A_ROW if settings.ends_at is not None else _WHEN_CLEANING_UP,
    )


def offer_of(settings: RunSettings, client: Client) -> Offer | None:
    """
    What the control interface offers and keeps, None where there is none.

    Raises:
        ControlError: one was named but does not answer like one.
    """
    return discover(client, settings.control_url).without(settings.pretended) if settings.control_url else None


def stage_of(
    settings: RunSettings,
    client: Client,
    keys: Mapping[str, Secret],
    offer: Offer | None,
    till: Till,
    *,
    probes: Path | None,
) -> Stage:
    """The stage of one process; `probes` is the file of planted keys."""
    tasks = client.contract.conventions.tasks
    return Stage(
        client,
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
        purchases=till.purchases,
        probes=None if probes is None else ProbeFile(probes),
        reference_audio_url=settings.reference_audio_url or (offer.reference_audio_url if offer else None),
    )


def keys_of(settings: RunSettings) -> Mapping[str, Secret]:
    """The keys of a run, by role, from the environment."""
    # The keys go from the environment straight into their wrapping: no local name may hold one in plain.
    return {
        role: Secret(os.environ[variable].strip(), KEY_PLACEHOLDERS[role])
        for role, variable in settings.key_variables
        if os.environ.get(variable, "").strip()
    }


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
    )


def _client(settings: RunSettings, worker: str, contract: Contract, redactor: Redactor, till: Till) -> Client:
    journal = journal_of(settings, worker, contract, redactor)
    till.stopping.tell = partial(_note, journal)
    pacing = pacing_of(settings, worker, till.stopping.sleep)
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
        guard=till.guard,
        pacer=pacing.pacer,
        identity=Identity(settings.run_id, worker),
        limits=pacing.limits,
        user_agent=settings.user_agent,
        stopping=till.stopping,
    )


def _note(journal: Journal, reason: str) -> None:
    # Where nothing can be written any more, that itself is the reason.
    with suppress(JournalError):
        journal.note(STOPPED, reason=reason)


def _path(text: str | None) -> Path | None:
    return None if text is None else Path(text)
