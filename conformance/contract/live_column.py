"""The live column of the kill matrix: which faults the suite finds on a deployment without a control interface."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cache
from types import MappingProxyType
from typing import TYPE_CHECKING, Final

from conformance.contract.errors import InvalidContractError
from conformance.contract.files import check_against_schema, read_json, read_yaml, system_folder

if TYPE_CHECKING:
    from collections.abc import Mapping

LIVE_FILE: Final = "live-column.json"
MISSES_FILE: Final = "live-misses.yaml"
REASONS: Final = ("needs time", "needs a forced failure", "needs an empty wallet", "would cost more")
"""Why a fault may go unseen on a live deployment; there is no other reason."""


@dataclass(frozen=True, slots=True)
class LiveColumn:
    """
    What was found of one system's faults with real money, a cap and no control interface.

    `failed` are the requirements that failed under each mutant that was tried, `misses` why one is not killed there.
    """

    system: str
    cap: str
    failed: Mapping[str, frozenset[str]]
    misses: Mapping[str, str] = field(default_factory=dict)

    def killed(self, mutant: str, breaks: str) -> bool | None:
        """Whether the requirement that a mutant breaks failed; None where it was not tried."""
        return None if mutant not in self.failed else breaks in self.failed[mutant]


@cache
def load_live_column(system: str) -> LiveColumn | None:
    """
    The live column of a system as it was last written, None where there is none.

    Raises:
        ContractError: one of its files can't be read or breaks its schema, or a mutant is missed for two reasons.
    """
    path = system_folder(system) / LIVE_FILE
    if not path.is_file():
        return None
    content = read_json(path)
    check_against_schema(content, "live-column", path)
    failed = {name: frozenset(ids) for name, ids in content["mutants"].items()}
    return LiveColumn(system, content["cap"], MappingProxyType(failed), read_misses(system))


def read_misses(system: str) -> Mapping[str, str]:
    """The reason of each mutant of a system that is missed on a live deployment (raises `ContractError`)."""
    path = system_folder(system) / MISSES_FILE
    if not path.is_file():
        return MappingProxyType({})
    content = read_yaml(path)
    check_against_schema(content, "live-misses", path)
    found: dict[str, str] = {}
    for reason, names in content["missed"].items():
        for name in names:
            if name in found:
                raise InvalidContractError(f"{path} names {name} under two reasons.")
            found[name] = reason
    return MappingProxyType(found)
