"""Putting a process's client and stage together from the settings of the run."""

from __future__ import annotations

import logging
import os
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from conformance import __version__
from conformance.client.account import with_timeout
from conformance.client.client import Client
from conformance.client.control import KEY_PLACEHOLDERS, discover
from conformance.client.identity import Identity
from conformance.client.probes import ProbeFile
from conformance.client.stage import Stage
from conformance.client.transports.faulty import FaultyTransport
from conformance.client.transports.over_httpx import HttpxTransport
from conformance.client.transports.raw import RawTransport
from conformance.journal.redaction import Redactor, Secret
from conformance.journal.writer import Journal
from conformance.plugin.money import Till, till_of
from conformance.plugin.pacing import pacing_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from conformance.client.control import Offer
    from conformance.client.guard import Guard
    from conformance.contract.contract import Contract
    from conformance.plugin.settings import RunSettings


@dataclass(frozen=True, slots=True)
class Equipment:
    """What a process of the run works with."""

    contract: Contract
    client: Client
    stage: Stage
    offer: Offer | None
    till: Till

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
    keys = _keys(settings)
    for key in keys.values():
        redactor.register(key)
    with ExitStack() as opened:
        till = till_of(settings, worker, contract)
        opened.callback(till.close)
        client = _client(settings, worker, contract, redactor, till.guard)
        opened.callback(client.journal.close)
        opened.callback(client.close)
        offer = discover(client, settings.control_url) if settings.control_url else None
        # From here on they belong to the equipment.
        opened.pop_all()
    polling = contract.conventions.tasks.polling if contract.conventions.tasks else None
    stage = Stage(
        client,
        keys=keys,
        control_url=settings.control_url,
        offer=offer,
        polling=None if polling is None else with_timeout(polling, settings.poll_timeout_seconds),
        lock_file=settings.path / "target.lock",
        openapi_url=settings.openapi_url,
        failing_request=settings.failing_request,
        heavy=settings.heavy_probes,
        purchases=till.purchases,
        probes=ProbeFile(Path(settings.probes_file)) if settings.probes_file else None,
        reference_audio_url=settings.reference_audio_url or (offer.reference_audio_url if offer else None),
    )
    return Equipment(contract, client, stage, offer, till)


def _keys(settings: RunSettings) -> Mapping[str, Secret]:
    # The keys go from the environment straight into their wrapping: no local name may hold one in plain.
    return {
        role: Secret(os.environ[variable].strip(), KEY_PLACEHOLDERS[role])
        for role, variable in settings.key_variables
        if os.environ.get(variable, "").strip()
    }


def _client(settings: RunSettings, worker: str, contract: Contract, redactor: Redactor, guard: Guard) -> Client:
    journal = Journal(
        settings.path,
        worker,
        redactor,
        run=settings.run_id,
        system=settings.system,
        contract_version=contract.conventions.contract_version,
        suite_version=__version__,
        seed=settings.seed,
    )
    pacing = pacing_of(settings, worker)
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
        guard=guard,
        pacer=pacing.pacer,
        identity=Identity(settings.run_id, worker),
        limits=pacing.limits,
        user_agent=settings.user_agent,
    )
