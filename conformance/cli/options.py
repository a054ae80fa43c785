"""The options of commands, made from the table of options."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, TypeVar

import click

from conformance.target.kinds import OptionForm
from conformance.target.options import on_command_line

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from conformance.target.kinds import Setting

F = TypeVar("F", bound="Callable[..., Any]")
_ROWS: Final = {row.about.flag: row for row in on_command_line()}
# As curl calls them.
_SHORT: Final = {"header": ("-H",)}
RUN: Final = tuple(flag for flag, row in _ROWS.items() if flag and not row.about.hidden)
"""The flags of `conformance run`."""
JUDGE: Final = tuple(flag for flag in RUN if _ROWS[flag].about.judging)
"""Those that judging a recording takes as well."""


def name_of(flag: str) -> str:
    """The name under which a command is given what an option of the table says."""
    return _ROWS[flag].name


def table_options(*flags: str, **helps: str) -> Callable[[F], F]:
    """Give a command these options; `helps` replaces the help of some, by the names of the settings."""

    def decorate(command: F) -> F:
        for flag in reversed(flags):
            for option in reversed(list(_options(_ROWS[flag], helps))):
                command = option(command)
        return command

    return decorate


def _options(row: Setting, helps: Mapping[str, str]) -> list[Callable[[F], F]]:
    kind, flag = row.kind, row.about.flag
    text = helps.get(row.name, row.about.help)
    text = f"{text[:1].upper()}{text[1:]}" if "  [" in text else f"{text[:1].upper()}{text[1:]}."
    match kind.form:
        case OptionForm.FLAG:
            return [click.option(f"--{flag}", row.name, is_flag=True, help=text)]
        case OptionForm.SWITCH:
            return [click.option(f"--{flag}/--no-{flag}", row.name, default=None, help=text)]
        case OptionForm.EACH:
            named = [(f"--{word}-{flag}", f"{word}_{row.name}") for word in kind.words]
            return [click.option(name, dest, is_flag=True, help=text) for name, dest in named]
        case OptionForm.LIST:
            short = _SHORT.get(flag or "", ())
            return [click.option(*short, f"--{flag}", row.name, multiple=True, metavar=kind.metavar, help=text)]
        case _:
            return [click.option(f"--{flag}", row.name, metavar=kind.metavar, help=text)]


def pytest_arguments(given: Mapping[str, Any]) -> list[str]:
    """The options of a command, by the names of the settings, as arguments for pytest."""
    return [argument for row in on_command_line() for argument in _arguments(row, given)]


def _arguments(row: Setting, given: Mapping[str, Any]) -> list[str]:
    if row.kind.form is OptionForm.EACH:
        said = [word for word in row.kind.words if given.get(f"{word}_{row.name}")]
        return [f"--conformance-{word}-{row.about.flag}" for word in said]
    if row.kind.form is OptionForm.LIST:
        return [f"{row.pytest_name}={value}" for value in given.get(row.name) or ()]
    value = given.get(row.name)
    if value is None or (row.kind.form is OptionForm.FLAG and not value):
        return []
    if row.kind.form is OptionForm.FLAG:
        return [row.pytest_name]
    text = {True: "yes", False: "no"}[value] if isinstance(value, bool) else str(value)
    return [f"{row.pytest_name}={text}"]
