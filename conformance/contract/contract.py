"""The contract of one system, read from its folder under `specs/`."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cache
from types import MappingProxyType
from typing import TYPE_CHECKING

from conformance.contract.conditions import Conditions, parse_conditions
from conformance.contract.conventions import Conventions, parse_conventions
from conformance.contract.document import Document
from conformance.contract.errors import InvalidContractError
from conformance.contract.files import check_against_schema, known_systems, read_yaml, system_folder
from conformance.contract.operations import Price
from conformance.contract.pricing import Pricing
from conformance.contract.requirements import Registry, Sources, derive_requirements, parse_requirements, parse_sources
from conformance.contract.versions import NEXT, Versions, versions_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from decimal import Decimal
    from pathlib import Path

    from conformance.contract.requirements import Requirement


_NO_SOURCES = Sources()
_NO_CONDITIONS = Conditions()


@dataclass(frozen=True, slots=True)
class Contract:
    """
    What a system promises: its document, its requirements, its conventions and its conditional rules.

    `base_path` stands before all paths of the document at a target that is named by its host only. `sources` are the
    documents behind the requirements, as far as they are recorded. `keyless` means that a run sends no credentials,
    whatever the document asks for. `versions` are all of its versions (None: it has but one), of which the registry
    holds one; `coming` are the requirements of it that no released version has. `left_out` says in a sentence each why
    operations of the document are none of the contract.
    """

    document: Document
    registry: Registry
    conventions: Conventions
    base_path: str = ""
    sources: Sources = _NO_SOURCES
    conditions: Conditions = _NO_CONDITIONS
    keyless: bool = False
    versions: Versions | None = None
    coming: frozenset[str] = frozenset()
    left_out: tuple[str, ...] = ()

    @property
    def system(self) -> str:
        """The name of the system."""
        return self.conventions.system

    def _unpriced(self) -> Pricing:
        """The pricing where none is stated: every operation that is not safe may cost an unknown amount."""
        costly = (operation.id for operation in self.document.operations.values() if not operation.reads_only)
        return Pricing("", MappingProxyType(dict.fromkeys(costly, Price())))

    def _whole_pricing(self) -> Pricing:
        """The prices of all operations that may cost; what creates a task may, also where no price is stated for it."""
        stated, tasks = self.conventions.pricing, self.conventions.tasks
        if stated is None or not stated.operations:
            return self._unpriced()
        creating = dict.fromkeys(tasks.create, Price()) if tasks else {}
        return replace(stated, operations=MappingProxyType({**creating, **stated.operations}))

    def counting_purchases(self) -> Contract:
        """The same contract with a number of purchases in place of every price."""
        return replace(self, conventions=replace(self.conventions, pricing=self._whole_pricing().counted()))

    @property
    def states_prices(self) -> bool:
        """Whether it is known of some requests what they may cost at most; others are not sent where money counts."""
        return self._whole_pricing().stated

    def without_keys(self) -> Contract:
        """The same contract for a run that sends no credentials."""
        return replace(self, conventions=replace(self.conventions, authentication=None), keyless=True)

    def with_prices(self, prices: Mapping[str, Decimal]) -> Contract:
        """The same contract for an account that pays other prices for some models."""
        if not prices:
            return self
        money, pricing = self.conventions.money, self.conventions.pricing or self._unpriced()
        known = money and replace(money, prices=MappingProxyType({**money.prices, **prices}), agreed=frozenset(prices))
        return replace(self, conventions=replace(self.conventions, money=known, pricing=pricing.agreed(prices)))


def embedded_systems() -> tuple[str, ...]:
    """The systems that come with an embedded implementation, sorted (raises `ContractError`)."""
    return tuple(name for name in known_systems() if load_contract(name).conventions.embedded is not None)


def load_contract(system: str, version: str | None = None) -> Contract:
    """
    Read, check and freeze the contract of `system`, in the version that is asked for (`Versions.picked`).

    What is to come in `next` is marked as such; a version that is asked for by its number is judged whole.

    Raises:
        UnknownVersionError: it has no such version.
        UnknownSystemError: no such system is described here.
        UnreadableFileError: one of its files can't be read.
        InvalidContractError: one of its files breaks its schema, or the files contradict each other.
    """
    whole = _read(system)
    versions = whole.versions
    assert versions is not None  # noqa: S101 - `_read` sets them
    picked = versions.picked(version)
    return _in_version(system, picked, shows_next=version == NEXT and picked != versions.newest)


@cache
def _in_version(system: str, version: str, *, shows_next: bool) -> Contract:
    """The contract with the requirements of one version."""
    whole = _read(system)
    conventions, versions = whole.conventions, whole.versions
    assert versions is not None  # noqa: S101 - `_read` sets them
    registry = registry_of(_of_version(whole.registry, versions, version), conventions)
    coming = {one.id for one in registry if shows_next and not versions.has(one, versions.newest)}
    operations = whole.document.operations.values()
    later = {operation.id for operation in operations if not versions.began(operation.since, version)}
    label = f"{version}-{NEXT}" if shows_next else version
    named = replace(
        conventions.without(later, surfaces={requirement.surface for requirement in registry}), contract_version=label
    )
    document = whole.document.without(later)
    return replace(whole, document=document, registry=registry, conventions=named, coming=frozenset(coming))


@cache
def _read(system: str) -> Contract:
    """The contract with the requirements of all versions."""
    folder = system_folder(system)
    conventions = _read_conventions(folder / "conventions.yaml")
    document = Document(read_yaml(folder / conventions.document), conventions.document)
    check_operations(conventions, document, folder / "conventions.yaml")
    path = folder / "requirements.yaml"
    content = read_yaml(path)
    check_against_schema(content, "requirements", path)
    written = parse_requirements(content)
    check_surfaces(written, conventions, path)
    derived = derive_requirements(document, conventions)
    registry = registry_of((*written, *derived), conventions)
    astray = [name for ids in conventions.capabilities.values() for name in ids if name not in registry]
    if astray:
        raise InvalidContractError(f"{folder / 'conventions.yaml'} names requirements that do not exist: {astray}.")
    conditions = _NO_CONDITIONS
    if conventions.conditions is not None:
        conditions = _read_conditions(folder / conventions.conditions, registry, document)
    versions = versions_of(system, conventions.contract_version)
    sources = parse_sources(content)
    return Contract(document, registry, conventions, sources=sources, conditions=conditions, versions=versions)


def _of_version(requirements: Iterable[Requirement], versions: Versions, version: str) -> Iterable[Requirement]:
    """The requirements of one version; they rest on others of it only."""
    held = [requirement for requirement in requirements if versions.has(requirement, version)]
    names = {requirement.id for requirement in held}
    for requirement in held:
        resting = tuple(name for name in requirement.rests_on if name in names)
        yield requirement if resting == requirement.rests_on else replace(requirement, rests_on=resting)


def registry_of(requirements: Iterable[Requirement], conventions: Conventions) -> Registry:
    """The registry of those requirements whose surface the conventions name, surface by surface."""
    order = {surface: position for position, surface in enumerate(conventions.surfaces)}
    known = (requirement for requirement in requirements if requirement.surface in order)
    return Registry(tuple(sorted(known, key=lambda requirement: order[requirement.surface])))


def _read_conventions(path: Path) -> Conventions:
    content = read_yaml(path)
    check_against_schema(content, "conventions", path)
    return parse_conventions(content)


def _read_conditions(path: Path, registry: Registry, document: Document) -> Conditions:
    content = read_yaml(path)
    check_against_schema(content, "conditions", path)
    conditions = parse_conditions(content)
    for request in conditions.requests():
        if request.operation not in document.operations:
            raise InvalidContractError(f"{path} names an operation that {document.name} lacks: {request.operation}.")
        if request.requirement not in registry:
            raise InvalidContractError(f"{path} names a requirement that does not exist: {request.requirement}.")
    return conditions


def check_surfaces(requirements: Iterable[Requirement], conventions: Conventions, path: Path) -> None:
    """
    Check that the conventions name the surface of every requirement in a file.

    Raises:
        InvalidContractError: a requirement is of a surface that they do not name.
    """
    astray = next((entry for entry in requirements if entry.surface not in conventions.surfaces), None)
    if astray is not None:
        known = ", ".join(conventions.surfaces)
        raise InvalidContractError(f"{path}: {astray.id} is of the surface {astray.surface!r}; there are {known}.")


def check_operations(conventions: Conventions, document: Document, path: Path) -> None:
    """
    Check that the document has every operation that the conventions in a file name.

    Raises:
        InvalidContractError: it lacks one.
    """
    named: list[str] = []
    if conventions.tasks:
        tasks = conventions.tasks
        named += [*tasks.create, tasks.get, *filter(None, (tasks.list, tasks.cancel))]
    if conventions.idempotency:
        named += conventions.idempotency.operations
    named += conventions.operations
    missing = sorted({name for name in named if name not in document.operations})
    if missing:
        sentence = f"{path} names operations that {document.name} lacks: {', '.join(missing)}."
        raise InvalidContractError(sentence)
