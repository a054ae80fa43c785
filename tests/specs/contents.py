"""Contracts as these tests look at them: loaded, and the raw content of their files; beatra's where none is named."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any

from conformance.contract.contract import Contract, load_contract
from conformance.contract.files import read_yaml, system_folder

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping


def contract(system: str = "beatra") -> Contract:
    """The contract as the suite loads it."""
    return load_contract(system)


@cache
def raw(name: str, system: str = "beatra") -> dict[str, Any]:
    """The content of one file of the contract."""
    return read_yaml(system_folder(system) / name)


def written_ids(system: str = "beatra") -> list[str]:
    """The ids of the hand-written requirements, in the order of the file."""
    return [entry["id"] for entry in raw("requirements.yaml", system)["requirements"]]


def raw_operations() -> Iterator[tuple[str, Mapping[str, Any]]]:
    """Every operation of the document, by its id."""
    for item in raw("openapi.yaml")["paths"].values():
        for operation in item.values():
            yield operation["operationId"], operation


def nodes(part: object, place: str = "") -> Iterator[tuple[str, Mapping[str, Any]]]:
    """Every mapping inside a part of a document, by its JSON pointer."""
    if isinstance(part, dict):
        yield place, part
        for key, value in part.items():
            yield from nodes(value, f"{place}/{str(key).replace('~', '~0').replace('/', '~1')}")
    elif isinstance(part, list):
        for index, value in enumerate(part):
            yield from nodes(value, f"{place}/{index}")
