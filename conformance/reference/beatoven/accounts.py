"""Accounts, the tokens that open them, and what the control interface changed for each."""

from __future__ import annotations

import hashlib
import secrets
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from conformance.reference.parts.clock import Clock, seconds
from conformance.reference.parts.settings import new_key

if TYPE_CHECKING:
    from conformance.reference.beatoven.records import Task, Track


@dataclass
class Account:
    """One account; moments are microseconds on its own clock, which is `ahead` of the machine's."""

    account_id: str
    ahead: int = 0
    hold: str | None = None
    failing: int = 0
    tasks: dict[str, Task] = field(default_factory=dict)
    tracks: dict[str, Track] = field(default_factory=dict)

    def clear(self) -> None:
        """Forget all that happened."""
        self.ahead, self.hold, self.failing = 0, None, 0
        self.tasks.clear()
        self.tracks.clear()


class Accounts:
    """Opens accounts and recognises their tokens, of which only digests are kept."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._by_digest: dict[str, Account] = {}

    def open_fresh(self) -> dict[str, str]:
        """Open two accounts, and return their tokens as `main` and `second`."""
        tokens = {"main": new_key(), "second": new_key()}
        for token in tokens.values():
            self.open_with(token)
        return tokens

    def open_with(self, token: str) -> None:
        """Open an account with this token."""
        self._by_digest[_digest(token)] = Account(f"account_{secrets.token_hex(8)}")

    def by_token(self, token: str) -> Account | None:
        """The account of a token, None when it opens nothing."""
        return self._by_digest.get(_digest(token))

    def now(self, account: Account) -> int:
        """Microseconds since the epoch on the account's clock."""
        return self._clock.now() + account.ahead

    def machine(self) -> int:
        """Microseconds since the epoch on the clock that no account changed."""
        return self._clock.now()

    def advance(self, account: Account, amount_seconds: float) -> None:
        """Put the account's clock further ahead."""
        account.ahead += seconds(amount_seconds)


def _digest(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
