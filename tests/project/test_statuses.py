"""Only `contract/outcomes` reads an HTTP status; every other general room reads the outcome that it makes of it."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING, Final

import pytest

from tests.project.checkout import HOMES_OF_A_SYSTEM, ROOT, systems

if TYPE_CHECKING:
    from collections.abc import Iterator

READER: Final = "conformance/contract/outcomes.py"
# Neither is part of the suite that judges: the reference answers with statuses, and mutants change them.
APART: Final = ("conformance/reference/", "conformance/mutants/")
NAMES: Final = frozenset({"status", "status_code"})
STATUSES: Final = range(100, 600)


def compared(source: str) -> list[str]:
    """The expressions of a module that hold an HTTP status against numbers."""
    tree = ast.parse(source)
    numbers = {
        target.id
        for node in tree.body
        if isinstance(node, (ast.Assign, ast.AnnAssign)) and node.value is not None and _has_number(node.value, set())
        for target in (node.targets if isinstance(node, ast.Assign) else [node.target])
        if isinstance(target, ast.Name)
    }
    return [
        ast.unparse(node)
        for node in ast.walk(tree)
        for sides in [list(_sides(node))]
        if any(map(_is_status, sides)) and any(_has_number(side, numbers) for side in sides)
    ]


def _sides(node: ast.AST) -> Iterator[ast.expr]:
    if isinstance(node, ast.Compare):
        yield from (node.left, *node.comparators)
    elif isinstance(node, ast.BinOp):
        yield from (node.left, node.right)
    elif isinstance(node, ast.Match):
        yield node.subject
        yield from (found.value for found in ast.walk(node) if isinstance(found, ast.MatchValue))


def _is_status(side: ast.expr) -> bool:
    name = side.attr if isinstance(side, ast.Attribute) else side.id if isinstance(side, ast.Name) else None
    return name in NAMES


def _has_number(side: ast.expr, numbers: set[str]) -> bool:
    for node in ast.walk(side):
        if isinstance(node, ast.Name) and (node.id in numbers or node.id == "HTTPStatus"):
            return True
        if isinstance(node, ast.Constant) and type(node.value) is int and node.value in STATUSES:
            return True
    return False


@pytest.mark.parametrize(
    "line",
    [
        "exchange.status >= 400",
        "200 <= answer.status_code < 300",
        "status // 100",
        "response.status in (401, 403)",
        "_DONE: Final = 200\nanswered.status == _DONE",
        "answered.status == HTTPStatus.CREATED",
        "match answer.status:\n    case 404: pass",
    ],
)
def test_a_comparison_of_a_status_is_seen(line: str) -> None:
    assert len(compared(line)) == 1


@pytest.mark.parametrize("line", ["place.status == 'success'", "str(answered.status) in documented", "size > 400"])
def test_what_compares_no_status_with_a_number_is_left_alone(line: str) -> None:
    assert compared(line) == []


def test_no_other_general_room_compares_a_status() -> None:
    apart = (READER, *APART, *(f"{home}/{system}/" for home in HOMES_OF_A_SYSTEM for system in systems()))
    modules = [path.relative_to(ROOT).as_posix() for path in sorted((ROOT / "conformance").rglob("*.py"))]
    general = [name for name in modules if not name.startswith(apart)]

    assert compared((ROOT / READER).read_text("utf-8"))
    assert {name: found for name in general if (found := compared((ROOT / name).read_text("utf-8")))} == {}
