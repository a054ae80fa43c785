"""What was asked for on the command line, resolved once, and what becomes known while the run goes on."""

from __future__ import annotations

import os
import time
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from conformance.client.probes import ProbeFile, UnreadableProbesError
from conformance.plugin.entry import HEAVY
from conformance.plugin.settings import RunSettings
from conformance.target.file import read_target_file
from conformance.target.launch import EMBEDDED_KEYS
from conformance.target.settings import FORBIDDEN_KEY, MAIN_KEY, SECOND_KEY, TargetOptions, resolve_settings

if TYPE_CHECKING:
    import pytest

    from conformance.target.launch import RunningTarget
    from conformance.target.settings import TargetSettings
    from conformance.target.statement import TargetFile
    from conformance.verdicts.model import Assessment, Outcome


@dataclass(frozen=True, slots=True)
class Plan:
    """What was asked for, before the target is running."""

    run_id: str
    folder: Path
    target: TargetSettings
    key_variables: tuple[tuple[str, str], ...]
    seed: int
    examples: int
    strict: bool
    heavy: bool | None
    ca_file: Path | None
    probes_file: Path | None

    def settings(self, running: RunningTarget | None, *, processes: int) -> RunSettings:
        """
        The settings of each of the run's processes, once the target is running (None: it is not).

        What the target can bear is stated for the run as a whole, so each process gets its part of it.
        """
        target = self.target
        rate, at_once = target.limits.rate_per_second, target.limits.concurrency
        return RunSettings(
            run_id=self.run_id,
            folder=str(self.folder),
            system=target.system,
            base_url=running.base_url if running else (target.base_url or ""),
            play=target.money == "play",
            seed=self.seed,
            examples=self.examples,
            started_at=datetime.now(UTC).isoformat(timespec="seconds"),
            surfaces=target.surfaces,
            key_variables=self.key_variables,
            control_url=running.control_url if running else None,
            prices=tuple((model, f"{price:f}") for model, price in target.prices.items()),
            openapi_url=target.openapi_url,
            failing_request=None if target.failing_request is None else dict(target.failing_request),
            reference_audio_url=running.reference_audio_url if running else None,
            ca_file=str(running.ca_file) if running and running.ca_file else _text(self.ca_file),
            poll_timeout_seconds=target.limits.poll_timeout_seconds,
            rate_per_second=rate and rate / processes,
            concurrency=at_once and max(1, at_once // processes),
            probes_file=_text(self.probes_file),
            heavy=self.heavy,
        )


@dataclass(slots=True)
class Progress:
    """What became known while the run went on."""

    started: float = field(default_factory=time.monotonic)
    outcomes: list[Outcome] = field(default_factory=list)
    crashed: list[str] = field(default_factory=list)
    settings: RunSettings | None = None
    stopped: str | None = None
    assessment: Assessment | None = None


def plan_of(config: pytest.Config) -> Plan:
    """
    What the options, the target file and the environment ask for.

    Raises:
        TargetError: the target is stated in a way that can't be used.
        UnreadableProbesError: the file of planted keys is of no use.
    """
    option = config.getoption
    stated = read_target_file(Path(option("conformance_target"))) if option("conformance_target") else None
    options = TargetOptions(
        base_url=option("base_url", None) or None,
        app=option("conformance_app"),
        factory=option("conformance_factory"),
        system=option("conformance_system"),
        control_url=option("conformance_control_url"),
        api_key_env=option("conformance_api_key_env"),
    )
    target = resolve_settings(options, stated, os.environ)
    now = datetime.now(UTC)
    seed = option("conformance_seed")
    # The id goes into every request, so that what a run leaves behind at a target can be traced to it.
    run_id = f"run-{now:%Y%m%d-%H%M%S}-{os.urandom(2).hex()}"
    return Plan(
        run_id=run_id,
        folder=(config.invocation_params.dir / (option("conformance_report_dir") or "reports") / run_id).resolve(),
        target=target,
        key_variables=_key_variables(options, stated, target),
        seed=int.from_bytes(os.urandom(4), "big") if seed is None else seed,
        examples=option("conformance_examples"),
        strict=option("conformance_strict"),
        heavy=HEAVY[option("conformance_heavy")],
        ca_file=Path(option("conformance_ca_file")).resolve() if option("conformance_ca_file") else None,
        probes_file=_probes_file(option("conformance_probes")),
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
