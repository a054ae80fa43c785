"""
What runs by the document of a system alone need before their first request, done by importing this module.

It is for the fork server of the kill matrix only, beside `preloaded`: no other run of the laboratory needs it.
"""

from __future__ import annotations

from conformance.contract.contract import load_contract
from conformance.contract.external.load import load_described
from conformance.contract.external.relations import related
from conformance.contract.files import known_systems, system_folder
from conformance.generation.cases import Drawing, draw_valid
from conformance.generation.resources import links_to
from conformance.generation.walk import walk
from conformance.generation.walk_request import base_request_of
from conformance.mutants.base import TRIAL_SEED


def _prepare(system: str) -> None:
    """Read the document, and draw the one request of each operation that others are made of."""
    described = load_described(system_folder(system) / load_contract(system).conventions.document)
    document = described.document
    related(document, described.conventions)
    for operation in document.operations.values():
        walk(described, operation)
        base_request_of(document, operation)
        handed = {name for link in links_to(document, operation) for name in link.parameters}
        placed = {name: "any" for name in sorted(handed) if f"{{{name}}}" in operation.path}
        draw_valid(document, operation, Drawing(TRIAL_SEED, 1), placed)


for _name in known_systems():
    _prepare(_name)
