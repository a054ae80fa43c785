from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.reference.sandbox import Account, Sandbox

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture
def sandbox() -> Iterator[Sandbox]:
    with Sandbox() as running:
        yield running


@pytest.fixture
def account(sandbox: Sandbox) -> Account:
    return sandbox.new_account()
