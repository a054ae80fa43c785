"""The history that broke a rule, as a list that a person can follow."""

from __future__ import annotations

from typing import TYPE_CHECKING

from conformance.report.text import one_line

if TYPE_CHECKING:
    from conformance.verdicts.model import Judgement

_STEPS_SHOWN = 50
_LINE_LIMIT = 300


def numbered_steps(judged: Judgement) -> str:
    """Each step of the history on a line of its own with its number; empty where no history decided the verdict."""
    shown = [f"{number}. {one_line(step, _LINE_LIMIT)}" for number, step in enumerate(judged.history[:_STEPS_SHOWN], 1)]
    if len(judged.history) > _STEPS_SHOWN:
        shown.append(f"… ({len(judged.history)} steps in all)")
    return "\n".join(shown)
