"""One requirement in words: what it says, how it is judged, what to offer for that, and how it comes to be broken."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

    from conformance.cli.told import Part
    from conformance.contract.matrix import KillMatrix
    from conformance.contract.registry import Requirement

_OFFERS: Final = {
    "control:clock": "a clock that can be put ahead (control interface: clock)",
    "control:rate-limit": "a rate limit that can be set (control interface: rate-limit)",
    "control:tasks/hold": "tasks that can be held in a state (control interface: tasks/hold)",
    "control:tasks/outcome": "tasks that fail on demand (control interface: tasks/outcome)",
    "control:tenants": "accounts of the run's own (control interface: tenants)",
    "control:wallet": "a wallet that can be read and set (control interface: wallet)",
    "document": "its own OpenAPI document (openapi_url in target.toml)",
    "key:forbidden": "a key that may do nothing (forbidden_env in target.toml)",
    "key:second": "a key of another account (second_env in target.toml)",
    "reference-audio": "an audio file that it can fetch (reference_audio_url in target.toml)",
}
_TIERS: Final = {
    "read": "read, nothing is created for it",
    "free": "free, only what must be refused is asked for",
    "paid": "paid, with real money it needs --max-credits",
}
LEVELS: Final = {"MUST": "red", "SHOULD": "yellow", "MAY": "cyan"}
_LABEL_WIDTH: Final = 13
_MUTANTS_SHOWN: Final = 8


def explanation(requirement: Requirement, matrix: KillMatrix | None, suite: Path) -> Iterator[tuple[Part, ...]]:
    """The lines that explain a requirement; `suite` is the folder with the tests of its system."""
    provisional = ", provisional: judged only with --provisional" if requirement.provisional else ""
    level = (f"{requirement.level}{provisional}", LEVELS[requirement.level])
    yield ((requirement.id, "bold"), (" · ", ""), level, (f" · {requirement.surface} ({requirement.release})", ""))
    yield ((requirement.title, "bold"),)
    yield ()
    yield ((requirement.statement, ""),)
    yield ()
    written = dict.fromkeys(f"{source.document}, {source.section}" for source in requirement.sources)
    yield from _labelled("written in:", written)
    yield from _labelled("judged by:", _judges(requirement, suite))
    yield from _labelled("tier:", (_TIERS[requirement.tier],))
    yield from _labelled("offer:", (_OFFERS.get(need, need) for need in requirement.needs or ("nothing else",)))
    if requirement.rests_on:
        yield from _labelled("rests on:", requirement.rests_on)
    if matrix is not None:
        yield from _proofs(requirement, matrix)
    if requirement.notes:
        yield ()
        yield ((requirement.notes, ""),)


def _proofs(requirement: Requirement, matrix: KillMatrix) -> Iterator[tuple[Part, ...]]:
    mutants = matrix.killers(requirement.id)
    if not mutants:
        yield from _labelled("proved by:", ("nothing, no fault is known that makes it fail",))
        return
    shown = [f"{mutant.id}: {mutant.story}" for mutant in mutants[:_MUTANTS_SHOWN]]
    more = [f"… and {len(mutants) - _MUTANTS_SHOWN} more"] if len(mutants) > _MUTANTS_SHOWN else []
    yield from _labelled("proved by:", (*shown, *more))
    yield ()
    yield (("See it fail: ", ""), (f"conformance demo {mutants[0].id}", "bold"))


def _labelled(label: str, texts: Iterable[str]) -> Iterator[tuple[Part, ...]]:
    for number, text in enumerate(texts):
        yield (("" if number else label).ljust(_LABEL_WIDTH), "dim"), (text, "")


def _judges(requirement: Requirement, suite: Path) -> list[str]:
    if requirement.monitor:
        return [f"the monitor {requirement.monitor}, over all exchanges of the run"]
    if requirement.generated_kind:
        return [f"requests drawn from the document ({requirement.generated_kind})"]
    return judging_tests(requirement.id, suite) or ["tests with scenarios of their own"]


def judging_tests(requirement_id: str, suite: Path) -> list[str]:
    """
    The tests in a folder that judge a requirement, those that say most of it first.

    These are marked with it (`file::test`); in others it is one of many cases (`file`).
    """
    marked: list[str] = []
    cases: list[str] = []
    for path in sorted(suite.glob("test_*.py")):
        source = path.read_text("utf-8")
        if requirement_id in source:
            functions = (node for node in ast.parse(source).body if isinstance(node, ast.FunctionDef))
            own = [f"{path.name}::{node.name}" for node in functions if _is_marked(node, requirement_id)]
            marked += own
            cases += [f"{path.name}, as one of its cases"] if not own and f'"{requirement_id}"' in source else []
    return [*marked, *cases]


def _is_marked(function: ast.FunctionDef, requirement_id: str) -> bool:
    constants = (node for mark in function.decorator_list for node in ast.walk(mark) if isinstance(node, ast.Constant))
    return any(constant.value == requirement_id for constant in constants)
