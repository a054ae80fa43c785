"""The first requests find out which documented operations are there; what is not there is said once, at the top."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.cli.runs import KEY, conformance
from tests.cli.studio.app import KEY as STUDIO_KEY
from tests.cli.test_any_document import STUDIO, failing

if TYPE_CHECKING:
    from pathlib import Path

    from tests.cli.runs import Finished

INCONCLUSIVE = 5


def run_studio(folder: Path, app: str, *arguments: str, **environment: str) -> Finished:
    described = ("--spec", str(STUDIO / "openapi.yaml"), "--conventions", str(STUDIO / "conventions.yaml"))
    arguments = ("--app", app, *described, "--seed", "1", "--examples", "2", *arguments)
    return conformance("run", *arguments, folder=folder, environment=environment or {KEY: STUDIO_KEY})


def with_key(run: Finished, verdict: str) -> set[str]:
    return {name for name, given in run.verdicts if given == verdict}


def test_an_application_without_routes_passes_nothing_and_one_sentence_says_why(tmp_path: Path) -> None:
    run = run_studio(tmp_path, "tests.cli.targets:without_routes")

    said = [
        line for line in run.output.splitlines() if "No documented operation answers below http://127.0.0.1:" in line
    ]
    assert run.status == INCONCLUSIVE
    assert {verdict for _, verdict in run.verdicts} == {"inconclusive"}
    assert len(said) == 1
    assert "/v2: GET /loops, GET /voices, POST /loops, POST /samples are answered with 404. Is the base URL" in said[0]


def test_a_base_path_that_is_wrong_is_told_together_with_the_right_one(tmp_path: Path) -> None:
    (tmp_path / "target.toml").write_text('[target]\nbase_url = "http://localhost/v1"\n', "utf-8")

    run = run_studio(tmp_path, "tests.cli.studio.app:create_app", "--factory", "--target", "target.toml")

    assert run.status == INCONCLUSIVE
    assert with_key(run, "pass") == set()
    assert '; below /v2 they are there: state base_url = "http://localhost/v2" under [target] in' in run.output


def test_an_operation_that_is_missing_is_said_once_and_nothing_else_is_blamed(tmp_path: Path) -> None:
    run = run_studio(tmp_path, "tests.cli.targets:without_voices", "--factory")

    top = run.output.partition("conformance =")[2].splitlines()[:3]
    assert run.report["headline"].startswith("incomplete with 1 broken SHOULD · ")
    assert failing(run) == {"listVoices-ACCEPTS"}
    assert any(line.startswith("The target has no GET /voices (got 404 for every request)") for line in top)


def test_a_target_that_wants_a_key_which_is_not_sent_is_told_from_one_that_refuses_it(tmp_path: Path) -> None:
    for folder in ("a", "b"):
        (tmp_path / folder).mkdir()
    refused = run_studio(tmp_path / "a", "tests.cli.studio.app:create_app", "--factory", **{KEY: "another-0123456789"})
    unsent = run_studio(tmp_path / "b", "tests.cli.studio.app:create_app", "--factory", "--no-auth")

    assert "The target refuses the key at once: GET /loops at " in refused.output
    assert "The target asks for a key, and none is sent (--no-auth): GET /loops at " in unsent.output
    assert (refused.status, unsent.status) == (INCONCLUSIVE, INCONCLUSIVE)


def test_a_key_may_stand_in_a_header_of_the_user_s_own(tmp_path: Path) -> None:
    header = ("-H", "X-Studio-Key: $STUDIO")
    run = run_studio(tmp_path, "tests.cli.studio.app:create_app", "--factory", *header, STUDIO=STUDIO_KEY)

    assert {verdict for _, verdict in run.verdicts} <= {"pass", "inconclusive"}
    assert with_key(run, "pass")
    assert not any(STUDIO_KEY.encode() in path.read_bytes() for path in run.folder.rglob("*") if path.is_file())
