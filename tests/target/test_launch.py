from __future__ import annotations

from typing import TYPE_CHECKING

import httpx
import pytest

from conformance.contract.conventions import Conventions, Embedded
from conformance.contract.files import known_systems, system_folder
from conformance.target.errors import NoEmbeddedTargetError
from conformance.target.launch import embedded_environment, launch
from conformance.target.reach import ReachSettings, probe
from conformance.target.settings import AppTarget, TargetSettings

if TYPE_CHECKING:
    from pathlib import Path

SYSTEM = known_systems()[0]
ECHO = "tests.target.apps:echo"


def conventions(embedded: Embedded | None = None) -> Conventions:
    return Conventions(
        system=SYSTEM,
        title="example gateway",
        contract_version="1.0",
        document="openapi.yaml",
        surfaces=("music", "tasks"),
        embedded=embedded,
    )


EMBEDDED = Embedded("tests.target.apps:make_echo", "/v1", "/_control")


@pytest.mark.parametrize(
    "control_url, placed",
    [
        (None, None),
        ("/_control", "https://api.example.com:8443/_control"),
        ("https://control.example.com/c", "https://control.example.com/c"),
    ],
)
def test_a_url_is_left_alone(control_url: str | None, placed: str | None, tmp_path: Path) -> None:
    url = "https://api.example.com:8443/v1"
    audio = "https://media.example.com/a.mp3"
    settings = TargetSettings(SYSTEM, base_url=url, control_url=control_url, reference_audio_url=audio)

    with launch(settings, conventions(), tmp_path) as running:
        pass

    assert (running.base_url, running.control_url, running.description) == (url, placed, url)
    assert (running.reference_audio_url, running.ca_file) == (audio, None)
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(
    "embedded, stated, path",
    [(EMBEDDED, None, "/v1"), (EMBEDDED, "/api", "/api"), (EMBEDDED, "", ""), (None, None, "")],
)
def test_an_application_is_served_below_the_path_of_its_api(
    embedded: Embedded | None, stated: str | None, path: str, tmp_path: Path
) -> None:
    settings = TargetSettings(SYSTEM, app=AppTarget(ECHO, factory=False, base_path=stated), control_url="/c")

    with launch(settings, conventions(embedded), tmp_path) as running:
        answer = httpx.get(f"{running.base_url}/tasks", trust_env=False)

    assert answer.json() == {"path": f"{path}/tasks", "environment": {}}
    assert running.control_url == f"{running.base_url.removesuffix(path)}/c"
    assert running.description == f"the application {ECHO}"
    assert (tmp_path / "target.log").is_file()


def test_the_embedded_implementation_is_told_what_it_may_fetch(tmp_path: Path) -> None:
    with launch(TargetSettings(SYSTEM), conventions(EMBEDDED), tmp_path) as running:
        environment = httpx.get(f"{running.base_url}/x", trust_env=False).json()["environment"]

    audio_url = running.reference_audio_url or ""
    assert audio_url.startswith("https://")
    assert environment == {
        "CONFORMANCE_REFERENCE_AUDIO_URL": audio_url,
        "CONFORMANCE_REFERENCE_DOCUMENT": str(system_folder(SYSTEM) / "openapi.yaml"),
        "CONFORMANCE_REFERENCE_FETCH_ALLOW": "/".join(audio_url.split("/")[:3]),
        "CONFORMANCE_REFERENCE_FETCH_CA": str(running.ca_file),
    }


def test_the_embedded_implementation_brings_its_control_interface(tmp_path: Path) -> None:
    with launch(TargetSettings(SYSTEM), conventions(EMBEDDED), tmp_path) as running:
        pass

    assert running.control_url == running.base_url.removesuffix("/v1") + "/_control"
    assert running.description == "the embedded implementation of example gateway"


def test_a_system_without_an_embedded_implementation_says_so(tmp_path: Path) -> None:
    with (
        pytest.raises(NoEmbeddedTargetError, match=r"^example gateway comes without an embedded"),
        launch(TargetSettings(SYSTEM), conventions(), tmp_path),
    ):
        pass


def test_a_sandbox_may_be_given_another_origin_to_fetch_from() -> None:
    with embedded_environment(conventions(EMBEDDED), ("https://files.example:8443", "ca.pem")) as environment:
        pass

    assert environment == {
        "CONFORMANCE_REFERENCE_DOCUMENT": str(system_folder(SYSTEM) / "openapi.yaml"),
        "CONFORMANCE_REFERENCE_FETCH_ALLOW": "https://files.example:8443",
        "CONFORMANCE_REFERENCE_FETCH_CA": "ca.pem",
    }


def test_without_one_it_gets_an_origin_that_answers() -> None:
    with embedded_environment(conventions(EMBEDDED)) as environment:
        origin = environment["CONFORMANCE_REFERENCE_FETCH_ALLOW"]
        found = probe(origin, way=ReachSettings(environment["CONFORMANCE_REFERENCE_FETCH_CA"]))

    assert found.problem is None
    assert environment["CONFORMANCE_REFERENCE_AUDIO_URL"].startswith(f"{origin}/")
