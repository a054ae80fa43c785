"""
Requests that are drawn once for all processes of a test run.

What is drawn follows from the document, the seed and the number alone, as `tests/generation/test_drawing.py` shows, and
takes nearly half of the processor time of a run against a small API. So what one process draws is kept in a folder, and
another one takes it from there.
"""

from __future__ import annotations

import hashlib
import json
import os
import pickle
import threading
from contextlib import suppress
from functools import cache
from typing import TYPE_CHECKING

from conformance.generation import cases

if TYPE_CHECKING:
    from pathlib import Path

    from schemathesis.generation import GenerationMode

    from conformance.contract.document import Document
    from conformance.generation.cases import Drawing

_DRAW = cases._drawn  # noqa: SLF001 - what is kept here


def draw_once(folder: Path) -> None:
    """Have this process, and all that it forks, keep what they draw in a folder, and take what is there."""

    @cache
    def drawn(
        document: Document, operation_id: str, mode: GenerationMode, drawing: Drawing, places: tuple[str, ...]
    ) -> object:
        asked = repr((operation_id, mode.value, drawing.seed, drawing.count, places))
        kept = folder / hashlib.sha256(f"{_digest(document)}{asked}".encode()).hexdigest()
        with suppress(FileNotFoundError):
            return pickle.loads(kept.read_bytes())  # noqa: S301 - by a process of this very run of the tests
        made = _DRAW(document, operation_id, mode, drawing, places)
        written = kept.with_suffix(f".{os.getpid()}-{threading.get_ident()}")
        written.write_bytes(pickle.dumps(made))
        written.replace(kept)
        return made

    vars(cases)["_drawn"] = drawn


@cache
def _digest(document: Document) -> str:
    return hashlib.sha256(json.dumps(document.content, default=str).encode()).hexdigest()
