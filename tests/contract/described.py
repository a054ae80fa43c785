"""Documents and conventions as somebody may bring them: small ones, written to a folder and loaded."""

from __future__ import annotations

import itertools
import json
from typing import TYPE_CHECKING, Any, Final

from conformance.contract.external.load import load_described

if TYPE_CHECKING:
    from pathlib import Path

    from conformance.contract.contract import Contract
    from conformance.contract.document import Validator

JSON: Final = "application/json"
# A schema as somebody may write it.
Schema = dict[str, Any] | bool
# Contracts are kept by the names of their files.
_NUMBERS = itertools.count(1)


def document(version: str = "3.1.0", **members: object) -> dict[str, Any]:
    """A document with a single operation, but for what is given."""
    paths = {"/things": {"get": {"operationId": "listThings", "responses": {"200": {"description": "things"}}}}}
    return {"openapi": version, "info": {"title": "Thing API", "version": "1"}, "paths": paths, **members}


def operation(schema: Schema | None = None, **members: object) -> dict[str, Any]:
    """An operation that takes what fits a schema."""
    body = {"requestBody": {"content": {JSON: {"schema": schema}}}} if schema is not None else {}
    return {"operationId": "makeThing", "responses": {"200": {"description": "made"}}, **body, **members}


def loaded(folder: Path, content: dict[str, Any], conventions: dict[str, Any] | None = None) -> Contract:
    """The contract of a document, with conventions where there are any."""
    place = folder / str(next(_NUMBERS))
    place.mkdir()
    path = place / "openapi.json"
    path.write_text(json.dumps(content), "utf-8")
    if conventions is None:
        return load_described(path)
    stated = place / "conventions.yaml"
    stated.write_text(json.dumps(conventions), "utf-8")
    return load_described(path, stated)


def sent(folder: Path, version: str, schema: Schema, **members: object) -> Validator:
    """What is valid as a request body, by its schema in a document of some version."""
    contract = loaded(folder, document(version, paths={"/things": {"post": operation(schema)}}, **members))
    return contract.document.validator(contract.document.operations["makeThing"].body[JSON].schema)
