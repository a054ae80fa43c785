"""A key leaves no trace: not on the console, not in any file of the run, in no form."""

from __future__ import annotations

import base64
from typing import TYPE_CHECKING
from urllib.parse import quote

import pytest

from tests.cli.runs import CHECKOUT, KEY, conformance, pytest_run, sandbox

if TYPE_CHECKING:
    from pathlib import Path

    from tests.cli.runs import Finished

SERVED_KEY = "CONFORMANCE_REFERENCE_MAIN_KEY"
PLAIN_CANARY = "sk-canary0123456789abcdefghijklmnop"
# With characters that percent-encoding and base64 change.
ODD_CANARY = "sk-canary+/=~0123456789abcdefghijkl"


def forms_of(key: str) -> tuple[bytes, ...]:
    """The key as it is, its middle, percent-encoded, as JSON may escape it, and in base64 wherever it starts in it."""
    forms = {key, key[6:26], quote(key, safe=""), quote(key), key.replace("/", "\\/")}
    for offset in range(3):
        # The first and the last characters also depend on what stands around the key.
        forms.add(base64.b64encode(b"." * offset + key.encode()).decode()[4:-4])
    return tuple(form.encode() for form in forms)


def assert_no_trace(key: str, run: Finished, folder: Path) -> None:
    places = {"the console": run.output.encode()}
    places |= {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}
    assert {"report.json", "index.html", "junit.xml"} <= {path.name for path in run.folder.iterdir()}
    assert not [(place, form) for place, content in places.items() for form in forms_of(key) if form in content]


@pytest.mark.parametrize("key", [PLAIN_CANARY, ODD_CANARY], ids=["plain", "odd"])
def test_a_target_that_reflects_the_key_does_not_get_it_into_the_run(key: str, tmp_path: Path) -> None:
    shown = ("-v", "--showlocals", "--full-trace", "--tb=long", "-rA", "-k", "namespace or test_generated")
    arguments = ("run", "--app", "tests.cli.targets:reflecting", "--seed", "1", "--examples", "2", "--", *shown)

    run = conformance(*arguments, folder=tmp_path, environment={KEY: key})

    assert run.report["exchanges"] > 10
    assert "failed" in run.output
    assert_no_trace(key, run, tmp_path)


def test_pytest_with_all_it_can_show_does_not_show_the_key(tmp_path: Path) -> None:
    with sandbox(tmp_path, {SERVED_KEY: PLAIN_CANARY}) as served:
        statement = f'[target]\nbase_url = "{served.base_url}"\nmoney = "play"\n'
        (tmp_path / "target.toml").write_text(statement, "utf-8")
        run = pytest_run(
            *("--conformance-target", str(tmp_path / "target.toml"), "--conformance-report-dir", str(tmp_path)),
            *("-n", "2", "-vv", "-l", "--full-trace", "-rA", "-k", "namespace or test_generated and not accepts"),
            *("-o", f"cache_dir={tmp_path / 'cache'}", "--debug", str(tmp_path / "debug.log")),
            folder=CHECKOUT,
            environment=served.environment,
            reports=tmp_path,
        )

    assert run.report["exchanges"] > 10
    assert_no_trace(PLAIN_CANARY, run, tmp_path)
