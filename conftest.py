"""Makes `pytest --base-url URL` in a checkout run the suite; plain `pytest` runs the project's own tests."""

from __future__ import annotations

import pytest

from conformance.plugin.entry import SELECTED_BY_CONFTEST
from conformance.suite import SUITE_FOLDER


@pytest.hookimpl(tryfirst=True)
def pytest_configure(config: pytest.Config) -> None:
    """Turn a run that names a target, but no tests, towards the suite."""
    named = config.args_source is pytest.Config.ArgsSource.ARGS
    targeted = any(config.getoption(f"conformance_{name}", None) for name in ("app", "target"))
    if not named and (config.getoption("base_url", None) or targeted):
        config.args[:] = [str(SUITE_FOLDER)]
        setattr(config, SELECTED_BY_CONFTEST, True)
