"""Tasks as they are stored."""

from __future__ import annotations

import json
import secrets
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from conformance.reference.parts.database import Database, Row

QUEUED = "queued"
RUNNING = "running"
SUCCEEDED = "succeeded"
FAILED = "failed"
CANCELED = "canceled"

STATES = (QUEUED, RUNNING, SUCCEEDED, FAILED, CANCELED)
TERMINAL = frozenset({SUCCEEDED, FAILED, CANCELED})


@dataclass(frozen=True, slots=True)
class Task:
    """One task; moments in microseconds on its account's clock, amounts in ten-thousandths of a credit."""

    position: int
    task_id: str
    tenant_id: str
    status: str
    capability: str
    model: str
    resolved_model: str
    input: dict[str, Any]
    metadata: dict[str, str]
    charged: int
    refunded: int
    waits_for_audio: bool
    planned_failure: str | None
    failure: str | None
    created_at: int
    starts_at: int
    ends_at: int
    started_at: int | None
    completed_at: int | None
    cancel_requested_at: int | None

    @property
    def is_terminal(self) -> bool:
        """Whether the task has ended."""
        return self.status in TERMINAL


@dataclass(frozen=True, slots=True)
class Selection:
    """Which tasks a list asks for; `after` is the position of the last task of the page before."""

    status: str | None = None
    capability: str | None = None
    created_after: int | None = None
    created_before: int | None = None
    after: int | None = None
    ascending: bool = False
    limit: int = 20


class Tasks:
    """Writes and finds tasks; knows nothing of what their states mean."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def new_id(self) -> str:
        """An id that no task has."""
        return f"tsk_{secrets.token_hex(13)}"

    def add(self, values: dict[str, Any]) -> None:
        """Store a new task from its columns."""
        self._database.insert("tasks", _as_columns(values))

    def change(self, task_id: str, **values: object) -> None:
        """Give some columns of a task new values."""
        settings = ", ".join(f"{name} = :{name}" for name in values)
        # The names of the columns are those of the keyword arguments.
        statement = f"UPDATE tasks SET {settings} WHERE task_id = :task_id"  # noqa: S608 - see above
        self._database.change(statement, _as_columns({**values, "task_id": task_id}))

    def find(self, tenant_id: str, task_id: str) -> Task | None:
        """The account's task of that id."""
        row = self._database.row("SELECT * FROM tasks WHERE task_id = ? AND tenant_id = ?", (task_id, tenant_id))
        return None if row is None else _task(row)

    def under_way(self, tenant_id: str) -> list[Task]:
        """The account's tasks that have not ended."""
        rows = self._database.rows(
            "SELECT * FROM tasks WHERE tenant_id = ? AND status IN ('queued', 'running')", (tenant_id,)
        )
        return [_task(row) for row in rows]

    def due(self, tenant_id: str, now: int) -> list[Task]:
        """Those of them whose next moment, their start or their end, has come by now."""
        rows = self._database.rows(
            "SELECT * FROM tasks WHERE tenant_id = ? AND status IN ('queued', 'running')"
            " AND CASE status WHEN 'queued' THEN starts_at ELSE ends_at END <= ?",
            (tenant_id, now),
        )
        return [_task(row) for row in rows]

    def tenants_under_way(self) -> list[str]:
        """The accounts that have tasks which have not ended."""
        rows = self._database.rows("SELECT DISTINCT tenant_id FROM tasks WHERE status IN ('queued', 'running')")
        return [row["tenant_id"] for row in rows]

    def forget(self, tenant_id: str) -> None:
        """Delete all tasks of an account."""
        self._database.change("DELETE FROM tasks WHERE tenant_id = ?", (tenant_id,))

    def page(self, tenant_id: str, selection: Selection) -> list[Task]:
        """The selected tasks in order of creation, one more than the limit when there are more."""
        conditions, values = self.conditions(tenant_id, selection)
        direction = "ASC" if selection.ascending else "DESC"
        # Conditions and direction are texts of this module; what the request said is in the values.
        order = f"ORDER BY position {direction} LIMIT :rows"
        statement = f"SELECT * FROM tasks WHERE {conditions} {order}"  # noqa: S608 - see above
        return [_task(row) for row in self._database.rows(statement, {**values, "rows": selection.limit + 1})]

    def conditions(self, tenant_id: str, selection: Selection) -> tuple[str, dict[str, Any]]:
        """The selection as an SQL condition and its values."""
        beyond = "position > :after" if selection.ascending else "position < :after"
        wanted = {
            "status": ("status = :status", selection.status),
            "capability": ("capability = :capability", selection.capability),
            "created_after": ("created_at > :created_after", selection.created_after),
            "created_before": ("created_at < :created_before", selection.created_before),
            "after": (beyond, selection.after),
        }
        asked = {name: pair for name, pair in wanted.items() if pair[1] is not None}
        conditions = ["tenant_id = :tenant", *(condition for condition, _ in asked.values())]
        values = {name: value for name, (_, value) in asked.items()}
        return " AND ".join(conditions), {"tenant": tenant_id, **values}


def _as_columns(values: dict[str, object]) -> dict[str, Any]:
    return {name: json.dumps(value) if isinstance(value, dict) else value for name, value in values.items()}


def _task(row: Row) -> Task:
    columns = dict(row)
    columns["input"] = json.loads(columns["input"])
    columns["metadata"] = json.loads(columns["metadata"])
    columns["waits_for_audio"] = bool(columns["waits_for_audio"])
    return Task(**columns)
