"""Errors name the right line however a file is laid out, and nothing that a file holds breaks its reader."""

from __future__ import annotations

import tempfile
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from conformance.target.errors import TargetError
from conformance.target.file import read_target_file

GOOD = {
    "target": {
        "base_url": '"https://api.example.com"',
        "surfaces": '[\n  "music", # [limits]\n\n  "tasks",\n]',
        "exclusive_account": "true",
    },
    "limits": {"rate_per_second": "2.5", "concurrency": "4", "poll_timeout_seconds": "1e3"},
    "prices": {'"suno-5.5"': '"80.0000"', "other": "'1'"},
    "failing_request": {
        "prompt": '"""\n[limits]\nconcurrency = \\"no\\"\n"""',
        "'a.b'": "{ c = [1, { d = 2 }] }",
    },
}
# Wrong for every member but those of failing_request, where everything is right.
WRONG = ["{ x = 1 }", "[[], 'a']", "'''\n\n?'''", "-1"]
NOISE = ["", "# concurrency = 'x'", "   ", "\t# ünïcode"]


@dataclass(frozen=True)
class Laid:
    """A file with one wrong member, and the line on which that member begins."""

    text: str
    member: str
    line: int


@st.composite
def files_with_one_fault(draw: st.DrawFn) -> Laid:
    """Every table in any order, under a header or with dotted keys, with comments and long values between."""
    culprit = draw(st.sampled_from([(t, m) for t in ("target", "limits", "prices") for m in GOOD[t]]))
    lines: list[str] = []
    found = 0
    tables = draw(st.permutations(sorted(GOOD)))
    dotted = draw(st.sets(st.sampled_from(tables)))
    for table in sorted(tables, key=lambda name: name not in dotted):
        if table not in dotted:
            lines.append(f"[ {table} ]")
        for member in draw(st.permutations(sorted(GOOD[table]))):
            lines += draw(st.lists(st.sampled_from(NOISE), max_size=2))
            if (table, member) == culprit:
                found = len(lines) + 1
            value = draw(st.sampled_from(WRONG)) if (table, member) == culprit else GOOD[table][member]
            key = f"{table}.{member}" if table in dotted else member
            lines += f"{key} = {value}".split("\n")
    return Laid(draw(st.sampled_from(["\n", "\r\n"])).join(lines), ".".join(culprit), found)


def problem_of(text: str) -> str:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "target.toml"
        path.write_bytes(text.encode())
        with pytest.raises(TargetError) as caught:
            read_target_file(path)
        return str(caught.value).removeprefix(str(path))


@given(files_with_one_fault())
def test_the_line_and_the_key_of_a_wrong_member_are_named(laid: Laid) -> None:
    assert problem_of(laid.text).startswith(f", line {laid.line}: {laid.member}")


@given(files_with_one_fault(), st.text("abcxyz_-", min_size=1).map("q{}".format))
def test_the_line_of_an_unknown_member_is_named(laid: Laid, name: str) -> None:
    lines = laid.text.replace("\r\n", "\n").split("\n")[: laid.line - 1]
    lines += ["[control]", f"{name} = 1"]

    assert problem_of("\n".join(lines)).startswith(f", line {len(lines)}: control.{name} is not known; ")


@given(st.lists(st.sampled_from([*"[]{}=.'\"#\n\\ a1-", "target", "keys", "url = ", "nan", "🎵", "\r", "\x00"])))
def test_no_text_breaks_the_reader(pieces: list[str]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "target.toml"
        path.write_bytes("".join(pieces).encode())
        with suppress(TargetError):
            read_target_file(path)
        assert path.exists()
