"""A sample of this project's own mutants as subjects, for the tools that can be run on the document they break."""

from __future__ import annotations

import os
import random
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

from compare.subjects import Subject
from compare.tools import OURS, Tool, of_ours, of_schemathesis, ours, schemathesis_run
from conformance.contract.contract import load_contract
from conformance.contract.files import system_folder
from conformance.mutants.beatra.app import create_app as create_mutant
from conformance.mutants.beatra.catalogue import MUTANTS
from conformance.reference.beatra.app import create_app as create_reference
from conformance.target.embedded import FAULT_VARIABLE
from conformance.target.launch import EMBEDDED_KEYS, embedded_of

if TYPE_CHECKING:
    from starlette.types import ASGIApp

SYSTEM: Final = "beatra"
_KEYS: Final = {role: f"sk-{number}123456789abcdef0123456789abcdef" for number, role in enumerate(EMBEDDED_KEYS)}
TOOLS: Final = (
    Tool(f"{OURS}, walk, document alone", OURS, ours("--examples", "1"), of_ours),
    Tool(f"{OURS}, full", OURS, ours(document=False), of_ours),
    Tool("schemathesis", "schemathesis", schemathesis_run, of_schemathesis),
)


@dataclass(frozen=True, slots=True)
class Sample:
    """So many mutants, drawn with a seed, from so many."""

    subject: Subject
    seed: int
    population: int


def create_app() -> ASGIApp:
    """What `conformance serve` serves, with `--fault` where the environment names one."""
    return create_mutant() if os.environ.get(FAULT_VARIABLE) else create_reference()


def sample(size: int, seed: int) -> Sample:
    """Some of the mutants that are served at the usual path and found without files of 100 MB."""
    embedded = embedded_of(load_contract(SYSTEM).conventions)
    usual = sorted(m.id for m in MUTANTS.values() if m.base_path is None and not m.heavy)
    chosen = random.Random(seed).sample(usual, min(size, len(usual)))  # noqa: S311 - no secret
    document = system_folder(SYSTEM) / "openapi.yaml"
    keys = {EMBEDDED_KEYS[role]: key for role, key in _KEYS.items()}
    subject = Subject(
        name=SYSTEM,
        folder=Path(__file__).parent,
        application="compare.mutants:create_app",
        factory=True,
        fault_variable=FAULT_VARIABLE,
        sound="",
        faults=tuple(chosen),
        base_path=embedded.base_path,
        key=_KEYS["main"],
        header="Authorization",
        prefix="Bearer ",
        security_scheme="",
        document=document,
        environment={**keys, "CONFORMANCE_REFERENCE_DOCUMENT": str(document)},
    )
    return Sample(subject, seed, len(usual))
