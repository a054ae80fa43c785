"""Versions of a contract: which requirements each of them has, and what holds those that were released."""

from __future__ import annotations

import hashlib
import json
import re
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Final

from conformance.contract.errors import InvalidContractError, UnknownVersionError
from conformance.contract.files import check_against_schema, read_json, system_folder

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from pathlib import Path

    from conformance.contract.requirements import Requirement

VERSIONS_FILE: Final = "versions.json"
NEXT: Final = "next"
# In the place of a digest: the requirement is judged in no version any more.
WITHDRAWN: Final = "withdrawn"
_DIGEST_LENGTH: Final = 16


@dataclass(frozen=True, slots=True)
class Loosening:
    """What became of a requirement of a released version that asked too much, and why; `now` is its digest today."""

    now: str
    why: str


@dataclass(frozen=True, slots=True)
class FrozenVersion:
    """A released version: the digest of each of its requirements, by id, and those that were loosened since."""

    version: str
    requirements: Mapping[str, str]
    loosened: Mapping[str, Loosening] = field(default_factory=dict)

    @property
    def digest(self) -> str:
        """One digest over all requirements of the version as they were released."""
        return _digest(json.dumps(dict(sorted(self.requirements.items()))))


def number(version: str) -> tuple[int, ...]:
    """A version as numbers, to be compared with others."""
    return tuple(map(int, re.findall(r"[0-9]+", version)))


def digest_of(requirement: Requirement) -> str:
    """The level of a requirement, and a digest of what it says: what a released version promises not to change."""
    level = f"provisional {requirement.level}" if requirement.provisional else requirement.level
    return f"{level} {_digest(' '.join(requirement.statement.split()))}"


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:_DIGEST_LENGTH]


@dataclass(frozen=True, slots=True)
class Versions:
    """
    The versions of one contract: those that were released, oldest first, and the one that its files describe.

    `written` is the newest of all: it is yet to come where it is not among the released ones.
    """

    written: str
    frozen: tuple[FrozenVersion, ...] = ()

    @property
    def first(self) -> str:
        """The version since which a requirement is judged that says nothing else."""
        return self.frozen[0].version if self.frozen else self.written

    @property
    def newest(self) -> str:
        """The version that a run judges by unless it is asked for another: the newest that was released."""
        return self.frozen[-1].version if self.frozen else self.written

    @property
    def known(self) -> tuple[str, ...]:
        """All versions, oldest first."""
        released = tuple(one.version for one in self.frozen)
        return released if self.written in released else (*released, self.written)

    def picked(self, asked: str | None) -> str:
        """
        The version that is asked for: by its number, as `next`, or, with None, the newest that was released.

        Raises:
            UnknownVersionError: there is none of that name.
        """
        if asked is None:
            return self.newest
        if asked == NEXT:
            return self.written
        if asked not in self.known:
            raise UnknownVersionError(
                f"There is no contract version {asked!r:.40}; there are {', '.join(self.known)}, and {NEXT}."
            )
        return asked

    def has(self, requirement: Requirement, version: str) -> bool:
        """Whether a requirement is judged in a version."""
        until = requirement.until or self.written
        return self.began(requirement.since, version) and number(version) <= number(until)

    def began(self, since: str | None, version: str) -> bool:
        """Whether what is judged since some version (None: the first) is judged in another one."""
        return number(since or self.first) <= number(version)

    def since(self, requirement: Requirement) -> str:
        """The version since which a requirement is judged."""
        return requirement.since or self.first

    def loosenings(self, requirement_id: str) -> tuple[tuple[str, str], ...]:
        """The released versions in which a requirement was loosened, each with the reason."""
        return tuple(
            (one.version, one.loosened[requirement_id].why) for one in self.frozen if requirement_id in one.loosened
        )


def versions_of(system: str, written: str) -> Versions:
    """
    The versions of a system whose files describe the version `written`.

    Raises:
        UnreadableFileError: the file of the released versions can't be read.
        InvalidContractError: it breaks its schema, or a released version was edited by hand.
    """
    path = system_folder(system) / VERSIONS_FILE
    if not path.is_file():
        return Versions(written)
    content = read_json(path)
    check_against_schema(content, "versions", path)
    frozen = tuple(sorted((_frozen(entry, path) for entry in content["versions"]), key=lambda one: number(one.version)))
    if frozen and number(frozen[-1].version) > number(written):
        raise InvalidContractError(f"{path} has version {frozen[-1].version}, which is newer than {written}.")
    return Versions(written, frozen)


def _frozen(entry: Mapping[str, Any], path: Path) -> FrozenVersion:
    loosened = {name: Loosening(part["now"], part["why"]) for name, part in entry["loosened"].items()}
    found = FrozenVersion(entry["version"], MappingProxyType(dict(entry["requirements"])), MappingProxyType(loosened))
    if found.digest != entry["digest"]:
        raise InvalidContractError(f"{path}: the digest of version {found.version} does not fit its requirements.")
    return found


def as_text(versions: Versions) -> str:
    """The released versions as `specs/schemas/versions.schema.json` describes them."""
    content = [
        {
            "version": one.version,
            "digest": one.digest,
            "requirements": dict(sorted(one.requirements.items())),
            "loosened": {name: {"now": part.now, "why": part.why} for name, part in sorted(one.loosened.items())},
        }
        for one in versions.frozen
    ]
    return f"{json.dumps({'versions': content}, indent=1, ensure_ascii=False)}\n"


def frozen_as(version: str, requirements: Iterable[Requirement]) -> FrozenVersion:
    """A version as it is released with these requirements."""
    return FrozenVersion(version, MappingProxyType({one.id: digest_of(one) for one in requirements}))


_WEIGHTS: Final = ("MAY", "provisional MAY", "provisional SHOULD", "SHOULD", "MUST")


def drift(frozen: FrozenVersion, requirements: Iterable[Requirement]) -> tuple[str, ...]:
    """What differs from a released version although no loosening says so, a sentence each."""
    today = {one.id: digest_of(one) for one in requirements}
    found = [
        f"{name} is new in {frozen.version}, which was released: say `since` a later version."
        for name in sorted(today.keys() - frozen.requirements.keys())
    ]
    for name, released in frozen.requirements.items():
        now = today.get(name, WITHDRAWN)
        loosened = frozen.loosened.get(name)
        if now in {released, loosened.now if loosened else released}:
            continue
        if not may_loosen(released, now):
            found.append(f"{name} is stricter than it was released in {frozen.version}: give the rule a later version.")
        else:
            what = "was withdrawn from" if now == WITHDRAWN else "differs from what was released in"
            found.append(f"{name} {what} {frozen.version}: record why, or give the new rule a later version.")
    return tuple(found)


def may_loosen(released: str, now: str) -> bool:
    """Whether what a requirement is now has no higher level than what was released."""
    if now == WITHDRAWN:
        return True
    before, after = (digest.rpartition(" ")[0] for digest in (released, now))
    return _WEIGHTS.index(after) <= _WEIGHTS.index(before)
