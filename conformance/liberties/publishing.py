"""The tolerance matrix as it is published: one file for each system, and one page about all of them."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Final

from jinja2 import Environment, PackageLoader, StrictUndefined

from conformance.contract.files import known_systems, system_folder
from conformance.contract.liberties import load_liberties
from conformance.contract.matrices import TOLERANCE_FILE, ToleranceMatrix, load_tolerance
from conformance.mutants.publishing import documentation_folder

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from conformance.contract.matrices import ToleratedRun

_VERSION: Final = "1.0"
_PAGE: Final = "tolerance-matrix.md"


def publish(matrix: ToleranceMatrix) -> tuple[Path, ...]:
    """
    Write the matrix of one system, and the page about all systems; returns what was written.

    Raises:
        NoDocumentationError: this is an installation without the project's documentation.
    """
    folder = documentation_folder()
    data = system_folder(matrix.system) / TOLERANCE_FILE
    data.write_text(as_text(matrix), "utf-8")
    load_tolerance.cache_clear()
    page = folder / _PAGE
    page.write_text(as_page(known_matrices()), "utf-8")
    return data, page


def known_matrices() -> tuple[ToleranceMatrix, ...]:
    """The matrices of all systems that have one."""
    return tuple(matrix for matrix in map(load_tolerance, known_systems()) if matrix is not None)


def headline(matrix: ToleranceMatrix) -> str:
    """The matrix in one line."""
    counts = _summary(matrix)
    return (
        f"{counts['liberties']} liberties alone and {counts['combinations']} combinations in {counts['runs']} runs: "
        f"{counts['failed']} failed requirements, {counts['erred']} errors"
    )


def as_text(matrix: ToleranceMatrix) -> str:
    """The matrix as `specs/schemas/tolerance-matrix.schema.json` describes it, a run in each line."""
    head = {"matrix_version": _VERSION, "system": matrix.system, "summary": _summary(matrix)}
    runs = ",\n".join(f"  {_line(run)}" for run in sorted(matrix.runs, key=lambda run: (len(run.liberties), run.key)))
    return f'{json.dumps(head, indent=1)[:-2]},\n "runs": [\n{runs}\n ]\n}}\n'


def as_page(matrices: Sequence[ToleranceMatrix]) -> str:
    """The matrices as a page to be read."""
    environment = Environment(
        loader=PackageLoader("conformance.liberties"),
        autoescape=False,  # noqa: S701 - Markdown made of our own words
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    environment.filters["cell"] = lambda text: " ".join(str(text).split()).replace("|", "\\|")
    template = environment.get_template(_PAGE)
    return template.render(matrices=matrices, headline=headline, liberties_of=load_liberties)


def _summary(matrix: ToleranceMatrix) -> dict[str, int]:
    return {
        "liberties": len({run.liberties for run in matrix.alone}),
        "combinations": len({run.liberties for run in matrix.combined}),
        "runs": len(matrix.runs),
        "failed": sum(len(run.failed) for run in matrix.runs),
        "erred": sum(len(run.erred) for run in matrix.runs),
    }


def _line(run: ToleratedRun) -> str:
    content: dict[str, Any] = {
        "liberties": list(run.liberties),
        "money": run.way.money,
        "workers": run.way.workers,
        "failed": sorted(run.failed),
        "erred": sorted(run.erred),
        "judged": run.judged,
        "passed": sorted(run.passed),
    }
    return json.dumps(content, ensure_ascii=False)
