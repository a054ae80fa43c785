"""Which environment variables held the keys of a run, by the names that stand for keys in what is recorded."""

from __future__ import annotations

from typing import TYPE_CHECKING

from conformance.accounts.control import KEY_PLACEHOLDERS
from conformance.target.headers import split_pairs, variables_in

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping


def key_variables(
    roles: Iterable[tuple[str, str]], headers: tuple[str, ...], scheme_keys: tuple[str, ...]
) -> Mapping[str, str]:
    """
    The variables of the keys by role, of those in stated headers, and of those of security schemes.

    A key by role is recorded as the usual variable of its role, whatever the user calls it; all others as their own.
    """
    stated = [name for _, value in split_pairs(headers, ": ") for name in variables_in(value)]
    stated += [variable for _, variable in split_pairs(scheme_keys, "=")]
    named = {role: placeholder.removeprefix("$") for role, placeholder in KEY_PLACEHOLDERS.items()}
    return {name: name for name in stated} | {named[role]: variable for role, variable in roles if role in named}
