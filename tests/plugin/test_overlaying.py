"""`--write-overlay`: a run proposes how its document becomes true, and by the corrected one nothing fails."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import yaml

from tests.cli.runs import conformance
from tests.report.overlays import applied

if TYPE_CHECKING:
    from tests.cli.runs import Finished

LODGE: Final = Path(__file__).parents[1] / "resources" / "lodge" / "openapi.yaml"
USAGE: Final = 2
CONFORMS: Final = "LODGE-listRooms-CONFORMS"


def _verdict(run: Finished) -> str:
    return dict(run.verdicts)[CONFORMS]


def test_a_document_is_corrected_by_what_its_run_proposes(tmp_path: Path) -> None:
    document: dict[str, Any] = yaml.safe_load(LODGE.read_text("utf-8"))
    listing = document["paths"]["/rooms"]["get"]
    del listing["responses"]["422"]
    document["paths"] = {"/rooms": {"get": listing}}
    (tmp_path / "openapi.json").write_text(json.dumps(document), "utf-8")
    target = ("--app", "tests.resources.lodge.app:create_app", "--factory", "--examples", "1")
    run = conformance("run", *target, "--spec", "openapi.json", "--write-overlay", "overlay.yaml", folder=tmp_path)

    assert _verdict(run) == "fail"
    assert f"Overlay: {tmp_path / 'overlay.yaml'} proposes changes" in run.output

    overlay = yaml.safe_load((tmp_path / "overlay.yaml").read_text("utf-8"))
    later = tmp_path / "later"
    later.mkdir()
    (later / "corrected.json").write_text(json.dumps(applied(document, overlay)), "utf-8")
    again = conformance("run", *target, "--spec", "corrected.json", "--write-overlay", "none.yaml", folder=later)

    assert _verdict(again) == "pass"
    assert "no change of the document is proposed" in again.output
    assert not (later / "none.yaml").exists()


def test_there_has_to_be_a_document_to_correct(tmp_path: Path) -> None:
    run = conformance("run", "--write-overlay", "overlay.yaml", folder=tmp_path)

    assert run.status == USAGE
    assert "--write-overlay proposes changes of your document; name that with --spec." in run.output
