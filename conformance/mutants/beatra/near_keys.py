"""Mutants that take a key for a good one, or for an earlier one, because it is nearly that."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from conformance.mutants.base import Mutant
from conformance.reference.beatra.services.accounts import Accounts, Caller
from conformance.reference.beatra.services.idempotency import Idempotency

if TYPE_CHECKING:
    from conformance.reference.beatra.services.idempotency import Attempt
    from conformance.reference.parts.database import Database

_SHOWN_AT_FRONT = 8
_SHOWN_AT_END = 4
_SHORTEST_PREFIX = 20
_BYTES_OF_A_DIGEST = 32


class PlainKeys(Accounts):
    """Keeps the keys themselves, and looks for one that is alike."""

    def __init__(self, database: Database, starting_balance: int) -> None:
        super().__init__(database, starting_balance)
        self._callers: dict[str, Caller] = {}

    def alike(self, known: str, given: str) -> bool:
        """Whether the key that is given passes for the known one."""
        return known == given

    def by_key(self, key: str) -> Caller | None:
        """The first key that is alike."""
        found = (caller for known, caller in self._callers.items() if self.alike(known, key))
        return super().by_key(key) or next(found, None)

    def _admit(self, key: str, tenant_id: str, *, permitted: bool) -> None:
        self._callers[key] = Caller(tenant_id=tenant_id, permitted=permitted)
        super()._admit(key, tenant_id, permitted=permitted)


class PrefixIsEnough(PlainKeys):
    """Looks keys up by LIKE, with a wildcard at the end."""

    def alike(self, known: str, given: str) -> bool:
        """A long beginning is enough."""
        return len(given) >= _SHORTEST_PREFIX and known.startswith(given)


class RestIsCutOff(PlainKeys):
    """Has a column for keys that is as long as the keys that are issued."""

    def alike(self, known: str, given: str) -> bool:
        """What does not fit is cut off."""
        return given[: len(known)] == known


class LastIsChecksum(PlainKeys):
    """Takes the last character for a check digit, and never checks it."""

    def alike(self, known: str, given: str) -> bool:
        """All but the last character."""
        return len(known) == len(given) and known[:-1] == given[:-1]


class EndsAreCompared(PlainKeys):
    """Finds a key by what its owner's page shows of it."""

    def alike(self, known: str, given: str) -> bool:
        """The beginning and the end."""
        ends = given[:_SHOWN_AT_FRONT], given[-_SHOWN_AT_END:]
        return len(known) == len(given) and ends == (known[:_SHOWN_AT_FRONT], known[-_SHOWN_AT_END:])


class DigestIsShort(PlainKeys):
    """Hashes as many bytes as the algorithm takes."""

    def alike(self, known: str, given: str) -> bool:
        """Only so many bytes count."""
        return known[:_BYTES_OF_A_DIGEST] == given[:_BYTES_OF_A_DIGEST]


class LettersDoNotCount(PlainKeys):
    """Has a collation for keys that ignores case."""

    def alike(self, known: str, given: str) -> bool:
        """Without a look at capitals."""
        return known.lower() == given.lower()


class SmallLetters(PlainKeys):
    """Writes headers in small letters before it reads them."""

    def by_key(self, key: str) -> Caller | None:
        """Look for the key in small letters."""
        return super().by_key(key.lower())


class AlteredKey(Idempotency):
    """Stores keys in another form than they are sent."""

    def form(self, key: str) -> str:
        """What is stored of a key."""
        return key

    def recall(self, attempt: Attempt, now: int) -> str | None:
        """Look for the stored form."""
        return super().recall(replace(attempt, key=self.form(attempt.key)), now)

    def remember(self, attempt: Attempt, resource_id: str, now: int) -> None:
        """Store that form."""
        super().remember(replace(attempt, key=self.form(attempt.key)), resource_id, now)


class KeyCutToItsColumn(AlteredKey):
    """Has a column of 36 characters, the length of a UUID."""

    def form(self, key: str) -> str:
        """Cut what does not fit."""
        return key[:36]


class KeyWithoutItsFirstGroup(AlteredKey):
    """Takes the first group of a UUID for a timestamp."""

    def form(self, key: str) -> str:
        """Leave it out, so that retries after a pause are found."""
        return key.partition("-")[2] or key


class KeyByItsEnds(AlteredKey):
    """Stores keys as the log shows them."""

    def form(self, key: str) -> str:
        """The beginning and the end."""
        return f"{key[:8]}…{key[-12:]}"


class KeyWithoutItsSecondGroup(AlteredKey):
    """Packs a UUID into fewer bytes."""

    def form(self, key: str) -> str:
        """Leave a group out that seemed always to be the same."""
        first, _, rest = key.partition("-")
        return f"{first}-{rest.partition('-')[2]}"


class KeyByPrefix(Idempotency):
    """Looks keys up by LIKE, with a wildcard at the end."""

    def recall(self, attempt: Attempt, now: int) -> str | None:
        """Take a key for the one that it is the beginning of."""
        row = self._database.row(
            "SELECT key FROM idempotency WHERE tenant_id = ? AND operation = ? AND key LIKE ? ORDER BY length(key)",
            (attempt.tenant_id, self.scope(attempt), f"{attempt.key}%"),
        )
        return super().recall(replace(attempt, key=row["key"]) if row is not None else attempt, now)


class KeyAsNumber(AlteredKey):
    """Stores a key as a number of its digits and letters up to f."""

    def form(self, key: str) -> str:
        """At most as many as a UUID has."""
        return "".join(character for character in key.lower() if character in "0123456789abcdef")[:32]


MUTANTS = (
    Mutant(
        id="api-key-by-prefix",
        breaks="BEATRA-AUTH-05",
        story="Keys are looked up with LIKE, and a wildcard stands behind what was sent.",
        cast={"accounts": PrefixIsEnough},
    ),
    Mutant(
        id="api-key-cut-to-its-column",
        breaks="BEATRA-AUTH-05",
        story="The key is cut to the length of its column before it is looked up.",
        cast={"accounts": RestIsCutOff},
    ),
    Mutant(
        id="api-key-without-check-digit",
        breaks="BEATRA-AUTH-05",
        story="The last character of a key was meant as a check digit and is left out of the comparison.",
        cast={"accounts": LastIsChecksum},
    ),
    Mutant(
        id="api-key-by-its-ends",
        breaks="BEATRA-AUTH-05",
        story="A cache of keys is filled by the masked form that the dashboard shows.",
        cast={"accounts": EndsAreCompared},
    ),
    Mutant(
        id="api-key-hashed-in-part",
        breaks="BEATRA-AUTH-05",
        story="The hash takes the first 32 bytes of a key, which has 35.",
        cast={"accounts": DigestIsShort},
    ),
    Mutant(
        id="api-key-without-case",
        breaks="BEATRA-AUTH-06",
        story="The column of keys has the database's default collation, which ignores case.",
        cast={"accounts": LettersDoNotCount},
    ),
    Mutant(
        id="api-key-in-small-letters",
        breaks="BEATRA-AUTH-06",
        story="Headers are put into small letters with their values, and issued keys happen to have no capitals.",
        cast={"accounts": SmallLetters},
    ),
    Mutant(
        id="retry-key-cut-to-its-column",
        breaks="BEATRA-IDEMPOTENCY-19",
        story="The column for keys has room for a UUID, and the database cuts off the rest without a word.",
        cast={"idempotency": KeyCutToItsColumn},
    ),
    Mutant(
        id="retry-key-without-first-group",
        breaks="BEATRA-IDEMPOTENCY-19",
        story="The first group of a key is taken for a timestamp of the attempt and left out.",
        cast={"idempotency": KeyWithoutItsFirstGroup},
    ),
    Mutant(
        id="retry-key-by-its-ends",
        breaks="BEATRA-IDEMPOTENCY-19",
        story="The shortened form of a key that is made for the log is stored as well.",
        cast={"idempotency": KeyByItsEnds},
    ),
    Mutant(
        id="retry-key-without-second-group",
        breaks="BEATRA-IDEMPOTENCY-19",
        story="Keys are packed into fewer bytes, and one group is lost on the way.",
        cast={"idempotency": KeyWithoutItsSecondGroup},
    ),
    Mutant(
        id="retry-key-by-prefix",
        breaks="BEATRA-IDEMPOTENCY-19",
        story="A key is looked up as the prefix of a row key, as the key-value store does it.",
        cast={"idempotency": KeyByPrefix},
    ),
    Mutant(
        id="retry-key-as-number",
        breaks="BEATRA-IDEMPOTENCY-19",
        story="Keys are parsed as UUIDs by a lenient parser that takes the first 32 digits.",
        cast={"idempotency": KeyAsNumber},
    ),
)
