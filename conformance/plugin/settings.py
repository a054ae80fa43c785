"""The settings that every process of a run gets."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field, fields
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from conformance import __version__
from conformance.contract.selection import ExternalContract, contract_of, matrix_of, suite_of, tolerance_of
from conformance.money.budget import Tier
from conformance.plugin.repeating import read_earlier
from conformance.target.options import Options
from conformance.target.urls import is_loopback
from conformance.verdicts.gate import LEVELS

if TYPE_CHECKING:
    from conformance.contract.contract import Contract
    from conformance.contract.matrices import KillMatrix, ToleranceMatrix
    from conformance.contract.requirements import Requirement
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
    brought: ExternalContract | None = None
    levels: tuple[str, ...] = LEVELS
    ends_at: float | None = None
    histories: int = 0
    key_roles: tuple[str, ...] = ()
    pretended: dict[str, str] = field(default_factory=dict)

    @property
    def capped(self) -> bool:
        """Whether a cap is stated, in money or in purchases."""
        return self.max_credits is not None or self.max_purchases is not None

    @property
    def heavy_probes(self) -> bool:
        """Whether files of 100 MB may be sent: as `heavy` states, else only on loopback with play money."""
        return self.play and is_loopback(self.base_url) if self.heavy is None else self.heavy

    @property
    def spends_on_provisional(self) -> bool:
        """Whether requests may be made for rules that no normative document states: judged, or paid with play money."""
        return self.provisional or self.play

    @property
    def wall_seconds(self) -> float:
        """How long the whole run may take: as stated, else an hour, or longer where the rate is low."""
        if self.max_wall_seconds is not None:
            return self.max_wall_seconds
        slow = 0 if self.rate_per_second is None else _MANY_REQUESTS / self.rate_per_second
        return max(_USUAL_WALL_SECONDS, slow) + self.max_seconds

    @property
    def crowds(self) -> bool:
        """Whether many requests may be sent at the same time: with play money, on loopback or with `heavy`."""
        return self.play and (is_loopback(self.base_url) or self.heavy is True)

    @property
    def user_agent(self) -> str:
        """The User-Agent of every request: the suite, its version and the run's id."""
        return f"music-api-conformance/{__version__} (run {self.run_id})"

    @property
    def tier(self) -> Tier:
        """The tier of the run: as stated, else `play` with play money, `paid` with a cap and `free` with real money."""
        if self.tier_name is not None:
            return Tier[self.tier_name.upper()]
        if self.play:
            return Tier.PLAY
        return Tier.PAID if self.capped else Tier.FREE

    def earlier(self) -> Earlier | None:
        """What the run found that this one repeats, None when it repeats none."""
        return None if self.repeats is None else read_earlier(Path(self.repeats))

    @property
    def path(self) -> Path:
        """The folder of this run."""
        return Path(self.folder)

    def to_plain(self) -> dict[str, Any]:
        """The settings as plain values that xdist can send to a worker."""
        return asdict(self)

    @classmethod
    def from_plain(cls, plain: dict[str, Any]) -> RunSettings:
        """The settings as a worker got them, or as a file has them."""
        listed = {row.name: _frozen(plain[row.name]) for row in fields(cls) if isinstance(row.default, tuple)}
        brought = ExternalContract(**plain["brought"]) if plain["brought"] else None
        return cls(**{**plain, **listed, "brought": brought})

    def asks_for(self, requirement: Requirement) -> bool:
        """Whether the run judges the requirement, by its level, its surface and its id."""
        placed = requirement.level in self.levels and (not self.surfaces or requirement.surface in self.surfaces)
        return placed and (not self.only or requirement.id in self.only)

    def contract(self) -> Contract:
        """The contract of the system under test, with the prices that this account pays."""
        known = contract_of(self.system, self.brought, self.contract_version)
        known = known.without_keys() if self.no_auth else known
        return known.with_prices(self.price_list)

    def priced_contract(self) -> Contract:
        """The same contract as budgets and the ledger see it: in purchases where these are counted."""
        known = self.contract()
        return known if self.max_purchases is None else known.counting_purchases()

    def matrix(self) -> KillMatrix | None:
        """The kill matrix of the contract, None where there is none."""
        return matrix_of(self.system, self.brought)

    def tolerance(self) -> ToleranceMatrix | None:
        """The tolerance matrix of the contract, None where there is none."""
        return tolerance_of(self.system, self.brought)

    @property
    def suite_folder(self) -> str:
        """The folder of the suite with the scenarios for this contract."""
        return suite_of(self.system, self.brought)

    @property
    def suite_package(self) -> str:
        """The package of that folder, whose scenarios the run carries out."""
        return f"conformance.suite.{self.suite_folder}"


def _frozen(value: Any) -> Any:  # noqa: ANN401 - any value of JSON
    return tuple(map(_frozen, value)) if isinstance(value, list | tuple) else value
