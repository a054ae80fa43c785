"""A worker of a distributed run: it gets its settings from the controller and decides nothing itself."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from conformance.plugin.driving import Driver
from conformance.plugin.interrupting import Interrupts
from conformance.plugin.markers import register_markers
from conformance.plugin.settings import RunSettings

if TYPE_CHECKING:
    import pytest


def start_worker(config: pytest.Config, from_controller: dict[str, Any]) -> None:
    """Take part in the run that the controller describes."""
    settings = RunSettings.from_plain(from_controller["settings"])
    register_markers(config)
    config.pluginmanager.register(Interrupts(), "conformance-interrupts")
    config.pluginmanager.register(Driver(settings, config.workerinput["workerid"]), "conformance-run")  # type: ignore[attr-defined] # xdist sets it
