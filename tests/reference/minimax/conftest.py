from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.reference.minimax.sandbox import Account, Sandbox

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture
def running() -> Iterator[Sandbox]:
    with Sandbox() as sandbox:
        yield sandbox


@pytest.fixture
def account(running: Sandbox) -> Account:
    return running.new_account()
