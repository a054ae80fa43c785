"""A `target.toml` as it is written: its members, and where and under which name a reader finds them."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from functools import reduce
from typing import TYPE_CHECKING, Any, cast

from conformance.target.positions import line_of

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from conformance.target.positions import Member

_BARE_KEY = re.compile(r"[A-Za-z0-9_-]+")


@dataclass(frozen=True, slots=True)
class Written:
    """A file that is valid TOML: its text and what the text says."""

    path: Path
    text: str
    content: Mapping[str, Any]

    def line(self, member: Member) -> int:
        """The line, from 1, on which a member is written."""
        return line_of(self.text, member)

    def value(self, member: Member) -> object:
        """What is written for a member."""
        return reduce(lambda value, step: value[step], member, cast("Any", self.content))

    def subject(self, member: Member) -> str:
        """How a sentence about a member begins: file, line and key."""
        return f"{self.path}, line {self.line(member)}: {spelled(member)}"


def spelled(member: Member) -> str:
    """A member as TOML spells it, array positions in brackets."""
    text = ""
    for step in member:
        if isinstance(step, int):
            text += f"[{step}]"
        else:
            key = step if _BARE_KEY.fullmatch(step) else json.dumps(step, ensure_ascii=False)
            text += f".{key}" if text else key
    return text
