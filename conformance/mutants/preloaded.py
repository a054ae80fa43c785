"""
What every run of the suite needs before its first request, done by importing this module.

A process that has imported it can be forked again and again: each child goes on where start-up ends. It is for the
fork server of the laboratory only, and leaves no thread behind.
"""

from __future__ import annotations

import contextlib
import gc
import io
import socket
from importlib import import_module
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Final

from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis.strategies import integers, lists

from conformance.cli.run import PLUGINS, run
from conformance.contract.contract import load_contract
from conformance.contract.files import known_systems, system_folder
from conformance.generation.cases import Drawing, draw_unusual, draw_valid
from conformance.generation.resources import links_to
from conformance.generation.walk import walk
from conformance.mutants.base import DRAWN_EXAMPLES, TRIAL_SEED
from conformance.report.html import templates
from conformance.suite.published_document import fault_of, read_yaml

if TYPE_CHECKING:
    from conformance.contract.contract import Contract

# Imported late by those who need them, because an ordinary run may end before it does.
_LATE: Final = (
    *PLUGINS,
    "av",
    "conformance.mutants.proving",
    "conformance.mutants.publishing",
    "conformance.mutants.witness",
    "conformance.monitors.second_opinion",
    "openapi_spec_validator",
    "uvicorn.lifespan.on",
    "uvicorn.loops.auto",
    "uvicorn.protocols.http.auto",
)


def _prepare(system: str) -> None:
    """Read, import and compile what every run against a system needs."""
    contract = load_contract(system)
    text = (system_folder(system) / contract.conventions.document).read_text("utf-8")
    fault_of(read_yaml(text))
    _compile_schemas(contract)
    _draw_ahead(contract)
    if contract.conventions.embedded is not None:
        import_module(contract.conventions.embedded.app.partition(":")[0])
    if contract.conventions.embedded is not None and contract.conventions.embedded.mutants is not None:
        import_module(f"{contract.conventions.embedded.mutants}.app")
    if contract.conventions.embedded is not None and contract.conventions.embedded.liberties is not None:
        import_module(f"{contract.conventions.embedded.liberties}.app")
    # pytest imports the tests, rewritten as in any run.
    _run("--system", system, "--", "--collect-only", "-q")
    # A run without an answer compiles what reports are made with; as this port is taken, no server can listen there.
    with TemporaryDirectory() as folder, socket.socket() as deaf:
        deaf.bind(("127.0.0.1", 0))
        _run(f"http://127.0.0.1:{deaf.getsockname()[1]}", "--system", system, "--report-dir", folder)


def _draw_ahead(contract: Contract) -> None:
    """Make the requests of the trials: for one document, seed and number they are the same in every run."""
    document = contract.document
    for operation in document.operations.values():
        walk(contract, operation)
        handed = {name for link in links_to(document, operation) for name in link.parameters}
        placed = {name: "any" for name in sorted(handed) if f"{{{name}}}" in operation.path}
        for count in (1, DRAWN_EXAMPLES):
            drawing = Drawing(TRIAL_SEED, count)
            draw_valid(document, operation, drawing, placed)
            draw_unusual(document, operation, drawing, placed if operation.body else {})


def _compile_schemas(contract: Contract) -> None:
    for operation in contract.document.operations.values():
        for answer in operation.answers:
            for validator in filter(None, answer.content.values()):
                validator.accepts(None)


def _run(*arguments: str) -> None:
    with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(io.StringIO()):
        run.main(list(arguments), standalone_mode=False)


@seed(TRIAL_SEED)
# On a machine that others keep busy this takes long, which is no fault.
@settings(
    max_examples=3, database=None, deadline=None, phases=[Phase.generate], suppress_health_check=list(HealthCheck)
)
@given(lists(integers(), min_size=200))
def _draw_numbers(_numbers: list[int]) -> None:
    """Let Hypothesis read all modules for numbers worth drawing, as it does once in a process, a third of a second."""


for _name in _LATE:
    import_module(_name)
for _system in known_systems():
    _prepare(_system)
_draw_numbers()
for _name in templates().list_templates():
    templates().get_template(_name)
# What is here stays: no garbage collection in a child visits it, or copies the pages that it is on.
gc.collect()
gc.freeze()
