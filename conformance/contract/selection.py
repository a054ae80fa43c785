"""Which contract a run judges by: one that comes with the suite, or an external one from the user's files."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

from conformance.contract.contract import load_contract
from conformance.contract.errors import ConventionsWithoutDocumentError, SystemOfADocumentError, UnknownVersionError
from conformance.contract.external.load import load_described
from conformance.contract.matrices import load_matrix, load_tolerance

if TYPE_CHECKING:
    from conformance.contract.contract import Contract
    from conformance.contract.matrices import KillMatrix, ToleranceMatrix

# The folder of the suite's tests that judge by conventions alone.
GENERIC: Final = "any_api"


@dataclass(frozen=True, slots=True)
class ExternalContract:
    """The paths of an external contract's files, as texts, so that xdist can send them to a worker."""

    document: str
    conventions: str | None = None


def external_contract_of(
    document: str | None, conventions: str | None, system: str | None, folder: Path
) -> ExternalContract | None:
    """
    The files that were named on the command line, in relation to a folder; None where there are none.

    Raises:
        ConventionsWithoutDocumentError: there are conventions only.
        SystemOfADocumentError: a system was named as well.
    """
    if document is None:
        if conventions is not None:
            raise ConventionsWithoutDocumentError("--conventions complete a document; name that with --spec.")
        return None
    if system is not None:
        raise SystemOfADocumentError(
            f"The system is {system} or what --spec describes, not both; the member `system` of --conventions names it."
        )
    return ExternalContract(str((folder / document).resolve()), conventions and str((folder / conventions).resolve()))


def contract_of(system: str, external: ExternalContract | None, version: str | None = None) -> Contract:
    """
    The contract that a run judges by, in the version that is asked for (None: the newest that was released).

    Raises:
        ContractError: it can't be used.
    """
    if external is None:
        return load_contract(system, version)
    made = load_described(Path(external.document), Path(external.conventions) if external.conventions else None)
    only = made.conventions.contract_version
    if version not in (None, only):
        raise UnknownVersionError(f"What --spec describes has one version, {only!r:.40}, and not {version!r:.40}.")
    return made


def matrix_of(system: str, external: ExternalContract | None) -> KillMatrix | None:
    """The kill matrix of the contract, None where there is none (raises `ContractError`)."""
    return load_matrix(system) if external is None else None


def tolerance_of(system: str, external: ExternalContract | None) -> ToleranceMatrix | None:
    """The tolerance matrix of the contract, None where there is none (raises `ContractError`)."""
    return load_tolerance(system) if external is None else None


def suite_of(system: str, external: ExternalContract | None) -> str:
    """The folder of the suite with the scenarios for this contract."""
    return system if external is None else GENERIC


def placed(base_url: str, contract: Contract, external: ExternalContract | None) -> str:
    """The base URL with the path of the document's server, where it names a host only."""
    bare = base_url.partition("://")[2].find("/") < 0
    return f"{base_url}{contract.base_path}" if external is not None and base_url and bare else base_url
