"""Planted faults: of which class each is, at which operations it shows, and the probe that shows it."""

from __future__ import annotations

import importlib
import re
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import yaml

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    import httpx

KINDS: Final = (
    "devices",
    "invoices",
    "jobs",
    "library",
    "notes",
    "playlists",
    "recipes",
    "rooms",
    "stock",
    "tickets",
)
CRASH: Final = "500 on an odd value"
ACCEPTS: Final = "accepts what is forbidden"
ANSWER: Final = "answer breaks the document"
HTTP: Final = "HEAD, Allow, Location, ETag"
STORED: Final = "stored value differs"
DELETION: Final = "deletion"
LISTS: Final = "filter, sort, page"
STATES: Final = "states and rules"
PERMISSIONS: Final = "permissions"
CLASSES: Final = (CRASH, ACCEPTS, ANSWER, HTTP, STORED, DELETION, LISTS, STATES, PERMISSIONS)
METHODS: Final = ("get", "put", "post", "delete", "patch", "head", "options")
KEYS: Final = ("first-key-8c1d2e3f", "second-key-4a5b6c7d")


@dataclass(frozen=True, slots=True)
class Api:
    """An application as a probe sees it: requests with the first key, unless another one or none is said."""

    client: httpx.Client
    header: str | None
    keys: Sequence[str] = KEYS

    def __call__(
        self,
        method: str,
        path: str,
        json: object = None,
        *,
        user: int | None = 0,
        **more: Any,  # noqa: ANN401 - what httpx takes
    ) -> httpx.Response:
        """The answer to a request."""
        headers = dict(more.pop("headers", {}))
        if self.header is not None and user is not None:
            key = self.keys[user]
            headers[self.header] = f"Bearer {key}" if self.header == "Authorization" else key
        if json is not None:
            more["json"] = json
        return self.client.request(method, path, headers=headers, **more)

    def made(self, path: str, body: Any, **more: Any) -> dict[str, Any]:  # noqa: ANN401 - JSON values
        """What POST has made."""
        answer = self("POST", path, body, **more)
        assert answer.status_code in {200, 201, 202}, answer.text
        made: dict[str, Any] = answer.json()
        return made

    def read(self, path: str, **more: Any) -> Any:  # noqa: ANN401 - JSON values
        """What GET answers with 200."""
        answer = self("GET", path, **more)
        assert answer.status_code == 200, answer.text
        return answer.json()


@dataclass(frozen=True, slots=True)
class Fault:
    """A planted fault; the probe is true where the server has it."""

    name: str
    kind: str
    operations: tuple[str, ...]
    says: str
    probe: Callable[[Api], bool]


@dataclass(frozen=True, slots=True)
class Faults:
    """The faults of an application, as probes register themselves."""

    planted: dict[str, Fault] = field(default_factory=dict)

    def __call__(
        self, name: str, kind: str, *operations: str
    ) -> Callable[[Callable[[Api], bool]], Callable[[Api], bool]]:
        """A decorator: the function is the probe of a fault, its docstring says what the fault is."""

        def register(probe: Callable[[Api], bool]) -> Callable[[Api], bool]:
            if name in self.planted:
                raise ValueError(f"There are two faults {name}.")
            self.planted[name] = Fault(name, kind, operations, (probe.__doc__ or "").strip(), probe)
            return probe

        return register


@dataclass(frozen=True, slots=True)
class Kind:
    """One of the applications: how to make it, and what can be wrong with it."""

    name: str
    create: Callable[[str, Sequence[str]], Any]
    document: Path
    framework: str
    key_header: str | None
    faults: dict[str, Fault]
    content: dict[str, Any]

    @property
    def operations(self) -> list[tuple[str, str]]:
        """Path and method (in lower case) of every operation."""
        return [(path, method) for path, item in self.content["paths"].items() for method in item if method in METHODS]

    def template_of(self, path: str) -> str | None:
        """Which path of the document a path is, if any."""
        for template in self.content["paths"]:
            if re.fullmatch(re.sub(r"\\{[^}]+\\}", "[^/]+", re.escape(template)), path):
                return str(template)
        return None

    def filled(self, template: str, value: str) -> str:
        """A path of the document with the same value for all of its parameters."""
        return re.sub(r"\{[^}]+\}", value, template)


@cache
def kind(name: str) -> Kind:
    """The application of a name."""
    app = importlib.import_module(f"applications.{name}.app")
    faults = importlib.import_module(f"applications.{name}.faults")
    document = Path(__file__).parent / name / "openapi.yaml"
    content = yaml.safe_load(document.read_text("utf-8"))
    return Kind(name, app.create_app, document, app.FRAMEWORK, app.KEY_HEADER, faults.FAULTS.planted, content)
