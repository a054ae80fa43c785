"""
What every run of the suite needs before its first request, done by importing this module.

A process that has imported it can be forked again and again: each child goes on where start-up ends. It is for the
fork server of the laboratory only, and leaves no thread behind.
"""

from __future__ import annotations

import contextlib
import gc
import io
from importlib import import_module
from typing import Final

from conformance.cli.run import PLUGINS, run
from conformance.contract.contract import load_contract
from conformance.contract.files import known_systems, system_folder
from conformance.suite.published import read_yaml

# Imported late by those who need them, because an ordinary run may end before it does.
_LATE: Final = (
    *PLUGINS,
    "av",
    "conformance.monitors.second_opinion",
    "openapi_spec_validator",
    "uvicorn.lifespan.on",
    "uvicorn.loops.auto",
    "uvicorn.protocols.http.auto",
)


def _prepare(system: str) -> None:
    """Read the contract and let pytest import the tests, rewritten as in any run."""
    read_yaml((system_folder(system) / load_contract(system).conventions.document).read_text("utf-8"))
    with contextlib.redirect_stdout(io.StringIO()):
        run.main(["--system", system, "--", "--collect-only", "-q"], standalone_mode=False)


for _name in _LATE:
    import_module(_name)
for _system in known_systems():
    _prepare(_system)
# What is here stays: no collection in a child has to look at it, nor copy the pages that it is on.
gc.collect()
gc.freeze()
