"""Errors in the files that describe a system."""

from __future__ import annotations

from typing import Any


class ContractError(Exception):
    """The description of a system can't be used; the message is one sentence for the user."""


class UnknownSystemError(ContractError):
    """No folder of `specs/` carries the name that was asked for."""


class UnreadableYamlError(ContractError):
    """A text is no YAML, or larger or deeper than any document should be; `mark` is PyYAML's mark of the place."""

    def __init__(self, problem: str, mark: Any = None) -> None:  # noqa: ANN401 - PyYAML has no types
        super().__init__(problem)
        self.place = f", line {mark.line + 1}, column {mark.column + 1}" if mark else ""


class UnreadableFileError(ContractError):
    """A file of the contract is missing, is not text, or is not YAML."""


class InvalidContractError(ContractError):
    """A file of the contract was read but breaks its schema or contradicts another file of the contract."""


class UnknownLibertyError(ContractError):
    """A liberty was asked for that the system's documents do not leave open, or that is not written down."""


class UnsupportedVersionError(ContractError):
    """A file that was given as an OpenAPI document is of a version that the suite does not read, or of none."""


class UnknownVersionError(ContractError):
    """The contract has no version of the name that was asked for."""


class ForeignReferenceError(ContractError):
    """A document refers to other files, which are not read."""


class UnreadableDocumentError(ContractError):
    """A file is an OpenAPI document by its version, but can't be used as one."""


class ConventionsWithoutDocumentError(ContractError):
    """Conventions were given, but no document that they belong to."""


class SystemOfADocumentError(ContractError):
    """Both a system that comes with the suite and a document of the user were named."""
