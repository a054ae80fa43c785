"""Which models an account may use."""

from __future__ import annotations

from typing import TYPE_CHECKING

from conformance.reference.minimax.errors import ModelNotInPlanError

if TYPE_CHECKING:
    from collections.abc import Iterable

    from conformance.reference.parts.database import Database


class Plans:
    """Keeps the models of accounts whose plan does not include all."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def limit(self, tenant_id: str, models: Iterable[str] | None) -> None:
        """Let the account use these models only, all again with None."""
        with self._database.transaction():
            self._database.change("DELETE FROM plans WHERE tenant_id = ?", (tenant_id,))
            for model in models or ():
                self._database.insert("plans", {"tenant_id": tenant_id, "model": model})

    def check(self, tenant_id: str, model: str) -> None:
        """Refuse a model that the plan does not include; raises ModelNotInPlanError."""
        included = [
            row["model"] for row in self._database.rows("SELECT * FROM plans WHERE tenant_id = ?", (tenant_id,))
        ]
        if included and model not in included:
            raise ModelNotInPlanError(model)
