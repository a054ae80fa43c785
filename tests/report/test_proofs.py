"""What reports say of the faults that the suite is known to find."""

from __future__ import annotations

import json
import re
from pathlib import Path

import jsonschema_rs
import pytest

from conformance.contract.files import specs_root
from conformance.contract.matrices import KillMatrix, ProvedMutant
from conformance.journal.reader import Recording
from conformance.report.console import summary_lines
from conformance.report.html import html_page
from conformance.report.machine import report_json
from conformance.verdicts.model import Assessment, Verdict
from tests.report.factory import assessment, judgement, requirement

SCHEMA = json.loads((specs_root() / "schemas" / "report.schema.json").read_text("utf-8"))
FIRST, SECOND = requirement("ACME-1"), requirement("ACME-2")


def mutant(name: str, breaks: str = "ACME-1", *failed: str) -> ProvedMutant:
    return ProvedMutant(
        id=name,
        system="acme",
        breaks=breaks,
        story=f"Somebody forgot the {name}.",
        failed=frozenset(failed or (breaks,)),
        failed_by_document=frozenset(),
    )


def run(first: Verdict, second: Verdict, *mutants: ProvedMutant) -> Assessment:
    matrix = KillMatrix((), mutants, ())
    return assessment(judgement(first, about=FIRST), judgement(second, about=SECOND), matrix=matrix)


def said(ran: Assessment) -> str:
    return "\n".join(summary_lines(ran, Recording(), Path("index.html")))


def page(ran: Assessment) -> str:
    """The page without its style sheet."""
    return html_page(ran, Recording()).partition("</style>")[2]


def machine(ran: Assessment) -> dict[str, object]:
    report = report_json(ran, Recording())
    jsonschema_rs.validate(SCHEMA, report)
    return report


def test_each_requirement_names_the_mutants_that_prove_it() -> None:
    ran = run(Verdict.PASS, Verdict.PASS, mutant("bridge"), mutant("chorus"))

    assert [entry["proved_by"] for entry in report_json(ran, Recording())["requirements"]] == [["bridge", "chorus"], []]
    assert re.findall("<dd><code>(bridge)</code>.*<code>(chorus)</code>", page(ran)) == [("bridge", "chorus")]


def test_a_requirement_without_a_mutant_is_marked_as_unproved() -> None:
    assert page(run(Verdict.PASS, Verdict.PASS, mutant("bridge"))).count(">unproved<") == 1


def test_a_mutant_that_survives_proves_nothing() -> None:
    ran = run(Verdict.PASS, Verdict.PASS, mutant("bridge", "ACME-1", "ACME-2"))

    assert [entry["proved_by"] for entry in report_json(ran, Recording())["requirements"]] == [[], []]


def test_where_no_mutant_is_known_at_all_nothing_is_said_of_proofs() -> None:
    ran = assessment(judgement(Verdict.PASS, about=FIRST))

    assert report_json(ran, Recording())["requirements"][0]["proved_by"] is None
    assert "roved" not in page(ran)


def test_a_run_that_fails_as_a_mutant_does_looks_like_it() -> None:
    ran = run(Verdict.FAIL, Verdict.PASS, mutant("bridge"), mutant("chorus", "ACME-2"))

    assert "Looks like mutant bridge: Somebody forgot the bridge." in said(ran)
    assert "What it looks like" in page(ran)
    assert machine(ran)["lookalikes"] == [{"id": "bridge", "breaks": "ACME-1", "story": "Somebody forgot the bridge."}]


def test_consequences_are_part_of_the_pattern() -> None:
    both = mutant("bridge", "ACME-1", "ACME-1", "ACME-2")

    assert "Looks like mutant bridge" in said(run(Verdict.FAIL, Verdict.FAIL, both))
    assert "Looks like" not in said(run(Verdict.FAIL, Verdict.PASS, both))


def test_several_mutants_of_the_same_pattern_are_named_but_not_too_many_on_the_console() -> None:
    ran = run(Verdict.FAIL, Verdict.PASS, *(mutant(f"fault-{number}") for number in range(5)))

    assert [line for line in said(ran).splitlines() if "fault-" in line] == [
        f"  fault-{number}: Somebody forgot the fault-{number}." for number in range(3)
    ]
    assert "Looks like one of 5 mutants:" in said(ran)
    assert re.findall(r"the mutant <code>(fault-\d)</code>", page(ran)) == [f"fault-{number}" for number in range(3)]
    assert "2 more are in report.json." in page(ran)


@pytest.mark.parametrize("verdict", [Verdict.PASS, Verdict.INCONCLUSIVE, Verdict.ERROR, Verdict.NOT_APPLICABLE])
def test_a_run_in_which_nothing_fails_looks_like_no_mutant(verdict: Verdict) -> None:
    ran = run(verdict, verdict, mutant("bridge"))

    assert "Looks like" not in said(ran)
    assert "looks like" not in page(ran)
    assert machine(ran)["lookalikes"] == []
