"""The valid request that every case of a walk is made of, by changing one place of it."""

from __future__ import annotations

import base64
import json
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import urlencode

from conformance.client.request import encode
from conformance.generation.forms import encode_form
from conformance.generation.instances import Schemas, schemas_of, values_of
from conformance.generation.ordering import in_order
from conformance.generation.walk_text import texts_of, travels

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from conformance.contract.document import Document, MediaType, Operation, Parameter


def parameter_examples(document: Document, operation: Operation, name: str, location: str) -> tuple[Any, ...]:
    """The examples of a parameter; they may break its schema."""
    item = _item(document, operation)
    described = (*item.get("parameters", ()), *_described(document, operation).get("parameters", ()))
    parameters = [document.resolve(parameter) for parameter in described]
    found = [p for p in parameters if p.get("name") == name and p.get("in") == location]
    return tuple(example for parameter in found for example in _examples(document, parameter))


def body_examples(document: Document, operation: Operation, media_type: str) -> tuple[Any, ...]:
    """The examples of a body of a media type; they may break its schema."""
    body = document.resolve(_described(document, operation).get("requestBody", {}))
    return tuple(_examples(document, body.get("content", {}).get(media_type, {})))


def _examples(document: Document, part: Mapping[str, Any]) -> Iterator[Any]:
    if "example" in part:
        yield part["example"]
    for example in part.get("examples", {}).values():
        described = document.resolve(example)
        if "value" in described:
            yield described["value"]


def _item(document: Document, operation: Operation) -> Mapping[str, Any]:
    item: Mapping[str, Any] = document.content.get("paths", {}).get(operation.path, {})
    return item


def _described(document: Document, operation: Operation) -> Mapping[str, Any]:
    described: Mapping[str, Any] = _item(document, operation).get(operation.method.lower(), {})
    return described


MULTIPART: Final = "multipart/form-data"
URLENCODED: Final = "application/x-www-form-urlencoded"
_BOUNDARY: Final = "a-walk-over-constraints"
# Headers that OpenAPI describes elsewhere: a parameter of such a name is to be ignored.
_NOT_PARAMETERS: Final = frozenset({"accept", "content-type", "authorization"})


@dataclass(frozen=True, slots=True)
class RequestTemplate:
    """A request: texts of its parameters by location and name, and its body."""

    operation: Operation
    schemas: Schemas
    parameters: Mapping[tuple[str, str], tuple[str, ...]]
    content: bytes = b""
    content_type: str | None = None
    body: Any = None

    def with_parameter(self, parameter: Parameter, texts: tuple[str, ...] | None) -> RequestTemplate:
        """The same request with other texts of a parameter, or without it."""
        key = (parameter.location, parameter.name)
        others = {name: value for name, value in self.parameters.items() if name != key}
        return replace(self, parameters=others if texts is None else {**others, key: texts})

    def with_body(self, media: MediaType | None, value: Any = None) -> RequestTemplate:  # noqa: ANN401 - any value
        """The same request with another body, or without one."""
        if media is None:
            return replace(self, content=b"", content_type=None, body=None)
        content, content_type = encoded(media, value, self.schemas)
        return replace(self, content=content, content_type=content_type, body=value)

    @property
    def path_values(self) -> dict[str, str]:
        """The path parameters."""
        return {name: ",".join(texts) for (location, name), texts in self.parameters.items() if location == "path"}

    @property
    def query(self) -> str:
        """The query, with its question mark; empty where there is none."""
        pairs = [(name, text) for (place, name), texts in self.parameters.items() if place == "query" for text in texts]
        return f"?{urlencode(pairs, errors='surrogatepass')}" if pairs else ""

    @property
    def headers(self) -> tuple[tuple[str, str], ...]:
        """The header parameters, the cookies, and the content type."""
        found = [(name, ",".join(texts)) for (place, name), texts in self.parameters.items() if place == "header"]
        cookies = [f"{name}={','.join(texts)}" for (place, name), texts in self.parameters.items() if place == "cookie"]
        found += [("Cookie", "; ".join(cookies))] if cookies else []
        return (*found, *([("Content-Type", self.content_type)] if self.content_type else ()))


@dataclass(frozen=True, slots=True)
class BaseRequest:
    """
    What a walk stands on.

    The operation's schemas, one valid request, and valid values of each parameter and bodies of each media type.
    `missing` says what of the request could not be made up; `certain` whether every reading accepts it.
    """

    document: Document
    operation: Operation
    schemas: Schemas
    frame: RequestTemplate
    values: Mapping[tuple[str, str], tuple[Any, ...]]
    bodies: Mapping[str, tuple[Any, ...]]
    certain: bool
    missing: str = ""


def base_request_of(document: Document, operation: Operation) -> BaseRequest:
    """What the walk of an operation stands on; what every reading of the documents accepts comes before examples."""
    schemas = schemas_of(document)
    parameters = parameters_of(operation)
    values = {(p.location, p.name): _values_of(document, operation, p, schemas) for p in parameters}
    needed = [p for p in parameters if p.required]
    texts = {(p.location, p.name): texts_of(found[0]) for p in needed if (found := values[p.location, p.name])}
    bodies = {
        m.name: _bodies_of(document, operation, m, schemas) for m in operation.body.values() if can_encode(m.name)
    }
    frame = RequestTemplate(operation, schemas, {key: text for key, text in texts.items() if text})
    missing = [f"the parameter {p.name}" for p in needed if not values[p.location, p.name]]
    media = next((operation.body[name] for name, found in bodies.items() if found), None)
    if media is not None:
        frame = frame.with_body(media, bodies[media.name][0])
    elif operation.body_required:
        missing.append("a body")
    certain = operation.certain and all(_is_certain(document, operation, p, schemas) for p in needed)
    return BaseRequest(document, operation, schemas, frame, values, bodies, certain, " and ".join(missing))


def parameters_of(operation: Operation) -> tuple[Parameter, ...]:
    """The parameters of an operation that are sent as such."""
    return tuple(p for p in operation.parameters if p.location != "header" or p.name.lower() not in _NOT_PARAMETERS)


def _values_of(document: Document, operation: Operation, parameter: Parameter, schemas: Schemas) -> tuple[Any, ...]:
    narrow = values_of(parameter.certain, schemas) if isinstance(parameter.certain, dict) else ()
    examples = parameter_examples(document, operation, parameter.name, parameter.location)
    found = (*narrow, *examples, *values_of(parameter.schema, schemas))
    valid = (value for value in found if schemas.accepts(parameter.schema, value))
    return tuple(value for value in valid if travels(value, parameter.location))


def _bodies_of(document: Document, operation: Operation, media: MediaType, schemas: Schemas) -> tuple[Any, ...]:
    narrow = values_of(media.certain, schemas) if media.certain is not None else ()
    shown = (*body_examples(document, operation, media.name), *_shown_by(document.resolve(media.schema)))
    found = (*narrow, *shown, *(_ordered(value, media, schemas) for value in values_of(media.schema, schemas)))
    return tuple(value for value in found if schemas.accepts(media.schema, value))


def _shown_by(schema: Mapping[str, Any]) -> tuple[Any, ...]:
    """The examples that a schema has of itself."""
    several = schema.get("examples", ())
    return (*([schema["example"]] if "example" in schema else []), *(several if isinstance(several, list) else ()))


def _ordered(value: Any, media: MediaType, schemas: Schemas) -> Any:  # noqa: ANN401 - any value
    if not isinstance(value, dict):
        return value
    return dict(in_order(value, lambda made: schemas.accepts(media.schema, dict(made))))


def is_json(media_type: str) -> bool:
    """Whether bodies of a media type are JSON."""
    name = media_type.partition(";")[0].strip().lower()
    return name.endswith(("/json", "+json"))


def can_encode(media_type: str) -> bool:
    """Whether bodies of a media type are made up here."""
    return is_json(media_type) or media_type in (MULTIPART, URLENCODED)


def encoded(media: MediaType, value: Any, schemas: Schemas) -> tuple[bytes, str]:  # noqa: ANN401 - any value
    """The bytes of a body and its content type, the same ones every time."""
    if media.name == MULTIPART:
        described = form_schema(media, schemas)
        content, content_type = encode_form(_as_files(value, described), described)
        boundary = content_type.rpartition("boundary=")[2]
        return content.replace(boundary.encode(), _BOUNDARY.encode()), content_type.replace(boundary, _BOUNDARY)
    if media.name == URLENCODED:
        pairs = [(name, text) for name, part in value.items() for text in texts_of(part) or (json.dumps(part),)]
        return urlencode(pairs, errors="surrogatepass").encode(), URLENCODED
    return encode(value, None)[0] or b"null", media.name


def _as_files(value: dict[str, Any], described: dict[str, Any]) -> dict[str, Any]:
    """The fields of a form, where texts that stand for a file by what they decode to are ones that can be decoded."""
    parts = described["properties"]
    return {
        name: base64.b64encode(part.encode()).decode()
        if parts.get(name, {}).get("contentEncoding") == "base64" and isinstance(part, str) and not _is_base64(part)
        else part
        for name, part in value.items()
    }


def _is_base64(text: str) -> bool:
    try:
        base64.b64decode(text, validate=True)
    except ValueError:
        return False
    return True


def form_schema(media: MediaType, schemas: Schemas) -> dict[str, Any]:
    """What is known of the fields of a form: which are files, and of what type."""
    whole = schemas.merged({"allOf": [media.certain or {}, media.schema]})
    return {**whole, "properties": {name: schemas.merged(part) for name, part in whole.get("properties", {}).items()}}


def _is_certain(document: Document, operation: Operation, parameter: Parameter, schemas: Schemas) -> bool:
    """Whether every reading accepts the value that a parameter gets: in a path, the name of something that is there."""
    if parameter.location == "path":
        handed = any(link.target == operation.id and parameter.name in link.parameters for link in document.links)
        return handed or bool({"enum", "const"} & schemas.merged(parameter.certain or parameter.schema).keys())
    if parameter.certain is None:
        return True
    return parameter.certain is not False and bool(values_of(parameter.certain, schemas))
