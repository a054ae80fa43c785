"""The coverage table: which requirement reads which documented member of which operation's answers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from conformance.contract.contract import load_contract
from conformance.contract.files import known_systems
from conformance.contract.requirements import derived_id
from conformance.contract.versions import NEXT
from conformance.monitors.monitor import EVERY, steps
from conformance.monitors.ownership import Ownership

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from conformance.contract.contract import Contract
    from conformance.contract.document import Document, Operation

_DEEPEST: Final = 6
_SUCCESS: Final = 200
_REFUSED: Final = 400
_GENERAL: Final = "the general rule about answers reads its form"
_NOTHING: Final = "the document says nothing of its form"


def page() -> Iterator[str]:
    """The table of every system."""
    yield "# Coverage: rules, operations and places"
    yield ""
    yield "Written by `tools/write-reference` from the registries of requirements and the documents."
    yield (
        "A member is read where a requirement owns its place, or where the requirement on the operation's answers "
        "(`-CONFORMS`) holds it against a form that the document states; where that one is provisional, only "
        "`--provisional` makes a verdict of it. What no requirement reads has the reason in its row."
    )
    for system in known_systems():
        yield from _system(load_contract(system, NEXT))


def _system(contract: Contract) -> Iterator[str]:
    # A member of several alternatives is one member.
    every = (row for operation in contract.document.operations.values() for row in _rows(contract, operation))
    rows = list(dict.fromkeys(every))
    read = sum(row[3] != _NOTHING for row in rows)
    yield from ("", f"## {contract.system}", "")
    yield (
        f"{read} of {len(rows)} documented members of answers are read ({100 * read / max(len(rows), 1):.1f} %), "
        f"{sum(row[3] not in (_NOTHING, _GENERAL) for row in rows)} of them by a requirement of their own."
    )
    yield from ("", "| operation | answer | member | read by |", "|---|---|---|---|")
    yield from (f"| {' | '.join(row)} |" for row in rows)
    yield from ("", "| requirement | level | speaks of | judged by |", "|---|---|---|---|")
    for requirement in contract.registry:
        places = [requirement.operation or "", *(place.operation or "every operation" for place in requirement.owns)]
        spoken = ", ".join(dict.fromkeys(filter(None, places)))
        spoken = spoken or ("all traffic" if requirement.monitor else "the operations of its scenario")
        yield f"| {requirement.id} | {requirement.level} | {spoken} | {requirement.judged_by} |"


def _rows(contract: Contract, operation: Operation) -> Iterator[tuple[str, str, str, str]]:
    raw = contract.document.content["paths"][operation.path][operation.method.lower()]
    claims = sorted(Ownership(contract).every_claim, key=lambda claim: -len(claim.path))
    for key, answer in raw["responses"].items():
        status = int(str(key).replace("X", "0")) if str(key)[:1].isdigit() else _SUCCESS
        for media in contract.document.resolve(answer).get("content", {}).values():
            for path, stated in _members(contract.document, media.get("schema", {})):
                owner = next(
                    (
                        claim.owner
                        for claim in claims
                        if claim.covers(operation.id, status, status >= _REFUSED)
                        and path[: len(claim.path)] == claim.path
                    ),
                    None,
                )
                general = derived_id(contract.system, operation.id, "conforms") in contract.registry
                reader = owner or (_GENERAL if stated and general else _NOTHING)
                shown = "".join(f"/{'*' if step is EVERY else step}" for step in path)
                yield operation.id, str(key), f"`{shown}`", reader


def _members(
    document: Document,
    schema: object,
    path: tuple[Any, ...] = (),
    depth: int = _DEEPEST,
) -> Iterator[tuple[tuple[Any, ...], bool]]:
    """The members that a schema names, at every depth, each with whether anything is said of its form."""
    known: Mapping[str, Any] = document.resolve(schema) if isinstance(schema, dict) else {}
    if not depth:
        return
    for part in (*known.get("allOf", ()), *known.get("anyOf", ()), *known.get("oneOf", ())):
        yield from _members(document, part, path, depth - 1)
    for name, member in known.get("properties", {}).items():
        own = document.resolve(member) if isinstance(member, dict) else {}
        yield (*path, *steps(f"/{name}")), bool(own.keys() - {"description", "title", "examples"})
        yield from _members(document, member, (*path, *steps(f"/{name}")), depth - 1)
    if isinstance(known.get("items"), dict):
        yield from _members(document, known["items"], (*path, EVERY), depth - 1)
