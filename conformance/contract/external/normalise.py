"""One shape for every document: names, operations with all of their parameters, links that can be followed."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import urlsplit

from conformance.contract.document import METHODS, resolved
from conformance.contract.errors import UnreadableDocumentError
from conformance.contract.external.schemas import rewritten

if TYPE_CHECKING:
    from collections.abc import Mapping

    from conformance.contract.external.schemas import Schema


_WORD: Final = re.compile(r"[a-z0-9]+")
# Words that are left out of names, since they do not tell one API from another.
_EMPTY_WORDS: Final = frozenset({"api", "the", "rest", "http", "openapi", "swagger", "specification", "spec", "v1"})
_LONGEST: Final = 24
_VARIABLE: Final = re.compile(r"\{([^{}]+)\}")


def system_name(title: str) -> str:
    """
    The name of a system that is known by the title of its document: the beginning of the ids of its requirements.

    Small letters, digits and underscores, a letter first; "api" where the title has no such character.
    """
    plain = unicodedata.normalize("NFKD", title).encode("ascii", "ignore").decode().lower()
    words = [word for word in _WORD.findall(plain) if word not in _EMPTY_WORDS]
    name = ""
    for word in words:
        longer = f"{name}_{word}" if name else word[:_LONGEST]
        if len(longer) > _LONGEST:
            break
        name = longer
    return name if name[:1].isalpha() else f"api_{name}".strip("_")


def base_path(content: Mapping[str, Any]) -> str:
    """The path that the document's first server puts before all others, without a slash at its end."""
    server: Mapping[str, Any] = next(iter(content.get("servers") or ()), {})
    variables: Mapping[str, Any] = server.get("variables", {})
    url = _VARIABLE.sub(lambda found: str(variables.get(found[1], {}).get("default", "")), str(server.get("url", "")))
    path = urlsplit(url).path.rstrip("/")
    return path if path.startswith("/") or not path else f"/{path}"


def surfaces_of(content: Mapping[str, Any], general: str) -> list[str]:
    """The groups of requirements: `general` ones first, then the first tag of every operation, in their order."""
    operations = (operation for item in content["paths"].values() for operation in item.values())
    return list(dict.fromkeys([general, *(next(iter(o.get("tags", ())), "operations") for o in operations)]))


_UNFIT: Final = re.compile(r"[^A-Za-z0-9_.]+")
_COMPONENTS: Final = "#/components/"
# Links with these take a value from the request that was sent, not from its answer.
_OF_THE_REQUEST: Final = ("$request", "$url", "$method", "$statusCode")
_NOT_OF_THE_PATH: Final = ("query.", "header.", "cookie.")


def shaped(content: Mapping[str, Any], name: str) -> dict[str, Any]:
    """
    A document of OpenAPI 3.1 in the one shape that the suite reads.

    Every operation has an id that fits into the id of a requirement, and all its parameters, its request body and its
    responses without references to them; links name operations, and schemas refer to components only.

    Raises:
        InvalidContractError: a reference leads to nothing.
    """
    hoisting = _Hoisting(content, name)
    placed: dict[str, Any] = rewritten({**content, "webhooks": {}}, hoisting)
    schemas = {**placed.get("components", {}).get("schemas", {}), **hoisting.components()}
    placed = {**placed, "components": {**placed.get("components", {}), "schemas": schemas}}
    items = {path: dict(resolved(placed, item, name)) for path, item in placed["paths"].items()}
    shaping = _Shaping(placed, name, _names(items), _ids(items))
    return {**placed, "paths": {path: shaping.item(path, item) for path, item in items.items()}}


class _Hoisting:
    """Copies what schemas refer to outside of the components into the components."""

    def __init__(self, content: Mapping[str, Any], name: str) -> None:
        self._content = content
        self._name = name
        self._places: dict[str, str] = {}

    def __call__(self, schema: Schema) -> Schema:
        reference = schema.get("$ref")
        if not isinstance(reference, str) or reference == "#":
            return schema
        resolved(self._content, {"$ref": reference}, self._name, once=True)
        if reference.startswith(_COMPONENTS):
            return schema
        place = self._places.setdefault(reference, f"part.{len(self._places) + 1}")
        return {**schema, "$ref": f"{_COMPONENTS}schemas/{place}"}

    def components(self) -> dict[str, Any]:
        """The schemas that got a place, with all that these refer to."""
        made: dict[str, Any] = {}
        while len(made) < len(self._places):
            for reference, place in list(self._places.items()):
                if place not in made:
                    target = resolved(self._content, {"$ref": reference}, self._name, once=True)
                    made[place] = rewritten(target, self, "schema")
        return made


def _names(items: Mapping[str, Mapping[str, Any]]) -> dict[tuple[str, str], str]:
    """A name for every operation, by path and method: its id as far as it fits, else made of method and path."""
    names: dict[tuple[str, str], str] = {}
    taken: set[str] = set()
    for path, item in items.items():
        for method in _methods_of(item):
            wanted = _fit(str(item[method].get("operationId") or "")) or _fit(f"{method} {path}")
            alike = (f"{wanted}.{number}" for number in range(2, len(taken) + 3))
            names[path, method] = (
                wanted if wanted.upper() not in taken else next(other for other in alike if other.upper() not in taken)
            )
            taken.add(names[path, method].upper())
    return names


def _fit(text: str) -> str:
    return _UNFIT.sub("-", text).strip("-")


def _methods_of(item: Mapping[str, Any]) -> list[str]:
    return [method for method in METHODS if isinstance(item.get(method), dict)]


def _ids(items: Mapping[str, Mapping[str, Any]]) -> dict[str, tuple[str, str]]:
    """Path and method of each operation by the id that the document gives it."""
    places = ((path, method) for path, item in items.items() for method in _methods_of(item))
    return {str(items[path][method].get("operationId")): (path, method) for path, method in places}


@dataclass(frozen=True, slots=True)
class _Shaping:
    """
    Normalises the operations of a document.

    `names` maps path and method of an operation to its new id, `ids` its id in the document to path and method.
    """

    content: Mapping[str, Any]
    name: str
    names: Mapping[tuple[str, str], str]
    ids: Mapping[str, tuple[str, str]]

    def item(self, path: str, raw: Mapping[str, Any]) -> dict[str, Any]:
        """The operations of a path."""
        shared = raw.get("parameters", [])
        return {method: self._operation(raw[method], shared, (path, method)) for method in _methods_of(raw)}

    def _operation(self, raw: Mapping[str, Any], shared: list[Any], place: tuple[str, str]) -> dict[str, Any]:
        whole = [self._resolved(parameter) for parameter in (*shared, *raw.get("parameters", ()))]
        if not all("name" in parameter and "in" in parameter for parameter in whole):
            raise UnreadableDocumentError(f"{self.name} has a parameter without a name or a place at {place[0]}.")
        # A parameter of the operation replaces that of its path.
        parameters = {(parameter["name"], parameter["in"]): _parameter(parameter) for parameter in whole}
        made = {**raw, "operationId": self.names[place], "parameters": list(parameters.values())}
        if "requestBody" in raw:
            made["requestBody"] = _with_content(self._resolved(raw["requestBody"]))
        answers = {key: answer for key, answer in raw.get("responses", {}).items() if not key.startswith("x-")}
        made["responses"] = {key: self._response(self._resolved(answer)) for key, answer in answers.items()}
        return made

    def _response(self, raw: Mapping[str, Any]) -> dict[str, Any]:
        headers = {key: dict(self._resolved(header)) for key, header in raw.get("headers", {}).items()}
        links = {key: self._link(self._resolved(link)) for key, link in raw.get("links", {}).items()}
        followed = {key: link for key, link in links.items() if link is not None}
        return {**_with_content(raw), "headers": headers, "links": followed}

    def _link(self, raw: Mapping[str, Any]) -> dict[str, Any] | None:
        """The link by the name of its operation; None where it can't be followed with an answer alone."""
        place = self.ids.get(raw.get("operationId", "")) or _referred(str(raw.get("operationRef", "")))
        given = {key.removeprefix("path."): value for key, value in raw.get("parameters", {}).items()}
        values = {key: value for key, value in given.items() if not key.startswith(_NOT_OF_THE_PATH)}
        if place not in self.names or any(str(value).startswith(_OF_THE_REQUEST) for value in values.values()):
            return None
        return {**raw, "operationId": self.names[place], "parameters": values}

    def _resolved(self, part: Mapping[str, Any]) -> Mapping[str, Any]:
        return resolved(self.content, part, self.name)


def _referred(reference: str) -> tuple[str, str]:
    """Path and method that an `operationRef` into the document names."""
    path, _, method = reference.removeprefix("#/paths/").rpartition("/")
    return path.replace("~1", "/").replace("~0", "~"), method


def _parameter(raw: Mapping[str, Any]) -> dict[str, Any]:
    """A parameter with a schema; without one where it has `content`, whose media type has it."""
    made = {**raw, "required": raw["in"] == "path" or bool(raw.get("required"))}
    return made if raw.get("content") else {**made, "schema": _schema(raw)}


def _with_content(raw: Mapping[str, Any]) -> dict[str, Any]:
    """A body or a response whose media types have no parameters and always a schema."""
    if not raw.get("content"):
        return dict(raw)
    content = {_media_type(name): {**media, "schema": _schema(media)} for name, media in raw["content"].items()}
    return {**raw, "content": content}


def _media_type(name: str) -> str:
    return name.partition(";")[0].strip().lower()


def _schema(part: Mapping[str, Any]) -> Schema:
    described: Any = part.get("schema", {})
    if isinstance(described, bool):
        return {} if described else {"not": {}}
    return dict(described)
