"""What requests carry because the user states it: headers, and keys of security schemes beside the main one."""

from __future__ import annotations

from dataclasses import dataclass, field
from types import MappingProxyType
from typing import TYPE_CHECKING
from urllib.parse import urlencode

from conformance.contract.conventions import in_scheme
from conformance.contract.security import credential_headers, main_place, places_in

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from conformance.client.request import PreparedRequest
    from conformance.contract.contract import Contract
    from conformance.contract.security import KeyPlace
    from conformance.journal.redaction import Secret


@dataclass(frozen=True, slots=True)
class StatedHeader:
    """A header that the user states; its value is put together of texts and of secrets."""

    name: str
    parts: tuple[str | Secret, ...]

    def pair(self) -> tuple[str, str]:
        """The header as it is sent; keep it out of variables."""
        return self.name, "".join(part if isinstance(part, str) else part.reveal() for part in self.parts)


@dataclass(frozen=True, slots=True)
class Presented:
    """
    The stated headers and the keys by security scheme of one run.

    A header in which the contract expects credentials is sent where the main key would be; all others always are.
    """

    headers: tuple[StatedHeader, ...] = ()
    keys: Mapping[str, Secret] = field(default_factory=lambda: MappingProxyType({}))

    def identifies(self, contract: Contract) -> bool:
        """Whether requests carry credentials without a main key."""
        expected = credential_headers(contract)
        return bool(self.keys) or any(header.name.lower() in expected for header in self.headers)

    def secrets(self) -> Iterator[Secret]:
        """All that must not be recorded."""
        yield from self.keys.values()
        for header in self.headers:
            yield from (part for part in header.parts if not isinstance(part, str))

    def stated(self, contract: Contract, *, presents: bool) -> Iterator[tuple[str, str]]:
        """The stated headers of a request; `presents`: it carries the credentials of the run."""
        expected = credential_headers(contract)
        for header in self.headers:
            if presents or header.name.lower() not in expected:
                yield header.pair()

    def keyed(self, prepared: PreparedRequest, contract: Contract, main: Secret | None) -> tuple[SchemeKey, ...]:
        """
        The keys that the operation of a request asks for by its first alternative of which all are known.

        None where the main key alone is to be presented, in the way of the conventions.
        """
        operation = contract.document.operations.get(prepared.operation or "")
        if not self.keys or operation is None:
            return ()
        places, usual = places_in(contract.document), main_place(contract)
        for alternative in operation.security:
            known = [self._key(name, places.get(name), usual, main) for name in alternative]
            if known and None not in known and any(name in self.keys for name in alternative):
                return tuple(key for key in known if key is not None)
        return ()

    def _key(
        self, scheme: str, place: KeyPlace | None, usual: KeyPlace | None, main: Secret | None
    ) -> SchemeKey | None:
        if place is None:
            return None
        key = self.keys.get(scheme, main if place == usual else None)
        return None if key is None else SchemeKey(place, key)


@dataclass(frozen=True, slots=True)
class SchemeKey:
    """A key of a security scheme, and where it travels."""

    place: KeyPlace
    key: Secret

    def header(self) -> tuple[str, str] | None:
        """The header that carries it, None where it travels in the URL; keep it out of variables."""
        if self.place.query:
            return None
        if self.place.cookie:
            return "Cookie", f"{self.place.cookie}={self.key.reveal()}"
        return self.place.header, in_scheme(self.place.word, self.key.reveal)

    def query(self) -> str:
        """The part of the query that carries it, empty where it travels in a header."""
        return urlencode({self.place.query: self.key.reveal()}) if self.place.query else ""
