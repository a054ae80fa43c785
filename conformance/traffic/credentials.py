"""Credentials in others' traffic: removed before anything is kept, and distinguished."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final
from urllib.parse import unquote, urlsplit

from conformance.journal.records import Headers
from conformance.journal.redaction import Redactor, Secret, UnusableSecretError

if TYPE_CHECKING:
    from conformance.contract.contract import Contract

_NAMES: Final = frozenset({"authorization", "proxy-authorization", "x-api-key", "api-key", "x-auth-token"})
_QUERY_NAMES: Final = frozenset({"api_key", "apikey", "api-key", "access_token", "key", "token", "signature", "sig"})
_COOKIES: Final = frozenset({"cookie", "set-cookie"})
_HIDDEN_COOKIE: Final = "$COOKIE"
# What is shorter may stand in any text and mean something else there.
_SHORTEST: Final = 8
# A client that sends more different keys than this is out to exhaust the recorder.
_MOST: Final = 200
_USER_INFO: Final = re.compile(r"(?<=://)[^/@?#]*@")


class TooManyKeysError(Exception):
    """More different keys were seen than can be looked for in everything that is kept."""


class Credentials:
    """
    The keys that were seen in a recording, each with a placeholder of its own.

    `redactor` removes them wherever else they appear, for example where a target reflects one.
    """

    def __init__(self, contract: Contract) -> None:
        self.redactor = Redactor()
        authentication = contract.conventions.authentication
        header = authentication.header if authentication else None
        query = authentication.query if authentication else None
        self._names = _NAMES | {name.lower() for name in (header,) if name}
        self._query_names = _QUERY_NAMES | {name.lower() for name in (query,) if name}
        self._placeholders: dict[str, str] = {}

    def account(self, headers: Headers, url: str) -> str | None:
        """
        A label for the sender of a request, None without credentials; its keys are looked for from now on.

        Raises:
            TooManyKeysError: nothing more should be kept.
        """
        found = [value for name, value in headers.items if name.lower() in self._names and value.strip()]
        found += [unquote(value) for name, value in _query(url) if name.lower() in self._query_names and value]
        placeholders = [self._placeholder(value) for value in found]
        return placeholders[0].removeprefix("$") if placeholders else None

    def hidden(self, headers: Headers) -> Headers:
        """Headers without credentials and cookies."""
        return Headers(tuple((name, self._hidden(name.lower(), value)) for name, value in headers.items))

    def hidden_in(self, url: str) -> str:
        """A URL without credentials."""
        url = _USER_INFO.sub("", url)
        for name, value in _query(url):
            if name.lower() in self._query_names and value:
                url = url.replace(f"{name}={value}", f"{name}={self._placeholder(unquote(value))}")
        return url

    def _hidden(self, name: str, value: str) -> str:
        if name in _COOKIES:
            return _HIDDEN_COOKIE
        if name not in self._names or not value.strip():
            return value
        scheme, blank, _ = value.strip().partition(" ")
        return f"{scheme} {self._placeholder(value)}" if blank else self._placeholder(value)

    def _placeholder(self, value: str) -> str:
        secret = value.strip().rpartition(" ")[2]
        known = self._placeholders.get(secret)
        if known is not None:
            return known
        number = len(self._placeholders) + 1
        if number > _MOST:
            raise TooManyKeysError
        made = "$CONFORMANCE_API_KEY" if number == 1 else f"$CONFORMANCE_API_KEY_{number}"
        self._placeholders[secret] = made
        if len(secret) >= _SHORTEST:
            try:
                self.redactor.register(Secret(secret, made))
            except UnusableSecretError:
                return made
        return made


def _query(url: str) -> list[tuple[str, str]]:
    """The parameters of a URL as they are spelled in it."""
    try:
        query = urlsplit(url).query
    except ValueError:
        return []
    pairs = (part.partition("=") for part in query.split("&"))
    return [(name, value) for name, _, value in pairs]
