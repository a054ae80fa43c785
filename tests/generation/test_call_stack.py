"""Calls that are made often ask the system for memory only once, however deep they are."""

from __future__ import annotations

import resource

import pytest

from conformance.call_stack import call_with_room

DEEPEST, TIMES = 150, 200


def pages_of_calls(depth: int) -> int:
    """How many pages of memory the system had to hand out for many calls from so many frames further down."""
    if depth:
        return pages_of_calls(depth - 1)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_minflt
    for _ in range(TIMES):
        called(1, 2)
    return resource.getrusage(resource.RUSAGE_SELF).ru_minflt - before


def called(one: int, other: int) -> int:
    return one + other


def most_pages() -> int:
    return max(pages_of_calls(depth) for depth in range(DEEPEST))


def test_no_depth_makes_each_call_ask_for_memory() -> None:
    assert call_with_room(most_pages) < TIMES // 4


def test_a_call_has_its_arguments_its_value_and_its_error() -> None:
    assert call_with_room(sorted, [1, 3, 2], reverse=True) == [3, 2, 1]
    with pytest.raises(ZeroDivisionError):
        call_with_room(divmod, 1, 0)
