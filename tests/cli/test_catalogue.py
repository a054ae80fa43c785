"""`conformance requirements` and `conformance explain`, and what every command says about itself."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from click.testing import CliRunner

from conformance import __version__
from conformance.cli.explain import judging_tests
from conformance.cli.main import main
from conformance.contract.contract import load_contract
from conformance.money.budget import Tier
from conformance.suite import SUITE_FOLDER
from conformance.tiers import tier_of
from tests.suite.test_tiers import marks_are_known

if TYPE_CHECKING:
    from collections.abc import Callable

    from conformance.contract.requirements import Requirement

__all__ = ["marks_are_known"]

OK, USAGE = 0, 2
BEATRA = load_contract("beatra")
STUDIO = Path(__file__).parent / "studio"
OF_STUDIO = ("--spec", str(STUDIO / "openapi.yaml"), "--conventions", str(STUDIO / "conventions.yaml"))


def said(*arguments: str, status: int = OK) -> str:
    result = CliRunner().invoke(main, arguments)
    assert result.exit_code == status, result.output
    return result.output


def speaks_of(known: Requirement, text: str) -> bool:
    return text in f"{known.id} {known.title} {known.statement}".casefold()


def test_every_requirement_is_listed_once() -> None:
    listed = [line.split()[0] for line in said("requirements", "--system", "beatra").splitlines()]

    assert listed == [requirement.id for requirement in BEATRA.registry]


@pytest.mark.parametrize("level", ["MUST", "SHOULD", "MAY"])
def test_the_list_can_be_narrowed_to_a_level_and_a_surface(level: str) -> None:
    lines = said("requirements", "--system", "beatra", "--level", level, "--surface", "tasks").splitlines()

    wanted = [r.id for r in BEATRA.registry if (r.level, r.surface) == (level, "tasks")]
    assert [line.split()[0] for line in lines] == wanted


@pytest.mark.parametrize(
    "arguments, sentence",
    [
        (("--surface", "kitchen"), "There is no surface kitchen; there are conventions, music"),
        (("--system", "nowhere"), "There is no system called 'nowhere' here"),
        (("--level", "maybe"), "'maybe' is not one of 'MUST', 'SHOULD', 'MAY'"),
    ],
)
def test_what_cannot_be_listed_is_said_in_one_sentence(arguments: tuple[str, ...], sentence: str) -> None:
    assert sentence in said("requirements", *arguments, status=USAGE)


@pytest.mark.parametrize("requirement", list(BEATRA.registry), ids=lambda requirement: requirement.id)
def test_every_requirement_is_explained_with_statement_source_and_judge(requirement: object) -> None:
    known = next(r for r in BEATRA.registry if r is requirement)
    explanation = said("explain", "--system", "beatra", known.id)

    assert known.statement in explanation
    assert all(f"{source.document}, {source.section}" in explanation for source in known.sources)
    assert re.search(r"^judged by: +\S", explanation, re.MULTILINE)


@pytest.mark.parametrize(
    "unknown, hint",
    [
        ("BEATRA-AUTH-O1", "Did you mean BEATRA-AUTH-01?"),
        ("beatra-auth-01", "Did you mean BEATRA-AUTH-01?"),
        ("zebra", "`conformance requirements` lists all."),
    ],
)
def test_an_unknown_requirement_gets_the_nearest_known_one(unknown: str, hint: str) -> None:
    answer = said("explain", "--system", "beatra", unknown, status=USAGE)

    assert f"There is no requirement {unknown} in contract" in answer
    assert hint in answer


def test_requirements_of_a_document_of_somebodys_own_are_listed_and_explained() -> None:
    listed = said("requirements", *OF_STUDIO, "--level", "SHOULD", "--surface", "voices").split()
    explained = said("explain", *OF_STUDIO, "LOOP_STUDIO-post-loops-REPLAYS")

    assert listed[:2] == ["LOOP_STUDIO-listVoices-ACCEPTS", "SHOULD"]
    assert "written in:  conventions.yaml, replays" in explained
    assert "             openapi.yaml, POST /loops" in explained


@pytest.mark.parametrize(
    "filters, wanted",
    [
        (("--tier", "read"), lambda known: tier_of(known, BEATRA) is Tier.READ),
        (("--needs", "key:second"), lambda known: "key:second" in known.needs),
        (("--provisional",), lambda known: known.provisional),
        (("--search", "REFUND", "--level", "MUST"), lambda known: known.level == "MUST" and speaks_of(known, "refund")),
    ],
)
def test_filters_leave_what_they_name(filters: tuple[str, ...], wanted: Callable[[Requirement], bool]) -> None:
    listed = [line.split()[0] for line in said("requirements", "--system", "beatra", *filters).splitlines()]

    assert listed == [known.id for known in BEATRA.registry if wanted(known)]
    assert 0 < len(listed) < len(BEATRA.registry)


def test_every_requirement_is_proved_so_that_none_is_left_without_a_fault() -> None:
    assert said("requirements", "--system", "beatra", "--unproved") == ""
    assert said("requirements", *OF_STUDIO, "--unproved")


def test_an_offer_that_nobody_needs_gets_those_that_are_needed() -> None:
    answer = said("requirements", "--system", "beatra", "--needs", "gold", status=USAGE)

    assert "No requirement needs gold; needed are control:clock, " in answer


def test_an_explanation_names_the_tests_what_to_offer_and_how_to_see_it_fail() -> None:
    explanation = said("explain", "--system", "beatra", "BEATRA-MONEY-10")

    assert "judged by:   test_refunds.py::test_the_refund_of_a_failure_reaches_the_wallet\n" in explanation
    assert "offer:       tasks that fail on demand (control interface: tasks/outcome)\n" in explanation
    assert re.search(
        r"^proved by:   (?P<mutant>\S+): .*\n(.*\n)*\nSee it fail: conformance demo (?P=mutant)$",
        explanation,
        re.MULTILINE,
    )


@pytest.mark.parametrize("known", [one for one in BEATRA.registry if one.judged_by == "test"], ids=lambda one: one.id)
def test_the_judging_tests_a_requirement_are_found(known: Requirement) -> None:
    assert judging_tests(known.id, SUITE_FOLDER / "beatra")


@pytest.mark.parametrize("environment, coloured", [({"FORCE_COLOR": "1"}, True), ({}, False)])
def test_colour_is_for_terminals_and_whoever_asks_for_it(environment: dict[str, str], *, coloured: bool) -> None:
    variables = {"FORCE_COLOR": None, "NO_COLOR": None, **environment}
    result = CliRunner(env=variables).invoke(main, ["explain", "--system", "beatra", "BEATRA-MONEY-10"])

    assert ("\x1b[" in result.output) == coloured


def test_a_document_and_a_system_exclude_each_other() -> None:
    assert "The system is beatra or what --spec describes, not both" in said(
        "requirements", *OF_STUDIO, "--system", "beatra", status=USAGE
    )


def test_every_command_explains_itself() -> None:
    assert {"run", "serve", "requirements", "explain"} <= set(main.commands)
    for name, command in main.commands.items():
        text = said(name, "--help")
        assert f"Usage: main {name}" in text
        assert (command.help or "").split("\n", 1)[0][:40] in text


def test_the_version_is_that_of_the_package() -> None:
    assert said("--version") == f"music-api-conformance, version {__version__}\n"


def test_an_unknown_command_is_refused() -> None:
    assert "No such command 'certify'" in said("certify", status=USAGE)


def test_the_version_of_the_contract_is_named_and_can_be_chosen() -> None:
    chosen = said("explain", "--system", "beatra", "BEATRA-AUTH-02", "--contract-version", "1.0")
    refused = said("explain", "--system", "beatra", "BEATRA-AUTH-02", "--contract-version", "0.1", status=USAGE)

    assert re.search(r"^contract: +1\.0; judged since 1\.0$", chosen, re.MULTILINE)
    assert "There is no contract version '0.1'; there are 1.0" in refused
