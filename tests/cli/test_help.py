"""Every command explains itself in lines that can be read."""

from __future__ import annotations

import re

import pytest
from click.testing import CliRunner

from conformance.cli.main import main

# The widest that a line may be; on a narrower terminal options and sentences take more lines.
WIDTH = 110
COMMANDS = sorted(main.commands)
EXAMPLE = re.compile(r"^ *conformance [a-z]+", re.MULTILINE)


def help_of(command: str, columns: int) -> str:
    arguments = [command, "--help"] if command else ["--help"]
    result = CliRunner(env={"COLUMNS": str(columns)}).invoke(main, arguments, prog_name="conformance")
    assert result.exit_code == 0, result.output
    return result.output


def written_of(command: str) -> str:
    """The help as it stands in the source."""
    return main.commands[command].help or ""


@pytest.mark.parametrize("columns", [80, 100, 200])
@pytest.mark.parametrize("command", ["", *COMMANDS])
def test_no_mark_of_the_formatter_is_shown_and_no_line_is_too_long(command: str, columns: int) -> None:
    text = help_of(command, columns)

    assert "\\" not in text
    assert text.isprintable() or set(filter(lambda sign: not sign.isprintable(), text)) == {"\n"}
    assert max(map(len, text.splitlines())) <= WIDTH


@pytest.mark.parametrize("columns", [80, 200])
@pytest.mark.parametrize("command", [name for name in COMMANDS if "\b" in written_of(name)])
def test_examples_and_tables_keep_their_lines(command: str, columns: int) -> None:
    text = help_of(command, columns)

    kept = [part.splitlines() for part in written_of(command).split("\n\n") if part.startswith("\b\n")]
    for lines in kept:
        assert "\n".join(f"  {line}" for line in lines[1:]) in text


@pytest.mark.parametrize("command", COMMANDS)
def test_an_example_begins_its_line(command: str) -> None:
    text = help_of(command, 200)
    described = text.partition("\n\n")[2].partition("Options:")[0]
    examples = [line for line in described.splitlines() if "conformance " in re.sub(r"`[^`]*`", "", line)]

    assert all(EXAMPLE.match(line) and len(EXAMPLE.findall(line)) == 1 for line in examples)


def test_what_is_checked_is_there() -> None:
    assert {"run", "judge", "init", "serve"} <= {name for name in COMMANDS if EXAMPLE.search(written_of(name))}
