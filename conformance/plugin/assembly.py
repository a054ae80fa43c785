"""Putting a process's client and stage together from the settings of the run."""

from __future__ import annotations

import logging
import os
import random
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from conformance import __version__
from conformance.client.account import with_timeout
from conformance.client.client import Client, Limits
from conformance.client.control import KEY_PLACEHOLDERS, discover
from conformance.client.guard import PlayMoney, ReadOnly
from conformance.client.identity import Identity
from conformance.client.pacer import Pacer
from conformance.client.probes import ProbeFile
from conformance.client.stage import Stage
from conformance.client.transports.faulty import FaultyTransport
from conformance.client.transports.over_httpx import HttpxTransport
from conformance.client.transports.raw import RawTransport
from conformance.journal.redaction import Redactor, Secret
from conformance.journal.writer import Journal

if TYPE_CHECKING:
    from collections.abc import Mapping

    from conformance.client.control import Offer
    from conformance.contract.contract import Contract
    from conformance.plugin.settings import RunSettings


@dataclass(frozen=True, slots=True)
class Equipment:
    """What a process of the run works with."""

    contract: Contract
    client: Client
    stage: Stage
    offer: Offer | None

    def close(self) -> None:
        """Close connections and files."""
        self.client.close()
        self.client.journal.close()


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
    client = _client(settings, worker, contract, redactor)
    offer = discover(client, settings.control_url) if settings.control_url else None
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
        probes=ProbeFile(Path(settings.probes_file)) if settings.probes_file else None,
        reference_audio_url=settings.reference_audio_url or (offer.reference_audio_url if offer else None),
    )
    return Equipment(contract, client, stage, offer)


def _keys(settings: RunSettings) -> Mapping[str, Secret]:
    # The keys go from the environment straight into their wrapping: no local name may hold one in plain.
    return {
        role: Secret(os.environ[variable].strip(), KEY_PLACEHOLDERS[role])
        for role, variable in settings.key_variables
        if os.environ.get(variable, "").strip()
    }


def _client(settings: RunSettings, worker: str, contract: Contract, redactor: Redactor) -> Client:
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
    return Client(
        base_url=settings.base_url,
        contract=contract,
        journal=journal,
        redactor=redactor,
        transports={
            "httpx": HttpxTransport(settings.base_url, ca_file=settings.ca_file),
            "raw": RawTransport(settings.base_url, ca_file=settings.ca_file),
        },
        faulty=lambda plan: FaultyTransport(settings.base_url, plan, ca_file=settings.ca_file),
        guard=PlayMoney() if settings.play else ReadOnly(),
        pacer=Pacer(settings.rate_per_second, random=random.Random(settings.seed)),  # noqa: S311 - jitter
        identity=Identity(settings.run_id, worker),
        limits=Limits() if settings.concurrency is None else Limits(concurrency=settings.concurrency),
        user_agent=f"music-api-conformance/{__version__} (run {settings.run_id})",
    )
