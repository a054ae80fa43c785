"""Where in its files a contract says something, for tools that open a file at a line."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Final
from urllib.parse import quote

import yaml

from conformance.contract.errors import UnreadableYamlError
from conformance.contract.files import compose_yaml, specs_root

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from conformance.contract.contract import Contract
    from conformance.contract.document import Document

_TOP: Final = 1


@dataclass(frozen=True, slots=True)
class SourceLine:
    """A line of a file, counted from 1; `file` is a URI, relative where the file stands below the present folder."""

    file: str
    number: int


class ContractLines:
    """
    The lines of a contract's document and of its list of requirements (None: they follow from the document).

    Files are read when a line is asked for. Addresses of files below `folder` are relative to it.
    """

    def __init__(self, document: Document, path: Path, folder: Path, requirements: Path | None = None) -> None:
        self._document = document
        self._path = path
        self._folder = folder
        self._requirements = requirements

    def operation(self, operation_id: str, status: int | None = None) -> SourceLine | None:
        """
        The line of an operation, None where the document has none of that name.

        With an HTTP status it is the line of the response that the document gives for it, where it gives one.
        """
        operation = self._document.operations.get(operation_id)
        if operation is None:
            return None
        place = ("paths", operation.path, operation.method.lower())
        answer = None if status is None else operation.answer(status)
        finer = [] if answer is None else [(*place, "responses", answer.key)]
        found = (self._document_lines.get(way) for way in (*finer, place))
        return SourceLine(self._uri(self._path), next((line for line in found if line is not None), _TOP))

    def requirement(self, requirement_id: str) -> SourceLine | None:
        """The line that begins a requirement in the list, None for one that follows from the document."""
        line = self._requirement_lines.get(requirement_id)
        return None if line is None or self._requirements is None else SourceLine(self._uri(self._requirements), line)

    @property
    def top(self) -> SourceLine:
        """The first line of the document, for what stands nowhere else."""
        return SourceLine(self._uri(self._path), _TOP)

    @cached_property
    def _document_lines(self) -> Mapping[tuple[str, ...], int]:
        """The lines of all operations and of their responses, by the names that lead to them."""
        return dict(_keys(_composed(self._path), ("paths", "*", "*", "responses", "*")))

    @cached_property
    def _requirement_lines(self) -> Mapping[str, int]:
        root = None if self._requirements is None else _composed(self._requirements)
        entries = next((value for key, value in _members(root) if key.value == "requirements"), None)
        found = entries.value if isinstance(entries, yaml.SequenceNode) else []
        return {
            value.value: key.start_mark.line + 1
            for entry in found
            for key, value in _members(entry)
            if key.value == "id"
        }

    def _uri(self, path: Path) -> str:
        # The files of the suite's own systems have the same name in a checkout and in an installation.
        for folder, name in ((specs_root().resolve(), Path("specs")), (self._folder.resolve(), Path())):
            if path.resolve().is_relative_to(folder):
                return quote((name / path.resolve().relative_to(folder)).as_posix())
        return path.resolve().as_uri()


def lines_of(contract: Contract, external: Path | None, folder: Path) -> ContractLines:
    """The lines of a contract: of the `external` document, else of the files that come with the suite."""
    if external is not None:
        return ContractLines(contract.document, external, folder)
    system = specs_root() / contract.system
    return ContractLines(contract.document, system / contract.document.name, folder, system / "requirements.yaml")


def _composed(path: Path) -> yaml.Node | None:
    """The nodes of a file with their places; None where it can't be read any more, after the run that read it."""
    try:
        root = compose_yaml(path.read_text("utf-8"))
    except (OSError, ValueError, UnreadableYamlError):
        return None
    return root


def _keys(
    node: yaml.Node | None, pattern: tuple[str, ...], way: tuple[str, ...] = ()
) -> Iterator[tuple[tuple[str, ...], int]]:
    """Every key that lies on the way of a pattern, by the keys that lead to it, with its line."""
    if not pattern:
        return
    for key, value in _members(node):
        if pattern[0] in ("*", key.value):
            here = (*way, key.value)
            yield here, key.start_mark.line + 1
            yield from _keys(value, pattern[1:], here)


def _members(node: yaml.Node | None) -> Iterator[tuple[yaml.ScalarNode, yaml.Node]]:
    if isinstance(node, yaml.MappingNode):
        yield from ((key, value) for key, value in node.value if isinstance(key, yaml.ScalarNode))
