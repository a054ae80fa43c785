"""What a schema refers to, and no more: a validator takes as long to make as all that it is given is large."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final
from urllib.parse import unquote

if TYPE_CHECKING:
    from collections.abc import Mapping

_COMPONENTS: Final = "#/components/"
# With these a reference may lead to a place that its text does not name.
_FAR_REACHING: Final = frozenset({"$id", "$anchor", "$dynamicAnchor", "$dynamicRef"})
_Place = tuple[str, str]


class Components:
    """The components of a document, handed out as far as a schema needs them."""

    def __init__(self, whole: Mapping[str, Any]) -> None:
        self._whole = whole
        self._direct: dict[_Place, frozenset[_Place] | None] = {}

    def needed_by(self, schema: object) -> Mapping[str, Any]:
        """
        The components that a schema refers to, with those that these refer to in turn.

        All of them, where a schema has a name of its own by which others may refer to it.
        """
        left = _referred(schema)
        if left is None:
            return self._whole
        found: dict[str, dict[str, Any]] = {}
        waiting = list(left)
        while waiting:
            kind, name = place = waiting.pop()
            if name in found.get(kind, {}) or name not in self._whole.get(kind, {}):
                continue
            found.setdefault(kind, {})[name] = self._whole[kind][name]
            if place not in self._direct:
                self._direct[place] = _referred(self._whole[kind][name])
            direct = self._direct[place]
            if direct is None:
                return self._whole
            waiting += direct
        return found


def _referred(part: object) -> frozenset[_Place] | None:
    """The components that a part names, by kind and name; None where it may lead anywhere."""
    found: set[_Place] = set()
    left = [part]
    while left:
        value = left.pop()
        if isinstance(value, list):
            left += value
        elif isinstance(value, dict):
            if any(isinstance(value.get(name), str) for name in _FAR_REACHING):
                return None
            reference = value.get("$ref")
            if isinstance(reference, str) and reference.startswith(_COMPONENTS):
                kind, _, rest = reference.removeprefix(_COMPONENTS).partition("/")
                found.add((kind, unquote(rest.partition("/")[0]).replace("~1", "/").replace("~0", "~")))
            left += value.values()
    return frozenset(found)
