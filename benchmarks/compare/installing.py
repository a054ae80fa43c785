"""The tools of other people, installed into a folder that git ignores; what this machine lacks is said."""

from __future__ import annotations

import json
import platform
import re
import shutil
import subprocess
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Final

from conformance import __version__

if TYPE_CHECKING:
    from collections.abc import Mapping

NODE, JAVA = "node", "java"
_HERE: Final = Path(__file__).resolve().parent
CACHE: Final = _HERE.parents[1] / ".bench"
PACKAGES: Final = CACHE / "node"
_PINNED: Final = _HERE / "package.json"


def install() -> None:
    """Install the pinned packages of npm, unless they are there or there is no npm."""
    there = PACKAGES / "package.json"
    wanted = _PINNED.read_text("utf-8")
    complete = PACKAGES / "complete"
    if shutil.which("npm") is None or (complete.exists() and there.read_text("utf-8") == wanted):
        return
    PACKAGES.mkdir(parents=True, exist_ok=True)
    there.write_text(wanted, "utf-8")
    print("installing what the suite is compared with (once, some minutes)", flush=True)
    options = ["--no-package-lock", "--no-audit", "--no-fund", "--loglevel=error"]
    subprocess.run(["npm", "install", *options], cwd=PACKAGES, check=True)  # noqa: S603, S607 - npm, as it is found
    complete.touch()


def lacking(needs: tuple[str, ...]) -> str | None:
    """Why a tool with these needs can't be run here; None where it can."""
    missing = [program for program in needs if shutil.which(program) is None]
    return f"{' and '.join(missing)} not installed on this machine" if missing else None


def versions() -> Mapping[str, str]:
    """The versions of everything that takes part, and of what it runs on."""
    pinned: dict[str, str] = json.loads(_PINNED.read_text("utf-8"))["dependencies"]
    ours = {name: version(name) for name in ("schemathesis", "uvicorn", "httpx")} | {"conformance": __version__}
    on = {"CPython": platform.python_version(), "Node.js": _said(NODE, "--version"), "Java": _said(JAVA, "-version")}
    return {**on, **ours, **pinned}


def _said(program: str, option: str) -> str:
    """The version that a program says it has, or that there is none."""
    path = shutil.which(program)
    if path is None:
        return "none"
    said = subprocess.run([path, option], capture_output=True, text=True, check=False)  # noqa: S603 - asks a version
    found = re.search(r"\d+(?:\.\d+)+", said.stdout + said.stderr)
    return found[0] if found else "unknown"
