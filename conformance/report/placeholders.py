"""Where keys stood in what is recorded, and the environment variables that a reader fills in."""

from __future__ import annotations

import re
from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Mapping

    from conformance.journal.records import Headers

NO_VARIABLES: Final[Mapping[str, str]] = MappingProxyType({})
# Those of which the run was not told: keys of accounts that were opened for it, and of the users of an API.
_USUAL: Final = r"CONFORMANCE_[A-Z0-9_]+"
_BASIC: Final = "basic"
# A key that a scenario has made of the one in the variable.
_ALTERED: Final = re.compile(r" \((?P<how>[a-z ]+)\)")


@dataclass(frozen=True, slots=True)
class Part:
    """A text that stands as it is, and the variable whose value follows it; empty where none does."""

    text: str
    variable: str


class Placeholders:
    """
    The names that stand for keys in what is recorded, each with the environment variable that a reader fills in.

    Nothing else is ever expanded: a target may write `$HOME` anywhere, or the name of any secret.
    """

    def __init__(self, variables: Mapping[str, str] = NO_VARIABLES) -> None:
        self._variables = variables
        known = "|".join(map(re.escape, sorted(variables, key=len, reverse=True)))
        names = f"{known}|{_USUAL}" if known else _USUAL
        self._anywhere = re.compile(rf"\$({names})")
        # In a URL a key is the whole value of a parameter.
        self._as_parameter = re.compile(rf"(?<==)\$({names})(?=[&#]|$)")

    def parts(self, text: str) -> list[Part]:
        """The text in parts."""
        return self._split(self._anywhere, text)

    def parts_of_url(self, url: str) -> list[Part]:
        """The same of a URL, of which only the query can carry keys."""
        path, question_mark, query = url.partition("?")
        first, *others = self._split(self._as_parameter, query)
        return [Part(path + question_mark + first.text, first.variable), *others]

    def basic(self, name: str, value: str) -> str | None:
        """The variable with user and password, where a header carries nothing but these in base64; None elsewhere."""
        scheme, _, rest = value.partition(" ")
        found = self._anywhere.fullmatch(rest)
        carries = name.lower() == "authorization" and scheme.lower() == _BASIC
        return self._variable(found[1]) if carries and found else None

    def how_altered(self, headers: Headers) -> str | None:
        """How a scenario has altered the key that a request carried; None where it carried the key itself."""
        texts = [part.text for _, value in headers.items for part in self.parts(value)[1:]]
        found = next(filter(None, map(_ALTERED.match, texts)), None)
        return found["how"] if found else None

    def _split(self, pattern: re.Pattern[str], text: str) -> list[Part]:
        pieces = [*pattern.split(text), ""]
        pairs = zip(pieces[::2], pieces[1::2], strict=True)  # of a text and the name after it
        return [Part(piece, name and self._variable(name)) for piece, name in pairs]

    def _variable(self, name: str) -> str:
        return self._variables.get(name, name)
