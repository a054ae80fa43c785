from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.cli.runs import sandbox

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.cli.runs import Sandbox


@pytest.fixture(scope="session")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sandbox]:
    """A reference that is served by `conformance serve`."""
    with sandbox(tmp_path_factory.mktemp("served")) as running:
        yield running
