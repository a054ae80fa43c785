"""What is known of each published server before it is started: installation, ways, decisions on its fails."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, Final, Literal, get_args

import yaml

FOLDER: Final = Path(__file__).resolve().parent
CHECKOUT: Final = FOLDER.parents[2]
# Whose fault a fail is. "server": it breaks what it claims or what its sources say. "foreign": the contract that it was
# judged by asks for what the server never claimed. A fault of the suite is no entry here but a defect to mend.
Fault = Literal["server", "foreign"]


class InvalidDecisionError(Exception):
    """A decision names no fault that there is, or lacks its reason or its source."""


@dataclass(frozen=True, slots=True)
class Way:
    """One contract that a server is judged by: its name on the page, the path of the API, and what the run is told."""

    name: str
    path: str
    arguments: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Decision:
    """Whose fault the fails of some requirements are, why, and where that can be read."""

    requirements: frozenset[str]
    fault: Fault
    why: str
    source: str


@dataclass(frozen=True)
class Server:
    """A server that others published, as its folder describes it."""

    folder: Path

    @property
    def name(self) -> str:
        """The name of its folder and of its page."""
        return self.folder.name

    @cached_property
    def stated(self) -> dict[str, Any]:
        """What `server.toml` says."""
        return tomllib.loads((self.folder / "server.toml").read_text("utf-8"))

    @property
    def packages(self) -> tuple[str, ...]:
        """What is installed from the Python index, with exact versions; others are in its `package.json`."""
        return tuple(self.stated.get("python", ()))

    @property
    def ways(self) -> tuple[Way, ...]:
        """The contracts that it is judged by, in the order of the page."""
        return tuple(Way(way["name"], way["path"], tuple(way["arguments"])) for way in self.stated["ways"])

    @cached_property
    def decisions(self) -> tuple[Decision, ...]:
        """The decisions on its fails (raises `InvalidDecisionError`)."""
        file = self.folder / "decisions.yaml"
        if not file.exists():
            return ()
        return tuple(_decision(entry, self.name) for entry in yaml.safe_load(file.read_text("utf-8")) or ())


def published_servers() -> tuple[Server, ...]:
    """All of them, in the order of their names."""
    return tuple(Server(file.parent) for file in sorted(FOLDER.glob("*/server.toml")))


def _decision(entry: dict[str, Any], server: str) -> Decision:
    if entry.get("fault") not in get_args(Fault):
        raise InvalidDecisionError(f"{server}: {entry.get('fault')!r} is no fault; there are {get_args(Fault)}")
    if not all(entry.get(member) for member in ("requirements", "why", "source")):
        raise InvalidDecisionError(f"{server}: a decision needs requirements, why and source: {entry}")
    return Decision(frozenset(entry["requirements"]), entry["fault"], entry["why"].strip(), entry["source"].strip())
