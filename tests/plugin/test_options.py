"""Every row of the table of options: whichever way it is stated, the settings of the workers have it."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any, Final, cast

import pytest
import tomlkit

from conformance.cli.run import run
from conformance.plugin.settings import RunSettings
from conformance.target.kinds import OptionForm
from conformance.target.options import in_target_file, on_command_line, rows

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from conformance.plugin.controller import Controller
    from conformance.target.kinds import Setting

URL = "https://api.example.com/v1"
# Where the value of a row is looked at, it has to be one that there is.
EXISTING: Final = {
    "system": "beatra",
    "surfaces": "music",
    "only": "BEATRA-AUTH-01,BEATRA-AUTH-02",
    "include": "music,GET",
    "exclude": "music",
}
# What goes only together with something else, on the command line.
NEEDS: Final = {
    "conventions": ("spec", "openapi.yaml"),
    "overlay": ("spec", "openapi.yaml"),
    "python": ("app", "example.main:app"),
}
# Judged by its own test: all but little of a run that is judged again is as it was.
RECORDING: Final = "recorded"
STATED: Final = [row for row in on_command_line() if row.name != RECORDING]


@dataclass
class Spy:
    """A plugin that keeps what a worker would get, and ends the run before it begins."""

    settings: list[RunSettings] = field(default_factory=list)

    @pytest.hookimpl(trylast=True)
    def pytest_configure(self, config: pytest.Config) -> None:
        controller = cast("Controller", config.pluginmanager.get_plugin("conformance-run"))
        node = SimpleNamespace(workerinput={})
        controller.pytest_configure_node(node)
        # xdist carries plain values only, and so does the text of them.
        plain = json.loads(json.dumps(node.workerinput["conformance"]["settings"]))
        self.settings.append(RunSettings.from_plain(plain))
        pytest.exit("that is enough", returncode=0)


def workers_settings(arguments: Sequence[str]) -> RunSettings:
    """The settings of a worker of a run of pytest with these arguments."""
    spy = Spy()
    plugins = ("-p", "no:cacheprovider", "-p", "no:conformance", "-p", "conformance.plugin.entry")
    assert pytest.main(["--pyargs", "conformance.suite", *plugins, *arguments], plugins=[spy]) == 0
    (settings,) = spy.settings
    return settings


def by_command(arguments: Sequence[str], monkeypatch: pytest.MonkeyPatch) -> RunSettings:
    """The settings of a worker of `conformance run` with these arguments."""
    handed_on: list[list[str]] = []

    def keep(arguments: list[str], **_: object) -> int:
        handed_on.append(arguments)
        return 0

    with monkeypatch.context() as patched:
        patched.setattr(pytest, "main", keep)
        patched.setattr("conformance.cli.run.os.environ", {})
        run.main([*arguments], standalone_mode=False)
    (given,) = handed_on
    return workers_settings(given[given.index("--pyargs") :])


def expected(row: Setting, text: str, folder: Path) -> object:
    """The value of a row that is stated as this text."""
    if row.kind.names_file:
        return str((folder / text).resolve())
    return row.kind.read("", text)


def said(row: Setting) -> str:
    """How a row is stated as a text."""
    return EXISTING.get(row.name) or ("yes" if row.kind.form is OptionForm.FLAG else row.about.examples[0])


def needs(row: Setting) -> list[tuple[str, str]]:
    """What has to be stated as well."""
    return [NEEDS[row.name]] if row.name in NEEDS else []


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with all files that the examples of the table name."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("EXAMPLE_API_KEY", "sk-0123456789")
    for name in ("EXAMPLE_SECOND_KEY", "EXAMPLE_FORBIDDEN_KEY"):
        monkeypatch.setenv(name, f"sk-0123456789-{name}")
    paths = {"/songs": {"get": {"responses": {"200": {"description": "all songs"}}}}}
    document = {"openapi": "3.1.0", "info": {"title": "Mine", "version": "1"}, "paths": paths}
    (tmp_path / "openapi.yaml").write_text(json.dumps(document), "utf-8")
    for empty in ("conventions.yaml", "target.toml"):
        (tmp_path / empty).write_text("{}\n" if empty.endswith("yaml") else "", "utf-8")
    for listed in ("expected.yaml", "flaky.yaml"):
        (tmp_path / listed).write_text("failures: []\n", "utf-8")
    (tmp_path / "run-earlier").mkdir()
    (tmp_path / "run-earlier" / "report.json").write_text('{"run": "run-earlier", "requirements": []}', "utf-8")
    return tmp_path


@pytest.mark.parametrize("row", STATED, ids=lambda row: row.name)
def test_what_pytest_is_told_reaches_the_workers(row: Setting, folder: Path) -> None:
    text = said(row)
    match row.kind.form:
        case OptionForm.FLAG:
            arguments = [row.pytest_name]
        case OptionForm.EACH:
            arguments = [f"--conformance-{text}-{row.about.flag}"]
        case _:
            arguments = [row.pytest_name, text]

    settings = workers_settings([*arguments, *(f"--conformance-{flag}={value}" for flag, value in needs(row))])

    assert_holds(row, settings, expected(row, text, folder))


@pytest.mark.parametrize("row", [row for row in STATED if not row.about.hidden], ids=lambda row: row.name)
def test_what_the_command_is_told_reaches_the_workers(
    row: Setting, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    text = said(row)
    match row.kind.form:
        case OptionForm.FLAG:
            arguments = [f"--{row.about.flag}"]
        case OptionForm.SWITCH:
            arguments = [f"--{row.about.flag}" if text == "yes" else f"--no-{row.about.flag}"]
        case OptionForm.EACH:
            arguments = [f"--{text}-{row.about.flag}"]
        case _:
            arguments = [f"--{row.about.flag}", text]

    settings = by_command([*arguments, *(f"--{flag}={value}" for flag, value in needs(row))], monkeypatch)

    assert_holds(row, settings, expected(row, text, folder))


@pytest.mark.parametrize("row", in_target_file(), ids=lambda row: row.name)
def test_what_the_file_states_reaches_the_workers(row: Setting, folder: Path) -> None:
    value = row.about.examples[1]
    content: Any = EXISTING.get(row.name, value) if isinstance(value, str) else value
    for step in reversed(row.about.member):
        content = {step: content}
    (folder / "target.toml").write_text(tomlkit.dumps(content), "utf-8")

    settings = workers_settings(["--conformance-target", "target.toml"])

    kept = EXISTING.get(row.name, value) if isinstance(value, str) else value
    assert_holds(row, settings, row.kind.keep("", kept))


def assert_holds(row: Setting, settings: RunSettings, value: object) -> None:
    """The value is there, and it is not what would be there anyway."""
    assert value != row.about.default
    assert getattr(settings, row.name) == value


def test_the_command_line_goes_before_the_file(folder: Path) -> None:
    both = [row for row in STATED if row.about.member and row.kind.form is OptionForm.VALUE and row.name != "base_url"]
    statement: dict[str, Any] = {}
    for row in both:
        table, name = row.about.member
        value = row.about.examples[1]
        statement.setdefault(table, {})[name] = EXISTING.get(row.name, value) if isinstance(value, str) else value
    (folder / "target.toml").write_text(tomlkit.dumps(statement), "utf-8")
    told = [part for row in both for part in (row.pytest_name, said(row))]

    settings = workers_settings(["--base-url", URL, "--conformance-target", "target.toml", *told])

    assert len(both) >= 6
    for row in both:
        if row.name != "control_url":
            assert getattr(settings, row.name) == expected(row, said(row), folder)


def test_every_row_can_be_stated_and_says_what_it_is_for() -> None:
    for row in rows():
        assert row.about.flag or row.about.member, row.name
        assert row.about.help or not row.about.flag or row.name == "base_url", row.name
        assert (row.about.meaning and row.about.left_out) or not row.about.member, row.name
