"""A finished or interrupted run's journal, read back and merged."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from functools import cache, cached_property
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Final

from conformance.journal.errors import (
    JournalVersionError,
    MissingBodyError,
    MissingJournalError,
    UnreadableJournalError,
)
from conformance.journal.format import (
    JOURNAL_VERSION,
    decoded_exchange,
    decoded_header,
    decoded_observation,
    decoded_reading,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from datetime import datetime
    from pathlib import Path

    from conformance.journal.format import Header
    from conformance.journal.records import BalanceReading, Exchange, Observation


WALKED: Final = "walked"
"""The kind of note that names which constraints of an operation were tried."""
NEEDLESS: Final = "needless"
"""The kind of note that counts drawn requests that were not sent, as those before them had shown nothing new."""
ROUNDS: Final = "rounds"
"""The kind of note that counts the rounds of drawn requests, and the requests of an operation in them."""


@dataclass(frozen=True, slots=True)
class Note:
    """A fact about the run that is no exchange, observation or reading."""

    kind: str
    fields: dict[str, Any]


@dataclass(frozen=True, slots=True)
class BrokenLine:
    """The last line of a file when a crash cut it short."""

    file: str
    line: int


@dataclass(frozen=True)
class Recording:
    """
    All records that a run's workers wrote.

    Exchanges are in the order of their time, then of their ids; the other records in the order of files and
    lines. `variables` are the environment variables that held keys, by the names that stand for the keys: a reader of
    the files alone does not know them.
    """

    headers: tuple[Header, ...] = ()
    exchanges: tuple[Exchange, ...] = ()
    observations: tuple[Observation, ...] = ()
    readings: tuple[BalanceReading, ...] = ()
    notes: tuple[Note, ...] = ()
    broken_lines: tuple[BrokenLine, ...] = ()
    variables: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))

    def exchange(self, exchange_id: str) -> Exchange | None:
        """The exchange of an id."""
        return self._by_id.get(exchange_id)

    @cached_property
    def _by_id(self) -> dict[str, Exchange]:
        return {exchange.id: exchange for exchange in self.exchanges}


@dataclass
class _Records:
    """The records found so far."""

    fetch: Callable[[str], bytes]
    headers: list[Header] = field(default_factory=list)
    exchanges: list[Exchange] = field(default_factory=list)
    observations: list[Observation] = field(default_factory=list)
    readings: list[BalanceReading] = field(default_factory=list)
    notes: list[Note] = field(default_factory=list)

    def put(self, record: dict[str, Any]) -> None:
        match record["type"]:
            case "header":
                self.headers.append(decoded_header(record))
            case "exchange":
                self.exchanges.append(decoded_exchange(record, self.fetch))
            case "observation":
                self.observations.append(decoded_observation(record))
            case "reading":
                self.readings.append(decoded_reading(record))
            case "note":
                self.notes.append(Note(record["kind"], record["fields"]))
            case unknown:
                raise ValueError(unknown)


def recorded(folder: Path) -> Recording:
    """The recording in a run's folder: empty where the run ended before its first request."""
    try:
        return read_recording(folder)
    except MissingJournalError:
        return Recording()


def read_recording(folder: Path) -> Recording:
    """
    The recording in a run's folder.

    A last line that a crash cut short is left out and named in `broken_lines`.

    Raises:
        MissingJournalError: there is no journal in the folder.
        UnreadableJournalError: another line is no record, or a file can't be read.
        JournalVersionError: it was written in a version that is not read here.
        MissingBodyError: a body beside the journal is gone.
    """
    files = sorted(folder.glob("journal-*.jsonl"))
    if not files:
        raise MissingJournalError(f"{folder} holds no journal of a run.")
    records = _Records(_fetcher(folder / "bodies"))
    broken = [line for file in files for line in _read(file, records)]
    return Recording(
        headers=tuple(records.headers),
        exchanges=tuple(sorted(records.exchanges, key=_order)),
        observations=tuple(records.observations),
        readings=tuple(records.readings),
        notes=tuple(records.notes),
        broken_lines=tuple(broken),
    )


def _read(file: Path, records: _Records) -> Iterator[BrokenLine]:
    try:
        lines = file.read_bytes().splitlines(keepends=True)
    except OSError as error:
        raise UnreadableJournalError(f"{file} can't be read: {error.strerror}.") from error
    for number, line in enumerate(lines, start=1):
        try:
            record = json.loads(line)
            _check_version(file, number, record)
            records.put(record)
        except (ValueError, LookupError, TypeError, AttributeError, RecursionError) as error:
            if number == len(lines) and not line.endswith(b"\n"):
                yield BrokenLine(file.name, number)
            else:
                raise UnreadableJournalError(f"{file}, line {number}, is no record of a journal.") from error


def _check_version(file: Path, number: int, record: dict[str, Any]) -> None:
    if number == 1 and record["journal_version"] != JOURNAL_VERSION:
        raise JournalVersionError(
            f"{file} is a journal of version {record['journal_version']}; "
            f"this version of the suite reads version {JOURNAL_VERSION}."
        )


def _fetcher(bodies: Path) -> Callable[[str], bytes]:
    @cache
    def fetch(name: str) -> bytes:
        try:
            return (bodies / name).read_bytes()
        except OSError as error:
            raise MissingBodyError(f"{bodies / name} can't be read: {error.strerror}.") from error

    return fetch


def _order(exchange: Exchange) -> tuple[datetime, str, int]:
    worker, _, number = exchange.id.rpartition("-")
    return exchange.at, worker, int(number)
