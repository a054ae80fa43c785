"""Reading a file that is to be an OpenAPI document: YAML or JSON, version 3.0 or 3.1."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any, Final

import yaml

from conformance.contract.errors import ForeignReferenceError, UnreadableDocumentError, UnsupportedVersionError
from conformance.contract.files import read_json, read_yaml

if TYPE_CHECKING:
    from pathlib import Path

_VERSIONS: Final = re.compile(r"3\.[01](\.[0-9]+)?")
# PyYAML looks for a beginning: without an end, every text that begins with "True" would be one.
_BOOLEANS: Final = re.compile(r"(?:true|True|TRUE|false|False|FALSE)$")
_TIMESTAMP, _BOOLEAN = "tag:yaml.org,2002:timestamp", "tag:yaml.org,2002:bool"
_BASE: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


class _JsonLikeLoader(_BASE):  # type: ignore[misc] # which class it is, PyYAML's build decides
    """YAML with the scalars of JSON, as OpenAPI wants it: a date is a text, and so is `no`."""


_JsonLikeLoader.yaml_implicit_resolvers = {
    first: [(tag, pattern) for tag, pattern in resolvers if tag not in (_TIMESTAMP, _BOOLEAN)]
    for first, resolvers in _BASE.yaml_implicit_resolvers.items()
}
_JsonLikeLoader.add_implicit_resolver(_BOOLEAN, _BOOLEANS, list("tTfF"))


def read_document(path: Path) -> dict[str, Any]:
    """
    The OpenAPI document in a file, with texts as the names of all members.

    Raises:
        UnreadableFileError: the file is missing, or neither YAML nor JSON with a mapping at its top.
        UnsupportedVersionError: it is no document of OpenAPI 3.0 or 3.1.
        ForeignReferenceError: it refers to other files.
        UnreadableDocumentError: it holds values that JSON can't have, or nothing to test.
    """
    content = read_json(path) if path.suffix == ".json" else read_yaml(path, _JsonLikeLoader)
    version = content.get("openapi", content.get("swagger"))
    if "openapi" not in content or not _VERSIONS.fullmatch(str(version)):
        shown = "says of no version of OpenAPI that it is one" if version is None else f"is of version {version}"
        raise UnsupportedVersionError(f"{path} {shown}; documents of OpenAPI 3.0 and 3.1 can be used.")
    if not isinstance(content.get("paths"), dict) or not content["paths"]:
        raise UnreadableDocumentError(f"{path} describes no paths, so there is nothing to test.")
    try:
        # JSON's own names of members: the statuses of responses are numbers in many YAML files.
        plain: dict[str, Any] = json.loads(json.dumps(content))
    except (TypeError, ValueError, RecursionError) as error:
        raise UnreadableDocumentError(f"{path} holds what JSON can't: {error}.") from error
    foreign = _foreign_reference(plain)
    if foreign is not None:
        raise ForeignReferenceError(
            f"{path} refers to {foreign!r}, outside of itself; make one file of it first (redocly bundle, for one)."
        )
    return plain


def _foreign_reference(content: dict[str, Any]) -> str | None:
    left: list[Any] = [content]
    while left:
        part = left.pop()
        if isinstance(part, dict):
            reference = part.get("$ref")
            if isinstance(reference, str) and not reference.startswith("#"):
                return reference
            # What an example or a default says is data.
            left += [value for name, value in part.items() if name not in ("example", "examples", "default", "enum")]
        elif isinstance(part, list):
            left += part
    return None
