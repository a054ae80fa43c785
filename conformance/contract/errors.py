"""What can be wrong with the files that describe a system."""

from __future__ import annotations


class ContractError(Exception):
    """The description of a system can't be used; the message is one sentence for the person who meets it."""


class UnknownSystemError(ContractError):
    """No folder of `specs/` carries the name that was asked for."""


class UnreadableFileError(ContractError):
    """A file of the contract is missing, is not text, or is not YAML."""


class InvalidContractError(ContractError):
    """A file of the contract was read but breaks its schema or contradicts another file of the contract."""


class UnsupportedVersionError(ContractError):
    """A file that was given as an OpenAPI document is of a version that the suite does not read, or of none."""


class ForeignReferenceError(ContractError):
    """A document refers to other files, which nobody gave."""


class UnreadableDocumentError(ContractError):
    """A file is an OpenAPI document by its version, but can't be used as one."""


class ConventionsWithoutDocumentError(ContractError):
    """Conventions were given, but no document that they belong to."""


class SystemOfADocumentError(ContractError):
    """Both a system that comes with the suite and a document of somebody's own were named."""
