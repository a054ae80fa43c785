"""The three ways to start a run against a URL."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.cli.runs import CHECKOUT, LEAN, conformance, pytest_run

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from tests.cli.runs import Finished, Sandbox


def in_the_checkout(served: Sandbox, folder: Path, *arguments: str, plugins: Mapping[str, str] = LEAN) -> Finished:
    """`pytest --base-url URL` in the checkout."""
    return pytest_run(
        *(*_target(served), "--conformance-report-dir", str(folder), "-o", f"cache_dir={folder / 'cache'}"),
        *arguments,
        folder=CHECKOUT,
        environment={**served.environment, **plugins},
        reports=folder,
    )


def in_a_foreign_folder(served: Sandbox, folder: Path, *arguments: str) -> Finished:
    """`pytest --pyargs conformance.suite --base-url URL` in any folder."""
    environment = {**served.environment, **LEAN}
    return pytest_run(
        "--pyargs", "conformance.suite", *_target(served), *arguments, folder=folder, environment=environment
    )


def by_the_command(served: Sandbox, folder: Path, *arguments: str) -> Finished:
    """`conformance run URL` in any folder."""
    options = ("run", served.base_url, "--control-url", served.control_url, "--")
    return conformance(*options, *arguments, folder=folder, environment=served.environment)


def _target(served: Sandbox) -> tuple[str, ...]:
    return ("--base-url", served.base_url, "--conformance-control-url", served.control_url)


WAYS = {"checkout": in_the_checkout, "pyargs": in_a_foreign_folder, "command": by_the_command}
