"""All mutants, by id."""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING

from conformance.mutants.beatra import money

if TYPE_CHECKING:
    from collections.abc import Mapping

    from conformance.mutants.base import Mutant

_MODULES = (money,)
MUTANTS: Mapping[str, Mutant] = MappingProxyType(
    {mutant.id: mutant for module in _MODULES for mutant in module.MUTANTS}
)
