"""What the scenarios of any API share: the operation under test."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from conformance.contract.contract import Contract
    from conformance.contract.document import Operation


@pytest.fixture(scope="session")
def operation(request: pytest.FixtureRequest, contract: Contract) -> Operation:
    """The operation under test, handed in by its id."""
    return contract.document.operations[request.param]
