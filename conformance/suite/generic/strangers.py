"""Ids that look like one that a target made, and that it has not made."""

from __future__ import annotations

from typing import Final

_DIGITS, _SMALL, _LARGE = "0123456789", "abcdefghijklmnopqrstuvwxyz", "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
_ALPHABETS: Final = (_DIGITS, _SMALL, _LARGE)
# Few enough to leave a prefix alone that tells the kind of an id, many enough to be nobody's.
_CHANGED: Final = 8
_HEXADECIMAL: Final = frozenset("0123456789abcdefABCDEF")


def unlike(known: str) -> str:
    """
    An id of the form of a known one: of its last letters and digits each is exchanged for another of its kind.

    Where the known one is hexadecimal to its last eight characters, the other one is so as well.
    """
    tail = [character for character in known if character.isalnum()][-_CHANGED:]
    hexadecimal = all(character in _HEXADECIMAL for character in tail)
    made: list[str] = []
    left = _CHANGED
    for character in reversed(known):
        changes = left > 0 and character.isalnum() and character.isascii()
        made.append(_other(character, hexadecimal=hexadecimal) if changes else character)
        left -= changes
    return "".join(reversed(made))


def _other(character: str, *, hexadecimal: bool) -> str:
    alphabet = next(alphabet for alphabet in _ALPHABETS if character in alphabet)
    letters = alphabet[:6] if hexadecimal and not character.isdigit() else alphabet
    return letters[(letters.index(character) + len(letters) // 2) % len(letters)]
