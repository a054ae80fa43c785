"""The kill matrix as it is published: one file for each system, and one page about all of them."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Final

from jinja2 import Environment, PackageLoader, StrictUndefined

from conformance.contract.files import known_systems, specs_root, system_folder
from conformance.contract.matrices import MATRIX_FILE, KillMatrix, load_live_column, load_matrix

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from conformance.contract.matrices import LiveColumn, ProvableRequirement, ProvedMutant, ProvedReference

_VERSION: Final = "1.0"


class NoDocumentationError(Exception):
    """The matrix is published in the documentation of a checkout, and here is none."""


def publish(matrix: KillMatrix, system: str) -> tuple[Path, ...]:
    """
    Write the matrix of one system, and the page about all systems; returns what was written.

    Raises:
        NoDocumentationError: this is an installation without the project's documentation.
    """
    folder = documentation_folder()
    data = system_folder(system) / MATRIX_FILE
    data.write_text(as_text(matrix), "utf-8")
    load_matrix.cache_clear()
    return data, publish_page(folder)


def publish_page(folder: Path | None = None) -> Path:
    """Write the page about all systems; returns where."""
    page = (folder or documentation_folder()) / "kill-matrix.md"
    page.write_text(as_page(whole_matrix(), live_columns()), "utf-8")
    return page


def live_columns() -> dict[str, LiveColumn]:
    """The live columns of the systems that have one."""
    found = {system: load_live_column(system) for system in known_systems()}
    return {system: column for system, column in found.items() if column is not None}


def documentation_folder() -> Path:
    """
    The folder of the project's documentation.

    Raises:
        NoDocumentationError: it is not there.
    """
    folder = specs_root().parent / "docs"
    if not folder.is_dir():
        raise NoDocumentationError("The kill matrix is part of the documentation; write it in a checkout.")
    return folder


def whole_matrix() -> KillMatrix:
    """The matrices of all systems as one."""
    found = [matrix for matrix in map(load_matrix, known_systems()) if matrix is not None]
    return KillMatrix(
        requirements=tuple(entry for matrix in found for entry in matrix.requirements),
        mutants=tuple(entry for matrix in found for entry in matrix.mutants),
        references=tuple(entry for matrix in found for entry in matrix.references),
    )


def headline(matrix: KillMatrix) -> str:
    """The matrix in one line."""
    counts = _summary(matrix)
    return (
        f"{counts['mutants']} mutants, {counts['killed']} killed, {counts['attributed']} attributed "
        f"({counts['with_consequences']} with declared consequences), "
        f"{counts['requirements']} requirements, {counts['proved']} proved"
    )


def document_line(matrix: KillMatrix) -> str:
    """In one line what the document alone proves."""
    counts = _summary(matrix)
    share = 100 * counts["noticed_by_document"] / max(counts["mutants"], 1)
    return (
        f"The document alone: {counts['killed_by_document']} killed, "
        f"{counts['noticed_by_document']} noticed ({share:.1f} %)"
    )


def as_text(matrix: KillMatrix) -> str:
    """The matrix as `specs/schemas/kill-matrix.schema.json` describes it."""
    content = {
        "matrix_version": _VERSION,
        "summary": _summary(matrix),
        "references": [_reference(entry) for entry in matrix.references],
        "mutants": [_mutant(entry) for entry in matrix.mutants],
        "requirements": [_requirement(entry, matrix) for entry in matrix.requirements],
    }
    return f"{json.dumps(content, indent=1, ensure_ascii=False)}\n"


def as_page(matrix: KillMatrix, live: Mapping[str, LiveColumn] | None = None) -> str:
    """The matrix as a page to be read, with what was found on live deployments."""
    environment = Environment(
        loader=PackageLoader("conformance.mutants"),
        autoescape=False,  # noqa: S701 - Markdown made of our own words
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    environment.filters["cell"] = lambda text: " ".join(str(text).split()).replace("|", "\\|")
    systems = sorted({entry.system for entry in matrix.requirements})
    return environment.get_template("kill-matrix.md").render(
        systems=systems,
        matrix=matrix,
        counts=_summary(matrix),
        headline=headline(matrix),
        document_line=document_line(matrix),
        live_lines=[_live_line(matrix, column) for column in (live or {}).values()],
        live=lambda mutant: _live_words(mutant, (live or {}).get(mutant.system)),
    )


def _live_line(matrix: KillMatrix, column: LiveColumn) -> str:
    """In one line what is found on a live deployment."""
    tried = [mutant for mutant in matrix.mutants if mutant.system == column.system and mutant.id in column.failed]
    killed = sum(bool(column.killed(mutant.id, mutant.breaks, mutant.consequences)) for mutant in tried)
    share = 100 * killed / max(len(tried), 1)
    return (
        f"A live deployment of {column.system} (no control interface, real money, a cap of {column.cap}): "
        f"{killed} of {len(tried)} killed ({share:.1f} %)"
    )


def _live_words(mutant: ProvedMutant, column: LiveColumn | None) -> str:
    killed = None if column is None else column.killed(mutant.id, mutant.breaks, mutant.consequences)
    if column is None or killed is None:
        return "not tried"
    return "killed" if killed else column.misses.get(mutant.id, "missed")


def _summary(matrix: KillMatrix) -> dict[str, int]:
    mutants = matrix.mutants
    return {
        "mutants": len(mutants),
        "killed": sum(mutant.killed for mutant in mutants),
        "attributed": sum(mutant.attributed for mutant in mutants),
        "with_consequences": sum(bool(mutant.consequences) for mutant in mutants),
        "killed_by_document": sum(mutant.killed_by_document for mutant in mutants),
        "noticed_by_document": sum(mutant.noticed_by_document for mutant in mutants),
        "requirements": len(matrix.requirements),
        "proved": sum(bool(matrix.killers(requirement.id)) for requirement in matrix.requirements),
    }


def _reference(entry: ProvedReference) -> dict[str, Any]:
    return {
        "system": entry.system,
        "failed": sorted(entry.failed),
        "failed_by_document": sorted(entry.failed_by_document),
    }


def _mutant(entry: ProvedMutant) -> dict[str, Any]:
    return {
        "id": entry.id,
        "system": entry.system,
        "breaks": entry.breaks,
        "story": entry.story,
        "failed": sorted(entry.failed),
        "killed": entry.killed,
        "attributed": entry.attributed,
        "consequences": [{"requirement": name, "reason": why} for name, why in sorted(entry.consequences.items())],
        "failed_by_document": sorted(entry.failed_by_document),
        "killed_by_document": entry.killed_by_document,
    }


def _requirement(entry: ProvableRequirement, matrix: KillMatrix) -> dict[str, Any]:
    killers = matrix.killers(entry.id)
    return {
        "id": entry.id,
        "system": entry.system,
        "level": entry.level,
        "killed_by": [mutant.id for mutant in killers],
        "killed_by_document": [mutant.id for mutant in killers if mutant.killed_by_document],
    }
