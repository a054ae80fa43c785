"""Where a key travels, read from the security schemes of a document."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from conformance.contract.document import METHODS, resolved

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

_BEARER: Final = {"header": "Authorization", "scheme": "Bearer"}
_BASIC: Final = {"header": "Authorization", "scheme": "Basic"}


def authentication_of(content: Mapping[str, Any], name: str) -> dict[str, Any] | None:
    """
    The member `authentication` of conventions, as the document has it; None where no key that the suite has fits.

    A run presents one key. So the scheme counts that the document as a whole demands, else the one of the first
    operation that demands any: bearer, OAuth 2 and OpenID Connect (the key is the token), an API key in a header or
    the query, or basic (the key is "user:password").
    """
    schemes = content.get("components", {}).get("securitySchemes", {})
    for wanted in _wanted(content):
        if wanted in schemes:
            found = _authentication(resolved(content, schemes[wanted], name))
            if found is not None:
                return found
    return None


def _wanted(content: Mapping[str, Any]) -> Iterator[str]:
    """The names of the schemes that are demanded, the most general first."""
    operations = (item[method] for item in content["paths"].values() for method in METHODS if method in item)
    for demanded in (content.get("security", ()), *(operation.get("security", ()) for operation in operations)):
        for alternative in demanded:
            yield from alternative


def _authentication(scheme: Mapping[str, Any]) -> dict[str, Any] | None:
    kind, place = scheme.get("type"), scheme.get("in")
    if kind in ("oauth2", "openIdConnect"):
        return _BEARER
    if kind == "http":
        return {"bearer": _BEARER, "basic": _BASIC}.get(str(scheme.get("scheme", "")).lower())
    if kind == "apiKey" and place in ("header", "query"):
        return {str(place): scheme.get("name", "")}
    return None
