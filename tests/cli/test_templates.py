"""The GitHub Action, the GitLab CI component, the example of a gate and the image: what they run, and how it ends."""

from __future__ import annotations

import json
import os
import re
import stat
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
import yaml

from tests.cli.runs import CHECKOUT, clean_environment

if TYPE_CHECKING:
    from collections.abc import Mapping

OK, BROKEN, USAGE, UNJUDGED = 0, 1, 2, 5
CERTIFY = CHECKOUT / "templates" / "github" / "certify"
INSTALL = CERTIFY.with_name("install")
COMPONENT = CHECKOUT / "templates" / "conformance.yml"
PRE_DEPLOY = CHECKOUT / "examples" / "pre-deploy"
HOWTO = CHECKOUT / "docs" / "how-to" / "gate-a-deployment.md"
# A command that writes down how it was called, and ends as it was told to.
STAND_IN = """#!{python}
import json, os, pathlib, sys
if sys.argv[1] == "annotate":
    sys.exit(0)
pathlib.Path(os.environ["CALLED"]).write_text(json.dumps(sys.argv[1:]))
if "VERDICT" in os.environ:
    (reports,) = (word.partition("=")[2] for word in sys.argv if word.startswith("--report-dir="))
    run = pathlib.Path(reports, "run-1")
    run.mkdir(parents=True)
    run.joinpath("report.json").write_text(json.dumps({{"verdict": os.environ["VERDICT"], "more": 1}}, indent=2))
    run.joinpath("summary.md").write_text("summary")
sys.exit(int(os.environ.get("STATUS", "0")))
"""
URL = "https://staging.example.com/v1"
HOSTILE = """'; touch pwned; echo "$(touch pwned)" `touch pwned` #"""


def action() -> dict[str, Any]:
    content: dict[str, Any] = yaml.safe_load((CHECKOUT / "action.yml").read_text("utf-8"))
    return content


def component() -> tuple[dict[str, Any], dict[str, Any]]:
    header, body = yaml.safe_load_all(COMPONENT.read_text("utf-8"))
    (job,) = body.values()
    return header["spec"]["inputs"], job


def stand_in(folder: Path, name: str = "conformance") -> Path:
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(STAND_IN.format(python=sys.executable), "utf-8")
    path.chmod(path.stat().st_mode | stat.S_IXUSR)
    return path.parent


def shell(
    command: list[str], folder: Path, path: Path, variables: Mapping[str, str]
) -> subprocess.CompletedProcess[str]:
    for name in ("temp", "work"):
        (folder / name).mkdir(exist_ok=True)
    environment = clean_environment(
        PATH=f"{path}{os.pathsep}{os.environ['PATH']}",
        RUNNER_TEMP=str(folder / "temp"),
        GITHUB_OUTPUT=str(folder / "outputs"),
        GITHUB_STEP_SUMMARY=str(folder / "summary.md"),
        CALLED=str(folder / "called.json"),
        **variables,
    )
    return subprocess.run(
        command, cwd=folder / "work", env=environment, capture_output=True, text=True, check=False, timeout=400
    )


def called(folder: Path) -> list[str]:
    """The arguments of the stand-in, without the folder of the report."""
    arguments: list[str] = json.loads((folder / "called.json").read_text("utf-8"))
    return [argument for argument in arguments if not argument.startswith("--report-dir=")]


def outputs(folder: Path) -> dict[str, str]:
    lines = (folder / "outputs").read_text("utf-8").splitlines()
    return dict(line.split("=", 1) for line in lines)


def test_the_action_certifies_summarizes_annotates_and_names_the_report(tmp_path: Path) -> None:
    arguments = "--examples=1\n--no-heavy\n--surfaces=tasks\n\n--\n-k\ntest_tasks"

    step = shell(
        [str(CERTIFY)],
        tmp_path,
        Path(sys.executable).parent,
        {"GATE_ARGUMENTS": arguments, "GATE_MINIMUM_JUDGED": "99%"},
    )

    said = outputs(tmp_path)
    stopped, resumed = re.findall(r"^::(?:stop-commands::)?([0-9a-f]{32})(?:::)?$", step.stdout, re.MULTILINE)
    assert step.returncode == BROKEN, step.stdout + step.stderr
    assert stopped == resumed
    assert re.search(r"^::error title=The gate objects::Only \d+ of \d+ MUST that apply", step.stdout, re.MULTILINE)
    assert (said["verdict"], said["exit-status"]) == ("incomplete", "1")
    assert (Path(said["report"]) / "index.html").is_file()
    assert "MUST judged" in (tmp_path / "summary.md").read_text("utf-8")


def test_the_action_installs_the_suite_it_brings_with_tested_versions_away_from_the_job(tmp_path: Path) -> None:
    python = tmp_path / "python"
    python.write_text(f'#!/bin/sh\nmkdir -p "$3/bin" && cp {stand_in(tmp_path / "bin")}/conformance "$3/bin/python"\n')
    python.chmod(0o755)

    step = shell([str(INSTALL)], tmp_path, tmp_path, {"PYTHON": str(python), "GITHUB_PATH": str(tmp_path / "path")})

    assert step.returncode == OK, step.stderr
    assert called(tmp_path)[:3] == ["-m", "pip", "install"]
    assert called(tmp_path)[-3:] == ["--constraint", str(CHECKOUT / "constraints.txt"), str(CHECKOUT)]
    assert (tmp_path / "path").read_text("utf-8") == f"{tmp_path}/temp/conformance-suite/bin\n"


def test_inputs_of_the_action_become_options(tmp_path: Path) -> None:
    variables = {
        "GATE_URL": URL,
        "GATE_TARGET": "my target.toml",
        "GATE_EXPECTED_FAILURES": "expected.yaml",
        "GATE_STRICT": "true",
        "GATE_MAX_CREDITS": "310",
        "GATE_ARGUMENTS": "--tier\npaid",
    }

    shell([str(CERTIFY)], tmp_path, stand_in(tmp_path / "bin"), variables)

    assert called(tmp_path) == [
        *("run", "--target=my target.toml", "--expected-failures=expected.yaml", "--max-credits=310"),
        *("--strict", URL, "--tier", "paid"),
    ]


@pytest.mark.parametrize("status", [OK, BROKEN, 3, UNJUDGED])
def test_the_action_ends_as_the_run_does(tmp_path: Path, status: int) -> None:
    variables = {"GATE_URL": URL, "STATUS": str(status), "VERDICT": "conformant"}

    step = shell([str(CERTIFY)], tmp_path, stand_in(tmp_path / "bin"), variables)

    said = outputs(tmp_path)
    assert step.returncode == status
    assert (said["exit-status"], said["verdict"]) == (str(status), "conformant")
    assert Path(said["report"]).name == "run-1"


@pytest.mark.parametrize("status, end", [(OK, 3), (BROKEN, BROKEN), (UNJUDGED, UNJUDGED)])
def test_a_run_without_a_report_is_never_green(tmp_path: Path, status: int, end: int) -> None:
    step = shell([str(CERTIFY)], tmp_path, stand_in(tmp_path / "bin"), {"GATE_URL": URL, "STATUS": str(status)})

    assert step.returncode == end
    assert outputs(tmp_path) == {"exit-status": str(end)}


def test_an_address_that_is_empty_never_certifies_the_embedded_implementation(tmp_path: Path) -> None:
    step = shell([str(CERTIFY)], tmp_path, stand_in(tmp_path / "bin"), {"GATE_URL": "", "GATE_STRICT": "true"})
    job = run_of_component(tmp_path, {"GATE_URL": ""})

    assert (step.returncode, job.returncode) == (USAGE, USAGE)
    assert "url or target is missing" in step.stderr
    assert not (tmp_path / "called.json").exists()


def test_strictness_that_is_misspelled_is_refused(tmp_path: Path) -> None:
    step = shell([str(CERTIFY)], tmp_path, stand_in(tmp_path / "bin"), {"GATE_URL": URL, "GATE_STRICT": "yes"})

    assert step.returncode == USAGE
    assert not (tmp_path / "called.json").exists()


def test_an_empty_key_is_no_key(tmp_path: Path) -> None:
    folder = stand_in(tmp_path / "bin")
    script = folder / "conformance"
    script.write_text(script.read_text("utf-8").replace("sys.argv[1:]", "'CONFORMANCE_API_KEY' in os.environ"), "utf-8")

    shell([str(CERTIFY)], tmp_path, folder, {"GATE_URL": URL, "CONFORMANCE_API_KEY": ""})

    assert json.loads((tmp_path / "called.json").read_text("utf-8")) is False


def test_no_input_is_ever_a_command(tmp_path: Path) -> None:
    names = [name for name in action_variables() if name not in ("GATE_URL", "GATE_STRICT")]

    shell([str(CERTIFY)], tmp_path, stand_in(tmp_path / "bin"), dict.fromkeys(names, HOSTILE))

    assert [argument for argument in called(tmp_path) if HOSTILE in argument]
    assert not list(tmp_path.rglob("pwned"))


@pytest.mark.parametrize("url", [HOSTILE, "--max-credits=1000000", "ftp://example.com"])
def test_a_url_that_is_none_is_refused_before_anything_runs(tmp_path: Path, url: str) -> None:
    step = shell([str(CERTIFY)], tmp_path, stand_in(tmp_path / "bin"), {"GATE_URL": url})

    assert step.returncode == USAGE
    assert "must begin with http" in step.stderr
    assert not (tmp_path / "called.json").exists()


def action_variables() -> dict[str, str]:
    (step,) = (step for step in action()["runs"]["steps"] if step.get("id") == "certify")
    variables: dict[str, str] = step["env"]
    return variables


def test_every_input_of_the_action_is_handed_on_and_none_stands_in_a_script() -> None:
    content = action()
    text = (CHECKOUT / "action.yml").read_text("utf-8")
    script = CERTIFY.read_text("utf-8")

    assert [name for name in content["inputs"] if f"${{{{ inputs.{name} }}}}" not in text] == []
    assert [name for name in action_variables() if name not in script] == []
    assert [step["run"] for step in content["runs"]["steps"] if "${{" in step.get("run", "")] == []


def test_the_report_is_kept_whatever_became_of_the_run() -> None:
    (keeping,) = (step for step in action()["runs"]["steps"] if "upload-artifact" in step.get("uses", ""))

    assert keeping["if"].startswith("always()")


def run_of_component(folder: Path, given: Mapping[str, str], status: int = OK) -> subprocess.CompletedProcess[str]:
    _, job = component()
    variables = {name: given.get(name, "") for name in job["variables"]}
    stand_in(folder / "work" / ".conformance" / "bin")
    (script,) = job["script"]
    return shell(["sh", "-ec", script], folder, folder, {**variables, "STATUS": str(status)})


def test_inputs_of_the_component_become_options(tmp_path: Path) -> None:
    given = {"GATE_URL": URL, "GATE_LEVELS": "MUST", "GATE_MINIMUM_JUDGED": "90%"}

    run_of_component(tmp_path, given)

    assert called(tmp_path) == ["run", "--minimum-judged=90%", "--levels=MUST", URL]


@pytest.mark.parametrize("status", [OK, BROKEN, UNJUDGED])
def test_the_component_ends_as_the_run_does(tmp_path: Path, status: int) -> None:
    assert run_of_component(tmp_path, {"GATE_URL": URL}, status).returncode == status


def test_no_input_of_the_component_is_ever_a_command(tmp_path: Path) -> None:
    _, job = component()
    run_of_component(tmp_path, {name: HOSTILE for name in job["variables"] if name != "GATE_URL"})

    assert len(called(tmp_path)) == len(job["variables"]) - 1
    assert not list(tmp_path.rglob("pwned"))


def test_every_input_of_the_component_is_used_and_none_stands_in_a_script() -> None:
    inputs, job = component()
    body = COMPONENT.read_text("utf-8").partition("\n---\n")[2]

    assert [name for name in inputs if f"$[[ inputs.{name} ]]" not in body] == []
    assert "$[[" not in "".join((*job["script"], *job["before_script"]))


@pytest.mark.parametrize(
    "status, words",
    [(OK, "may go to production"), (BROKEN, "breaks"), (3, "went wrong"), (UNJUDGED, "Nothing could be")],
)
def test_only_a_green_run_lets_a_release_pass(tmp_path: Path, status: int, words: str) -> None:
    step = shell([str(PRE_DEPLOY), URL, "--strict"], tmp_path, stand_in(tmp_path / "bin"), {"STATUS": str(status)})

    expected = PRE_DEPLOY.parent / "expected-failures.yaml"
    assert step.returncode == status
    assert words in step.stdout + step.stderr
    assert called(tmp_path) == [
        *("run", "--quiet", "--minimum-judged=90%", f"--expected-failures={expected}", URL, "--strict")
    ]


@pytest.mark.parametrize("url", ["--help", "staging.example.com"])
def test_what_is_no_url_lets_no_release_pass(tmp_path: Path, url: str) -> None:
    step = shell([str(PRE_DEPLOY), url], tmp_path, stand_in(tmp_path / "bin"), {})

    assert step.returncode == USAGE
    assert "may go" not in step.stdout


@pytest.mark.parametrize("name", ["github-workflow.yml", "gitlab-ci.yml", "expected-failures.yaml"])
def test_the_guide_shows_the_examples_as_they_are(name: str) -> None:
    example = (CHECKOUT / "examples" / name).read_text("utf-8")
    shown = re.findall(r"```yaml\n(.*?)```", HOWTO.read_text("utf-8"), re.DOTALL)

    assert example in shown


def test_the_workflow_of_a_newcomer_has_ten_lines() -> None:
    assert len((CHECKOUT / "examples" / "github-workflow.yml").read_text("utf-8").splitlines()) == 10


def test_the_image_runs_as_an_ordinary_user() -> None:
    last = re.split(r"^FROM ", (CHECKOUT / "Dockerfile").read_text("utf-8"), flags=re.MULTILINE)[-1]

    (user,) = re.findall(r"^USER (\d+)$", last, re.MULTILINE)
    assert int(user) > 0
    assert last.index("\nUSER ") < last.index("\nENTRYPOINT ")


def test_what_goes_into_the_image_is_enough_for_a_wheel(tmp_path: Path) -> None:
    allowed = (CHECKOUT / ".dockerignore").read_text("utf-8").splitlines()
    for name in (line.removeprefix("!") for line in allowed if line.startswith("!")):
        (tmp_path / name).symlink_to(CHECKOUT / name)

    built = subprocess.run(
        [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(tmp_path / "dist")],
        cwd=tmp_path,
        env=clean_environment(),
        capture_output=True,
        text=True,
        check=False,
    )

    assert built.returncode == OK, built.stderr
    assert list((tmp_path / "dist").glob("music_api_conformance-*.whl"))
