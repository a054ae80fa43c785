"""Option namespaces: each model has its own, and what no model has is refused."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from conformance.suite.beatra.bodies import SONG
from conformance.suite.marks import requirement

if TYPE_CHECKING:
    from conformance.journal.records import Exchange
    from conformance.suite.beatra.conftest import OpenGateway


@pytest.fixture(
    scope="session",
    params=[{"udio": {}}, {"suno": {"custom_mode": False}, "udio": {"seed": 1}}],
    ids=["alone", "beside the right one"],
)
def unknown_namespace(request: pytest.FixtureRequest, gateway: OpenGateway) -> Exchange:
    """A song with a namespace under `model_options` that no document names."""
    with gateway("unknown-namespace") as beatra:
        return beatra.create_music({**SONG, "model_options": request.param})


@requirement("BEATRA-MUSIC-09")
def test_an_unknown_option_namespace_is_refused(unknown_namespace: Exchange) -> None:
    assert unknown_namespace.status in (400, 422)
