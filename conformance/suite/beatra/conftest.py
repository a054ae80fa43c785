"""What the scenarios of this system share."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Protocol

import pytest

from conformance.suite.beatra.gateway import Gateway
from conformance.suite.scenarios import FIXTURE_FACTORIES, package_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from contextlib import AbstractContextManager
    from decimal import Decimal

    from conformance.accounts.account_pool import AccountPool


class OpenGateway(Protocol):
    """
    Opens the gateway for one scenario: under a name, with a balance, and with what it needs of the control interface.

    `wants` names what the scenario uses where it is offered, and does without elsewhere.
    """

    def __call__(
        self, name: str, *, needs: Sequence[str] = (), wants: Sequence[str] = (), balance: Decimal | None = None
    ) -> AbstractContextManager[Gateway]:
        """Open it."""


def opening(account_pool: AccountPool) -> OpenGateway:
    """The gateway as an account of its own for each scenario, where the target can open some."""

    @contextmanager
    def open_gateway(
        name: str, *, needs: Sequence[str] = (), wants: Sequence[str] = (), balance: Decimal | None = None
    ) -> Iterator[Gateway]:
        used = (*needs, *filter(account_pool.offers, wants))
        with account_pool.account(name, needs=used, balance=balance) as account:
            yield Gateway(account)

    return open_gateway


FIXTURE_FACTORIES[package_of(opening)]["gateway"] = opening


@pytest.fixture(scope="session")
def gateway(account_pool: AccountPool) -> OpenGateway:
    """The gateway for scenarios that are given something by a test."""
    return opening(account_pool)
