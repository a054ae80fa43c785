"""Installing a published server into a folder that no commit holds, from the registries, in exact versions."""

from __future__ import annotations

import hashlib
import shutil
import subprocess
import sys
from typing import TYPE_CHECKING, Final

from tests.others.published.catalogue import CHECKOUT

if TYPE_CHECKING:
    from pathlib import Path

    from tests.others.published.catalogue import Server

_BUILDS: Final = CHECKOUT / ".others"
_STAMP: Final = ".installed"


class InstallationError(Exception):
    """A registry does not have a package, or can't be reached."""


def installed(server: Server) -> Path:
    """The folder with the server's packages, made if need be (raises `InstallationError`)."""
    build = _BUILDS / server.name
    wanted = _fingerprint(server)
    stamp = build / _STAMP
    if stamp.exists() and stamp.read_text("utf-8") == wanted:
        return build
    shutil.rmtree(build, ignore_errors=True)
    build.mkdir(parents=True)
    if server.packages:
        _carry_out([sys.executable, "-m", "venv", str(build)], build)
        pip = [str(build / "bin" / "python"), "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
        _carry_out([*pip, *server.packages], build)
    if (server.folder / "package.json").exists():
        for file in (*server.folder.glob("*.json"), *server.folder.glob("*.mjs")):
            shutil.copy(file, build)
        _carry_out(["npm", "install", "--no-audit", "--no-fund", "--no-package-lock", "--loglevel", "error"], build)
    stamp.write_text(wanted, "utf-8")
    return build


def _fingerprint(server: Server) -> str:
    """What the installation depends on."""
    sources = [*server.packages, sys.version]
    sources += [file.read_text("utf-8") for file in sorted(server.folder.glob("package.json"))]
    sources += [file.read_text("utf-8") for file in sorted(server.folder.glob("*.mjs"))]
    return hashlib.sha256("\n".join(sources).encode()).hexdigest()


def _carry_out(command: list[str], folder: Path) -> None:
    try:
        done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    except FileNotFoundError as error:
        raise InstallationError(f"there is no command {command[0]!r}") from error
    if done.returncode:
        raise InstallationError(f"{' '.join(command)} failed:\n{(done.stdout + done.stderr)[-2000:]}")
