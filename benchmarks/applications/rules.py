"""Rules for JSON values and parameters: each reads a value, or raises `ValueError` with what is wrong with it."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date, datetime, timezone
from typing import Any, Final

Rule = Callable[[Any], Any]

_MOMENT: Final = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,6})?(Z|[+-]\d\d:\d\d)", re.ASCII)
_DATE: Final = re.compile(r"\d{4}-\d\d-\d\d", re.ASCII)
_DIGITS: Final = re.compile(r"-?(0|[1-9][0-9]*)")
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=timezone.utc)  # noqa: UP017 - the same thing on every Python


def text(least: int = 0, most: int = 200, pattern: str | None = None) -> Rule:
    """A text of so many characters, wholly of a pattern."""

    def rule(value: object) -> str:
        if not isinstance(value, str):
            raise ValueError("has to be a text")  # noqa: TRY004 - one kind of error for all rules
        if not least <= len(value) <= most:
            raise ValueError(f"has to have {least} to {most} characters")
        if pattern is not None and re.fullmatch(pattern, value) is None:
            raise ValueError(f"has to be of the form {pattern}")
        return value

    return rule


def whole(least: int, most: int) -> Rule:
    """A whole number; 1.0 is one."""

    def rule(value: object) -> int:
        if isinstance(value, bool) or not isinstance(value, int | float) or value != value // 1:
            raise ValueError("has to be a whole number")
        if not least <= value <= most:
            raise ValueError(f"has to be from {least} to {most}")
        return int(value)

    return rule


def number(least: float, most: float) -> Rule:
    """Any number."""

    def rule(value: object) -> float:
        if isinstance(value, bool) or not isinstance(value, int | float):
            raise ValueError("has to be a number")  # noqa: TRY004 - one kind of error for all rules
        if not least <= value <= most:
            raise ValueError(f"has to be from {least} to {most}")
        return value

    return rule


def truth(value: object) -> bool:
    """True or false."""
    if not isinstance(value, bool):
        raise ValueError("has to be true or false")  # noqa: TRY004 - one kind of error for all rules
    return value


def one_of(*choices: str) -> Rule:
    """One of some texts."""

    def rule(value: object) -> str:
        if not isinstance(value, str) or value not in choices:
            raise ValueError(f"has to be one of {', '.join(choices)}")
        return value

    return rule


def or_null(rule: Rule) -> Rule:
    """Null, or what the rule says."""
    return lambda value: None if value is None else rule(value)


def list_of(rule: Rule, least: int = 0, most: int = 20, *, unique: bool = False) -> Rule:
    """A list of so many items, all different where `unique`."""

    def read(value: object) -> list[Any]:
        if not isinstance(value, list) or not least <= len(value) <= most:
            raise ValueError(f"has to be a list of {least} to {most} items")
        items = [rule(item) for item in value]
        if unique and any(item in items[:place] for place, item in enumerate(items)):
            raise ValueError("has the same item twice")
        return items

    return read


def day(value: object) -> str:
    """A date."""
    if not isinstance(value, str) or _DATE.fullmatch(value) is None:
        raise ValueError("has to be a date such as 2026-01-31")
    date.fromisoformat(value)
    return value


def moment(value: object) -> str:
    """A date and a time with offset, by RFC 3339."""
    if not isinstance(value, str) or _MOMENT.fullmatch(value) is None:
        raise ValueError("has to be a time such as 2026-01-31T12:00:00Z")
    instant(value)
    return value


def instant(value: str) -> float:
    """A time in seconds (raises `ValueError`)."""
    try:
        return (datetime.fromisoformat(value) - _EPOCH).total_seconds()
    except OverflowError:
        raise ValueError("is too far away") from None


def record(
    required: dict[str, Rule] | None = None,
    optional: dict[str, Rule] | None = None,
    *,
    least: int = 0,
    closed: bool = True,
) -> Rule:
    """An object with these members; where it is `closed` it has no others, else others are left out of what is read."""
    needed = required or {}
    rules = {**needed, **(optional or {})}

    def read(value: object) -> dict[str, Any]:
        if not isinstance(value, dict):
            raise ValueError("has to be an object")  # noqa: TRY004 - one kind of error for all rules
        if missing := sorted(needed.keys() - value.keys()):
            raise ValueError(f"lacks {', '.join(missing)}")
        if closed and (unknown := sorted(value.keys() - rules.keys())):
            raise ValueError(f"has no member {unknown[0]}")
        made = {}
        for name, rule in rules.items():
            if name in value:
                try:
                    made[name] = rule(value[name])
                except ValueError as error:
                    raise ValueError(f"{name} {error}") from None
        if len(made) < least:
            raise ValueError("is empty")
        return made

    return read


def digits(least: int, most: int) -> Rule:
    """A whole number as the text of a parameter."""

    def rule(value: str) -> int:
        if _DIGITS.fullmatch(value) is None or len(value) > len(str(most)) + 1 or not least <= int(value) <= most:
            raise ValueError(f"has to be a whole number from {least} to {most}")
        return int(value)

    return rule


def yes_or_no(value: str) -> bool:
    """True or false as the text of a parameter."""
    if value not in {"true", "false"}:
        raise ValueError("has to be true or false")
    return value == "true"
