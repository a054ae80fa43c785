"""The settings of a run in the form in which the controller hands them to its workers: plain values, no key."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field, fields
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from conformance import __version__
from conformance.client.budget import Tier
from conformance.contract.brought import Brought, contract_of, matrix_of, suite_of
from conformance.plugin.repeating import read_earlier
from conformance.target.options import Options
from conformance.target.urls import is_loopback
from conformance.verdicts.gate import LEVELS

if TYPE_CHECKING:
    from conformance.contract.contract import Contract
    from conformance.contract.matrix import KillMatrix
    from conformance.contract.registry import Requirement
    from conformance.plugin.repeating import Earlier


_USUAL_WALL_SECONDS: Final = 3600.0
# More than a run sends, unless it is told to draw more.
_MANY_REQUESTS: Final = 2000


@dataclass(frozen=True, slots=True, kw_only=True)
class RunSettings(Options):
    """
    Everything that a process needs to take part in a run: all that is stated (`Options`), and what follows from it.

    Keys are not in here, only the names of the environment variables that hold them, by role. `rate_per_second` and
    `concurrency` hold for all `processes` together. `recorded` is the folder of the run whose recording is judged
    again (None: requests are sent), `key_roles` are the roles for which that run had keys. `pretended` are the parts of
    the control interface that were found not to work, each with a sentence why. `levels` names each level that is
    judged. `ends_at` is when the budget of the whole run is used up, by the machine's monotonic clock (None: never).
    """

    run_id: str
    folder: str
    system: str
    base_url: str
    play: bool
    seed: int
    started_at: str
    key_variables: tuple[tuple[str, str], ...] = ()
    processes: int = 1
    brought: Brought | None = None
    levels: tuple[str, ...] = LEVELS
    ends_at: float | None = None
    histories: int = 0
    key_roles: tuple[str, ...] = ()
    pretended: dict[str, str] = field(default_factory=dict)

    @property
    def heavy_probes(self) -> bool:
        """Whether files of 100 MB may be sent: as somebody said, else only where that costs neither money nor line."""
        return self.play and is_loopback(self.base_url) if self.heavy is None else self.heavy

    @property
    def spends_on_provisional(self) -> bool:
        """Whether requests may be made for rules that no normative document states: judged, or paid with play money."""
        return self.provisional or self.play

    @property
    def wall_seconds(self) -> float:
        """How long the whole run may take: as was said, else an hour, and longer where few requests a second go out."""
        if self.max_wall_seconds is not None:
            return self.max_wall_seconds
        slow = 0 if self.rate_per_second is None else _MANY_REQUESTS / self.rate_per_second
        return max(_USUAL_WALL_SECONDS, slow) + self.max_seconds

    @property
    def crowds(self) -> bool:
        """Whether many requests may be made at the same time on purpose: to play money, and here or by name."""
        return self.play and (is_loopback(self.base_url) or self.heavy is True)

    @property
    def user_agent(self) -> str:
        """How every request names its sender: the suite, its version, and the run that it belongs to."""
        return f"music-api-conformance/{__version__} (run {self.run_id})"

    @property
    def tier(self) -> Tier:
        """How far the run goes: as somebody said, else everywhere with play money and to what is free with real."""
        if self.tier_name is not None:
            return Tier[self.tier_name.upper()]
        if self.play:
            return Tier.PLAY
        return Tier.FREE if self.max_credits is None else Tier.PAID

    def earlier(self) -> Earlier | None:
        """What the run found that this one repeats, None when it repeats none."""
        return None if self.repeats is None else read_earlier(Path(self.repeats))

    @property
    def path(self) -> Path:
        """The folder of this run."""
        return Path(self.folder)

    def to_plain(self) -> dict[str, Any]:
        """The settings as values that survive the way to a worker."""
        return asdict(self)

    @classmethod
    def from_plain(cls, plain: dict[str, Any]) -> RunSettings:
        """The settings as a worker got them, or as a file has them."""
        listed = {row.name: _frozen(plain[row.name]) for row in fields(cls) if isinstance(row.default, tuple)}
        brought = Brought(**plain["brought"]) if plain["brought"] else None
        return cls(**{**plain, **listed, "brought": brought})

    def asks_for(self, requirement: Requirement) -> bool:
        """Whether the requirement is of a level and a surface that are in question."""
        return requirement.level in self.levels and (not self.surfaces or requirement.surface in self.surfaces)

    def contract(self) -> Contract:
        """The contract of the system under test, with the prices that this account pays."""
        known = contract_of(self.system, self.brought)
        return known.with_prices(self.price_list)

    def matrix(self) -> KillMatrix | None:
        """The faults that prove the contract's checks, where anybody tried them out."""
        return matrix_of(self.system, self.brought)

    @property
    def suite_folder(self) -> str:
        """The folder of the suite with the scenarios for this contract."""
        return suite_of(self.system, self.brought)


def _frozen(value: Any) -> Any:  # noqa: ANN401 - any value of JSON
    return tuple(map(_frozen, value)) if isinstance(value, list | tuple) else value
