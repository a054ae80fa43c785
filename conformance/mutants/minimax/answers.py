"""How mutants of this system alter what it answers."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final

from conformance.mutants.rewriting import rewriter_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from starlette.types import ASGIApp, Scope

    from conformance.mutants.rewriting import Answer

rewriting: Final = rewriter_of("minimax").everywhere


def in_successes_of(operation: str, change: Callable[[dict[str, Any]], object]) -> Callable[[ASGIApp], ASGIApp]:
    """Wrap an application so that `change` may alter the successful JSON answers of one operation in place."""

    def changed(scope: Scope, answer: Answer) -> Answer:
        if not scope["path"].endswith(operation) or not answer.headers["content-type"].startswith("application/json"):
            return answer
        content = json.loads(answer.body)
        if content["base_resp"]["status_code"] != 0:
            return answer
        change(content)
        return replace(answer, body=json.dumps(content).encode())

    return rewriting(changed)
