"""What an Idempotency-Key protects from: the same request twice, and the same key for another request."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import pytest

from conformance.suite.beatra.bodies import CHEAP_SONG, SONG
from conformance.suite.marks import requirement

if TYPE_CHECKING:
    from conformance.journal.records import Exchange
    from conformance.suite.beatra.conftest import OpenGateway


@dataclass(frozen=True, slots=True)
class Retry:
    """A request, the same again with its key, and the same with another key."""

    first: Exchange
    again: Exchange
    with_another_key: Exchange


@dataclass(frozen=True, slots=True)
class Conflict:
    """A request, another one with its key, and the first task afterwards."""

    first: Exchange
    other_body: Exchange
    afterwards: Exchange


@pytest.fixture(scope="session")
def retry(gateway: OpenGateway) -> Retry:
    """A retry, as a client makes it that never saw the first answer."""
    with gateway("retry") as beatra:
        key = beatra.fresh_key()
        return Retry(
            first=beatra.started(SONG, key),
            again=beatra.create_music(SONG, key),
            with_another_key=beatra.create_music(SONG),
        )


@pytest.fixture(scope="session")
def conflict(gateway: OpenGateway) -> Conflict:
    """A key that is used again for another song."""
    with gateway("conflict") as beatra:
        key = beatra.fresh_key()
        first = beatra.started(SONG, key)
        return Conflict(
            first=first,
            other_body=beatra.create_music(CHEAP_SONG, key),
            afterwards=beatra.get_task(first.string("/task_id")),
        )


@requirement("BEATRA-IDEMPOTENCY-01")
def test_a_retry_returns_the_same_task(retry: Retry) -> None:
    assert retry.again.string("/task_id") == retry.first.string("/task_id")


@requirement("BEATRA-IDEMPOTENCY-09")
def test_another_key_makes_another_task(retry: Retry) -> None:
    assert retry.with_another_key.string("/task_id") != retry.first.string("/task_id")


@requirement("BEATRA-IDEMPOTENCY-05")
def test_a_key_with_another_body_is_a_conflict(conflict: Conflict) -> None:
    assert conflict.other_body.status == 409
