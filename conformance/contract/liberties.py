"""Liberties: what a server may do because documents are silent, contradict each other or leave a choice, as data."""

from __future__ import annotations

import difflib
from dataclasses import dataclass, field
from functools import cache
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Final

from conformance.contract.contract import load_contract
from conformance.contract.errors import InvalidContractError, UnknownLibertyError
from conformance.contract.files import check_against_schema, read_yaml, system_folder

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from pathlib import Path

    from conformance.contract.contract import Contract

LIBERTIES_FILE: Final = "liberties.yaml"
_ALL: Final = "all"


@dataclass(frozen=True, slots=True)
class LibertyReason:
    """Why a server may do something: what a document says, or, without a document, what none of them says."""

    text: str
    document: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Liberty:
    """
    What a server may do.

    `touches` are the requirements whose checks meet it. `wrappers` maps ways to deliver answers that are the same for
    every system to their options; what else a liberty changes is code of the system's. `withholds` is what a run
    against the server does without (`control`, `key:second`, …), `excludes` what no server can do at the same time.
    A liberty that `needs_clock` takes longer than a run can last unless the clock is put ahead.
    """

    id: str
    does: str
    allowed_by: tuple[LibertyReason, ...]
    touches: frozenset[str]
    wrappers: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    withholds: frozenset[str] = frozenset()
    excludes: frozenset[str] = frozenset()
    needs_clock: bool = False


class Liberties:
    """All liberties of one system, in the order in which they are written."""

    def __init__(self, liberties: Sequence[Liberty]) -> None:
        self._by_id = {liberty.id: liberty for liberty in liberties}

    def __iter__(self) -> Iterator[Liberty]:
        return iter(self._by_id.values())

    def __len__(self) -> int:
        return len(self._by_id)

    def __contains__(self, liberty_id: str) -> bool:
        return liberty_id in self._by_id

    def __getitem__(self, liberty_id: str) -> Liberty:
        """
        The liberty with an id.

        Raises:
            UnknownLibertyError: there is none; names the one with the nearest id.
        """
        if liberty_id not in self._by_id:
            near = difflib.get_close_matches(liberty_id.casefold(), self._by_id, n=1, cutoff=0.5)
            hint = f"Did you mean {near[0]}?" if near else "`conformance liberties` lists all."
            raise UnknownLibertyError(f"There is no liberty {liberty_id!r}. {hint}")
        return self._by_id[liberty_id]

    def fit_together(self, first: str, second: str) -> bool:
        """Whether one server can take both."""
        return second not in self[first].excludes and first not in self[second].excludes


@cache
def load_liberties(system: str) -> Liberties:
    """
    The liberties of a system; none where no file names them.

    Raises:
        UnknownSystemError: no such system is described here.
        UnreadableFileError: a file can't be read.
        InvalidContractError: a file breaks its schema, or names what the contract does not have.
    """
    path = system_folder(system) / LIBERTIES_FILE
    if not path.exists():
        return Liberties(())
    content = read_yaml(path)
    check_against_schema(content, "liberties", path)
    contract = load_contract(system)
    liberties = tuple(_liberty(entry, contract) for entry in content["liberties"])
    _check(liberties, contract, path)
    return Liberties(liberties)


def _liberty(entry: Mapping[str, Any], contract: Contract) -> Liberty:
    touches = [requirement.id for requirement in contract.registry] if entry["touches"] == _ALL else entry["touches"]
    return Liberty(
        id=entry["id"],
        does=entry["does"],
        allowed_by=tuple(_ground(ground) for ground in entry["allowed_by"]),
        touches=frozenset(touches),
        wrappers=MappingProxyType(entry.get("wrappers", {})),
        withholds=frozenset(entry.get("withholds", ())),
        needs_clock=entry.get("needs_clock", False),
        excludes=frozenset(entry.get("excludes", ())),
    )


def _ground(entry: Mapping[str, str]) -> LibertyReason:
    return LibertyReason(entry["silent"]) if "silent" in entry else LibertyReason(entry["says"], entry["document"])


def _check(liberties: Sequence[Liberty], contract: Contract, path: Path) -> None:
    """Refuse names of what is not there (raises `InvalidContractError`)."""
    ids = [liberty.id for liberty in liberties]
    twice = sorted({name for name in ids if ids.count(name) > 1})
    if twice:
        raise InvalidContractError(f"{path}: the ids of liberties must be unique, but {', '.join(twice)} is not.")
    for liberty in liberties:
        unknown = [name for name in liberty.touches if name not in contract.registry]
        unknown += [name for name in liberty.excludes if name not in ids]
        documents = contract.sources.documents
        unknown += [g.document for g in liberty.allowed_by if g.document is not None and g.document not in documents]
        if unknown:
            sentence = f"{path}: {liberty.id} names {', '.join(sorted(unknown))}, which the contract does not have."
            raise InvalidContractError(sentence)
