"""The overlay of a run: what its document would have to say for its findings of this kind to go away."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import quote

import yaml

from conformance.contract.errors import ContractError
from conformance.contract.external.read import read_document
from conformance.report.errors import ReportNotWrittenError
from conformance.report.overlay.answers import answers_proposed
from conformance.report.overlay.members import members_proposed
from conformance.report.overlay.places import DocumentPlaces
from conformance.report.text import one_line
from conformance.report.write import write_file
from conformance.target.remote_document import is_remote

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from conformance.monitors.traffic import Traffic
    from conformance.report.overlay.actions import Proposals

_MOST_CHANGES: Final = 500
_LEFT_SHOWN: Final = 20
_LONGEST: Final = 300
_ABOUT: Final = (
    "Proposals, made of what a target was seen to answer. Each says what was seen, not what is right: where the answer "
    "is a fault of the server, leave the proposal out."
)


def overlay_of(raw: Mapping[str, Any], extends: str, traffic: Traffic, missing: Collection[str]) -> dict[str, Any]:
    """
    An OpenAPI Overlay 1.0 for a document as its user wrote it; its `actions` are empty where nothing is to be proposed.

    Proposed are statuses and media types that were answered and that the document does not have, and types of members.
    Of operations that are `missing` nothing is.
    """
    places = DocumentPlaces(raw)
    found = (answers_proposed(places, traffic, missing), members_proposed(places, traffic))
    changes = [change for proposals in found for change in proposals.changes]
    conventions = traffic.contract.conventions
    return {
        "overlay": "1.0.0",
        "info": {
            "title": one_line(f"What {conventions.title} was seen to answer", _LONGEST),
            "version": one_line(conventions.contract_version, _LONGEST),
            "description": "\n".join([_ABOUT, *_left(found, len(changes) - _MOST_CHANGES)]),
        },
        "extends": extends,
        "actions": [action.as_json() for change in changes[:_MOST_CHANGES] for action in change],
    }


def _left(found: Collection[Proposals], beyond: int) -> list[str]:
    """Sentences on what was seen and is not proposed."""
    left = [one_line(f"Not proposed: {said}.", _LONGEST) for proposals in found for said in proposals.left]
    more = len(left) - _LEFT_SHOWN
    told = [*left[:_LEFT_SHOWN], *([f"{more} more were not proposed for such reasons."] if more > 0 else [])]
    return [*told, *([f"{beyond} further changes have no room here."] if beyond > 0 else [])]


def write_overlay(document: Path, given: str, path: Path, traffic: Traffic, missing: Collection[str]) -> str:
    """
    Write the overlay for the document in a file, as JSON or YAML by the name of its own file; returns what was done.

    `given` is how the user named the document, which may have been a URL.

    No file is written where nothing is to be proposed, as an overlay has at least one action.

    Raises:
        ReportNotWrittenError: the file can't be written, or the document can't be read any more.
    """
    relative = quote(Path(os.path.relpath(document, path.resolve().parent)).as_posix())
    try:
        raw = read_document(document)
    except ContractError as error:
        raise ReportNotWrittenError(f"No overlay can be written to {path}: {error}") from error
    overlay = overlay_of(raw, given if is_remote(given) else relative, traffic, missing)
    if not overlay["actions"]:
        return f"{path} was not written: no change of the document is proposed"
    if path.suffix == ".json":
        text = f"{json.dumps(overlay, indent=2, ensure_ascii=False)}\n"
    else:
        text = yaml.dump(overlay, Dumper=_Plain, sort_keys=False, allow_unicode=True, width=100)
    write_file(path, text.encode())
    return f"{path} proposes changes of the document; each says what was seen"


class _Plain(yaml.SafeDumper):
    """YAML in which everything is written out: what stands in two places has no name to be referred to by."""

    def ignore_aliases(self, data: object) -> bool:  # noqa: ARG002 - the signature of the library
        return True
