"""Where the keys of a document's security schemes travel, and which of them an operation asks for."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Final

from conformance.contract.document import resolved

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from conformance.contract.contract import Contract
    from conformance.contract.document import Document


@dataclass(frozen=True, slots=True)
class KeyPlace:
    """
    Where a key travels: in a `header`, after the `word` of its scheme if there is one, in the `query` or as a `cookie`.

    What is empty is not used.
    """

    header: str = ""
    word: str = ""
    query: str = ""
    cookie: str = ""

    @property
    def in_header(self) -> str:
        """The header in which the key travels; empty where it travels in the URL."""
        return "Cookie" if self.cookie else self.header


_BEARER: Final = KeyPlace(header="Authorization", word="Bearer")
_BASIC: Final = KeyPlace(header="Authorization", word="Basic")


def place_of(scheme: Mapping[str, Any]) -> KeyPlace | None:
    """
    Where the key of a security scheme travels; None where no key that the suite has fits.

    With OAuth 2 and OpenID Connect the key is the token, with Basic it is "user:password".
    """
    kind, place = scheme.get("type"), scheme.get("in")
    if kind in ("oauth2", "openIdConnect"):
        return _BEARER
    if kind == "http":
        return {"bearer": _BEARER, "basic": _BASIC}.get(str(scheme.get("scheme", "")).lower())
    if kind == "apiKey" and place in ("header", "query", "cookie"):
        return KeyPlace(**{str(place): str(scheme.get("name", ""))})
    return None


@cache
def places_in(document: Document) -> Mapping[str, KeyPlace]:
    """Where the keys of the document's security schemes travel, by the names of the schemes."""
    schemes = document.content.get("components", {}).get("securitySchemes", {})
    read = {name: place_of(resolved(document.content, scheme, document.name)) for name, scheme in schemes.items()}
    return MappingProxyType({name: place for name, place in read.items() if place is not None})


def main_place(contract: Contract) -> KeyPlace | None:
    """Where the main key of a run travels; None where the conventions describe no authentication."""
    stated = contract.conventions.authentication
    return None if stated is None else KeyPlace(stated.header, stated.scheme, stated.query)


def credential_headers(contract: Contract) -> frozenset[str]:
    """The headers, in lower case, in which the contract expects credentials."""
    return frozenset(place.in_header.lower() for place in _places(contract) if place.in_header)


def _places(contract: Contract) -> Iterator[KeyPlace]:
    main = main_place(contract)
    if main is not None:
        yield main
    yield from places_in(contract.document).values()
