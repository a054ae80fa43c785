"""References behind a load balancer that fails at the worst moment, once: when a request was over the limit."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from conformance.mutants.rewriting import Answer, rewriter_of
from conformance.reference.beatra.app import create_app as create_beatra
from conformance.reference.minimax.app import create_app as create_minimax

if TYPE_CHECKING:
    from collections.abc import Callable

    from starlette.types import ASGIApp, Scope

PAGE = b"<html><body><h1>502 Bad Gateway</h1></body></html>"


def beatra() -> ASGIApp:
    return out_once("beatra", lambda answer: answer.status == 429)(create_beatra())


def minimax() -> ASGIApp:
    return out_once("minimax", says_1002)(create_minimax())


def says_1002(answer: Answer) -> bool:
    if not answer.headers.get("content-type", "").startswith("application/json"):
        return False
    content: Any = json.loads(answer.body)
    return isinstance(content, dict) and content.get("base_resp", {}).get("status_code") == 1002


def out_once(system: str, is_throttled: Callable[[Answer], bool]) -> Callable[[ASGIApp], ASGIApp]:
    outages: list[Answer] = []

    def change(_scope: Scope, answer: Answer) -> Answer:
        if outages or not is_throttled(answer):
            return answer
        outages.append(answer)
        return replace(answer, status=502, headers={"content-type": "text/html"}, body=PAGE)

    return rewriter_of(system).everywhere(change)
