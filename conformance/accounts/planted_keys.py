"""Idempotency keys that one run sends and a later one sends again, to see how long the target remembers them."""

from __future__ import annotations

import json
import os
from contextlib import suppress
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from functools import cache
from typing import TYPE_CHECKING, Any, Final

import jsonschema_rs
from filelock import FileLock

from conformance.client.errors import UndecidedError
from conformance.contract.files import specs_root

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from pathlib import Path

    from conformance.journal.records import Exchange

PROBES_VERSION: Final = 1
# Older keys are forgotten; what they would show, younger ones show as well.
_KEPT: Final = timedelta(days=30)


class UnreadableProbesError(UndecidedError):
    """The file of planted keys can't be read or is none."""


class UnwritableProbesError(UndecidedError):
    """The file of planted keys can't be written."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PlantedKey:
    """
    A key that was planted: the request it went with, the task that it made, and when.

    `sent_at` is our time before the request was sent, `answered_at` after its answer had come, `target_date` the time
    in the target's Date header, None when there was none.
    """

    base_url: str
    operation: str
    key: str
    body: dict[str, Any]
    task_id: str
    sent_at: datetime
    answered_at: datetime
    target_date: datetime | None = None


@dataclass(frozen=True, slots=True)
class Age:
    """The least and the greatest age of a planted key, of those by our clock and by the target's."""

    least: timedelta
    most: timedelta


class PlantedKeyFile:
    """
    The file that remembers planted keys from run to run.

    Every change is a new file in the place of the old one, so a crash leaves one or the other; runs at the same time
    wait for each other.
    """

    def __init__(self, path: Path) -> None:
        self.path = path

    def read(self) -> tuple[PlantedKey, ...]:
        """
        All planted keys, oldest first; none when there is no file yet.

        Raises:
            UnreadableProbesError: the file can't be read, or is no file of planted keys of this version.
        """
        try:
            text = self.path.read_text("utf-8")
        except FileNotFoundError:
            return ()
        except (OSError, UnicodeDecodeError) as error:
            raise UnreadableProbesError(f"{self.path} can't be read: {error}.") from error
        try:
            content = json.loads(text)
            _validator().validate(content)
            keys = [_planted_key(plain) for plain in content["probes"]]
        except (ValueError, RecursionError, jsonschema_rs.ValidationError) as error:
            raise UnreadableProbesError(
                f"{self.path} is no file of planted keys (probes_version {PROBES_VERSION}); name another --probes file."
            ) from error
        return tuple(sorted(keys, key=lambda planted_key: planted_key.sent_at))

    def add(self, planted_key: PlantedKey) -> None:
        """Add a planted key and forget those that are too old (raises as `read`, or `UnwritableProbesError`)."""
        oldest = planted_key.sent_at - _KEPT
        self._change(lambda keys: [*(known for known in keys if known.sent_at > oldest), planted_key])

    def remove(self, planted_key: PlantedKey) -> None:
        """Forget a planted key that was judged (raises as `read`, or `UnwritableProbesError`)."""
        self._change(lambda keys: [known for known in keys if known.key != planted_key.key])

    def _change(self, change: Callable[[tuple[PlantedKey, ...]], Iterable[PlantedKey]]) -> None:
        try:
            with FileLock(f"{self.path}.lock"):
                self._replace(change(self.read()))
        except OSError as error:
            raise UnwritableProbesError(f"{self.path} can't be written: {error.strerror}.") from error

    def _replace(self, keys: Iterable[PlantedKey]) -> None:
        content = {"probes_version": PROBES_VERSION, "probes": [_plain(planted_key) for planted_key in keys]}
        draft = self.path.with_name(f".{self.path.name}.{os.getpid()}")
        try:
            with draft.open("w", encoding="utf-8") as file:
                json.dump(content, file, indent=2)
                file.flush()
                os.fsync(file.fileno())
            draft.replace(self.path)
        finally:
            draft.unlink(missing_ok=True)


def planted(exchange: Exchange, task_id: str, *, base_url: str, key: str, body: dict[str, Any]) -> PlantedKey:
    """The planted key of an accepted request, with the task that its answer names."""
    return PlantedKey(
        base_url=base_url,
        operation=exchange.operation or "",
        key=key,
        body=body,
        task_id=task_id,
        sent_at=exchange.at,
        answered_at=exchange.at + timedelta(seconds=exchange.elapsed_seconds),
        target_date=date_of(exchange),
    )


def age_of(planted_key: PlantedKey, now: datetime, target_now: datetime | None) -> Age:
    """How old a planted key is now; the target's clock counts where its answers told the time both then and now."""
    ages = [now - planted_key.answered_at, now - planted_key.sent_at]
    if planted_key.target_date is not None and target_now is not None:
        ages.append(target_now - planted_key.target_date)
    return Age(min(ages), max(ages))


def date_of(exchange: Exchange) -> datetime | None:
    """The time in the Date header of an answer, None where there is none that can be read."""
    stated = exchange.header("Date") if exchange.response is not None else None
    with suppress(ValueError, ArithmeticError):
        if stated is not None:
            date = parsedate_to_datetime(stated)
            return date.replace(tzinfo=UTC) if date.tzinfo is None else date
    return None


@cache
def _validator() -> jsonschema_rs.Draft202012Validator:
    schema = json.loads((specs_root() / "schemas" / "probes.schema.json").read_text("utf-8"))
    return jsonschema_rs.Draft202012Validator(schema, validate_formats=True)


def _plain(planted_key: PlantedKey) -> dict[str, Any]:
    items = asdict(planted_key).items()
    return {name: value.isoformat() if isinstance(value, datetime) else value for name, value in items}


def _planted_key(plain: dict[str, Any]) -> PlantedKey:
    moments = {name: plain[name] and datetime.fromisoformat(plain[name]) for name in _MOMENTS}
    return PlantedKey(**{**plain, **moments})


_MOMENTS: Final = ("sent_at", "answered_at", "target_date")
