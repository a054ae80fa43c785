"""Servers under test: what they are made of, which faults they can have, and a document that every tool can read."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

import yaml

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

_METHODS: Final = ("get", "put", "post", "delete", "options", "head", "patch", "trace")


@dataclass(frozen=True, slots=True)
class Subject:
    """
    A server with switchable faults.

    `application` is `module:name` or `file.py:name`; the environment variable `fault_variable` names the fault, with
    `sound` as the name of none. `header` carries the key after `prefix`. `folder` holds the files of tools that need
    to be told more than a document.
    """

    name: str
    folder: Path
    application: str
    factory: bool
    fault_variable: str
    sound: str
    faults: tuple[str, ...]
    base_path: str
    key: str
    header: str
    security_scheme: str
    document: Path
    conventions: Path | None = None
    prefix: str = ""
    examples: Mapping[str, str] = field(default_factory=dict)
    environment: Mapping[str, str] = field(default_factory=dict)

    @property
    def credentials(self) -> str:
        """The value of the header that carries the key."""
        return f"{self.prefix}{self.key}"


def read_subject(folder: Path) -> Subject:
    """The subject that a folder describes in its `subject.toml`."""
    folder = folder.resolve()
    stated = tomllib.loads((folder / "subject.toml").read_text("utf-8"))
    conventions = stated.pop("conventions", None)
    application, _, name = stated.pop("application").rpartition(":")
    if application.endswith(".py"):
        application = str((folder / application).resolve())
    return Subject(
        folder=folder,
        application=f"{application}:{name}",
        document=(folder / stated.pop("document")).resolve(),
        conventions=None if conventions is None else (folder / conventions).resolve(),
        faults=tuple(stated.pop("faults")),
        **stated,
    )


def plain_document(subject: Subject) -> dict[str, Any]:
    """
    The subject's document without what only some tools can read, though OpenAPI allows it; its meaning is the same.

    Media types have no parameters, statuses are texts, enumerations that may be null name it, each response stands
    where it is used, and path parameters have an example that exists.
    """
    content = _plain(yaml.safe_load(subject.document.read_text("utf-8")))
    responses = content.get("components", {}).get("responses", {})
    for item in content["paths"].values():
        operations = [item[method] for method in _METHODS if method in item]
        for lease in (item, *operations):
            for parameter in lease.get("parameters", ()):
                if parameter.get("in") == "path" and parameter["name"] in subject.examples:
                    parameter["example"] = subject.examples[parameter["name"]]
        for operation in operations:
            operation["responses"] = {
                key: _inlined(answer, responses) for key, answer in operation["responses"].items()
            }
    return dict(content)


def _plain(part: Any) -> Any:  # noqa: ANN401 - any part of a document
    if isinstance(part, list):
        return [_plain(item) for item in part]
    if not isinstance(part, dict):
        return part
    made = {str(name).partition(";")[0]: _plain(value) for name, value in part.items()}
    if made.get("nullable") and isinstance(made.get("enum"), list) and None not in made["enum"]:
        made["enum"] = [*made["enum"], None]
    return made


def _inlined(answer: Mapping[str, Any], responses: Mapping[str, Any]) -> Mapping[str, Any]:
    reference = answer.get("$ref", "").removeprefix("#/components/responses/")
    return dict(responses[reference]) if reference in responses else answer
