"""All mutants, by id."""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING

from conformance.mutants.beatra import (
    authentication,
    bills,
    cancellation,
    chat,
    chat_streams,
    clips,
    crashes,
    documents,
    errors,
    filtered_pages,
    idempotency,
    key_lifetimes,
    keyless,
    lasting_refusals,
    limits,
    listed_models,
    lists,
    money,
    music,
    music_bodies,
    near_bodies,
    near_keys,
    operations,
    pages,
    rate_limits,
    refusal_costs,
    refused_all_the_same,
    request_ids,
    sequences,
    shapes,
    statuses,
    strangers,
    tasks,
    uploads,
    wallets,
)

if TYPE_CHECKING:
    from collections.abc import Mapping

    from conformance.mutants.base import Mutant

_MODULES = (
    tasks,
    strangers,
    cancellation,
    pages,
    lists,
    authentication,
    crashes,
    documents,
    errors,
    idempotency,
    key_lifetimes,
    money,
    wallets,
    refusal_costs,
    bills,
    rate_limits,
    request_ids,
    statuses,
    music,
    clips,
    music_bodies,
    limits,
    uploads,
    operations,
    keyless,
    shapes,
    sequences,
    near_keys,
    near_bodies,
    filtered_pages,
    refused_all_the_same,
    lasting_refusals,
    listed_models,
    chat,
    chat_streams,
)
MUTANTS: Mapping[str, Mutant] = MappingProxyType(
    {mutant.id: mutant for module in _MODULES for mutant in module.MUTANTS}
)
