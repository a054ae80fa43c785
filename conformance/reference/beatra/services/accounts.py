"""Accounts (tenants) and the keys that open them."""

from __future__ import annotations

import hashlib
import secrets
from dataclasses import dataclass
from typing import TYPE_CHECKING

from conformance.reference.parts.settings import new_key

if TYPE_CHECKING:
    from conformance.reference.parts.database import Database


@dataclass(frozen=True, slots=True)
class Caller:
    """Whose key a request carries, and whether the key may use the API."""

    tenant_id: str
    permitted: bool


@dataclass(frozen=True, slots=True)
class Keys:
    """The keys of a test account: all rights, a stranger's account, and the same account without rights."""

    main: str
    second: str
    forbidden: str


class Accounts:
    """Opens accounts and recognises their keys, of which only digests are kept."""

    def __init__(self, database: Database, starting_balance: int) -> None:
        self._database = database
        self._starting_balance = starting_balance

    def open_fresh(self) -> tuple[str, Keys]:
        """Open an account, and another one for its `second` key; returns the id of the first and all keys."""
        keys = Keys(main=new_key(), second=new_key(), forbidden=new_key())
        return self.open_with(keys), keys

    def open_with(self, keys: Keys) -> str:
        """Open the two accounts of these keys; returns the id of the first."""
        with self._database.transaction():
            tenant_id = self._open()
            self._admit(keys.main, tenant_id, permitted=True)
            self._admit(keys.forbidden, tenant_id, permitted=False)
            self._admit(keys.second, self._open(), permitted=True)
        return tenant_id

    def by_key(self, key: str) -> Caller | None:
        """Who the key belongs to, None when it opens nothing."""
        row = self._database.row("SELECT tenant_id, permitted FROM keys WHERE digest = ?", (_digest(key),))
        return None if row is None else Caller(tenant_id=row["tenant_id"], permitted=bool(row["permitted"]))

    def all_tenants(self) -> list[str]:
        """The ids of all accounts."""
        return [row["tenant_id"] for row in self._database.rows("SELECT tenant_id FROM tenants")]

    def _open(self) -> str:
        tenant_id = f"ten_{secrets.token_hex(12)}"
        self._database.insert("tenants", {"tenant_id": tenant_id, "balance": self._starting_balance})
        return tenant_id

    def _admit(self, key: str, tenant_id: str, *, permitted: bool) -> None:
        self._database.insert("keys", {"digest": _digest(key), "tenant_id": tenant_id, "permitted": int(permitted)})


def _digest(key: str) -> str:
    return hashlib.sha256(key.encode()).hexdigest()
