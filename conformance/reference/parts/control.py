"""The control interface as far as the references of all systems have it: what calls look like, and how far they go."""

from __future__ import annotations

from typing import Any

CENTURY_SECONDS = 3_155_760_000
_MILLION = 1_000_000

CLOCK: dict[str, Any] = {
    "type": "object",
    "required": ["advance_seconds"],
    "properties": {"advance_seconds": {"type": "number", "minimum": 0, "maximum": CENTURY_SECONDS}},
}
WALLET: dict[str, Any] = {
    "type": "object",
    "required": ["balance_credits"],
    "properties": {"balance_credits": {"type": "string", "pattern": r"^[0-9]{1,12}([.][0-9]{1,4})?$"}},
}
RATE_LIMIT: dict[str, Any] = {
    "type": ["object", "null"],
    "required": ["allow"],
    "properties": {
        "allow": {"type": ["integer", "null"], "minimum": 0, "maximum": _MILLION},
        "retry_after_seconds": {"type": "integer", "minimum": 0, "maximum": _MILLION},
    },
}
PLAN: dict[str, Any] = {
    "type": "object",
    "required": ["models"],
    "properties": {"models": {"type": ["array", "null"], "items": {"type": "string"}, "minItems": 1}},
}
