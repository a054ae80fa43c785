"""What README and tutorial show is what is linted and tested, and what a run says today."""

from __future__ import annotations

import re

import pytest

from conformance.contract.selection import contract_of
from tests.project.checkout import ROOT


@pytest.mark.parametrize("example", ["github-workflow.yml", "gitlab-ci.yml"])
def test_it_shows_the_examples_that_are_linted(example: str) -> None:
    shown = re.findall(r"^```yaml\n(.*?)^```$", (ROOT / "README.md").read_text("utf-8"), re.MULTILINE | re.DOTALL)

    assert (ROOT / "examples" / example).read_text("utf-8") in shown


def test_what_it_links_to_is_there() -> None:
    text = (ROOT / "README.md").read_text("utf-8")
    links = [*re.findall(r"\]\((?!https:)([^)#]+)", text), *re.findall(r'src(?:set)?="([^"]+)"', text)]

    assert links
    assert [link for link in links if not (ROOT / link).exists()] == []


@pytest.mark.parametrize("page", ["README.md", "docs/tutorial/first-run.md"])
def test_it_counts_the_requirements_that_there_are(page: str) -> None:
    (headline,) = re.findall(r"^    \w+ · (\d+ of \d+ MUST .*)$", (ROOT / page).read_text("utf-8"), re.MULTILINE)
    counted = re.match(r"(\d+) of (\d+) MUST judged(?:: (\d+) pass, (\d+) fail)?", headline)
    assert counted
    judged, total, passed, failed = (int(number or 0) for number in counted.groups())

    contract = contract_of("beatra", None)
    assert total == sum(one.level == "MUST" and one.id not in contract.coming for one in contract.registry)
    assert passed + failed in (0, judged)
    assert judged == total or f"{total - judged} inconclusive" in headline
