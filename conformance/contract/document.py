"""The OpenAPI document of a system as frozen values: operations, parameters, answers, links, compiled schemas."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from functools import cached_property
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Final, Literal, cast
from urllib.parse import unquote

import jsonpointer
import jsonschema_rs

from conformance.contract.errors import InvalidContractError
from conformance.contract.outcomes import matches_status

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping, Sequence

    from conformance.contract.conventions import Release


_COMPONENTS: Final = "#/components/"
# With these keywords a reference may lead to a component that its text does not name.
_FAR_REACHING: Final = frozenset({"$id", "$anchor", "$dynamicAnchor", "$dynamicRef"})
_Place = tuple[str, str]


class Components:
    """The components of a document, of which a validator gets those that its schema needs: fewer compile faster."""

    def __init__(self, whole: Mapping[str, Any]) -> None:
        self._whole = whole
        self._direct: dict[_Place, frozenset[_Place] | None] = {}

    def needed_by(self, schema: object) -> Mapping[str, Any]:
        """
        The components that a schema refers to, with those that these refer to in turn.

        All of them, where a schema has a name of its own by which others may refer to it.
        """
        left = _referred(schema)
        if left is None:
            return self._whole
        found: dict[str, dict[str, Any]] = {}
        waiting = list(left)
        while waiting:
            kind, name = place = waiting.pop()
            if name in found.get(kind, {}) or name not in self._whole.get(kind, {}):
                continue
            found.setdefault(kind, {})[name] = self._whole[kind][name]
            if place not in self._direct:
                self._direct[place] = _referred(self._whole[kind][name])
            direct = self._direct[place]
            if direct is None:
                return self._whole
            waiting += direct
        return found


def _referred(part: object) -> frozenset[_Place] | None:
    """The components that a part refers to, by kind and name; None where a reference may lead to any."""
    found: set[_Place] = set()
    left = [part]
    while left:
        value = left.pop()
        if isinstance(value, list):
            left += value
        elif isinstance(value, dict):
            if any(isinstance(value.get(name), str) for name in _FAR_REACHING):
                return None
            reference = value.get("$ref")
            if isinstance(reference, str) and reference.startswith(_COMPONENTS):
                kind, _, rest = reference.removeprefix(_COMPONENTS).partition("/")
                found.add((kind, unquote(rest.partition("/")[0]).replace("~1", "/").replace("~0", "~")))
            left += value.values()
    return frozenset(found)


METHODS = ("get", "put", "post", "delete", "options", "head", "patch", "trace")
SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})
Certainty = dict[str, Any] | Literal[False] | None


@dataclass(frozen=True, slots=True)
class Parameter:
    """
    One parameter of an operation.

    `certain` is the narrower schema of values that every reading of the documents accepts (False: never sent in a
    request that must be accepted; None: the schema itself).
    """

    name: str
    location: str
    required: bool
    schema: dict[str, Any]
    certain: Certainty = None


@dataclass(frozen=True, slots=True)
class MediaType:
    """One media type of a request body with its schema, and the schema of bodies that must be accepted."""

    name: str
    schema: dict[str, Any]
    certain: dict[str, Any] | None = None


@dataclass(frozen=True, slots=True)
class Link:
    """
    A value that a response of one operation hands to a request of another one.

    `parameters` and `body_values` map a parameter name or a JSON pointer into the body to a runtime expression.
    `source_form` are form fields that a request to the source must have, so that the target can use what it returns.
    """

    source: str
    target: str
    statuses: str
    parameters: Mapping[str, str]
    body_values: Mapping[str, str]
    source_form: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Answer:
    """One documented response: its schemas by media type, its headers (name → required), and the schemas of these."""

    key: str
    content: Mapping[str, Validator]
    headers: Mapping[str, bool]
    header_schemas: Mapping[str, Validator] = field(default_factory=dict)


class Validator:
    """A compiled JSON Schema that reports what is wrong at which JSON pointer."""

    def __init__(self, schema: Mapping[str, Any], components: Components) -> None:
        self._schema = schema
        self._components = components

    @cached_property
    def _compiled(self) -> jsonschema_rs.Draft202012Validator:
        whole = {**self._schema, "components": self._components.needed_by(self._schema)}
        return jsonschema_rs.Draft202012Validator(whole, validate_formats=True)

    def accepts(self, instance: object) -> bool:
        """Whether the instance fits the schema."""
        return self._compiled.is_valid(instance)

    def problems(self, instance: object) -> Iterator[tuple[str, str]]:
        """Each violation as (JSON pointer of the place, sentence)."""
        for error in self._compiled.iter_errors(instance):
            yield jsonpointer.JsonPointer.from_parts(error.instance_path).path, error.message


@dataclass(frozen=True, slots=True)
class Operation:
    """
    One operation of the document.

    `certain` is False (`x-certain: false`) where no request can be certain to be accepted, because that depends on a
    state that a drawn request does not know. `security` has the alternatives of security schemes that it asks for.
    `since` (`x-since`) is the version of the contract that judges it first. `refuses_parameters`
    (`x-refuses-parameters`) says that its refusals are about parameters as well.
    """

    id: str
    method: str
    path: str
    surface: str
    release: Release
    secured: bool
    parameters: tuple[Parameter, ...]
    body: Mapping[str, MediaType]
    body_required: bool
    answers: tuple[Answer, ...]
    pattern: re.Pattern[str] = field(compare=False)
    certain: bool = True
    security: tuple[tuple[str, ...], ...] = ()
    since: str | None = None
    refuses_parameters: bool = False

    @property
    def location(self) -> str:
        """Where the operation stands in the document, as method and path."""
        return f"{self.method} {self.path}"

    @property
    def reads_only(self) -> bool:
        """Whether the operation changes nothing at the target (a safe method of HTTP)."""
        return self.method in SAFE_METHODS

    @property
    def refusable(self) -> bool:
        """Whether the document constrains the request body, or parameters, so that a request breaks it for certain."""
        return bool(self.body) or self.refuses_parameters

    def answer(self, status: int) -> Answer | None:
        """The documented response for an HTTP status: the exact key wins over a range, a range over `default`."""
        by_precision = sorted(self.answers, key=lambda answer: (answer.key == "default", "X" in answer.key))
        return next((answer for answer in by_precision if matches_status(answer.key, status)), None)


class Document:
    """The OpenAPI document of a system."""

    def __init__(self, content: Mapping[str, Any], name: str = "openapi.yaml") -> None:
        self.content = content
        self.name = name
        self._components = Components(content.get("components", {}))
        # Each reference of the document once.
        self._resolved: dict[str, Mapping[str, Any]] = {}
        self.operations: Mapping[str, Operation] = MappingProxyType(
            {operation.id: operation for operation in self._read_operations()}
        )

    def without(self, names: Collection[str]) -> Document:
        """The same document without the operations of these ids."""
        if not names:
            return self
        gone = {(self.operations[name].path, self.operations[name].method.lower()) for name in names}
        paths = {
            path: {member: part for member, part in item.items() if (path, member) not in gone}
            for path, item in self.content["paths"].items()
        }
        left = {path: item for path, item in paths.items() if any(method in item for method in METHODS)}
        return Document({**self.content, "paths": left}, self.name)

    @cached_property
    def links(self) -> tuple[Link, ...]:
        """Every link between two operations of the document."""
        return tuple(
            Link(
                source=raw["operationId"],
                target=link["operationId"],
                statuses=key,
                parameters=link.get("parameters", {}),
                body_values=link.get("x-body-values", {}),
                source_form=link.get("x-source-form", {}),
            )
            for _, _, raw in self._raw_operations()
            for key, response in raw["responses"].items()
            for link in map(self.resolve, self.resolve(response).get("links", {}).values())
            if "operationId" in link
        )

    def match(self, method: str, path: str) -> Operation | None:
        """The operation that a request to `path` (below the base URL) reaches; None where the document has none."""
        return next((o for o in self.operations.values() if o.method == method and o.pattern.fullmatch(path)), None)

    def validator(self, schema: Mapping[str, Any]) -> Validator:
        """A compiled schema that may refer to the components of this document."""
        return Validator(schema, self._components)

    def resolve(self, part: Mapping[str, Any]) -> Mapping[str, Any]:
        """
        The part itself, or what its `$ref` points to inside this document.

        Raises:
            InvalidContractError: the reference leads out of the document or to nothing.
        """
        if "$ref" not in part:
            return part
        reference = str(part["$ref"])
        if reference not in self._resolved:
            self._resolved[reference] = resolved(self.content, part, self.name)
        return self._resolved[reference]

    def _raw_operations(self) -> Iterator[tuple[str, str, Mapping[str, Any]]]:
        for path, item in self.content.get("paths", {}).items():
            for method in METHODS:
                if method in item:
                    yield (
                        path,
                        method,
                        {**item[method], "parameters": self._raw_parameters(item, item[method])},
                    )

    def _raw_parameters(self, item: Mapping[str, Any], raw: Mapping[str, Any]) -> list[Mapping[str, Any]]:
        return [self.resolve(parameter) for parameter in (*item.get("parameters", ()), *raw.get("parameters", ()))]

    def _read_operations(self) -> Iterator[Operation]:
        for path, method, raw in self._raw_operations():
            body = self.resolve(raw.get("requestBody", {}))
            security = raw.get("security", self.content.get("security", ()))
            yield Operation(
                id=raw.get("operationId") or f"{method} {path}",
                method=method.upper(),
                path=path,
                surface=next(iter(raw.get("tags", ())), "operations"),
                release=raw.get("x-release", "available"),
                secured=_needs_credentials(security),
                parameters=tuple(self._parameter(parameter) for parameter in raw["parameters"]),
                body=MappingProxyType(
                    {
                        name: MediaType(name, media.get("schema", {}), media.get("x-certain"))
                        for name, media in body.get("content", {}).items()
                    }
                ),
                body_required=bool(body.get("required", False)),
                answers=tuple(self._answer(str(key), self.resolve(a)) for key, a in raw["responses"].items()),
                pattern=re.compile(re.sub(r"\\{[^/]+?\\}", "[^/]+", re.escape(path))),
                certain=raw.get("x-certain", True) is not False,
                security=tuple(tuple(alternative) for alternative in security),
                since=raw.get("x-since"),
                refuses_parameters=raw.get("x-refuses-parameters", False),
            )

    @staticmethod
    def _parameter(raw: Mapping[str, Any]) -> Parameter:
        return Parameter(
            raw["name"],
            raw["in"],
            bool(raw.get("required", False)),
            raw.get("schema", {}),
            raw.get("x-certain"),
        )

    def _answer(self, key: str, raw: Mapping[str, Any]) -> Answer:
        headers = {name: self.resolve(header) for name, header in raw.get("headers", {}).items()}
        return Answer(
            key=key,
            content=MappingProxyType(
                {name: self.validator(media.get("schema", {})) for name, media in raw.get("content", {}).items()}
            ),
            headers=MappingProxyType({name: bool(header.get("required", False)) for name, header in headers.items()}),
            header_schemas=MappingProxyType(
                {
                    name: self.validator(header["schema"])
                    for name, header in headers.items()
                    # Many documents call a path below the server a URI, where HTTP allows one (RFC 9110, 10.2.2).
                    if "schema" in header and header["schema"].get("format") not in ("uri", "url")
                }
            ),
        )


def resolved(
    content: Mapping[str, Any], part: Mapping[str, Any], name: str, *, once: bool = False
) -> Mapping[str, Any]:
    """
    The part itself, or what its `$ref` points to inside the content of the document `name`; `once`: one step only.

    Raises:
        InvalidContractError: the reference leads out of the document, to nothing, or round in a circle.
    """
    seen: set[str] = set()
    while "$ref" in part:
        reference = str(part["$ref"])
        inside = reference.startswith("#/") and reference not in seen
        found = jsonpointer.resolve_pointer(content, unquote(reference[1:]), None) if inside else None
        if found is None:
            sentence = f"{name} refers to {reference!r}, which it does not contain."
            raise InvalidContractError(sentence)
        part = cast("Mapping[str, Any]", found)
        if once:
            break
        seen.add(reference)
    return part


def _needs_credentials(security: Sequence[Mapping[str, Any]]) -> bool:
    """Whether no alternative of a security requirement is empty: an empty one makes credentials optional."""
    return bool(security) and all(security)
