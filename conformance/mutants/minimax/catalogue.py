"""All mutants, by id."""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING

from conformance.mutants.minimax import (
    access,
    audio,
    codes,
    covers,
    documents,
    features,
    formats,
    lyrics,
    models,
    streams,
    texts,
)

if TYPE_CHECKING:
    from collections.abc import Mapping

    from conformance.mutants.base import Mutant

_MODULES = (streams, access, codes, models, texts, formats, audio, covers, features, lyrics, documents)
MUTANTS: Mapping[str, Mutant] = MappingProxyType(
    {mutant.id: mutant for module in _MODULES for mutant in module.MUTANTS}
)
