"""Which mutant an application is to be."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from conformance.target.embedded import FAULT_VARIABLE

if TYPE_CHECKING:
    from collections.abc import Mapping

    from conformance.mutants.base import Mutant


class UnknownMutantError(LookupError):
    """No mutant has the id that the environment names."""


def named_in_the_environment(mutants: Mapping[str, Mutant]) -> Mutant:
    """
    The mutant that the environment variable CONFORMANCE_MUTANT names.

    Raises:
        UnknownMutantError: there is none of that name.
    """
    name = os.environ.get(FAULT_VARIABLE, "")
    if name not in mutants:
        raise UnknownMutantError(f"{FAULT_VARIABLE} must name a mutant, not {name!r}.")
    return mutants[name]
