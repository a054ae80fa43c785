"""Where others' traffic is kept: a journal like that of a run, bounded, with credentials removed and told apart."""

from __future__ import annotations

import os
import re
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from threading import Lock
from typing import TYPE_CHECKING, Final
from urllib.parse import unquote, urlsplit

from conformance import __version__
from conformance.journal.errors import JournalError
from conformance.journal.interpretation import Reader
from conformance.journal.records import Exchange, Headers, Request, Response
from conformance.journal.redaction import Redactor, Secret, UnusableSecretError
from conformance.journal.writer import Journal
from conformance.traffic.errors import FolderNotMadeError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path
    from typing import Self

    from conformance.contract.contract import Contract
    from conformance.contract.matrices import KillMatrix


_NAMES: Final = frozenset({"authorization", "proxy-authorization", "x-api-key", "api-key", "x-auth-token"})
_QUERY_NAMES: Final = frozenset({"api_key", "apikey", "api-key", "access_token", "key", "token", "signature", "sig"})
_COOKIES: Final = frozenset({"cookie", "set-cookie"})
_HIDDEN_COOKIE: Final = "$COOKIE"
# What is shorter may stand in any text and mean something else there.
_SHORTEST: Final = 8
# A client that sends more different keys than this is out to exhaust the recorder.
_MOST: Final = 200
_USER_INFO: Final = re.compile(r"(?<=://)[^/@?#]*@")
_WORKER: Final = "seen"
_MOST_EXCHANGES: Final = 20_000
_MOST_BYTES: Final = 512 * 1024 * 1024


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


@dataclass(frozen=True, slots=True)
class Watched:
    """What others' traffic is judged by: a contract, the file that it came in, and the faults that prove its rules."""

    contract: Contract
    document: Path | None = None
    matrix: KillMatrix | None = None


class Records:
    """
    The traffic of one API, as far as it is kept; any number of threads may add to it.

    `left_out` counts exchanges that came when there was no more room.
    """

    def __init__(self, watched: Watched, base_url: str, folder: Path, journal: Journal, hiding: Credentials) -> None:
        self.watched = watched
        self.base_url = base_url.rstrip("/")
        self.folder = folder
        self.started_at = datetime.now(UTC)
        self.kept: list[Exchange] = []
        self.left_out = 0
        self._journal = journal
        self._hiding = hiding
        self._reader = Reader(watched.contract.conventions)
        self._bytes = 0
        self._keeping = Lock()

    @classmethod
    @contextmanager
    def begun(cls, watched: Watched, base_url: str, reports: Path) -> Iterator[Self]:
        """
        Records in a folder of their own below `reports`.

        Raises:
            FolderNotMadeError: it can't be made or written to.
        """
        name = f"watched-{datetime.now(UTC):%Y%m%d-%H%M%S}-{os.urandom(2).hex()}"
        folder = (reports / name).resolve()
        hiding = Credentials(watched.contract)
        conventions = watched.contract.conventions
        try:
            folder.mkdir(parents=True)
            journal = Journal(
                folder,
                _WORKER,
                hiding.redactor,
                run=name,
                system=watched.contract.system,
                contract_version=conventions.contract_version,
                suite_version=__version__,
                carriers=conventions.carriers,
            )
        except (OSError, JournalError) as error:
            raise FolderNotMadeError(f"The folder of the report can't be made: {folder}: {error}.") from error
        with journal:
            yield cls(watched, base_url, folder, journal, hiding)

    def learn(self, exchange: Exchange) -> None:
        """Look for the keys of a request in everything that is kept from now on."""
        with self._keeping, suppress(TooManyKeysError):
            self._hiding.account(exchange.request.headers, exchange.request.url)

    def keep(self, exchange: Exchange) -> Exchange | None:
        """
        Keep an exchange without its credentials; None when there is no more room for it.

        What did not go to the API is not kept at all.
        """
        if not self.is_of_target(exchange.request.url):
            return None
        with self._keeping:
            if len(self.kept) >= _MOST_EXCHANGES or self._bytes > _MOST_BYTES:
                self.left_out += 1
                return None
            try:
                clean = self._without_credentials(exchange)
            except TooManyKeysError:
                self.left_out += 1
                return None
            kept = self._journal.exchange(clean)
            self.kept.append(kept)
            answer = kept.response
            self._bytes += len(kept.request.body.content) + (len(answer.body.content) if answer else 0)
        return kept

    def is_of_target(self, url: str) -> bool:
        """Whether a URL is below the base URL of the API."""
        following = url.removeprefix(self.base_url)
        return following != url and following[:1] in ("", "/", "?")

    def _without_credentials(self, exchange: Exchange) -> Exchange:
        hide = self._hiding
        request, answer = exchange.request, exchange.response
        path = request.url.removeprefix(self.base_url).partition("?")[0]
        operation = self.watched.contract.document.match(request.method, path)
        clean = replace(
            exchange,
            id=self._journal.next_id(),
            account=hide.account(request.headers, request.url),
            operation=operation.id if operation else None,
            request=Request(
                request.method, hide.hidden_in(request.url), _shown(hide.hidden(request.headers)), request.body
            ),
            response=answer and Response(answer.status, _shown(hide.hidden(answer.headers)), answer.body),
        )
        return self._reader.read(clean)


def _shown(headers: Headers) -> Headers:
    """Headers as HTTP/1.1 has them: archives of HTTP/2 traffic also hold its pseudo-headers."""
    return replace(headers, items=tuple(item for item in headers.items if not item[0].startswith(":")))
