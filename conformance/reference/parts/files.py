"""Files that travel with the package."""

from __future__ import annotations

from importlib.resources import files


def read_package_text(package: str, name: str) -> str:
    """The text of a file inside a package, wherever it is installed."""
    return files(package).joinpath(name).read_text(encoding="utf-8")
