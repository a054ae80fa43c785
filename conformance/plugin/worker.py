"""A worker of a distributed run: it gets its settings from the controller and decides nothing itself."""

from __future__ import annotations

import os
import time
from threading import Thread
from typing import TYPE_CHECKING, Any, Final

from conformance.plugin.driving import Driver
from conformance.plugin.interrupting import Interrupts
from conformance.plugin.markers import register_markers
from conformance.plugin.settings import RunSettings

if TYPE_CHECKING:
    import pytest


_LOOK_SECONDS: Final = 0.25


def start_worker(config: pytest.Config, from_controller: dict[str, Any]) -> None:
    """Take part in the run that the controller describes."""
    settings = RunSettings.from_plain(from_controller["settings"])
    register_markers(config)
    config.pluginmanager.register(Interrupts(config), "conformance-interrupts")
    Thread(target=_end_with_controller, args=(os.getppid(),), name="controller", daemon=True).start()
    config.pluginmanager.register(Driver(settings, config.workerinput["workerid"]), "conformance-run")  # type: ignore[attr-defined] # xdist sets it


def _end_with_controller(controller: int) -> None:
    """End at once when the controller was killed: xdist would let the worker go on sending for some seconds."""
    while os.getppid() == controller:
        time.sleep(_LOOK_SECONDS)
    os._exit(1)
