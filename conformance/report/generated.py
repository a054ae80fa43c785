"""How many requests were drawn from the document, and what became of those that asked for something by its name."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from conformance.journal.reader import ROUNDS

if TYPE_CHECKING:
    from conformance.journal.reader import Recording


def generated_json(recording: Recording) -> dict[str, Any] | None:
    """The section of the machine-readable report; None where the run sent no such request."""
    drawn = [exchange.generated for exchange in recording.exchanges if exchange.generated is not None]
    if not drawn:
        return None
    return {"valid": drawn.count("valid"), "invalid": drawn.count("invalid"), "rounds": _rounds(recording)}


def _rounds(recording: Recording) -> dict[str, int] | None:
    notes = [note.fields for note in recording.notes if note.kind == ROUNDS]
    if not notes:
        return None
    sums = {name: sum(fields[name] for fields in notes) for name in ("sent", "asked", "reached")}
    return {"rounds": max(fields["rounds"] for fields in notes), **sums}
