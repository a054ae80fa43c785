"""The benchmark on published servers says what was found by their documents, and whose fault each finding is."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from compare.publishing import PAGES, kept
from compare.servers import self_contained, servers
from compare.servers_page import Decision, InvalidDecisionError, complaints, decisions_of, overview, sections

if TYPE_CHECKING:
    from pathlib import Path

    from tests.others.published.catalogue import Server

SERVERS = servers()


def measured() -> dict[str, Any]:
    content = kept("servers")
    assert content is not None
    return content


def test_every_finding_is_decided_and_the_suite_did_not_err() -> None:
    assert list(complaints(measured())) == []


def test_the_page_has_every_server_and_its_findings() -> None:
    (page,) = [path.read_text("utf-8") for path in PAGES if path.stem == "benchmark-servers"]

    assert len(overview(measured())) == len(SERVERS)
    assert [line for line in sections(measured()) if line not in page] == []


@pytest.mark.parametrize("server", SERVERS, ids=lambda server: server.name)
def test_packages_have_exact_versions(server: Server) -> None:
    assert [package for package in server.packages if "==" not in package] == []
    assert server.packages or (server.folder / "package.json").exists()


DECISION = Decision(("LAKES-*-REFUSES",), "lang is", "document", "why", "request", "answer", "line")


@pytest.mark.parametrize(
    "id_, seen, about",
    [
        ("LAKES-get-REFUSES", "expected a refusal (lang is a text)", True),
        ("LAKES-get-REFUSES", "expected a refusal (limit is a text)", False),
        ("LAKES-get-ACCEPTS", "expected a success (lang is there)", False),
    ],
)
def test_a_decision_is_about_findings_of_an_id_that_say_something(id_: str, seen: str, *, about: bool) -> None:
    assert DECISION.is_about({"id": id_, "seen": seen}) is about


def test_what_nobody_decided_is_said() -> None:
    finding = {"id": "LAKES-STRANGE", "level": "MUST", "verdict": "fail", "seen": "a fault"}
    erred = {**finding, "id": "LAKES-ERRED", "verdict": "error"}
    content = {"servers": [{"name": SERVERS[0].name, "ours": {"findings": [finding, erred]}}]}

    said = list(complaints(content))

    assert any("nothing says whose fault LAKES-STRANGE is" in complaint for complaint in said)
    assert any("the suite erred at LAKES-ERRED" in complaint for complaint in said)


def test_a_decision_needs_its_evidence(tmp_path: Path) -> None:
    (tmp_path / "decisions.yaml").write_text("missed: none\nfindings: [{requirements: [A], fault: server, why: x}]")

    with pytest.raises(InvalidDecisionError, match="lacks request, answer, document"):
        decisions_of(tmp_path)


def test_what_other_hosts_say_is_left_open() -> None:
    elsewhere = {"$ref": "https://elsewhere.example/parameters/featureId"}
    known = self_contained({"parameters": [elsewhere], "responses": {"404": elsewhere}, "schema": elsewhere})

    assert known["parameters"] == [{"name": "featureId", "in": "path", "required": True, "schema": {"type": "string"}}]
    assert known["responses"] == {"404": {"description": "featureId", "content": {"*/*": {}}}}
    assert known["schema"] == {}
