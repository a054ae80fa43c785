"""The pytest markers of conformance tests; users' runs with strict markers must know them."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pytest


def register_markers(config: pytest.Config) -> None:
    """Register the markers with pytest."""
    config.addinivalue_line("markers", "conformance_requirement(id): the requirement that the test judges")
    config.addinivalue_line("markers", "conformance_derived(kind): the kind of derived requirement that it judges")
