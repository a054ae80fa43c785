"""The pages on published servers say what was found, and whose fault each fail is; `make others` finds it anew."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.others.published.catalogue import Decision, InvalidDecisionError, Server, published_servers
from tests.others.published.findings import Finding, WayFindings, complaints, findings_of, read_findings
from tests.others.published.pages import DOCUMENTS, as_page, page_of

SERVERS = published_servers()
EXACT = re.compile(r"[A-Za-z0-9_.-]+(\[[a-z,]+\])?==[0-9][0-9a-z.]*")
DECIDED = Decision(frozenset({"SONGS-RULE"}), "server", "It does not.", "its guide")


class Stated(Server):
    """A server without a folder, with decisions of a test's own."""

    decisions = (DECIDED,)


def way(verdict: str, *, name: str = "SONGS-RULE", varies: bool = False) -> WayFindings:
    return WayFindings("a way", "nonconformant", 1, (Finding(name, "MUST", "A rule", verdict, "seen", varies),))


def complaints_about(found: WayFindings) -> list[str]:
    return list(complaints(Stated(Path("songs")), (found,)))


@pytest.mark.parametrize("server", SERVERS, ids=lambda server: server.name)
def test_every_fail_has_a_decision_and_no_run_erred(server: Server) -> None:
    assert list(complaints(server, read_findings(server))) == []


@pytest.mark.parametrize("server", SERVERS, ids=lambda server: server.name)
def test_the_page_is_what_was_found(server: Server) -> None:
    assert page_of(server).read_text("utf-8") == as_page(server, read_findings(server))


@pytest.mark.parametrize("server", SERVERS, ids=lambda server: server.name)
def test_packages_have_exact_versions(server: Server) -> None:
    assert [package for package in server.packages if not EXACT.fullmatch(package)] == []
    file = server.folder / "package.json"
    ranges = re.findall(r'": "([\^~<>*x].*|latest)"', file.read_text("utf-8")) if file.exists() else []
    assert ranges == []
    assert server.packages or file.exists()


def test_every_page_is_linked() -> None:
    listed = (DOCUMENTS / "README.md").read_text("utf-8")

    assert [server.name for server in SERVERS if f"({server.name}.md)" not in listed] == []


def test_a_decided_fail_is_no_complaint() -> None:
    assert complaints_about(way("fail")) == []


@pytest.mark.parametrize(
    "found, said",
    [
        (way("fail", name="SONGS-OTHER"), "no decision says whose fault SONGS-OTHER is"),
        (way("inconclusive"), "a decision is about SONGS-RULE, which does not fail"),
        (way("error"), "the suite erred at SONGS-RULE"),
        (way("inconclusive", varies=True), "SONGS-RULE is judged with some seeds only"),
    ],
)
def test_what_makes_a_page_untrue_is_a_complaint(found: WayFindings, said: str) -> None:
    assert any(said in complaint for complaint in complaints_about(found))


def test_a_decision_needs_a_fault_and_a_source(tmp_path: Path) -> None:
    (tmp_path / "decisions.yaml").write_text("- {requirements: [A], fault: suite, why: Ours., source: here}")

    with pytest.raises(InvalidDecisionError, match="'suite' is no fault"):
        _ = Server(tmp_path).decisions


def report(verdict: str) -> dict[str, object]:
    said = "got http://127.0.0.1:4711/songs\nand more"
    rule = {"id": "SONGS-RULE", "level": "MUST", "title": "A rule", "verdict": verdict, "reason": said}
    return {"headline": "1 of 1", "requirements": [rule]}


@pytest.mark.parametrize("verdicts", [("pass", "fail"), ("fail", "pass")])
def test_a_fault_that_only_some_seeds_find_is_there(verdicts: tuple[str, ...]) -> None:
    (finding,) = findings_of("a way", [report(verdict) for verdict in verdicts]).findings

    assert (finding.verdict, finding.varies, finding.reason) == ("fail", True, "got /songs")


def test_what_passes_is_counted_and_not_listed() -> None:
    found = findings_of("a way", [report("pass"), report("pass")])

    assert (found.passed, found.findings) == (1, ())
