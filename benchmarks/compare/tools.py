"""The tools that are compared: how each is run against a subject, and what it found there."""

from __future__ import annotations

import json
import re
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final
from xml.etree import ElementTree as ET

from compare.installing import JAVA, NODE, PACKAGES
from compare.measuring import Step

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from compare.subjects import Subject

DOCUMENT: Final = "openapi.yaml"
_BIN: Final = PACKAGES / "node_modules" / ".bin"
_SPECMATIC: Final = PACKAGES / "node_modules" / "specmatic" / "specmatic.jar"
_SCHEMATHESIS: Final = Path(sys.executable).with_name("schemathesis")
_QUIET: Final = {"REDOCLY_TELEMETRY": "off", "REDOCLY_SUPPRESS_UPDATE_NOTICE": "true", "NO_COLOR": "1"}
# What specmatic says is wrong: the place and the rule, without the values of the moment.
_PLACE: Final = re.compile(r">> \S+|R\d{4}|status \d+|type \w+")


@dataclass(frozen=True, slots=True)
class Job:
    """One run of a tool: in which folder, against what, at which URL, with which seed where it takes one."""

    folder: Path
    subject: Subject
    url: str
    seed: int

    def file(self, pattern: str) -> Path:
        """The one file that a tool has left under a pattern (raises `NoReportError`)."""
        found = sorted(self.folder.glob(pattern))
        if not found:
            raise NoReportError(f"no {pattern}")
        return found[-1]


class NoReportError(Exception):
    """A tool ended without a report, so nobody knows what it found."""


@dataclass(frozen=True, slots=True)
class Tool:
    """
    A tool in one way of using it.

    `steps` are its commands; `failures` reads from what they left which different failures it shows. `needs` are the
    programs without which it can't be run; one that is `slow` takes part on request only.
    """

    name: str
    package: str
    steps: Callable[[Job], list[Step]]
    failures: Callable[[Job], Iterator[str]]
    needs: tuple[str, ...] = ()
    slow: bool = False


def ours(*arguments: str, conventions: bool = False, document: bool = True) -> Callable[[Job], list[Step]]:
    """Runs of this suite by the subject's document, or by what comes with the suite for a system of that name."""

    def steps(job: Job) -> list[Step]:
        stated = ["--spec", DOCUMENT] if document else ["--system", job.subject.name, "--control-url", "/_control"]
        if conventions and job.subject.conventions:
            stated += ["--conventions", str(job.subject.conventions)]
        target = f'[target]\nbase_url = "{job.url}"\nmoney = "play"\n'
        (job.folder / "target.toml").write_text(target, "utf-8")
        run = ["run", "--target", "target.toml", *stated, "--seed", str(job.seed), *arguments]
        key = {"CONFORMANCE_API_KEY": job.subject.key}
        return [Step([sys.executable, "-m", "conformance", *run], "output.txt", key)]

    return steps


def of_ours(job: Job) -> Iterator[str]:
    """The requirements that fail (raises `NoReportError` where the suite itself erred)."""
    entries = _json(job.file("reports/*/report.json"))["requirements"]
    erred = [entry["id"] for entry in entries if entry["verdict"] == "error"]
    if erred:
        # An error is about the suite: it tells nothing of the server.
        raise NoReportError(f"{len(erred)} errors of the suite itself, the first {erred[0]}")
    yield from (entry["id"] for entry in entries if entry["verdict"] == "fail")


def schemathesis_run(job: Job) -> list[Step]:
    """The command line of schemathesis with nothing but document, URL and key."""
    header = f"{job.subject.header}: {job.subject.credentials}"
    run = ["run", DOCUMENT, "--url", job.url, "-H", header, "--seed", str(job.seed)]
    report = ["--report", "json", "--report-dir", "report"]
    return [Step([str(_SCHEMATHESIS), *run, *report], "output.txt")]


def of_schemathesis(job: Job) -> Iterator[str]:
    """Which check failed at which operation."""
    for failure in _json(job.file("report/*.json"))["failures"]:
        for operation in failure["operations"]:
            yield f"{failure['code']} {operation}"


def _portman(job: Job) -> list[Step]:
    configuration = str(job.subject.folder / "portman.json")
    convert = ["-l", DOCUMENT, "-b", job.url, "-c", configuration, "-o", "collection.json"]
    # Portman's own call of newman ends at the first request that fails.
    run = ["run", "collection.json", "-r", "json", "--reporter-json-export", "report.json"]
    return [Step([str(_BIN / "portman"), *convert], "convert.txt"), Step([str(_BIN / "newman"), *run], "output.txt")]


def _of_portman(job: Job) -> Iterator[str]:
    for failure in _json(job.file("report.json"))["run"]["failures"]:
        yield f"{failure.get('source', {}).get('name')}: {failure['error'].get('test') or failure['error']['name']}"


def _dredd(job: Job) -> list[Step]:
    run = [DOCUMENT, job.url, "-f", str(job.subject.folder / "dredd-hooks.js"), "-r", "xunit", "-o", "report.xml"]
    return [Step([str(_BIN / "dredd"), *run], "output.txt", {"TARGET_KEY": job.subject.key})]


def _of_dredd(job: Job) -> Iterator[str]:
    for case in _cases(job.file("report.xml")):
        for failure in case.iter("failure"):
            for line in (failure.text or "").partition("\nRequest:")[0].splitlines():
                if line.startswith(("body:", "headers:", "statusCode:")):
                    yield f"{case.get('name')}: {line}"


def _specmatic(*, generative: bool) -> Callable[[Job], list[Step]]:
    def steps(job: Job) -> list[Step]:
        run = ["test", DOCUMENT, f"--testBaseURL={job.url}", "--junitReportDir=report"]
        environment = {job.subject.security_scheme: job.subject.key}
        if generative:
            environment["SPECMATIC_GENERATIVE_TESTS"] = "true"
        return [Step(["java", "-jar", str(_SPECMATIC), *run], "output.txt", environment)]

    return steps


def _of_specmatic(job: Job) -> Iterator[str]:
    for case in _cases(job.file("report/*.xml")):
        for failure in (*case.iter("failure"), *case.iter("error")):
            told = " ".join(dict.fromkeys(_PLACE.findall(failure.text or "")))
            yield f"{case.get('name')}: {told}"


def _respect(job: Job) -> list[Step]:
    redocly = str(_BIN / "redocly")
    make = Step([redocly, "generate-arazzo", DOCUMENT, "-o", "arazzo.yaml"], "generate.txt", _QUIET)
    given = ["--input", f"{job.subject.security_scheme}={job.subject.key}", "-S", f"openapi={job.url}"]
    run = Step([redocly, "respect", "arazzo.yaml", *given, "-J", "report.json"], "output.txt", _QUIET)
    return [make, run]


def _of_respect(job: Job) -> Iterator[str]:
    for file in _json(job.file("report.json"))["files"].values():
        for workflow in file["executedWorkflows"]:
            for step in workflow.get("executedSteps", ()):
                for check in step.get("checks", ()):
                    if not check["passed"]:
                        yield f"{step['stepId']}: {check['name']} {check.get('condition', '')}"


def _json(path: Path) -> Any:  # noqa: ANN401 - a report of somebody else
    return json.loads(path.read_text("utf-8"))


def _cases(path: Path) -> Iterator[ET.Element]:
    try:
        return ET.parse(path).iter("testcase")  # noqa: S314 - made a moment ago by the tool that we started
    except ET.ParseError as error:
        raise NoReportError(f"{path.name} is no XML") from error


OURS: Final = "conformance"
TOOLS: Final = (
    Tool(f"{OURS}, walk, document alone", OURS, ours("--examples", "1", conventions=False), of_ours),
    Tool(f"{OURS}, walk", OURS, ours("--examples", "1", conventions=True), of_ours),
    Tool(f"{OURS}, full", OURS, ours(conventions=True), of_ours),
    Tool("schemathesis", "schemathesis", schemathesis_run, of_schemathesis),
    Tool("Portman, configured", "@apideck/portman", _portman, _of_portman, (NODE,)),
    Tool("Dredd, with hooks", "dredd", _dredd, _of_dredd, (NODE,)),
    Tool("Specmatic", "specmatic", _specmatic(generative=False), _of_specmatic, (NODE, JAVA)),
    Tool("Specmatic, generative", "specmatic", _specmatic(generative=True), _of_specmatic, (NODE, JAVA), slow=True),
    Tool("Redocly Respect, generated", "@redocly/cli", _respect, _of_respect, (NODE,)),
)
