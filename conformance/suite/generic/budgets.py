"""What each scenario of any API may spend, and the kinds of requirements that it is carried out for."""

from __future__ import annotations

from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING, Final

from conformance.client.budget import ANY, Budget, Tier, cancels, keeps

if TYPE_CHECKING:
    from collections.abc import Mapping


@dataclass(frozen=True, slots=True)
class Story:
    """A scenario that is carried out for every operation with a requirement of one of these kinds."""

    budget: Budget
    serves: tuple[str, ...]


STORIES: Final[Mapping[str, Story]] = MappingProxyType(
    {
        # One task, its retry, and a request that must be refused as its key is taken.
        "retry": Story(
            Budget(tier=Tier.PAID, cancels=(ANY,), repeats=1, refused=1, requests=5),
            ("replays", "charges-once", "conflicts"),
        ),
        "read": Story(cancels(ANY, requests=4), ("readable", "unknown")),
        "life": Story(keeps(ANY, requests=2), ("ends",)),
        "cancel": Story(cancels(ANY, requests=4), ("cancels",)),
        "list": Story(cancels(ANY, requests=3), ("listed",)),
    }
)
