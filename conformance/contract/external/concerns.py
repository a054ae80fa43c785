"""What the requirements are about that a document implies, and which of them most likely fail with which others."""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Mapping

    from conformance.contract.requirements import Concern

_KINDS: Final[Mapping[Concern, tuple[str, ...]]] = {
    "option": (
        *("defaults", "filters", "sorts", "pages", "paged-queries", "list-defaults", "stable-pages", "totals"),
        *("tagged", "unmodified", "repeats", "same-bodies", "distinct-keys", "repeats-at-once"),
    ),
    "refusal": (
        *("assigns", "unique", "matched", "stays", "awaited", "absent", "unknown", "no-repeatable-5xx"),
        *("reused", "distinct-bodies", "conflicts"),
    ),
    "form": (
        *("located", "times-in-order", "undescribed", "head", "allow", "request-id-present", "request-id-echo"),
        *("request-id-in-error", "envelope", "retryable", "error-code-table", "error-param"),
        *("amount-format", "usd-consistent"),
    ),
}
CONCERNS: Final[Mapping[str, Concern]] = MappingProxyType(
    {kind: concern for concern, kinds in _KINDS.items() for kind in kinds}
)
"""What kinds of requirements are about, those left out that are about the purpose of an operation."""

FOLLOWS: Final[Mapping[str, str]] = MappingProxyType(
    {
        **dict.fromkeys(("defaults", "changes"), "stored"),
        **dict.fromkeys(
            ("filters", "sorts", "pages", "paged-queries", "list-defaults", "stable-pages", "totals"), "lists"
        ),
        **dict.fromkeys(("reused", "distinct-bodies", "same-bodies", "repeats-at-once"), "repeats"),
        **dict.fromkeys(("conflicts", "charges-once"), "replays"),
    }
)
"""The kind of the same operation, or of the same resource, whose fail most likely brings one of a kind along."""
