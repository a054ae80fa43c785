"""What the control interface changed: time, holds, planned outcomes and the rate limit."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from conformance.reference.parts.clock import Clock
    from conformance.reference.parts.database import Database, Row

SHARED = "*"
"""The scope id under which changes for the whole target are kept."""


class Overrides:
    """Keeps the changes of each account, or of all accounts as one when `shared`."""

    def __init__(self, database: Database, *, shared: bool) -> None:
        self._database = database
        self._shared = shared

    def clock_offset(self, tenant_id: str) -> int:
        """How many microseconds the account's clock is ahead."""
        row = self._find(tenant_id)
        return 0 if row is None else int(row["clock_offset"])

    def advance_clock(self, tenant_id: str, microseconds: int) -> None:
        """Put the account's clock further ahead."""
        self._change(tenant_id, clock_offset=self.clock_offset(tenant_id) + microseconds)

    def hold(self, tenant_id: str) -> str | None:
        """The state in which the account's tasks stop, None when they run freely."""
        row = self._find(tenant_id)
        return None if row is None else row["hold"]

    def set_hold(self, tenant_id: str, state: str | None) -> None:
        """Stop the account's tasks in a state, or let them run on."""
        self._change(tenant_id, hold=state)

    def plan_outcomes(self, tenant_id: str, failure: str | None, count: int) -> None:
        """Decide how the next `count` tasks end: with this error code, or well when it is None."""
        self._change(tenant_id, outcome=failure, outcome_count=count)

    def take_outcome(self, tenant_id: str) -> str | None:
        """The error code with which a task that is just created will fail, None when it will succeed."""
        row = self._find(tenant_id)
        if row is None or row["outcome_count"] == 0:
            return None
        self._change(tenant_id, outcome_count=row["outcome_count"] - 1)
        failure: str | None = row["outcome"]
        return failure

    def limit_rate(self, tenant_id: str, allow: int | None, retry_after: int) -> None:
        """Let `allow` more requests pass and refuse those after them; None lifts the limit."""
        self._change(tenant_id, rate_allow=allow, rate_retry_after=retry_after)

    def take_request(self, tenant_id: str) -> int | None:
        """Count a request: None lets it pass, a number refuses it until so many seconds have passed."""
        row = self._find(tenant_id)
        if row is None or row["rate_allow"] is None:
            return None
        if row["rate_allow"] > 0:
            self._change(tenant_id, rate_allow=row["rate_allow"] - 1)
            return None
        return int(row["rate_retry_after"])

    def clear(self, tenant_id: str) -> None:
        """Take back all changes."""
        self._database.change("DELETE FROM controls WHERE scope_id = ?", (self._scope_id(tenant_id),))

    def _scope_id(self, tenant_id: str) -> str:
        return SHARED if self._shared else tenant_id

    def _find(self, tenant_id: str) -> Row | None:
        return self._database.row("SELECT * FROM controls WHERE scope_id = ?", (self._scope_id(tenant_id),))

    def _change(self, tenant_id: str, **columns: str | int | None) -> None:
        scope_id = self._scope_id(tenant_id)
        settings = ", ".join(f"{name} = :{name}" for name in columns)
        with self._database.transaction():
            self._database.change("INSERT OR IGNORE INTO controls (scope_id) VALUES (?)", (scope_id,))
            # The names of the columns are those of the keyword arguments above.
            self._database.change(
                f"UPDATE controls SET {settings} WHERE scope_id = :scope_id",  # noqa: S608 - see above
                {**columns, "scope_id": scope_id},
            )


class AccountClock:
    """The time as each account sees it: the machine's, put ahead by its overrides."""

    def __init__(self, clock: Clock, overrides: Overrides) -> None:
        self._clock = clock
        self._overrides = overrides

    def now(self, tenant_id: str) -> int:
        """Microseconds since the epoch on the account's clock."""
        return self._clock.now() + self._overrides.clock_offset(tenant_id)

    def machine(self) -> int:
        """Microseconds since the epoch on the clock without its changes."""
        return self._clock.now()
