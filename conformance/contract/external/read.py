"""Reading a file that is to be an OpenAPI document: YAML or JSON, version 3.0 or 3.1."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any, Final

from conformance.contract.errors import ForeignReferenceError, UnreadableDocumentError, UnsupportedVersionError
from conformance.contract.files import Scalars, is_nested_deeper, read_json, read_yaml

if TYPE_CHECKING:
    from pathlib import Path

_VERSIONS: Final = re.compile(r"3\.[01](\.[0-9]+)?")
# The largest descriptions of real APIs have about a thousand.
_MOST_OPERATIONS: Final = 5_000
_DEEPEST: Final = 100


def read_document(path: Path) -> dict[str, Any]:
    """
    The OpenAPI document in a file, with texts as the names of all members.

    Raises:
        UnreadableFileError: the file is missing, or neither YAML nor JSON with a mapping at its top.
        UnsupportedVersionError: it is no document of OpenAPI 3.0 or 3.1.
        ForeignReferenceError: it refers to other files.
        UnreadableDocumentError: it holds values that JSON can't have, or nothing to test.
    """
    content = read_json(path) if path.suffix == ".json" else read_yaml(path, Scalars.JSON)
    version = content.get("openapi", content.get("swagger"))
    if str(content.get("swagger", "")).startswith("2"):
        raise UnsupportedVersionError(
            f"{path} is of version {content['swagger']}, Swagger; documents of OpenAPI 3.0 and 3.1 can be used, and "
            "`npx swagger2openapi` makes one of it."
        )
    if "openapi" not in content or not _VERSIONS.fullmatch(str(version)):
        shown = "says of no version of OpenAPI that it is one" if version is None else f"is of version {version}"
        raise UnsupportedVersionError(f"{path} {shown}; documents of OpenAPI 3.0 and 3.1 can be used.")
    if not isinstance(content.get("paths"), dict) or not content["paths"]:
        raise UnreadableDocumentError(f"{path} describes no paths, so there is nothing to test.")
    try:
        # Names of members become texts: the statuses of responses are numbers in many YAML files.
        plain: dict[str, Any] = json.loads(json.dumps(content))
    except (TypeError, ValueError, RecursionError) as error:
        raise UnreadableDocumentError(f"{path} holds what JSON can't: {error}.") from error
    if is_nested_deeper(plain, _DEEPEST):
        raise UnreadableDocumentError(f"{path} is nested too deeply.")
    operations = sum(len(item) for item in plain["paths"].values() if isinstance(item, dict))
    if operations > _MOST_OPERATIONS:
        sentence = f"{path} describes {operations:,} operations; at most {_MOST_OPERATIONS:,} can be tested."
        raise UnreadableDocumentError(sentence)
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
