"""The plan of a run, resolved once from options, files and environment, and the state of the run while it goes on."""

from __future__ import annotations

import os
import time
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from conformance.accounts.planted_keys import PlantedKeyFile, UnreadableProbesError
from conformance.client.transports.connections import proxy_for
from conformance.contract.files import is_there
from conformance.contract.selection import contract_of, external_contract_of, placed
from conformance.plugin.errors import NoSuchRunError, OverlayWithoutDocumentError, UnusableCapError
from conformance.plugin.gating import check_requirements, check_schemes, check_surfaces, chosen_requirements, gate_of
from conformance.plugin.manifest import read_run
from conformance.plugin.repeating import read_earlier
from conformance.plugin.settings import RunSettings
from conformance.target.file import read_target_file
from conformance.target.launch import EMBEDDED_KEYS
from conformance.target.options import on_command_line, rows
from conformance.target.reach import ReachSettings
from conformance.target.remote_document import fetched, is_remote
from conformance.target.settings import FORBIDDEN_KEY, MAIN_KEY, SECOND_KEY, merged, polite, read_said, resolve_settings

if TYPE_CHECKING:
    from collections.abc import Mapping

    import pytest

    from conformance.contract.contract import Contract
    from conformance.contract.selection import ExternalContract
    from conformance.journal.reader import Recording
    from conformance.money.ledger_store import PurchasedTask
    from conformance.plugin.manifest import RecordedRun
    from conformance.target.launch import RunningTarget
    from conformance.target.options import Options
    from conformance.target.settings import TargetSettings
    from conformance.target.target_options import Money
    from conformance.verdicts.gate import Gate
    from conformance.verdicts.model import Assessment, RequirementOutcome


@dataclass(frozen=True, slots=True)
class Plan:
    """
    What the user asks for, before the target is running.

    `said` is what the command line states, by the names of the settings; `options` is all that is stated, its files
    with absolute paths.
    """

    run_id: str
    folder: Path
    options: Options
    said: Mapping[str, Any]
    target: TargetSettings
    key_variables: tuple[tuple[str, str], ...]
    seed: int
    gate: Gate
    brought: ExternalContract | None = None
    recorded: RecordedRun | None = None

    @property
    def strict(self) -> bool:
        """Whether a broken SHOULD fails the run."""
        return self.options.strict or (self.recorded is not None and self.recorded.strict)

    def contract(self) -> Contract:
        """The contract that the run judges by (raises `ContractError`)."""
        return contract_of(self.target.system, self.brought, self.options.contract_version)

    def settings(self, running: RunningTarget | None, *, processes: int) -> RunSettings:
        """
        The settings of each of the run's processes, once the target is running (None: it is not).

        Limits of the traffic are stated for the run as a whole; its processes share them. A recording is judged with
        the settings that it was made with, but for those that judging may state anew.
        """
        if self.recorded is not None:
            anew = {row.name: self.said[row.name] for row in rows() if row.about.judging and row.name in self.said}
            own = {"brought": self.brought, "levels": self.gate.levels}
            return replace(self.recorded.settings_in(self.folder), **{**anew, **own})
        target = self.target
        base_url = placed(running.base_url if running else (target.base_url or ""), self.contract(), self.brought)
        stated = polite(self.options, base_url)
        follows = {
            "run_id": self.run_id,
            "folder": str(self.folder),
            "system": target.system,
            "base_url": base_url,
            "play": self.plays(target.money),
            # What the suite starts itself has no other users.
            "exclusive_account": stated.exclusive_account or target.base_url is None,
            "seed": self.seed,
            "started_at": datetime.now(UTC).isoformat(timespec="seconds"),
            "key_variables": self.key_variables,
            "control_url": running.control_url if running else stated.control_url,
            "reference_audio_url": running.reference_audio_url if running else stated.reference_audio_url,
            "ca_file": str(running.ca_file) if running and running.ca_file else stated.ca_file,
            "processes": processes,
            "brought": self.brought,
            "levels": self.gate.levels,
            # The recording is judged by the version of the run, whichever is the newest then.
            "contract_version": stated.contract_version or self.contract().conventions.contract_version,
        }
        return RunSettings(**{**{row.name: getattr(stated, row.name) for row in rows()}, **follows})

    def plays(self, money: Money) -> bool:
        """Whether no account is kept of what is spent: so with play money, unless the user states a cap."""
        return money == "play" and not _is_capped(self.options)


@dataclass(slots=True)
class RunState:
    """What became known while the run went on."""

    started: float = field(default_factory=time.monotonic)
    outcomes: list[RequirementOutcome] = field(default_factory=list)
    crashed: list[str] = field(default_factory=list)
    settings: RunSettings | None = None
    stopped: str | None = None
    broken_off: str = ""
    assessment: Assessment | None = None
    recording: Recording | None = None
    left: list[PurchasedTask] = field(default_factory=list)
    overlay: str = ""


def plan_of(config: pytest.Config) -> Plan:
    """
    What the options, the target file and the environment ask for.

    Raises:
        TargetError: something that is stated can't be used.
        OptionError: an option can't be used.
        ContractError: the external contract can't be used.
        GateError: the gate can't be set up as the options ask.
        UnreadableProbesError: the file of planted keys can't be read.
    """
    said = read_said({row.name: config.getoption(row.dest, None) for row in on_command_line()})
    folder = config.invocation_params.dir
    for row in rows():
        if row.kind.names_file and row.name in said and not is_remote(said[row.name]):
            said[row.name] = str((folder / said[row.name]).resolve())
    recorded = read_run(Path(said["recorded"])) if "recorded" in said else None
    given = Path(config.getoption("conformance_target") or "")
    options = merged(said, read_target_file(given) if "target_file" in said else {})
    now = datetime.now(UTC)
    # The id goes into every request, so that what a run leaves at a target can be traced to it.
    run_id = f"run-{now:%Y%m%d-%H%M%S}-{os.urandom(2).hex()}"
    run_folder = Path(options.report_dir or folder / "reports").resolve() / run_id
    if options.spec is not None and is_remote(options.spec):
        parts = urlsplit(options.spec)
        way = ReachSettings(options.ca_file, proxy_for(options.proxy, parts.scheme, parts.hostname or ""))
        options = replace(options, spec=str(fetched(options.spec, run_folder, way)))
    brought = external_contract_of(options.spec, options.conventions, said.get("system"), folder)
    if recorded is not None:
        brought = brought or recorded.settings.brought
        known = options.contract_version or recorded.settings.contract_version
        options = replace(options, base_url=recorded.settings.base_url, app=None, contract_version=known)
    if options.overlay is not None and brought is None:
        raise OverlayWithoutDocumentError("--write-overlay proposes changes of your document; name that with --spec.")
    options = replace(options, system=_system(options.system, brought, recorded))
    target = resolve_settings(options, os.environ)
    if target.surfaces:
        where = "--surfaces" if "surfaces" in said else "target.toml"
        check_surfaces(where, target.surfaces, contract_of(target.system, brought).conventions)
    described = contract_of(target.system, brought)
    check_requirements(options.only, described)
    check_schemes(options.scheme_keys, described)
    options = replace(options, only=chosen_requirements(options, described))
    _check_files(options)
    _check_cap(options, target)
    plan = Plan(
        run_id=run_id,
        folder=run_folder,
        options=options,
        said=said,
        target=target,
        key_variables=_key_variables(options, target),
        seed=int.from_bytes(os.urandom(4), "big") if options.seed is None else options.seed,
        gate=gate_of(options, now.date()),
        brought=brought,
    )
    return plan if recorded is None else _judging(plan, recorded)


def _system(named: str | None, brought: ExternalContract | None, recorded: RecordedRun | None) -> str | None:
    if brought is not None:
        return contract_of("", brought).system
    return named if recorded is None else recorded.settings.system


def _judging(plan: Plan, recorded: RecordedRun) -> Plan:
    """The plan of judging a recording again: all but the contract and the gate is as it was in the run."""
    run = recorded.settings
    return replace(
        plan,
        run_id=run.run_id,
        folder=plan.folder.with_name(f"judged-{plan.run_id.removeprefix('run-')}"),
        seed=run.seed,
        gate=plan.gate if plan.options.levels else replace(plan.gate, levels=run.levels),
        recorded=recorded,
    )


def _key_variables(options: Options, target: TargetSettings) -> tuple[tuple[str, str], ...]:
    if options.no_auth:
        return ()
    if target.embedded:
        return tuple(EMBEDDED_KEYS.items())
    return (
        ("main", options.main_env or MAIN_KEY),
        ("second", options.second_env or SECOND_KEY),
        ("forbidden", options.forbidden_env or FORBIDDEN_KEY),
    )


def _is_capped(options: Options) -> bool:
    return options.max_credits is not None or options.max_purchases is not None


def _check_cap(options: Options, target: TargetSettings) -> None:
    """Refuse before the run a cap that can't be held, or lacks (raises `UnusableCapError`)."""
    if options.max_credits is not None and options.max_purchases is not None:
        raise UnusableCapError("A cap is one of --max-credits and --max-purchases, not both.")
    if not _is_capped(options):
        # With a control interface it may yet turn out that the money is worthless.
        if options.tier_name == "paid" and target.money == "real" and target.control_url is None:
            sentence = (
                "The tier paid needs a cap: --max-credits N, or --max-purchases N where prices are not known "
                "(`conformance plan` says what everything costs)."
            )
            raise UnusableCapError(sentence)
    elif options.tier_name not in (None, "paid"):
        raise UnusableCapError(f"The tier {options.tier_name} spends nothing, so it goes without a cap.")


def _check_files(options: Options) -> None:
    """Refuse before the run files that can't be used (raises `OptionError` or `UnreadableProbesError`)."""
    if options.repeats is not None and not is_there(Path(options.repeats) / "report.json"):
        raise NoSuchRunError(f"{options.repeats} is not the folder of a run: it holds no report.json.")
    if options.repeats is not None:
        read_earlier(Path(options.repeats))
    if options.probes_file is not None:
        path = Path(options.probes_file)
        PlantedKeyFile(path).read()
        if not path.parent.is_dir():
            raise UnreadableProbesError(f"The folder of {path}, where planted keys are to be kept, does not exist.")
