"""Overlays applied to documents, as the Overlay Specification 1.0 says: for JSONPaths of names and positions alone."""

from __future__ import annotations

import copy
import re
from typing import Any, Final

_STEP: Final = re.compile(r"\[(?:(\d+)|'((?:[^'\\]|\\.)*)')\]")
_ESCAPED: Final = re.compile(r"\\(?:u([0-9a-f]{4})|(.))")
_LETTERS: Final = {"n": "\n", "r": "\r", "t": "\t"}


def applied(document: dict[str, Any], overlay: dict[str, Any]) -> dict[str, Any]:
    """The document with all actions of an overlay, one after the other."""
    changed = copy.deepcopy(document)
    for action in overlay["actions"]:
        *way, last = steps(action["target"])
        holder = changed
        for step in way:
            holder = holder[step]
        if action.get("remove"):
            del holder[last]
        else:
            holder[last] = _merged(holder[last], action["update"])
    return changed


def steps(path: str) -> list[Any]:
    """The steps of a JSONPath."""
    assert re.fullmatch(rf"\$(?:{_STEP.pattern})+", path), path
    return [int(found[1]) if found[1] else _ESCAPED.sub(_unescaped, found[2]) for found in _STEP.finditer(path)]


def _unescaped(found: re.Match[str]) -> str:
    return chr(int(found[1], 16)) if found[1] else _LETTERS.get(found[2], found[2])


def _merged(old: Any, update: Any) -> Any:  # noqa: ANN401 - any part of a document
    """Objects are merged, arrays are joined, and all else is replaced by what is of the same kind."""
    if isinstance(old, dict):
        assert isinstance(update, dict)
        return {**old, **{name: _merged(old[name], new) if name in old else new for name, new in update.items()}}
    if isinstance(old, list):
        return [*old, *(update if isinstance(update, list) else [update])]
    assert not isinstance(update, dict | list), "what is merged has to be of the same kind"
    return update
