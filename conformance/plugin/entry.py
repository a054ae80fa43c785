"""What pytest loads in every run on a machine; it does nothing unless the conformance suite is selected."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

SUITE_FOLDER = Path(__file__).resolve().parent.parent / "suite"
SUITE_PACKAGE = "conformance.suite"
# What may be said about probes that send files of 100 MB, and what it means; None: decided by where the target is.
HEAVY = {"yes": True, "no": False, None: None}
# So many histories take less than a second on a target that is near.
HISTORIES = 8
_TARGETING = ("--base-url", "--conformance-app", "--conformance-target")
# Set by the conftest of a checkout, where `pytest --base-url URL` means the suite.
SELECTED_BY_CONFTEST = "_conformance_selected"


def pytest_addoption(parser: pytest.Parser) -> None:
    """Register options under a prefix of their own: short names would break other plugins' and users' options."""
    group = parser.getgroup("conformance", "music-api-conformance")
    for name, metavar, text in (
        ("app", "MODULE:APP", "certify an ASGI application instead of a URL"),
        ("python", "PATH", "interpreter of the environment in which the --conformance-app is installed"),
        ("system", "NAME", "which system the target implements"),
        ("spec", "FILE", "OpenAPI document that the target implements, instead of a system of the suite's"),
        ("conventions", "FILE", "what the document of --conformance-spec can't say (conventions.yaml)"),
        ("target", "FILE", "statement of the target (target.toml)"),
        ("api-key-env", "VARIABLE", "environment variable that holds the key (default: CONFORMANCE_API_KEY)"),
        ("control-url", "URL", "control interface of the target, where it has one"),
        ("report-dir", "FOLDER", "where the folder of this run is made (default: reports)"),
        ("alluredir", "FOLDER", "also write results for Allure into this folder (--alluredir means the same)"),
        ("ca-file", "FILE", "certificates of a private CA that signed the target's certificate"),
        ("proxy", "URL|env", "HTTP proxy for targets that are not on this machine (env: what the environment names)"),
        ("rate", "N/s", "at most so many requests per second (or N/min), over all processes"),
        ("max-credits", "N", "spend real money, and at no time have more than this at stake"),
        ("failed", "RUN", "judge again what failed in an earlier run, given by its folder, with the tasks it paid for"),
        ("recording", "RUN", "send nothing and judge again what the run of this folder has recorded"),
        ("expected-failures", "FILE", "requirements that may fail until a day (YAML); that one passes fails the run"),
        ("known-flaky", "FILE", "requirements that may fail or pass until a day (YAML)"),
        ("levels", "LIST", "judge only requirements of these levels, such as MUST or MUST,SHOULD"),
        ("surfaces", "LIST", "judge only these surfaces, such as music,tasks (default: those that the target offers)"),
        ("minimum-judged", "N|N%", "fail the run if fewer of the MUST requirements that apply were judged"),
        ("max-time", "DURATION", "then draw more requests, in rounds over all operations, for so long (30s, 2m)"),
        ("said", "COMMAND", "how the run was asked for, to be named in its reports in place of pytest's arguments"),
        ("probes", "FILE", "plant an idempotency key at every run and judge those of earlier runs by real time"),
    ):
        group.addoption(f"--conformance-{name}", metavar=metavar, help=text)
    group.addoption(
        "--conformance-concurrency",
        metavar="N",
        type=int,
        help="at most so many requests at the same time, over all processes",
    )
    group.addoption("--conformance-seed", metavar="N", type=int, help="seed of everything that is drawn at random")
    group.addoption(
        "--conformance-examples",
        metavar="N",
        type=int,
        help="drawn requests per operation and kind (default: half as many as it has constraints, at most 40)",
    )
    group.addoption(
        "--conformance-histories",
        metavar="N",
        type=int,
        default=HISTORIES,
        help="histories that a model plays, where money is play and there is a control interface",
    )
    group.addoption(
        "--conformance-strict",
        action="store_true",
        help="let a broken SHOULD fail the run as a broken MUST does",
    )
    group.addoption("--conformance-quiet", action="store_true", help="tell the headline and what failed, no more")
    group.addoption("--conformance-progress", action="store_true", help="show how far the run has come, not dots")
    group.addoption(
        "--conformance-heavy",
        choices=[name for name in HEAVY if name],
        help="send files of 100 MB, or don't (default: only to play money on this machine)",
    )
    group.addoption(
        "--conformance-tier",
        choices=["read", "free", "paid"],
        help="how far to go with real money (default: free; with --conformance-max-credits: paid)",
    )
    group.addoption("--conformance-factory", action="store_true", help="the --conformance-app is a factory")


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
    """Say how the suite is named to somebody who gave a target, but no tests, elsewhere than in a checkout."""
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
