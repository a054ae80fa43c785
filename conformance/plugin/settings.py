"""The settings of a run in the form in which the controller hands them to its workers: plain values, no key."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any

from conformance.contract.contract import load_contract

if TYPE_CHECKING:
    from conformance.contract.contract import Contract

from conformance.target.urls import is_loopback


@dataclass(frozen=True, slots=True)
class RunSettings:
    """
    Everything that a process needs to take part in a run.

    Keys are not in here, only the names of the environment variables that hold them, by role.
    """

    run_id: str
    folder: str
    system: str
    base_url: str
    play: bool
    seed: int
    examples: int
    started_at: str
    surfaces: tuple[str, ...] = ()
    key_variables: tuple[tuple[str, str], ...] = ()
    prices: tuple[tuple[str, str], ...] = ()
    control_url: str | None = None
    openapi_url: str | None = None
    reference_audio_url: str | None = None
    ca_file: str | None = None
    poll_timeout_seconds: float | None = None
    rate_per_second: float | None = None
    concurrency: int | None = None
    failing_request: dict[str, Any] | None = None
    probes_file: str | None = None
    heavy: bool | None = None

    @property
    def heavy_probes(self) -> bool:
        """Whether files of 100 MB may be sent: as somebody said, else only where that costs neither money nor line."""
        return self.play and is_loopback(self.base_url) if self.heavy is None else self.heavy

    @property
    def path(self) -> Path:
        """The folder of this run."""
        return Path(self.folder)

    def to_plain(self) -> dict[str, Any]:
        """The settings as values that survive the way to a worker."""
        return asdict(self)

    @classmethod
    def from_plain(cls, plain: dict[str, Any]) -> RunSettings:
        """The settings as a worker got them."""
        pairs = tuple((str(role), str(variable)) for role, variable in plain["key_variables"])
        prices = tuple((str(model), str(price)) for model, price in plain["prices"])
        known = {"key_variables": pairs, "prices": prices, "surfaces": tuple(plain["surfaces"])}
        return cls(**{**plain, **known})

    def contract(self) -> Contract:
        """The contract of the system under test, with the prices that this account pays."""
        return load_contract(self.system).with_prices({model: Decimal(price) for model, price in self.prices})
