"""What is drawn depends on the seed and the document, on nothing else that goes on in the process."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from conformance.contract.contract import load_contract
from conformance.generation.cases import Drawing, draw_valid

DRAWING = """
import hashlib
{before}
from conformance.contract.contract import load_contract
from conformance.generation.cases import Drawing, draw_unusual, draw_valid
from conformance.generation.schema_values import breaking
document = load_contract("beatra").document
operation = document.operations["createTextToMusic"]
cases = [*draw_valid(document, operation, Drawing(1, 30)), *draw_unusual(document, operation, Drawing(1, 30))]
values = breaking({{"enum": ["one of two", "the other"]}}, {{}})
print(hashlib.sha256(repr([values, [(case.path, case.content) for case in cases]]).encode()).hexdigest())
"""
# Source files with constants of their own, which Hypothesis would mix in.
OTHERS = """
import sys
sys.path.insert(0, {folder!r})
import constants
import tests.cli.studio.app
from hypothesis import given, settings, strategies
@settings(database=None)
@given(strategies.text(), strategies.integers())
def other(text, number): pass
other()
"""
# Says so where Hypothesis looks for constants in source files.
READING = """
from hypothesis.internal.conjecture import providers
known = providers._local_constants
providers._get_local_constants = lambda: print("source files are read") or known
"""


def drawn(before: str = "") -> str:
    line = [sys.executable, "-c", DRAWING.format(before=before)]
    root = Path(__file__).resolve().parents[2]
    return subprocess.run(line, cwd=root, capture_output=True, text=True, check=True).stdout


def test_other_modules_and_other_drawings_change_nothing(tmp_path: Path) -> None:
    (tmp_path / "constants.py").write_text('TEXTS = ["a text of ours", "another one"]\nNUMBERS = [31337, -4711]\n')

    assert drawn(OTHERS.format(folder=str(tmp_path))) == drawn()


def test_no_source_file_is_read_for_it() -> None:
    assert drawn(READING) == drawn()


def test_where_little_can_be_drawn_all_of_it_is() -> None:
    document = load_contract("beatra").document
    cases = draw_valid(document, document.operations["cancelTask"], Drawing(1, 30), {"task_id": "tsk_1"})

    assert {case.path for case in cases} == {"/tasks/tsk_1/cancel"}
    assert len({case.content for case in cases}) == len(cases)
