"""What was asked for on the command line, resolved once, and what becomes known while the run goes on."""

from __future__ import annotations

import os
import time
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from conformance.client.probes import ProbeFile, UnreadableProbesError
from conformance.contract.amounts import amount
from conformance.contract.files import is_there
from conformance.plugin.contracts import brought_by, contract_of, placed
from conformance.plugin.durations import seconds_of
from conformance.plugin.entry import HEAVY
from conformance.plugin.errors import NoSuchRunError, UnusableCapError
from conformance.plugin.gating import gate_of, surfaces_of
from conformance.plugin.keeping import read_run
from conformance.plugin.settings import RunSettings
from conformance.target.file import read_target_file
from conformance.target.launch import EMBEDDED_KEYS
from conformance.target.pace import polite
from conformance.target.settings import FORBIDDEN_KEY, MAIN_KEY, SECOND_KEY, TargetOptions, resolve_settings

if TYPE_CHECKING:
    from decimal import Decimal

    import pytest

    from conformance.client.stakes import Bought
    from conformance.contract.contract import Contract
    from conformance.journal.reader import Recording
    from conformance.plugin.contracts import Brought
    from conformance.plugin.keeping import RecordedRun
    from conformance.target.launch import RunningTarget
    from conformance.target.settings import TargetSettings
    from conformance.target.statement import Money, TargetFile
    from conformance.verdicts.gate import Gate
    from conformance.verdicts.model import Assessment, Outcome


@dataclass(frozen=True, slots=True)
class Plan:
    """What was asked for, before the target is running."""

    run_id: str
    folder: Path
    target: TargetSettings
    key_variables: tuple[tuple[str, str], ...]
    seed: int
    examples: int | None
    max_seconds: float
    histories: int
    strict: bool
    heavy: bool | None
    tier: str | None
    max_credits: Decimal | None
    repeats: Path | None
    ca_file: Path | None
    probes_file: Path | None
    gate: Gate
    brought: Brought | None = None
    recorded: RecordedRun | None = None

    def contract(self) -> Contract:
        """The contract that the run judges by (raises `ContractError`)."""
        return contract_of(self.target.system, self.brought)

    def settings(self, running: RunningTarget | None, *, processes: int) -> RunSettings:
        """
        The settings of each of the run's processes, once the target is running (None: it is not).

        What the target can bear is stated for the run as a whole; the processes share it. A recording is judged with
        the settings that it was made with.
        """
        if self.recorded is not None:
            return replace(self.recorded.settings_in(self.folder), brought=self.brought, levels=self.gate.levels)
        target = self.target
        base_url = placed(running.base_url if running else (target.base_url or ""), self.contract(), self.brought)
        limits = polite(target.limits, base_url)
        return RunSettings(
            run_id=self.run_id,
            folder=str(self.folder),
            system=target.system,
            base_url=base_url,
            play=self.plays(target.money),
            seed=self.seed,
            examples=self.examples,
            max_seconds=self.max_seconds,
            histories=self.histories,
            started_at=datetime.now(UTC).isoformat(timespec="seconds"),
            surfaces=target.surfaces,
            key_variables=self.key_variables,
            control_url=running.control_url if running else None,
            prices=tuple((model, f"{price:f}") for model, price in target.prices.items()),
            openapi_url=target.openapi_url,
            failing_request=None if target.failing_request is None else dict(target.failing_request),
            reference_audio_url=running.reference_audio_url if running else None,
            ca_file=str(running.ca_file) if running and running.ca_file else _text(self.ca_file),
            poll_timeout_seconds=limits.poll_timeout_seconds,
            rate_per_second=limits.rate_per_second,
            concurrency=limits.concurrency,
            processes=processes,
            proxy=target.proxy,
            probes_file=_text(self.probes_file),
            heavy=self.heavy,
            tier_name=self.tier,
            max_credits=None if self.max_credits is None else f"{self.max_credits:f}",
            repeats=_text(self.repeats),
            brought=self.brought,
            levels=self.gate.levels,
        )

    def plays(self, money: Money) -> bool:
        """Whether nobody counts what is spent: whoever gives a cap wants it to be held, whatever the money is."""
        return money == "play" and self.max_credits is None


@dataclass(slots=True)
class Progress:
    """What became known while the run went on."""

    started: float = field(default_factory=time.monotonic)
    outcomes: list[Outcome] = field(default_factory=list)
    crashed: list[str] = field(default_factory=list)
    settings: RunSettings | None = None
    stopped: str | None = None
    broken_off: str = ""
    assessment: Assessment | None = None
    recording: Recording | None = None
    left: list[Bought] = field(default_factory=list)


def plan_of(config: pytest.Config) -> Plan:
    """
    What the options, the target file and the environment ask for.

    Raises:
        TargetError: the target is stated in a way that can't be used.
        OptionError: an option can't be used.
        ContractError: the contract that was brought can't be used.
        GateError: the gate can't be set up as it was asked for.
        UnreadableProbesError: the file of planted keys is of no use.
    """
    option = config.getoption
    recorded = read_run(Path(option("conformance_recording")).resolve()) if option("conformance_recording") else None
    stated = read_target_file(Path(option("conformance_target"))) if option("conformance_target") else None
    brought = brought_by(
        option("conformance_spec"),
        option("conformance_conventions"),
        option("conformance_system"),
        config.invocation_params.dir,
    )
    if recorded is not None:
        brought = brought or recorded.settings.brought
    options = TargetOptions(
        base_url=recorded.settings.base_url if recorded else option("base_url", None) or None,
        app=option("conformance_app"),
        factory=option("conformance_factory"),
        python=option("conformance_python"),
        system=_system(option("conformance_system"), brought, recorded),
        control_url=option("conformance_control_url"),
        api_key_env=option("conformance_api_key_env"),
        rate=option("conformance_rate"),
        concurrency=option("conformance_concurrency"),
        proxy=option("conformance_proxy"),
    )
    target = resolve_settings(options, stated, os.environ)
    if option("conformance_surfaces") is not None:
        conventions = contract_of(target.system, brought).conventions
        target = replace(target, surfaces=surfaces_of(option("conformance_surfaces"), conventions))
    now = datetime.now(UTC)
    seed = option("conformance_seed")
    # The id goes into every request, so that what a run leaves behind at a target can be traced to it.
    run_id = f"run-{now:%Y%m%d-%H%M%S}-{os.urandom(2).hex()}"
    plan = Plan(
        run_id=run_id,
        folder=(config.invocation_params.dir / (option("conformance_report_dir") or "reports") / run_id).resolve(),
        target=target,
        key_variables=_key_variables(options, stated, target),
        seed=int.from_bytes(os.urandom(4), "big") if seed is None else seed,
        examples=option("conformance_examples"),
        max_seconds=seconds_of(option("conformance_max_time")),
        histories=option("conformance_histories"),
        strict=option("conformance_strict"),
        heavy=HEAVY[option("conformance_heavy")],
        tier=option("conformance_tier"),
        max_credits=_cap(option("conformance_tier"), option("conformance_max_credits"), target),
        repeats=_earlier_run(option("conformance_failed")),
        ca_file=Path(option("conformance_ca_file")).resolve() if option("conformance_ca_file") else None,
        probes_file=_probes_file(option("conformance_probes")),
        gate=gate_of(config, now.date()),
        brought=brought,
    )
    return plan if recorded is None else _judging(plan, recorded, levels_given=bool(option("conformance_levels")))


def _system(named: str | None, brought: Brought | None, recorded: RecordedRun | None) -> str | None:
    if brought is not None:
        return contract_of("", brought).system
    return named if recorded is None else recorded.settings.system


def _judging(plan: Plan, recorded: RecordedRun, *, levels_given: bool) -> Plan:
    """The plan of judging a recording again: all but the contract and the gate is as it was in the run."""
    settings = recorded.settings
    return replace(
        plan,
        run_id=settings.run_id,
        folder=plan.folder.with_name(f"judged-{plan.run_id.removeprefix('run-')}"),
        seed=settings.seed,
        strict=plan.strict or recorded.strict,
        gate=plan.gate if levels_given else replace(plan.gate, levels=settings.levels),
        recorded=recorded,
    )


def _key_variables(
    options: TargetOptions, stated: TargetFile | None, target: TargetSettings
) -> tuple[tuple[str, str], ...]:
    if target.embedded:
        return tuple(EMBEDDED_KEYS.items())
    named = stated.keys if stated else None
    return (
        ("main", options.api_key_env or (named and named.main_env) or MAIN_KEY),
        ("second", (named and named.second_env) or SECOND_KEY),
        ("forbidden", (named and named.forbidden_env) or FORBIDDEN_KEY),
    )


def _cap(tier: str | None, given: str | None, target: TargetSettings) -> Decimal | None:
    if given is None:
        # With a control interface it may yet turn out that the money is worthless.
        if tier == "paid" and target.money == "real" and target.control_url is None:
            sentence = "The tier paid needs a cap: --max-credits N (`conformance plan` says what everything costs)."
            raise UnusableCapError(sentence)
        return None
    cap = amount(given)
    if cap is None or cap < 0:
        raise UnusableCapError(f"--max-credits must be an amount such as 500 or 130.50, not {given!r:.40}.")
    if tier not in (None, "paid"):
        raise UnusableCapError(f"The tier {tier} spends nothing, so it goes without --max-credits.")
    return cap


def _earlier_run(given: str | None) -> Path | None:
    if given is None:
        return None
    folder = Path(given).resolve()
    if not is_there(folder / "report.json"):
        raise NoSuchRunError(f"{folder} is not the folder of a run: it holds no report.json.")
    return folder


def _probes_file(given: str | None) -> Path | None:
    if not given:
        return None
    path = Path(given).resolve()
    # A run may take long: that the file is of no use should be said before it.
    ProbeFile(path).read()
    if not path.parent.is_dir():
        raise UnreadableProbesError(f"The folder of {path}, where planted keys are to be kept, does not exist.")
    return path


def _text(path: Path | None) -> str | None:
    return None if path is None else str(path)
