"""Projects with their wallets, and the pace at which each key may send."""

from __future__ import annotations

import threading
import time
from typing import TYPE_CHECKING

from tests.others.beatra_deployment.refusals import RefusedError

if TYPE_CHECKING:
    from decimal import Decimal

    from tests.others.beatra_deployment.settings import KeyHolder, Settings


class Wallet:
    """Credits of a project. The caller holds the lock of the store when it changes them."""

    def __init__(self, balance: Decimal) -> None:
        self.balance = balance

    def debit(self, credits_: Decimal) -> None:
        if credits_ > self.balance:
            raise RefusedError(402, "insufficient_balance", "The balance is too low; nothing was charged.")
        self.balance -= credits_

    def credit(self, credits_: Decimal) -> None:
        self.balance += credits_


class Gate:
    """Who may come in, and how often: keys, permissions, and a bucket of tokens for each key."""

    def __init__(self, settings: Settings) -> None:
        self._keys = settings.keys
        self._limits = settings.limits
        self._lock = threading.Lock()
        self._buckets: dict[str, tuple[float, float]] = {}

    def holder(self, authorization: str | None, surface: str) -> KeyHolder:
        """
        Who sends a request to a surface.

        Raises:
            RefusedError: the key is missing or unknown, may not do this, or has sent too much

        """
        challenge = {"WWW-Authenticate": 'Bearer realm="beatra"'}
        scheme, _, key = (authorization or "").partition(" ")
        if scheme.lower() != "bearer" or not key.strip():
            raise RefusedError(401, "unauthorized", "The Authorization header is missing.", headers=challenge)
        holder = self._keys.get(key.strip())
        if holder is None:
            raise RefusedError(401, "invalid_api_key", "There is no such API key.", headers=challenge)
        self._take_a_token(key.strip())
        if surface not in holder.may:
            raise RefusedError(403, "forbidden", f"This key may not use {surface}.")
        return holder

    def _take_a_token(self, key: str) -> None:
        rate = self._limits.rate_per_second
        with self._lock:
            now = time.monotonic()
            tokens, before = self._buckets.get(key, (self._limits.burst, now))
            tokens = min(self._limits.burst, tokens + (now - before) * rate)
            self._buckets[key] = (max(tokens - 1, 0.0) if tokens >= 1 else tokens, now)
        if tokens < 1:
            raise RefusedError(
                429,
                "rate_limited",
                "Too many requests for this key.",
                retryable=True,
                headers={"Retry-After": "1"},
            )
