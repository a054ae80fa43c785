"""An API that the suite does not know is tested by its own OpenAPI document, and by conventions where there are any."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest
import yaml

from tests.cli.runs import KEY, conformance, judged
from tests.cli.studio.app import BALANCE_FIRST, COMPARED, FAULT, OF_CONVENTIONS, OF_MONEY
from tests.cli.studio.app import KEY as STUDIO_KEY

if TYPE_CHECKING:
    from tests.cli.runs import Finished

STUDIO = Path(__file__).parent / "studio"
CONFORMANT, NONCONFORMANT, USAGE_ERROR, INCONCLUSIVE = 0, 1, 2, 5
# For each fault the requirements that fail by it, and no others.
FAILING = {
    "another success status": {"post-loops-CONFORMS"},
    "refusals lack a member": {"RETRYABLE"},
    "unknown nested member accepted": {"post-loops-REFUSES"},
    "missing key accepted": {
        f"{operation}-CREDENTIALS"
        for operation in ("post-loops", "listLoops", "loops-show", "stopLoop", "createSample", "listVoices")
    },
    "number as a text": {
        f"{operation}-CONFORMS" for operation in ("post-loops", "listLoops", "loops-show", "stopLoop")
    },
    "crash on an empty text": {"NO-REPEATABLE-5XX"},
    "JSON as plain text": {"listVoices-CONFORMS"},
    "trace not echoed": {"REQUEST-ID-ECHO"},
    "retry makes another loop": {"post-loops-REPLAYS"},
    "unknown loop found": {"loops-show-UNKNOWN"},
    "trace missing": {"REQUEST-ID-PRESENT"},
    "key of another request accepted": {"post-loops-CONFLICTS"},
    "new loop unknown": {"post-loops-READABLE"},
    "loop is never done": {"post-loops-ENDS"},
    "stop forgotten": {"stopLoop-CANCELS"},
    "new loop not listed": {"listLoops-LISTED"},
    "retry is charged again": {"post-loops-CHARGES-ONCE"},
    "stopped loop is not refunded": {"REFUND-ON-CANCEL"},
}


def run_studio(folder: Path, *arguments: str, fault: str = "", conventions: bool = True) -> Finished:
    described = ["--conventions", str(STUDIO / "conventions.yaml")] if conventions else []
    target = ["--app", "tests.cli.studio.app:create_app", "--factory", "--spec", str(STUDIO / "openapi.yaml")]
    environment = {KEY: STUDIO_KEY, FAULT: fault}
    arguments = (*target, *described, "--seed", "1", "--examples", "2", *arguments)
    return judged(*arguments, folder=folder, environment=environment)


def failing(run: Finished) -> set[str]:
    return {name.removeprefix("LOOP_STUDIO-") for name, verdict in run.verdicts if verdict == "fail"}


def test_a_sound_server_meets_every_requirement_of_its_document_and_conventions(tmp_path: Path) -> None:
    run = run_studio(tmp_path)

    assert {verdict for _, verdict in run.verdicts} == {"pass"}
    assert run.status == CONFORMANT
    assert run.report["verdict"] == "conformant"
    assert run.report["system"] == "loop_studio"


@pytest.mark.parametrize("fault", [*COMPARED, *OF_CONVENTIONS])
def test_a_fault_is_found_and_blamed_on_what_it_breaks(fault: str, tmp_path: Path) -> None:
    run = run_studio(tmp_path, "--strict", fault=fault)

    assert failing(run) == FAILING[fault]
    assert "error" not in {verdict for _, verdict in run.verdicts}
    assert run.status == NONCONFORMANT


def run_with_wallet(folder: Path, fault: str = "") -> Finished:
    conventions = yaml.safe_load((STUDIO / "conventions.yaml").read_text("utf-8"))
    money = yaml.safe_load((STUDIO / "money.yaml").read_text("utf-8"))
    stated = folder / "with-money.yaml"
    stated.write_text(yaml.safe_dump({**conventions, "money": money}), "utf-8")
    arguments = ("--conventions", str(stated), "--control-url", "/control")
    return run_studio(folder, *arguments, fault=fault, conventions=False)


def test_money_is_judged_where_conventions_describe_it_and_a_wallet_is_offered(tmp_path: Path) -> None:
    run = run_with_wallet(tmp_path)

    passed = {name.removeprefix("LOOP_STUDIO-") for name, verdict in run.verdicts if verdict == "pass"}
    assert passed >= {"post-loops-CHARGES-ONCE", "PRICE", "REFUND-ON-CANCEL", "REFUSALS-COST-NOTHING", "LEDGER"}
    assert not failing(run)
    assert run.status == CONFORMANT


@pytest.mark.parametrize("fault", OF_MONEY)
def test_a_fault_in_the_wallet_is_found(fault: str, tmp_path: Path) -> None:
    run = run_with_wallet(tmp_path, fault)

    assert failing(run) == FAILING[fault]


def test_a_balance_that_is_looked_at_before_the_key_decides_nothing(tmp_path: Path) -> None:
    judged = {name: f"LOOP_STUDIO-{name}-CREDENTIALS" for name in ("post-loops", "listLoops")}

    run = run_studio(tmp_path, "--only", ",".join(judged.values()), fault=BALANCE_FIRST)

    assert {(judged["post-loops"], "inconclusive"), (judged["listLoops"], "pass")} <= run.verdicts
    assert "the balance was looked at before the key: 402" in run.output


def test_workers_judge_by_the_same_files(tmp_path: Path) -> None:
    run = run_studio(tmp_path, "-n", "2", fault="key of another request accepted")

    assert failing(run) == FAILING["key of another request accepted"]
    assert {verdict for _, verdict in run.verdicts} == {"pass", "fail"}


def test_a_document_alone_makes_requirements(tmp_path: Path) -> None:
    run = run_studio(tmp_path, conventions=False)

    kinds = {name.rpartition("-")[2] for name, _ in run.verdicts}
    assert {"ACCEPTS", "REFUSES", "CREDENTIALS", "CONFORMS"} < kinds
    assert not kinds & {"REPLAYS", "ENDS", "ENVELOPE"}
    assert not failing(run)
    assert run.status == CONFORMANT


@pytest.mark.parametrize("target", ["empty_object", "broken"])
def test_whatever_a_document_and_a_target_hold_the_suite_does_not_err(target: str, tmp_path: Path) -> None:
    arguments = ("--app", f"tests.cli.targets:{target}", "--spec", str(STUDIO / "unusual.yaml"), "--examples", "2")

    run = conformance("run", *arguments, "--seed", "1", folder=tmp_path, environment={KEY: STUDIO_KEY})

    assert run.status == NONCONFORMANT
    assert "error" not in {verdict for _, verdict in run.verdicts}
    assert "Traceback" not in run.output
    assert STUDIO_KEY not in run.output
    assert not any(STUDIO_KEY.encode() in path.read_bytes() for path in run.folder.rglob("*") if path.is_file())


@pytest.mark.parametrize(
    "arguments, sentence",
    [
        (["--spec", "missing.yaml"], "missing.yaml can't be read: No such file or directory."),
        (["--conventions", "c.yaml"], "--conventions complete a document; name that with --spec."),
        (["--spec", "openapi.yaml", "--system", "beatra"], "The system is beatra or what --spec describes, not both"),
        (["--spec", "openapi.yaml"], "The Loop Studio API comes without an embedded implementation; give a URL"),
    ],
)
def test_what_can_t_be_tested_is_said_in_one_sentence(arguments: list[str], sentence: str, tmp_path: Path) -> None:
    (tmp_path / "openapi.yaml").write_bytes((STUDIO / "openapi.yaml").read_bytes())

    run = conformance("run", *arguments, folder=tmp_path, environment={KEY: STUDIO_KEY})

    assert run.status in (USAGE_ERROR, INCONCLUSIVE)
    assert sentence in run.output
    assert "Traceback" not in run.output
