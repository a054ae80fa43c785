"""Places of a document as its user wrote it: where an operation's answer stands, behind which references."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final
from urllib.parse import unquote

import jsonpointer

if TYPE_CHECKING:
    from collections.abc import Mapping

# The way to a place: names of members, and positions in arrays.
Place = tuple[str | int, ...]
_MOST_REFERENCES: Final = 20
_ESCAPES: Final = {"\\": "\\\\", "'": "\\'", "\n": "\\n", "\r": "\\r", "\t": "\\t"}


def json_path(place: Place) -> str:
    """A place as a JSONPath of RFC 9535, made of bracketed names and positions alone."""
    return "$" + "".join(f"[{step}]" if isinstance(step, int) else f"['{_escaped(step)}']" for step in place)


def _escaped(name: str) -> str:
    return "".join(_ESCAPES.get(one, one if one.isprintable() else f"\\u{ord(one):04x}") for one in name)


class DocumentPlaces:
    """A document, looked at by places."""

    def __init__(self, content: Mapping[str, Any]) -> None:
        self.content = content

    def at(self, place: Place) -> Any:  # noqa: ANN401 - any part of a document
        """What stands at a place; None where nothing does."""
        part: Any = self.content
        for step in place:
            known = range(len(part)) if isinstance(part, list) else part if isinstance(part, dict) else ()
            if step not in known:
                return None
            part = part[step]
        return part

    def followed(self, place: Place) -> Place | None:
        """The place that a place refers to, itself where it refers to none; None where a reference leads nowhere."""
        for _ in range(_MOST_REFERENCES):
            part = self.at(place)
            if not isinstance(part, dict):
                return None
            reference = part.get("$ref")
            if reference is None:
                return place
            if not isinstance(reference, str) or not reference.startswith("#/"):
                return None
            place = tuple(jsonpointer.unescape(unquote(step)) for step in reference[2:].split("/"))
        return None

    def responses(self, path: str, method: str) -> Place | None:
        """Where an operation has its answers; None where its path is described elsewhere."""
        place = self.followed(("paths", path))
        return None if place is None or not self._has(place, method) else (*place, method, "responses")

    def _has(self, place: Place, method: str) -> bool:
        return isinstance(self.at((*place, method, "responses")), dict)

    def content_of(self, response: Place, media_type: str) -> Place | None:
        """Where an answer describes a media type, whatever its parameters are."""
        place = self.followed(response)
        content = None if place is None else self.at((*place, "content"))
        names = content if isinstance(content, dict) else {}
        found = next((name for name in names if name.partition(";")[0].strip().lower() == media_type), None)
        return None if place is None or found is None else (*place, "content", found)
