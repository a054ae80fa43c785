"""Making a contract of the user's OpenAPI document and conventions."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any, Final

from conformance.contract.contract import Contract, check_operations, registry_of
from conformance.contract.conventions import parse_conventions
from conformance.contract.document import Document
from conformance.contract.errors import UnreadableDocumentError
from conformance.contract.external.headers import conventions_of_headers
from conformance.contract.external.infer import authentication_of, linked
from conformance.contract.external.normalise import base_path, shaped, surfaces_of, system_name
from conformance.contract.external.read import read_document
from conformance.contract.external.requirements import GENERAL, requirements_of
from conformance.contract.external.schemas import directed, upgraded
from conformance.contract.external.size import oversized, why_left_out
from conformance.contract.files import check_against_schema, read_yaml

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path


# Members of conventions that an external contract can't have: it comes without an implementation and scenarios.
_IGNORED: Final = ("default", "embedded", "conditions", "capabilities", "$schema")


@cache
def load_described(document: Path, conventions: Path | None = None) -> Contract:
    """
    Read, complete and freeze the contract that an OpenAPI document makes, with conventions where there are some.

    What conventions leave out is taken from the document: the name of the system from its title, the surfaces from
    its tags, the place of the key from its security schemes.

    Raises:
        UnreadableFileError: one of the files can't be read.
        UnsupportedVersionError: the document is none of OpenAPI 3.0 or 3.1.
        ForeignReferenceError: it refers to other files.
        UnreadableDocumentError: it breaks OpenAPI so much that it can't be used, or its requests have too many parts.
        InvalidContractError: the conventions break their schema, or the files contradict each other.
    """
    raw = read_document(document)
    stated = {} if conventions is None else read_yaml(conventions)
    try:
        whole = Document(directed(shaped(upgraded(raw), document.name)), document.name)
        left_out = {operation.id: why_left_out(operation) for operation in oversized(whole)}
        if left_out and len(left_out) == len(whole.operations):
            raise UnreadableDocumentError(f"{document} has nothing that can be tested: {next(iter(left_out.values()))}")
        content = whole.without(left_out).content
        completed = _completed(_defaults(content, document), stated)
    except (AttributeError, KeyError, TypeError, ValueError) as error:
        raise UnreadableDocumentError(f"{document} can't be used: {_complaint(raw, error)}.") from error
    check_against_schema(completed, "conventions", conventions or document)
    known = parse_conventions(completed)
    described = Document(linked(content, known), document.name)
    check_operations(known, described, conventions or document)
    _check_schemas(described, document)
    registry = registry_of(requirements_of(described, known, (document.name, _name(conventions))), known)
    return Contract(described, registry, known, base_path(content), left_out=tuple(left_out.values()))


def _completed(implied: Mapping[str, Any], stated: Mapping[str, Any]) -> dict[str, Any]:
    """What conventions state, with what the document implies where they say nothing."""
    kept = {name: value for name, value in stated.items() if name not in _IGNORED}
    levels = {**implied.get("generated", {}), **kept.get("generated", {})}
    if "request_id" in kept and "request-id-echo" not in kept.get("generated", {}):
        levels.pop("request-id-echo", None)
    return {**implied, **kept, **({"generated": levels} if levels else {})}


def _name(conventions: Path | None) -> str:
    return "" if conventions is None else conventions.name


def _defaults(content: Mapping[str, Any], document: Path) -> dict[str, Any]:
    """The members of conventions that follow from the document."""
    information = content.get("info", {})
    title = str(information.get("title") or document.stem)
    authentication = authentication_of(content, document.name)
    return {
        "system": system_name(title),
        "title": title,
        "contract_version": str(information.get("version") or "unknown"),
        "document": document.name,
        "surfaces": surfaces_of(content, GENERAL),
        **({} if authentication is None else {"authentication": authentication}),
        **conventions_of_headers(content),
    }


def _check_schemas(document: Document, path: Path) -> None:
    """Compile all schemas once, so that one that can't be compiled is reported before the run."""
    names = document.content.get("components", {}).get("schemas", {})
    operations = document.operations.values()
    every = [
        {},  # `allOf` needs at least one
        *({"$ref": f"#/components/schemas/{name.replace('~', '~0').replace('/', '~1')}"} for name in names),
        *(media.schema for operation in operations for media in operation.body.values()),
        *(parameter.schema for operation in operations for parameter in operation.parameters),
    ]
    try:
        document.validator({"allOf": every}).accepts(None)
    except ValueError as error:
        raise UnreadableDocumentError(f"{path} has a schema that can't be used: {_first_line(error)}") from error


def _complaint(raw: Mapping[str, Any], error: Exception) -> str:
    """What is wrong with a document that could not be read, in OpenAPI's terms."""
    # Imported here: no run that goes on needs it.
    from openapi_spec_validator import OpenAPIV30SpecValidator, OpenAPIV31SpecValidator  # noqa: PLC0415

    validator = OpenAPIV30SpecValidator if str(raw["openapi"]).startswith("3.0") else OpenAPIV31SpecValidator
    try:
        first = next(iter(validator(raw).iter_errors()), None)
    except Exception:  # noqa: BLE001 - the caller reports the document all the same
        first = None
    if first is None:
        return f"it is not shaped like one ({error})"
    place = "/".join(str(step) for step in first.path) or "its top"
    return f"{_first_line(first.message)} (at {place})"


def _first_line(said: object) -> str:
    return str(said).partition("\n")[0][:200]
