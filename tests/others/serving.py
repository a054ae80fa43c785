"""Starting a server of another author's as a process of its own, with its keys in its environment."""

from __future__ import annotations

import os
import subprocess
import sys
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

FOLDER = Path(__file__).resolve().parent
CHECKOUT = FOLDER.parents[1]
_PATIENCE_SECONDS = 10


@contextmanager
def served(package: str, config: str | Path, keys: Mapping[str, str], log: Path) -> Iterator[str]:
    """The URL of a server that runs as long as the block does; `config` lies in its package unless it is a path."""
    file = FOLDER / package / config
    with log.open("w", encoding="utf-8") as errors:
        process = subprocess.Popen(
            [sys.executable, "-m", f"tests.others.{package}", str(file)],
            cwd=CHECKOUT,
            env={**os.environ, **keys},
            stdout=subprocess.PIPE,
            stderr=errors,
            text=True,
        )
    try:
        assert process.stdout is not None
        url = process.stdout.readline().strip()
        assert url.startswith("http://"), f"{package} did not start:\n{log.read_text('utf-8')[-2000:]}"
        yield url
    finally:
        process.terminate()
        try:
            process.communicate(timeout=_PATIENCE_SECONDS)
        except subprocess.TimeoutExpired:
            process.kill()
            process.communicate()
