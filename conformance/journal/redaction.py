"""Secrets, and their removal from everything that is stored."""

from __future__ import annotations

import hmac
import re
import threading
from collections import defaultdict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final, NoReturn

from conformance.journal.secret_encodings import (
    BASE64_CHARACTERS,
    EndlessStreamError,
    SecretForm,
    html_unescaped,
    is_packed,
    json_unescaped,
    percent_decoded,
    secret_forms,
    unpacked,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

# Keys of one system begin alike ("sk-"), so few beginnings have to be searched for.
_BEGINNING = 3
# A character takes at most six bytes in one escape that is looked through ("\u002d"), and two in hex; numbers with
# commas between them take five. So a plain one may be escaped twice.
_LONGEST_SPELLING = 12
_ESCAPES = (json_unescaped, html_unescaped, percent_decoded)
# Escapes within escapes ("%252D") and streams within streams are undone this many times, so that no bomb works.
_DEEPEST = 2
# Stands for a compressed stream that holds more than is looked through, and so perhaps a secret.
_NOT_LOOKED_THROUGH = b"$COMPRESSED"
_NOWHERE: Final = re.compile(rb"(?!)")


# Start and end of what is replaced, and its replacement.
_Span = tuple[int, int, bytes]


class UnusableSecretError(ValueError):
    """A secret is empty or holds characters that can't stand in an HTTP header."""


class SecretPickledError(TypeError):
    """A secret was about to be serialised, which would store it unredacted."""


class Secret:
    """
    A key that is shown by `reveal` alone.

    Printed, formatted or recorded, it is replaced by its placeholder: the name of the environment variable that a
    reader would fill in.

    Raises:
        UnusableSecretError: it is empty or not printable ASCII without spaces.
    """

    __slots__ = ("_value", "placeholder")

    def __init__(self, value: str, placeholder: str = "$CONFORMANCE_API_KEY") -> None:
        __tracebackhide__ = True
        if not (value and value.isascii() and value.isprintable() and " " not in value):
            raise UnusableSecretError(
                f"The key for {placeholder} is empty or has characters that can't stand in an HTTP header."
            )
        self._value = value
        self.placeholder = placeholder

    def reveal(self) -> str:
        """The key itself; keep it out of variables."""
        return self._value

    def altered(self, alter: Callable[[str], str], words: str) -> Secret:
        """
        Another key that is made of this one; `words` say in its placeholder how.

        Raises:
            UnusableSecretError: what is made of it can't stand in a header.
        """
        __tracebackhide__ = True
        return Secret(alter(self._value), f"{self.placeholder} ({words})")

    def __repr__(self) -> str:
        return f"<{self.placeholder}>"

    def __str__(self) -> str:
        return self.placeholder

    def __format__(self, spec: str) -> str:
        return format(self.placeholder, spec)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Secret) and hmac.compare_digest(self._value, other._value)

    def __hash__(self) -> int:
        return hash((Secret, self._value))

    def __copy__(self) -> Secret:
        return self

    def __deepcopy__(self, memo: object) -> Secret:
        return self

    def __reduce__(self) -> NoReturn:
        raise SecretPickledError(f"The key for {self.placeholder} was about to be serialised.")


@dataclass(slots=True)
class _Alike:
    """Spellings that share a beginning, with the placeholder of each; their lengths from long to short."""

    spellings: dict[bytes, tuple[SecretForm, bytes]] = field(default_factory=dict)
    lengths: tuple[int, ...] = ()

    def add(self, form: SecretForm, placeholder: bytes) -> None:
        """Add a spelling; other threads may search meanwhile, so a length is never there without its spelling."""
        self.spellings.setdefault(form.spelled, (form, placeholder))
        if len(form.spelled) not in self.lengths:
            self.lengths = tuple(sorted({*self.lengths, len(form.spelled)}, reverse=True))

    def at(self, data: bytes, start: int) -> tuple[SecretForm, bytes] | None:
        """The longest spelling that stands at a place."""
        for length in self.lengths:
            found = self.spellings.get(data[start : start + length])
            if found is not None:
                return found
        return None


class Redactor:
    """
    Replaces every registered secret by its placeholder, in every encoding in which a target may return it.

    It is found plain, in UTF-16, byte by byte in hex or in decimal numbers, and inside of base32, base64 and base64url
    text at any alignment (`Bearer …`, `user:…`), also of base64 that is encoded once more, each of these
    percent-encoded, JSON-escaped, HTML-escaped, two of them one over the other, or not.
    A gzip or zlib stream that holds one is replaced as a whole. Any number of threads may use it.
    """

    def __init__(self, *secrets: Secret) -> None:
        self._registering = threading.Lock()
        self._alike: Mapping[bytes, _Alike] = {}
        self._beginnings = _NOWHERE
        self.reach = 0
        """How many bytes a secret covers at most: the end of a cut text may hold the larger part of one."""
        for secret in secrets:
            self.register(secret)

    def register(self, secret: Secret) -> None:
        """Replace this secret from now on."""
        __tracebackhide__ = True
        placeholder = secret.placeholder.encode()
        with self._registering:
            self.reach = max(self.reach, len(secret.reveal()) * _LONGEST_SPELLING)
            # Readers look into it without a lock: they see the old mapping or the new one.
            alike = dict(self._alike)
            for form in secret_forms(secret.reveal().encode("ascii")):
                alike.setdefault(form.spelled[:_BEGINNING], _Alike()).add(form, placeholder)
            if len(alike) > len(self._alike):
                self._alike = alike
                self._beginnings = _searched(alike)

    def text(self, text: str) -> str:
        """The text without secrets."""
        data = text.encode("utf-8", "surrogatepass")
        cleaned = self.data(data)
        return text if cleaned is data else cleaned.decode("utf-8", "surrogatepass")

    def data(self, data: bytes) -> bytes:
        """The bytes without secrets; the very same object when there were none."""
        return _replaced(data, self._packed(data) or self._hidden(data, _DEEPEST))

    def value(self, value: Any) -> Any:  # noqa: ANN401 - any JSON value
        """A JSON value without secrets in its strings and names."""
        if isinstance(value, str):
            return self.text(value)
        if isinstance(value, dict):
            return {self.text(name): self.value(member) for name, member in value.items()}
        if isinstance(value, (list, tuple)):
            return [self.value(member) for member in value]
        return value

    def _packed(self, data: bytes) -> list[_Span]:
        """The whole of the data where it is a compressed stream that holds a secret, or another that does."""
        if not is_packed(data):
            return []
        try:
            found = next(self._inside(data, _DEEPEST), None)
        except EndlessStreamError:
            found = _NOT_LOOKED_THROUGH
        return [] if found is None else [(0, len(data), found)]

    def _inside(self, data: bytes, depth: int) -> Iterator[bytes]:
        """The placeholders of secrets in a compressed stream, looked for in one piece after the other."""
        for number, piece in enumerate(unpacked(data, self.reach)):
            yield from (said for _, _, said in self._hidden(piece, _DEEPEST))
            if number == 0 and depth > 1:
                yield from self._inside(piece, depth - 1)

    def _hidden(self, data: bytes, depth: int) -> list[_Span]:
        """Where secrets stand in the data, or in what its escapes mean."""
        spans = self._spans(data)
        for look_through in _ESCAPES if depth else ():
            unescaped = look_through(data)
            if unescaped is not None:
                hidden = self._hidden(unescaped.data, depth - 1)
                spans += [(*unescaped.origin(start, end), said) for start, end, said in hidden]
        return spans

    def _spans(self, data: bytes) -> list[_Span]:
        spans: list[_Span] = []
        # One search for all beginnings: one for each takes longer than sending the request.
        place = self._beginnings.search(data)
        while place is not None:
            start = place.start()
            for end in range(start + 1, start + _BEGINNING + 1):
                alike = self._alike.get(data[start:end])
                found = None if alike is None else alike.at(data, start)
                if found is not None:
                    form, placeholder = found
                    spans.append((*_with_ragged_ends(data, start, form), placeholder))
            place = self._beginnings.search(data, start + 1)
        return spans


def _searched(beginnings: Iterable[bytes]) -> re.Pattern[bytes]:
    """
    Finds every place where one of the beginnings may stand.

    However many secrets there are, it has one alternative for each first byte, with the bytes that may follow.
    """
    alternatives: defaultdict[int, list[bytes]] = defaultdict(list)
    for beginning in beginnings:
        alternatives[beginning[0]].append(beginning)
    return re.compile(b"|".join(b"".join(map(_one_of, zip(*alike, strict=False))) for alike in alternatives.values()))


def _one_of(characters: Iterable[int]) -> bytes:
    return b"[" + re.escape(bytes(sorted(set(characters)))) + b"]"


def _with_ragged_ends(data: bytes, start: int, form: SecretForm) -> tuple[int, int]:
    end = start + len(form.spelled)
    before = form.leading and start > 0 and data[start - 1] in BASE64_CHARACTERS
    after = form.trailing and end < len(data) and data[end] in BASE64_CHARACTERS
    return start - before, end + after


def _replaced(data: bytes, spans: list[_Span]) -> bytes:
    """The data with each span replaced; where some overlap, the placeholder of the first and longest stands for all."""
    if not spans:
        return data
    pieces: list[bytes] = []
    covered = 0
    for start, end, placeholder in sorted(spans, key=lambda span: (span[0], -span[1])):
        if start >= covered:
            pieces += (data[covered:start], placeholder)
        covered = max(covered, end)
    return b"".join((*pieces, data[covered:]))
