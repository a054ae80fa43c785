"""What a document leaves open: which operation hands over an id, which headers the client sets, where a key goes."""

from __future__ import annotations

import re
from collections import defaultdict
from typing import TYPE_CHECKING, Any, Final

from conformance.contract.document import METHODS, resolved
from conformance.contract.resources import ResourceGraph
from conformance.contract.security import place_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from conformance.contract.conventions import Conventions, Tasks


_SUCCESS: Final = re.compile("2..")
_INVALID: Final = ("400", "422")
_PARAMETER: Final = re.compile(r"\{([^{}]+)\}")


def linked(content: Mapping[str, Any], conventions: Conventions) -> dict[str, Any]:
    """
    The document with links from what makes a thing to what needs one, where it has none of its own.

    Headers that the client sets are not required of drawn requests. An operation whose path has a value that no
    link hands over is not certain to be accepted.
    """
    paths = {path: dict(item) for path, item in content["paths"].items()}
    own = tuple(header.lower() for header in _own_headers(conventions))
    for path, method, operation in list(_operations(paths)):
        paths[path][method] = _refusing(_without_required(operation, own))
    if conventions.tasks is not None:
        _link_tasks(paths, conventions.tasks)
    _link_resources(content, paths)
    handed = _handed_over(paths)
    for path, method, operation in list(_operations(paths)):
        missing = set(_PARAMETER.findall(path)) - handed.get(operation["operationId"], set())
        if missing:
            paths[path][method] = {**operation, "x-certain": False}
    return {**content, "paths": paths}


def _operations(paths: Mapping[str, Mapping[str, Any]]) -> Iterator[tuple[str, str, dict[str, Any]]]:
    for path, item in paths.items():
        for method in METHODS:
            if method in item:
                yield path, method, item[method]


def _own_headers(conventions: Conventions) -> Iterator[str]:
    if conventions.authentication and conventions.authentication.header:
        yield conventions.authentication.header
    if conventions.request_id:
        yield conventions.request_id.header
    if conventions.idempotency:
        yield conventions.idempotency.header
    # OpenAPI says that parameters of these names are ignored.
    yield from ("Accept", "Authorization", "Content-Type")


def _without_required(operation: Mapping[str, Any], own: tuple[str, ...]) -> dict[str, Any]:
    def is_own(parameter: Mapping[str, Any]) -> bool:
        return bool(parameter["in"] == "header" and parameter["name"].lower() in own)

    parameters = [{**p, "required": False} if is_own(p) else p for p in operation["parameters"]]
    return {**operation, "parameters": parameters}


def _refusing(operation: Mapping[str, Any]) -> dict[str, Any]:
    """The operation, which says that it refuses parameters where it has an answer to invalid requests and no body."""
    answered = any(status in operation["responses"] for status in _INVALID)
    asked = any(parameter["in"] in ("query", "header") for parameter in operation["parameters"])
    return {**operation, "x-refuses-parameters": answered and asked}


def _link_tasks(paths: dict[str, dict[str, Any]], tasks: Tasks) -> None:
    linked_already = {link["operationId"] for _, _, operation in _operations(paths) for link in _links(operation)}
    wanted = [name for name in (tasks.get, tasks.cancel) if name is not None and name not in linked_already]
    made = {
        f"conformance-{name}": {
            "operationId": name,
            "parameters": {tasks.id_parameter: f"$response.body#{tasks.id}"},
        }
        for name in wanted
    }
    for path, method, operation in list(_operations(paths)):
        if operation["operationId"] in tasks.create:
            paths[path][method] = _with_links(operation, made)


def _link_resources(content: Mapping[str, Any], paths: dict[str, dict[str, Any]]) -> None:
    """Add the links that paths, names and answers imply, for each place that no link hands over yet."""
    graph = ResourceGraph({**content, "paths": paths})
    known = {
        (link["operationId"], place)
        for _, _, operation in _operations(paths)
        for link in _links(operation)
        for place in (*link["parameters"], *link.get("x-body-values", ()))
    }
    implied: dict[str, dict[str, Any]] = defaultdict(dict)
    for path, _, operation in _operations(paths):
        for source, link in _links_of(graph, path, operation):
            places = {*link["parameters"], *link.get("x-body-values", ())}
            name = operation["operationId"]
            if source != name and not all((name, place) in known for place in places):
                implied[source][f"conformance-{name}-{len(implied[source])}"] = link
    for path, method, operation in list(_operations(paths)):
        if operation["operationId"] in implied:
            paths[path][method] = _with_links(operation, implied[operation["operationId"]])


def _links_of(graph: ResourceGraph, path: str, operation: Mapping[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    """
    The links that hand an operation what its request names, each with the id of the operation that hands it over.

    A path parameter that the source's own path has as well is handed on as the source was called with it.
    """
    wanted = dict(graph.of_path(path))
    while wanted:
        name, resource = list(wanted.items())[-1]
        if resource.create == operation["operationId"]:
            del wanted[name]
            continue
        given = {name: resource.place}
        shared = [known for known in _PARAMETER.findall(resource.collection) if known in wanted and known != name]
        given |= {known: f"$request.path.{known}" for known in shared}
        yield resource.create, {"operationId": operation["operationId"], "parameters": given}
        wanted = {known: other for known, other in wanted.items() if known not in given}
    for pointer, resource in graph.of_body(operation):
        if resource.create != operation["operationId"]:
            values = {pointer: resource.place}
            yield resource.create, {"operationId": operation["operationId"], "parameters": {}, "x-body-values": values}


def _with_links(operation: Mapping[str, Any], links: Mapping[str, Any]) -> dict[str, Any]:
    """The operation with further links in its successful answers."""
    answers = {
        key: {**answer, "links": {**answer["links"], **links}} if _SUCCESS.fullmatch(key) else answer
        for key, answer in operation["responses"].items()
    }
    return {**operation, "responses": answers}


def _links(operation: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    for answer in operation["responses"].values():
        yield from answer["links"].values()


def _handed_over(paths: Mapping[str, Mapping[str, Any]]) -> dict[str, set[str]]:
    """For each operation that another one links to, the parameters that links hand over."""
    found: dict[str, set[str]] = defaultdict(set)
    for _, _, operation in _operations(paths):
        for link in _links(operation):
            if link["operationId"] != operation["operationId"]:
                found[link["operationId"]] |= set(link["parameters"])
    return found


def authentication_of(content: Mapping[str, Any], name: str) -> dict[str, Any] | None:
    """
    The member `authentication` of conventions, as the document has it; None where no key that the suite has fits.

    The main key of a run is that of the scheme that the document as a whole demands, else of the first operation that
    demands any: bearer, OAuth 2 and OpenID Connect (the key is the token), an API key in a header or the query, or
    basic (the key is "user:password"). Keys of other schemes are stated for themselves.
    """
    schemes = content.get("components", {}).get("securitySchemes", {})
    for wanted in _wanted(content):
        if wanted in schemes:
            place = place_of(resolved(content, schemes[wanted], name))
            if place is not None and not place.cookie:
                stated = {"header": place.header, "scheme": place.word, "query": place.query}
                return {member: value for member, value in stated.items() if value}
    return None


def _wanted(content: Mapping[str, Any]) -> Iterator[str]:
    """The names of the schemes that are demanded, the most general first."""
    operations = (item[method] for item in content["paths"].values() for method in METHODS if method in item)
    for demanded in (content.get("security", ()), *(operation.get("security", ()) for operation in operations)):
        for alternative in demanded:
            yield from alternative
