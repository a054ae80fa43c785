"""What the scenarios of this system share."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Protocol

from conformance.suite.minimax.service import MusicService
from conformance.suite.scenarios import FIXTURE_FACTORIES, package_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from contextlib import AbstractContextManager
    from decimal import Decimal

    from conformance.accounts.account_pool import AccountPool


class OpenService(Protocol):
    """Opens the service for one scenario: under a name, with a balance, and with what it needs to control."""

    def __call__(
        self, name: str, *, needs: Sequence[str] = (), balance: Decimal | None = None
    ) -> AbstractContextManager[MusicService]:
        """Open it."""


def opening(account_pool: AccountPool) -> OpenService:
    """The service as an account of its own for each scenario, where the target can open some."""

    @contextmanager
    def open_service(name: str, *, needs: Sequence[str] = (), balance: Decimal | None = None) -> Iterator[MusicService]:
        with account_pool.account(name, needs=needs, balance=balance) as account:
            yield MusicService(account)

    return open_service


FIXTURE_FACTORIES[package_of(opening)]["service"] = opening
