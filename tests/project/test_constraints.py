from __future__ import annotations

import re
import tomllib
from importlib.metadata import version

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from tests.project.checkout import ROOT

PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
REQUIREMENTS = [*PROJECT["project"]["dependencies"], *PROJECT["dependency-groups"]["dev"]]
LINES = [
    line for line in (ROOT / "constraints.txt").read_text("utf-8").splitlines() if line and not line.startswith("#")
]
PINS = {canonicalize_name(name): pin for name, _, pin in (line.partition("==") for line in LINES)}


def test_every_constraint_is_a_name_and_an_exact_version_and_never_an_address() -> None:
    exact = re.compile(r"[A-Za-z0-9._-]+==[0-9][A-Za-z0-9.+!]*")

    assert [line for line in LINES if not exact.fullmatch(line)] == []


@pytest.mark.parametrize("text", REQUIREMENTS)
def test_a_dependency_is_pinned_within_the_range_that_users_get(text: str) -> None:
    requirement = Requirement(text)

    assert requirement.specifier.contains(PINS[canonicalize_name(requirement.name)])


@pytest.mark.parametrize("text", REQUIREMENTS)
def test_the_tests_run_with_the_pinned_version(text: str) -> None:
    name = Requirement(text).name

    assert version(name) == PINS[canonicalize_name(name)]
