"""
The ledger of a run: what is at stake, in one SQLite file that all its processes share and that outlives them.

Exposure = what tasks were charged and was not refunded + what requests under way may cost + what requests whose
outcome is unknown may have cost. Beside it stand the admissions of scenarios that are on: what each may still spend.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from conformance.money.ledger_store import (
    AT_STAKE,
    LEDGER_FILE,
    BreakerTrippedError,
    LedgerBalance,
    LedgerStore,
    OverCapError,
    PurchasedTask,
    Reservation,
    TaskSnapshot,
    to_amount,
    to_optional_parts,
    to_parts,
    to_purchased_task,
)

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Callable
    from decimal import Decimal
    from pathlib import Path

_MOST_BRIEF: Final = 4


class SpendLedger:
    """What a run has spent and may still owe. Every method is one transaction."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._store = LedgerStore(path)

    @classmethod
    def open(cls, folder: Path, *, run_id: str, base_url: str, system: str, unit: str, cap: Decimal) -> SpendLedger:
        """The ledger of the run in this folder; the first process to open it makes it."""
        ledger = cls(folder / LEDGER_FILE)
        with ledger._store.transaction() as do:
            ledger._store.make_tables(do)
            if do("SELECT COUNT(*) FROM run").fetchone()[0] == 0:
                values = (run_id, base_url, system, unit, to_parts(cap))
                do("INSERT INTO run (run_id, base_url, system, unit, cap) VALUES (?, ?, ?, ?, ?)", values)
        return ledger

    def close(self) -> None:
        """Close the file."""
        self._store.close()

    def on_failure(self, tell: Callable[[str], None]) -> None:
        """Call `tell` with one sentence when the file can't be written any more."""
        self._store.on_failure = tell

    def admit(
        self, scenario: str, peak: Decimal, *, brief: bool, lease: str, is_alive: Callable[[str], bool]
    ) -> int | None:
        """
        The number of an admission that holds a scenario's peak for it; None while others have to free money first.

        Of the `brief` ones, which wait for no task to succeed, only a few are on at a time: what they create is to be
        cancelled before it is done, and many at a time would slow each other down.

        Raises:
            BreakerTrippedError: nothing more is spent.
            OverCapError: it does not fit, and no other scenario or request is left that could free money.
        """
        with self._store.transaction() as do:
            self._check(do)
            self._give_up_ended_processes(do, is_alive)
            if brief and peak and self._has_most_brief(do):
                return None
            if self._committed(do) + to_parts(peak) <= self._cap(do):
                # It may have been left out before a refund made room for it.
                do("DELETE FROM unaffordable WHERE scenario = ?", (scenario,))
                values = (scenario, lease, to_parts(peak), brief)
                row = do("INSERT INTO admissions (scenario, holder, peak, brief) VALUES (?, ?, ?, ?)", values)
                return int(row.lastrowid or 0)
            if self._others_may_give_back(do):
                return None
            do("INSERT OR REPLACE INTO unaffordable VALUES (?, ?)", (scenario, to_parts(peak)))
            left = to_amount(self._cap(do) - self._committed(do))
        raise OverCapError(peak, left)

    def dismiss(self, admission: int) -> None:
        """The scenario is over: what was held for it and not spent is free for others."""
        with self._store.transaction() as do:
            do("UPDATE admissions SET ended = 1 WHERE id = ?", (admission,))

    def reserve(
        self,
        admission: int,
        model: str,
        price: Decimal,
        *,
        key: str | None,
        refusal: bool,
        doubtful: bool,
        lease: str,
        is_alive: Callable[[str], bool],
    ) -> Reservation | None:
        """
        Set the price of a request aside, None while it has to wait.

        The first request of a price goes alone, and of those that must be refused one goes at a time.

        Raises:
            BreakerTrippedError: nothing more is spent.
            OverCapError: it does not fit, and no other scenario or request is left that could free money.
        """
        with self._store.transaction() as do:
            self._check(do)
            self._give_up_ended_processes(do, is_alive)
            alone = do("SELECT 1 FROM prices WHERE model = ?", (model,)).fetchone() is None
            if self._must_wait(do, alone=alone, refusal=refusal):
                return None
            scenario = do("SELECT scenario FROM admissions WHERE id = ?", (admission,)).fetchone()[0]
            headroom = self._headroom(do, admission)
            beyond = max(0, to_parts(price) - headroom)
            if beyond and self._committed(do) + beyond > self._cap(do):
                if refusal and self._others_may_give_back(do):
                    return None
                do("INSERT OR REPLACE INTO unaffordable VALUES (?, ?)", (scenario, to_parts(price)))
                left = to_amount(self._cap(do) - self._committed(do))
            else:
                do("DELETE FROM unaffordable WHERE scenario = ? AND needed = ?", (scenario, to_parts(price)))
                values = (admission, lease, key, model, to_parts(price), alone, refusal)
                row = do(
                    "INSERT INTO requests (admission, holder, key, model, price, alone, refusal, state)"
                    " VALUES (?, ?, ?, ?, ?, ?, ?, 'sent')",
                    values,
                )
                return Reservation(int(row.lastrowid or 0), admission, model, price, key, refusal, doubtful)
        raise OverCapError(price, left)

    def accepted(
        self, reservation: Reservation, seen: TaskSnapshot, *, exchange: str = "", demanded_by: str | None = None
    ) -> bool:
        """
        The request made a task, or was answered with that of its key: the task carries the charge from now on.

        False when it was answered with a task of another key, which says nothing about what it cost. Trips the breaker
        in the same transaction when it was to be refused or cost more than its price. `demanded_by` is the requirement
        that an acceptance breaks, shown by the `exchange` of this id.
        """
        with self._store.transaction() as do:
            if reservation.refusal:
                self._note_acceptance(do, reservation, seen, exchange, demanded_by)
            known = do("SELECT key FROM tasks WHERE id = ?", (seen.task_id,)).fetchone()
            if known is None:
                made = reservation
                values = (seen.task_id, made.admission, made.key, made.model, to_parts(made.price))
                do("INSERT INTO tasks (id, admission, key, model, price) VALUES (?, ?, ?, ?, ?)", values)
            elif known[0] is not None and known[0] != reservation.key:
                return False
            # The task carries the price now; counted twice, it would leave less under the cap.
            do("UPDATE requests SET price = 0 WHERE id = ?", (reservation.number,))
            self._see(do, seen)
            return True

    def settled(self, reservation: Reservation, *, price_seen: bool) -> None:
        """Nothing of the reservation is at stake any more; where its charge was seen, so is its price."""
        with self._store.transaction() as do:
            do("UPDATE requests SET state = 'settled' WHERE id = ?", (reservation.number,))
            if price_seen:
                # Where no charge is shown, the next request goes alone as well.
                do(
                    "INSERT OR IGNORE INTO prices SELECT model FROM tasks"
                    " WHERE model = ? AND charged IS NOT NULL AND NOT earlier LIMIT 1",
                    (reservation.model,),
                )
                # One key makes one task: what became of the earlier requests with it is known now.
                do("UPDATE requests SET state = 'settled' WHERE state = 'unknown' AND key = ?", (reservation.key,))

    def unknown(self, reservation: Reservation, *, welcomed: bool = False) -> None:
        """
        The outcome of the request is not known: its price stays at stake.

        `welcomed` says that its answer was a success that shows no task: that trips the breaker as any acceptance does.
        """
        with self._store.transaction() as do:
            do("UPDATE requests SET state = 'unknown' WHERE id = ?", (reservation.number,))
            if welcomed and reservation.refusal:
                self._object(do, reservation, "its answer shows no task")

    def see(self, seen: TaskSnapshot) -> None:
        """Note what an answer shows of a task of this run, and trip the breaker when it cost more than its price."""
        with self._store.transaction() as do:
            self._see(do, seen)

    def adopt(self, seen: TaskSnapshot, model: str, price: Decimal, *, at_rest: bool = False) -> bool:
        """Add a task whose creation had no answer; False where it is known or, `at_rest`, while a scenario is on."""
        with self._store.transaction() as do:
            known = do("SELECT 1 FROM tasks WHERE id = ?", (seen.task_id,)).fetchone()
            if known or (at_rest and self._others_may_give_back(do)):
                return False
            values = (seen.task_id, model, to_parts(price))
            do("INSERT INTO tasks (id, admission, model, price) VALUES (?, 0, ?, ?)", values)
            lost = do(
                "SELECT id FROM requests WHERE state = 'unknown' AND price ORDER BY model != ?, id", (model,)
            ).fetchone()
            if lost is not None:
                do("UPDATE requests SET state = 'settled' WHERE id = ?", lost)
            self._see(do, seen)
            return True

    def claim(
        self, name: str, key: str, lease: str, is_alive: Callable[[str], bool]
    ) -> tuple[str, str | None, bytes | None] | None:
        """
        The key, the finished exchange and the content of the one purchase of this name; None while another makes it.

        Without an exchange the caller makes it, with this key: it is the first caller's, even if that process ended.
        """
        with self._store.transaction() as do:
            row = do("SELECT key, holder, content, exchange FROM purchases WHERE name = ?", (name,)).fetchone()
            if row is None:
                do("INSERT INTO purchases (name, key, holder) VALUES (?, ?, ?)", (name, key, lease))
                return key, None, None
            known, owner, content, exchange = row
            if exchange is None:
                if owner and is_alive(owner):
                    return None
                do("UPDATE purchases SET holder = ? WHERE name = ?", (lease, name))
            return known, exchange, content

    def bought_exchanges(self) -> tuple[str, ...]:
        """The ids of the exchanges of finished purchases."""
        with self._store.transaction() as do:
            rows = do("SELECT exchange FROM purchases WHERE exchange IS NOT NULL").fetchall()
        return tuple(str(exchange) for (exchange,) in rows)

    def purchase(self, name: str, content: bytes) -> None:
        """Keep what is about to be sent for a purchase, so that another process can send the same again."""
        with self._store.transaction() as do:
            do("UPDATE purchases SET content = ? WHERE name = ?", (content, name))

    def unsent(self, name: str) -> None:
        """A purchase was not sent after all: the next process that needs it may make it."""
        with self._store.transaction() as do:
            do("UPDATE purchases SET holder = '', content = NULL WHERE name = ? AND exchange IS NULL", (name,))

    def purchased(self, name: str, exchange: str | None) -> None:
        """Keep the finished exchange of a purchase for all that wait; None: it was not made, the next may try."""
        with self._store.transaction() as do:
            do("UPDATE purchases SET exchange = ?, holder = '' WHERE name = ?", (exchange, name))

    def inherit(self, other: SpendLedger) -> None:
        """Take over the purchases of another run, which are free as long as the target remembers their keys."""
        with other._store.transaction() as read:
            purchases = read("SELECT name, key, content FROM purchases WHERE content IS NOT NULL").fetchall()
            tasks = read(
                "SELECT id, key, model, price, charged, refunded, state, ended FROM tasks"
                " WHERE key IN (SELECT key FROM purchases)"
            ).fetchall()
        with self._store.transaction() as do:
            for row in purchases:
                do("INSERT OR IGNORE INTO purchases (name, key, holder, content) VALUES (?, ?, '', ?)", row)
            for row in tasks:
                do(
                    "INSERT OR IGNORE INTO tasks (id, key, model, price, charged, refunded, state, ended, admission,"
                    " earlier) VALUES (?, ?, ?, ?, ?, ?, ?, ?, 0, 1)",
                    row,
                )

    def stop(self, reason: str) -> None:
        """Let nothing more be spent."""
        with self._store.transaction() as do:
            self._break(do, reason)

    def under_way(self, is_alive: Callable[[str], bool]) -> int:
        """How many requests of running processes have no outcome yet; those of ended processes become `unknown`."""
        with self._store.transaction() as do:
            self._give_up_ended_processes(do, is_alive)
            return int(do("SELECT COUNT(*) FROM requests WHERE state = 'sent'").fetchone()[0])

    def is_at_rest(self) -> bool:
        """Whether no scenario that spends and no request that may cost is on, in any process."""
        with self._store.transaction() as do:
            return not self._others_may_give_back(do)

    def tasks(self) -> tuple[PurchasedTask, ...]:
        """All tasks of the run, in the order in which they became known."""
        with self._store.transaction() as do:
            rows = do(
                "SELECT t.id, t.admission, COALESCE(a.scenario, ''), t.model, t.charged, t.refunded, t.state, t.ended,"  # noqa: S608 - constants
                f" {AT_STAKE}, t.key IN (SELECT key FROM purchases)"
                " FROM tasks t LEFT JOIN admissions a ON a.id = t.admission ORDER BY t.rowid"
            ).fetchall()
        return tuple(to_purchased_task(row) for row in rows)

    def kept_models(self) -> frozenset[str]:
        """
        The models of which a task was bought for good, so that its price is held for no scenario again.

        A purchase without a finished exchange does not count: another process may have to ask for it once more.
        """
        with self._store.transaction() as do:
            rows = do(
                "SELECT t.model FROM tasks t JOIN purchases p ON p.key = t.key"
                " WHERE p.exchange IS NOT NULL OR t.earlier"
            ).fetchall()
        return frozenset(str(model) for (model,) in rows)

    def lost(self) -> tuple[tuple[str, Decimal], ...]:
        """Model and price of every request that may have made a task without showing it."""
        with self._store.transaction() as do:
            rows = do(
                "SELECT model, price FROM requests WHERE state IN ('unknown', 'sent') AND price ORDER BY id"
            ).fetchall()
        return tuple((model, to_amount(price)) for model, price in rows)

    def balance(self) -> LedgerBalance:
        """What the ledger shows now."""
        with self._store.transaction() as do:
            unit, cap, broken = do("SELECT unit, cap, broken FROM run").fetchone()
            charged, refunded = do(
                "SELECT COALESCE(SUM(charged), 0), COALESCE(SUM(refunded), 0) FROM tasks WHERE NOT earlier"
            ).fetchone()
            (purchases,) = do(
                "SELECT (SELECT COUNT(*) FROM tasks WHERE NOT earlier)"
                " + (SELECT COUNT(*) FROM requests WHERE state = 'unknown')"
            ).fetchone()
            unaffordable = do("SELECT scenario, needed FROM unaffordable ORDER BY scenario").fetchall()
            exposure = self._exposure(do)
        return LedgerBalance(
            unit=unit,
            cap=to_amount(cap),
            charged=to_amount(charged),
            refunded=to_amount(refunded),
            exposure=to_amount(exposure),
            broken=broken,
            purchases=int(purchases),
            unaffordable=tuple((scenario, to_amount(needed)) for scenario, needed in unaffordable),
        )

    def acceptances(self) -> tuple[tuple[str, str], ...]:
        """Which exchanges show that a request was accepted, and the requirement that demands its refusal."""
        with self._store.transaction() as do:
            return tuple(do("SELECT exchange, requirement FROM acceptances ORDER BY rowid").fetchall())

    def identity(self) -> tuple[str, str, str]:
        """The run's id, the base URL and the system that this ledger belongs to."""
        with self._store.transaction() as do:
            run_id, base_url, system = do("SELECT run_id, base_url, system FROM run").fetchone()
        return run_id, base_url, system

    def _note_acceptance(
        self,
        do: Callable[..., sqlite3.Cursor],
        reservation: Reservation,
        seen: TaskSnapshot,
        exchange: str,
        demanded_by: str | None,
    ) -> None:
        self._object(do, reservation, f"task {seen.task_id[:80]}")
        if demanded_by is not None:
            do("INSERT INTO acceptances VALUES (?, ?)", (exchange, demanded_by))

    def _object(self, do: Callable[..., sqlite3.Cursor], reservation: Reservation, what: str) -> None:
        if not reservation.doubtful:
            self._break(do, f"the target accepted a request that must be refused ({what})")

    def _check(self, do: Callable[..., sqlite3.Cursor]) -> None:
        (broken,) = do("SELECT broken FROM run").fetchone()
        if broken:
            raise BreakerTrippedError(broken)

    def _break(self, do: Callable[..., sqlite3.Cursor], reason: str) -> None:
        do("UPDATE run SET broken = COALESCE(broken, ?)", (reason,))

    def _give_up_ended_processes(self, do: Callable[..., sqlite3.Cursor], is_alive: Callable[[str], bool]) -> None:
        """End the admissions of processes that have ended; what their requests under way cost is not known."""
        leases = do(
            "SELECT holder FROM admissions WHERE NOT ended UNION SELECT holder FROM requests WHERE state = 'sent'"
        ).fetchall()
        for (lease,) in leases:
            if not is_alive(lease):
                do("UPDATE admissions SET ended = 1 WHERE holder = ?", (lease,))
                do("UPDATE requests SET state = 'unknown' WHERE state = 'sent' AND holder = ?", (lease,))

    def _must_wait(self, do: Callable[..., sqlite3.Cursor], *, alone: bool, refusal: bool) -> bool:
        under_way = do(
            "SELECT COUNT(*), COALESCE(MAX(alone), 0), COALESCE(MAX(refusal), 0) FROM requests WHERE state = 'sent'"
        )
        count, any_alone, any_refusal = under_way.fetchone()
        return bool(any_alone or (alone and count) or (refusal and any_refusal))

    def _has_most_brief(self, do: Callable[..., sqlite3.Cursor]) -> bool:
        on = do("SELECT COUNT(*) FROM admissions WHERE brief AND NOT ended AND peak > 0").fetchone()[0]
        return bool(on >= _MOST_BRIEF)

    def _others_may_give_back(self, do: Callable[..., sqlite3.Cursor]) -> bool:
        active = do("SELECT 1 FROM admissions WHERE NOT ended AND peak > 0 LIMIT 1").fetchone()
        return bool(active or do("SELECT 1 FROM requests WHERE state = 'sent' LIMIT 1").fetchone())

    def _cap(self, do: Callable[..., sqlite3.Cursor]) -> int:
        return int(do("SELECT cap FROM run").fetchone()[0])

    def _exposure(self, do: Callable[..., sqlite3.Cursor], admission: int | None = None) -> int:
        which, values = ("", ()) if admission is None else (" AND admission = ?", (admission,))
        tasks = do(f"SELECT COALESCE(SUM({AT_STAKE}), 0) FROM tasks t WHERE 1{which}", values)  # noqa: S608 - constants
        requests = do(
            f"SELECT COALESCE(SUM(price), 0) FROM requests WHERE state IN ('sent', 'unknown'){which}",  # noqa: S608 - constants
            values,
        )
        return int(tasks.fetchone()[0]) + int(requests.fetchone()[0])

    def _headroom(self, do: Callable[..., sqlite3.Cursor], admission: int) -> int:
        # After the end of a scenario nothing is held for it any more.
        peak = int(do("SELECT peak * (NOT ended) FROM admissions WHERE id = ?", (admission,)).fetchone()[0])
        return max(0, peak - self._exposure(do, admission))

    def _committed(self, do: Callable[..., sqlite3.Cursor]) -> int:
        active = do("SELECT id FROM admissions WHERE NOT ended AND peak > 0").fetchall()
        return self._exposure(do) + sum(self._headroom(do, admission) for (admission,) in active)

    def _see(self, do: Callable[..., sqlite3.Cursor], seen: TaskSnapshot) -> None:
        row = do("SELECT model, price, ended FROM tasks WHERE id = ?", (seen.task_id,)).fetchone()
        if row is None:
            return
        model, price, ended = row
        # Answers may overtake each other: what shows a task under way that has ended is old.
        if not ended or seen.ended:
            self._update(do, seen)
        if seen.charged is not None and to_parts(seen.charged) > price:
            due = to_amount(price)
            self._break(do, f"a task of {model} was charged {seen.charged:f}, its price is {due:f}")

    def _update(self, do: Callable[..., sqlite3.Cursor], seen: TaskSnapshot) -> None:
        do(
            "UPDATE tasks SET charged = COALESCE(?, charged), refunded = COALESCE(?, refunded),"
            " state = CASE WHEN ? = '' THEN state ELSE ? END, ended = MAX(ended, ?) WHERE id = ?",
            (
                to_optional_parts(seen.charged),
                to_optional_parts(seen.refunded),
                seen.state,
                seen.state,
                seen.ended,
                seen.task_id,
            ),
        )
