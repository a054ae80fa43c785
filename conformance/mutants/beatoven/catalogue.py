"""All mutants, by id."""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING

from conformance.mutants.beatoven import access, answers, compositions, drawn, files, formats, older, tasks

if TYPE_CHECKING:
    from collections.abc import Mapping

    from conformance.mutants.base import Mutant

_MODULES = (access, compositions, formats, tasks, answers, files, older, drawn)
MUTANTS: Mapping[str, Mutant] = MappingProxyType(
    {mutant.id: mutant for module in _MODULES for mutant in module.MUTANTS}
)
