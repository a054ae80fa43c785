"""OpenAPI documents as a target publishes them: read without trust, and compared."""

from __future__ import annotations

import json
import re
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import urljoin, urlsplit

from referencing.exceptions import Unresolvable

from conformance.contract.errors import UnreadableYamlError
from conformance.contract.files import Scalars, parse_yaml

if TYPE_CHECKING:
    from collections.abc import Iterator

_DEEPEST: Final = 200
_MOST_VALUES: Final = 100_000
_PARAMETER = re.compile(r"\{[^{}]*\}")
_METHODS: Final = frozenset({"get", "put", "post", "delete", "options", "head", "patch", "trace"})


class UnreadablePublishedDocumentError(Exception):
    """What was published can't be read as the document that it should be."""


@lru_cache(maxsize=2)
def read_yaml(text: str) -> dict[str, Any]:
    """
    The content of a YAML document, with all keys as strings.

    Raises:
        UnreadablePublishedDocumentError: it is no YAML, no mapping, or larger or deeper than any document should be.
    """
    try:
        content = parse_yaml(text, Scalars.JSON, most_values=_MOST_VALUES)
    except UnreadableYamlError as error:
        raise UnreadablePublishedDocumentError(f"it is no YAML that can be read: {error}") from error
    return _document(content)


def read_json(text: str) -> dict[str, Any]:
    """
    The content of a JSON document.

    Raises:
        UnreadablePublishedDocumentError: as for `read_yaml`.
    """
    try:
        content = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise UnreadablePublishedDocumentError(f"it is no JSON: {str(error)[:200]}") from error
    return _document(content)


def fault_of(document: dict[str, Any]) -> str | None:
    """
    Why this is no valid OpenAPI 3 document, None when it is one.

    Raises:
        UnreadablePublishedDocumentError: it refers to other files, which are not fetched, or the
            validator can't cope with it.
    """
    return _fault_of(json.dumps(document))


# The validator takes longer than most scenarios, and targets publish the document of the contract as it is.
@lru_cache(maxsize=2)
def _fault_of(text: str) -> str | None:
    from openapi_spec_validator import (  # noqa: PLC0415 - takes half a second, which only this needs
        OpenAPIV30SpecValidator,
        OpenAPIV31SpecValidator,
        OpenAPIV32SpecValidator,
    )

    document = _without_patterns(json.loads(text))
    version = str(document.get("openapi"))
    by_version = {"3.0": OpenAPIV30SpecValidator, "3.1": OpenAPIV31SpecValidator, "3.2": OpenAPIV32SpecValidator}
    validator = by_version.get(".".join(version.split(".")[:2]))
    if validator is None:
        return f"it calls itself OpenAPI {version[:40]!r}"
    abroad = [target for target in _references(document) if not target.startswith("#")]
    if abroad:
        raise UnreadablePublishedDocumentError(f"it refers to another file, {abroad[0][:200]}")
    try:
        first = next(validator(document).iter_errors(), None)
    except Unresolvable as error:
        return f"a reference leads nowhere: {str(error)[:200]}"
    except (LookupError, TypeError, ValueError, AttributeError, RecursionError) as error:
        # The validator itself can't cope with every document that passes the schema, circles of references above all.
        raise UnreadablePublishedDocumentError(
            f"it is too entangled for the validator ({type(error).__name__})"
        ) from error
    return (
        None
        if first is None
        else f"{'/'.join(map(str, first.absolute_path)) or 'its top'}: {first.message.splitlines()[0][:300]}"
    )


def _without_patterns(value: Any) -> Any:  # noqa: ANN401 - any JSON value
    """
    The value without regular expressions that Python would try on what the document gives as a default.

    The validator has no bound for that, and some take for ever. One that is none stays, for the validator to say so.
    """
    if isinstance(value, list):
        return [_without_patterns(member) for member in value]
    if not isinstance(value, dict):
        return value
    kept = {name: _without_patterns(member) for name, member in value.items()}
    if isinstance(kept.get("pattern"), str) and _is_expression(kept["pattern"]):
        kept["pattern"] = ""
    return kept


def _is_expression(pattern: str) -> bool:
    try:
        re.compile(pattern)
    except (re.error, OverflowError, RecursionError):
        return False
    return True


def difference(left: object, right: object, pointer: str = "") -> str | None:
    """The JSON Pointer to the first place where two documents differ, None when they say the same."""
    if isinstance(left, dict) and isinstance(right, dict):
        if left.keys() != right.keys():
            return f"{pointer}/{min(left.keys() ^ right.keys())}"
        pairs = ((f"{pointer}/{key}", left[key], right[key]) for key in left)
    elif isinstance(left, list) and isinstance(right, list):
        if len(left) != len(right):
            return pointer
        pairs = ((f"{pointer}/{index}", *pair) for index, pair in enumerate(zip(left, right, strict=True)))
    else:
        return None if left == right and isinstance(left, bool) is isinstance(right, bool) else pointer
    return next((found for place, one, other in pairs if (found := difference(one, other, place)) is not None), None)


def operations(document: dict[str, Any]) -> frozenset[tuple[str, str]]:
    """Method and path of every operation, with parameters of paths as `{}`."""
    paths = document.get("paths")
    return frozenset(
        (method.upper(), nameless(path))
        for path, item in (paths.items() if isinstance(paths, dict) else ())
        for method in (item if isinstance(item, dict) else ())
        if method in _METHODS
    )


def nameless(path: str) -> str:
    """A path in which it does not matter how its parameters are called."""
    return _PARAMETER.sub("{}", path)


def places(stated: str | None, base_url: str) -> tuple[str, str, str]:
    """
    Where the document is sought: as YAML, as JSON, and the map for agents at the root of the same host.

    `stated` is the URL that the target's owner names; without it the host of the API is asked.
    """
    first = stated or urljoin(base_url, "/openapi.yaml")
    path = urlsplit(first).path
    stem = path.rpartition(".")[0] if path.endswith((".yaml", ".yml", ".json")) else path
    yaml_url = urljoin(first, f"{stem}.yaml") if path.endswith(".json") else first
    return yaml_url, urljoin(first, f"{stem}.json"), urljoin(first, "/llms.txt")


def _document(content: object) -> dict[str, Any]:
    plain = _plain(content, _MOST_VALUES, 0)[0]
    if not isinstance(plain, dict):
        raise UnreadablePublishedDocumentError(f"it is no mapping but {type(content).__name__}")
    return plain


def _plain(value: object, left: int, depth: int) -> tuple[object, int]:
    """A copy with keys as strings; `left` bounds how many values it may have, since aliases can multiply them."""
    if left <= 0 or depth > _DEEPEST:
        raise UnreadablePublishedDocumentError("it is larger or deeper than any document should be")
    left -= 1
    if isinstance(value, dict):
        mapping: dict[str, object] = {}
        for key, member in value.items():
            mapping[str(key)], left = _plain(member, left, depth + 1)
        return mapping, left
    if isinstance(value, list):
        items: list[object] = []
        for member in value:
            item, left = _plain(member, left, depth + 1)
            items.append(item)
        return items, left
    return value, left


def _references(value: object) -> Iterator[str]:
    if isinstance(value, dict):
        target = value.get("$ref")
        if isinstance(target, str):
            yield target
    members = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    for member in members:
        yield from _references(member)
