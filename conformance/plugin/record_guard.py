"""Ending a run whose folder can't be written, or that runs out of open files, with one sentence."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

import pytest

from conformance.journal.errors import JournalError
from conformance.money.ledger_store import UnwritableLedgerError
from conformance.verdicts.compile import EXIT_ERROR

if TYPE_CHECKING:
    from collections.abc import Iterator


@contextmanager
def written_down() -> Iterator[None]:
    """End the pytest session with a sentence and the exit status of an error where files can't be read or written."""
    try:
        yield
    except OSError as error:
        place = f": {error.filename}" if error.filename else ""
        pytest.exit(f"The run can't go on, this machine says: {error.strerror or error}{place}.", EXIT_ERROR)
    except (JournalError, UnwritableLedgerError) as error:
        pytest.exit(f"The run can't go on: {error}", EXIT_ERROR)
