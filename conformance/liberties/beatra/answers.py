"""Altering what the reference shows, where it shows it: in tasks, lists, uploads and errors."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from conformance.mutants.beatra.answers import BASE_PATH, in_errors, rewriting
from conformance.mutants.rewriting import as_body

if TYPE_CHECKING:
    from collections.abc import Callable

    from starlette.types import ASGIApp, Scope

    from conformance.mutants.rewriting import Answer

    Wrap = Callable[[ASGIApp], ASGIApp]
    Content = dict[str, Any]

__all__ = ["in_bodies", "in_errors", "in_lists", "in_summaries", "in_tasks", "in_uploads", "renamed_code", "rewriting"]

_ERRORS = 400


def in_bodies(change: Callable[[Scope, Content], Content]) -> Wrap:
    """Alter the JSON objects of answers that are no errors."""

    def changed(scope: Scope, answer: Answer) -> Answer:
        if answer.status >= _ERRORS or not answer.body.startswith(b"{"):
            return answer
        return replace(answer, body=as_body(change(scope, json.loads(answer.body))))

    return rewriting(changed)


def in_tasks(change: Callable[[Content], None]) -> Wrap:
    """Alter every task, alone or in a list, in place."""

    def changed(_scope: Scope, content: Content) -> Content:
        for task in content.get("data", [content]):
            if "status" in task and "capability" in task:
                change(task)
        return content

    return in_bodies(changed)


def in_summaries(change: Callable[[Content], Content]) -> Wrap:
    """Give another object for every task of a list that expands nothing."""

    def changed(scope: Scope, content: Content) -> Content:
        if scope["path"] == f"{BASE_PATH}/tasks" and "data" in content and b"expand=" not in scope["query_string"]:
            content["data"] = [change(task) for task in content["data"]]
        return content

    return in_bodies(changed)


def in_lists(change: Callable[[Content], None]) -> Wrap:
    """Alter every page of a list in place."""

    def changed(scope: Scope, content: Content) -> Content:
        if scope["path"] == f"{BASE_PATH}/tasks" and "data" in content:
            change(content)
        return content

    return in_bodies(changed)


def in_uploads(change: Callable[[Content], Content]) -> Wrap:
    """Give another object for every artifact that was uploaded."""

    def changed(scope: Scope, content: Content) -> Content:
        return change(content) if scope["path"] == f"{BASE_PATH}/uploads" else content

    return in_bodies(changed)


def renamed_code(code: str, *, new: str | None = None, status: int | None = None) -> Wrap:
    """Give errors of a code another code or another status."""

    def changed(answer: Answer, error: Content) -> Answer | None:
        if error["code"] != code:
            return None
        error["code"] = new or code
        return replace(answer, status=status or answer.status, body=as_body({"error": error}))

    return in_errors(changed)
