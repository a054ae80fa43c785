from __future__ import annotations

from collections.abc import Callable
from contextlib import closing
from typing import TYPE_CHECKING

import pytest

from conformance.journal.redaction import Redactor, Secret
from conformance.journal.writer import Journal

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

KEY = "sk-abcdefghijklmnopqrstuvwxyz012345"
OpenJournal = Callable[[str], Journal]


@pytest.fixture
def secret() -> Secret:
    return Secret(KEY)


@pytest.fixture
def open_journal(tmp_path: Path, secret: Secret) -> Iterator[OpenJournal]:
    """Open the journal of a worker in the test's folder; all are closed in the end."""
    opened: list[closing[Journal]] = []

    def open_one(worker: str) -> Journal:
        journal = Journal(
            tmp_path,
            worker,
            Redactor(secret),
            run="r1",
            system="example",
            contract_version="1.0",
            suite_version="0.1",
            seed=7,
        )
        opened.append(closing(journal))
        return journal

    yield open_one
    for journal in opened:
        journal.__exit__(None, None, None)
