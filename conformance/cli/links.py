"""`conformance plan --links`: the things of a document, what each operation does with them, and what comes first."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterator

    from conformance.contract.contract import Contract
    from conformance.contract.resources import Resource

_ROLES: Final = ("create", "read", "list", "replace", "modify", "delete")
_NONE: Final = "The document has no path with a parameter whose things something makes."


def links_in_words(contract: Contract) -> Iterator[str]:
    """Each resource with its operations and its states, then the operations that nothing hands a value to."""
    # Imported here, as the command line starts without what reads documents.
    from conformance.contract.resources import ResourceGraph
    from conformance.contract.states import actions_of, states_of
    from conformance.generation.resources import sources_of

    document = contract.document
    graph = ResourceGraph(document.content)
    if not graph.resources:
        yield _NONE
    for resource in graph.resources:
        where = "the request for" if resource.named_in_request else "what makes"
        yield f"{resource.noun or resource.item}: {resource.item}, named by {resource.pointer} of {where} one"
        for role, name in _operations(resource):
            first = [source for source in sources_of(document, document.operations[name]) if source != name]
            after = f"  after {', '.join(first)}" if first else ""
            yield f"  {role:<8} {name} ({document.operations[name].location}){after}"
        for action in actions_of(document, resource):
            yield f"  {'move':<8} {action.id} ({action.location})"
        states = states_of(graph, resource)
        if states is not None:
            steps = ", ".join(f"{one} → {other}" for one, other in sorted(states.steps))
            yield f"  states   {states.member}: {', '.join(states.values)}{f' ({steps})' if steps else ''}"
    for operation in document.operations.values():
        handed = {name for link in document.links if link.target == operation.id for name in link.parameters}
        open_ones = [p.name for p in operation.parameters if p.location == "path" and p.name not in handed]
        if open_ones:
            yield f"nothing hands over {', '.join(open_ones)} for {operation.id} ({operation.location})"


def _operations(resource: Resource) -> Iterator[tuple[str, str]]:
    for role in _ROLES:
        name = getattr(resource, role)
        if name is not None:
            yield role, name
