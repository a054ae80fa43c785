"""What the README shows for copying is what is linted and tested."""

from __future__ import annotations

import re

import pytest

from tests.project.checkout import ROOT


@pytest.mark.parametrize("example", ["github-workflow.yml", "gitlab-ci.yml"])
def test_it_shows_the_examples_that_are_linted(example: str) -> None:
    shown = re.findall(r"^```yaml\n(.*?)^```$", (ROOT / "README.md").read_text("utf-8"), re.MULTILINE | re.DOTALL)

    assert (ROOT / "examples" / example).read_text("utf-8") in shown


def test_what_it_links_to_is_there() -> None:
    links = re.findall(r"\]\((?!https:)([^)#]+)", (ROOT / "README.md").read_text("utf-8"))

    assert links
    assert [link for link in links if not (ROOT / link).exists()] == []
