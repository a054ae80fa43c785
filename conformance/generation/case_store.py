"""What was drawn, kept with a run and read back when its recording is judged again."""

from __future__ import annotations

import base64
from typing import TYPE_CHECKING, Any, Final, cast

from conformance.generation.cases import Case, Draw

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from conformance.generation.cases import Validity
    from conformance.journal.reader import Note
    from conformance.journal.writer import Journal

DRAWN: Final = "drawn"
"""The kind of note that names the requests that were drawn for an operation."""


class WritableCaseStore:
    """Writes what is drawn into the journal, once."""

    def __init__(self, journal: Journal) -> None:
        self._journal = journal
        self._written: set[Draw] = set()

    def cases(self, wanted: Draw, draw: Callable[[], tuple[Case, ...]]) -> tuple[Case, ...]:
        """What is drawn now."""
        cases = draw()
        if wanted not in self._written:
            self._written.add(wanted)
            self._journal.note(
                DRAWN,
                validity=wanted.kind,
                operation=wanted.operation,
                count=wanted.count,
                places=wanted.places,
                cases=[_plain(case) for case in cases],
            )
        return cases


class RecordedCaseStore:
    """Has what was drawn in a recorded run; what is not in it is drawn anew."""

    def __init__(self, notes: Iterable[Note]) -> None:
        self._drawn: dict[Draw, tuple[Case, ...]] = {}
        for note in notes:
            if note.kind == DRAWN:
                fields = note.fields
                draw = Draw(fields["validity"], fields["operation"], fields["count"], tuple(fields["places"]))
                self._drawn[draw] = tuple(_case(plain) for plain in fields["cases"])

    def cases(self, wanted: Draw, draw: Callable[[], tuple[Case, ...]]) -> tuple[Case, ...]:
        """What was drawn then."""
        known = self._drawn.get(wanted)
        return draw() if known is None else known


def _plain(case: Case) -> list[Any]:
    """A case as JSON values: a list, because there are many."""
    headers = [list(header) for header in case.headers]
    content = base64.b64encode(case.content).decode("ascii")
    return [case.operation, case.method, case.path, headers, content, case.validity, case.reason]


def _case(plain: list[Any]) -> Case:
    operation, method, path, headers, content, validity, reason = plain
    return Case(
        operation=operation,
        method=method,
        path=path,
        headers=tuple((name, value) for name, value in headers),
        content=base64.b64decode(content),
        validity=cast("Validity", validity),
        reason=reason,
    )
