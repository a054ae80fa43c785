"""How a test says what it judges."""

from __future__ import annotations

import pytest


def requirement(requirement_id: str) -> pytest.MarkDecorator:
    """The test judges this requirement of the registry."""
    return pytest.mark.conformance_requirement(requirement_id)


def derived(kind: str) -> pytest.MarkDecorator:
    """The test judges, for every operation it is given, the requirement of this kind that the document implies."""
    return pytest.mark.conformance_derived(kind)
