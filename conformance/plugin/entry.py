"""What pytest loads in every run on a machine; it does nothing unless the conformance suite is selected."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import pytest

SUITE_FOLDER = Path(__file__).resolve().parent.parent / "suite"
SUITE_PACKAGE = "conformance.suite"
# What may be said about probes that send files of 100 MB, and what it means; None: decided by where the target is.
HEAVY = {"yes": True, "no": False, None: None}
# Set by the conftest of a checkout, where `pytest --base-url URL` means the suite.
SELECTED_BY_CONFTEST = "_conformance_selected"


def pytest_addoption(parser: pytest.Parser) -> None:
    """Register options under a prefix of their own: short names would break other plugins' and users' options."""
    group = parser.getgroup("conformance", "music-api-conformance")
    for name, metavar, text in (
        ("app", "MODULE:APP", "certify an ASGI application instead of a URL"),
        ("system", "NAME", "which system the target implements"),
        ("spec", "FILE", "OpenAPI document that the target implements, instead of a system of the suite's"),
        ("conventions", "FILE", "what the document of --conformance-spec can't say (conventions.yaml)"),
        ("target", "FILE", "statement of the target (target.toml)"),
        ("api-key-env", "VARIABLE", "environment variable that holds the key (default: CONFORMANCE_API_KEY)"),
        ("control-url", "URL", "control interface of the target, where it has one"),
        ("report-dir", "FOLDER", "where the folder of this run is made (default: reports)"),
        ("ca-file", "FILE", "certificates of a private CA that signed the target's certificate"),
        ("proxy", "URL|env", "HTTP proxy for targets that are not on this machine (env: what the environment names)"),
        ("rate", "N/s", "at most so many requests per second (or N/min), over all processes"),
        ("max-credits", "N", "spend real money, and at no time have more than this at stake"),
        ("failed", "RUN", "judge again what failed in an earlier run, given by its folder, with the tasks it paid for"),
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
        default=40,
        help="drawn requests per operation and kind",
    )
    group.addoption(
        "--conformance-strict",
        action="store_true",
        help="let a broken SHOULD fail the run as a broken MUST does",
    )
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


def pytest_configure(config: pytest.Config) -> None:
    """Bring in the suite's hooks where the suite is selected, and nothing anywhere else."""
    from_controller: dict[str, Any] | None = getattr(config, "workerinput", {}).get("conformance")
    if from_controller is not None:
        from conformance.plugin.worker import start_worker

        config.args[:] = from_controller["arguments"]
        start_worker(config, from_controller)
    elif selects_suite(config):
        from conformance.plugin.controller import start_controller

        start_controller(config)


def selects_suite(config: pytest.Config) -> bool:
    """Whether the arguments of this run name the conformance suite."""
    return getattr(config, SELECTED_BY_CONFTEST, False) or any(_names_suite(config, name) for name in config.args)


def _names_suite(config: pytest.Config, argument: str) -> bool:
    name = argument.partition("::")[0]
    if name == SUITE_PACKAGE or name.startswith(SUITE_PACKAGE + "."):
        return True
    return (config.invocation_params.dir / name).resolve().is_relative_to(SUITE_FOLDER)
