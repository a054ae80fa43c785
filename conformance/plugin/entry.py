"""The plugin that pytest loads in every run; it does nothing unless the conformance suite is selected."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from conformance.suite import SUITE_FOLDER
from conformance.target.kinds import BASE_URL_OPTION, OptionForm
from conformance.target.options import on_command_line

if TYPE_CHECKING:
    from conformance.target.kinds import Setting

SUITE_PACKAGE = "conformance.suite"
_TARGETING = ("--base-url", "--conformance-app", "--conformance-target")
# Set by the conftest of a checkout, where `pytest --base-url URL` means the suite.
SELECTED_BY_CONFTEST = "_conformance_selected"


def pytest_addoption(parser: pytest.Parser) -> None:
    """Register options under a prefix of their own: short names would break other plugins' and users' options."""
    group = parser.getgroup("conformance", "music-api-conformance")
    for row in on_command_line():
        _add(group, row)


def _add(group: pytest.OptionGroup, row: Setting) -> None:
    about, kind = row.about, row.kind
    if row.pytest_name == BASE_URL_OPTION:  # pytest-base-url brings it
        return
    match kind.form:
        case OptionForm.FLAG:
            group.addoption(row.pytest_name, action="store_true", help=about.help)
        case OptionForm.SWITCH:
            group.addoption(row.pytest_name, choices=kind.words, help=about.help)
        case OptionForm.EACH:
            for word in kind.words:
                name = f"--conformance-{word}-{about.flag}"
                group.addoption(name, action="append_const", const=word, dest=row.dest, help=about.help)
        case OptionForm.LIST:
            group.addoption(row.pytest_name, action="append", metavar=kind.metavar, help=about.help)
        case OptionForm.VALUE:
            group.addoption(row.pytest_name, metavar=kind.metavar, help=about.help)


@pytest.hookimpl(tryfirst=True)
def pytest_configure(config: pytest.Config) -> None:
    """Bring in the suite's hooks where the suite is selected, and nothing anywhere else."""
    from_controller: dict[str, Any] | None = getattr(config, "workerinput", {}).get("conformance")
    if from_controller is not None:
        from conformance.plugin.worker import start_worker

        config.args[:] = from_controller["arguments"]
        start_worker(config, from_controller)
    elif selects_suite(config):
        from conformance.plugin.controller import start_controller

        _take_over_allure(config)
        start_controller(config)


def pytest_terminal_summary(terminalreporter: Any, exitstatus: int, config: pytest.Config) -> None:  # noqa: ANN401 - pytest exports no type
    """Print how to select the suite, where a user outside of a checkout named a target but no tests."""
    targeted = any(str(argument).startswith(_TARGETING) for argument in config.invocation_params.args)
    if exitstatus == pytest.ExitCode.NO_TESTS_COLLECTED and targeted and not selects_suite(config):
        terminalreporter.write_line("To certify a target: pytest --pyargs conformance.suite --base-url URL")


def _take_over_allure(config: pytest.Config) -> None:
    """Keep Allure's own plugin from starting, where it is installed: it would write one result for each test."""
    option = config.option
    option.conformance_alluredir = option.conformance_alluredir or getattr(option, "allure_report_dir", None)
    option.allure_report_dir = None


def selects_suite(config: pytest.Config) -> bool:
    """Whether the arguments of this run name the conformance suite."""
    return getattr(config, SELECTED_BY_CONFTEST, False) or any(_names_suite(config, name) for name in config.args)


def _names_suite(config: pytest.Config, argument: str) -> bool:
    name = argument.partition("::")[0]
    if name == SUITE_PACKAGE or name.startswith(SUITE_PACKAGE + "."):
        return True
    return (config.invocation_params.dir / name).resolve().is_relative_to(SUITE_FOLDER)
