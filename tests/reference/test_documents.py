from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from conformance.reference.beatra.settings import ReferenceSettings
from tests.reference.sandbox import Sandbox

FILE = Path(__file__).parents[2] / "specs" / "beatra" / "openapi.yaml"
PATHS = ["/openapi.yaml", "/openapi.json", "/llms.txt"]


def test_the_document_is_served_as_yaml_and_as_the_same_json() -> None:
    with Sandbox(ReferenceSettings(document=FILE)) as sandbox:
        as_yaml, as_json, index = (sandbox.send("GET", path) for path in PATHS)

    assert as_yaml.text == FILE.read_text(encoding="utf-8")
    assert as_json.json() == yaml.safe_load(as_yaml.text)
    assert (as_yaml.headers["content-type"], as_json.headers["content-type"]) == (
        "application/yaml",
        "application/json",
    )
    assert "- POST /music/text-to-music: " in index.text
    assert "- /openapi.json" in index.text


@pytest.mark.parametrize("path", PATHS)
def test_an_instance_without_a_document_serves_none(sandbox: Sandbox, path: str) -> None:
    assert sandbox.send("GET", path).status_code == 404
