from __future__ import annotations

# Fixtures that other rooms have as well.
from tests.cli.conftest import served
from tests.client.conftest import bench, make_transport, send

__all__ = ["bench", "make_transport", "send", "served"]
