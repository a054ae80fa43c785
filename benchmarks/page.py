"""How large the page of a long run is, how long it takes to write, and how long a browser takes to open it."""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from conformance.report.html import html_page
from tests.browser.chromium import chromium, installed
from tests.report.money_and_tasks import long_run

_LAID_OUT = "new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(() => done(performance.now()))))"


def main() -> None:
    """Print the figures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--exchanges", type=int, default=20_000)
    parser.add_argument("--requirements", type=int, default=400)
    parser.add_argument("--openings", type=int, default=3)
    options = parser.parse_args()
    assessment, recording = long_run(options.exchanges, options.requirements)
    started = time.perf_counter()
    source = html_page(assessment, recording)
    print(f"{options.exchanges:,} exchanges, {options.requirements:,} requirements")
    print(f"written in {time.perf_counter() - started:.2f} s, {len(source.encode()) / 1e6:.2f} MB")
    path = installed()
    if path is None:
        sys.exit("there is no Chromium here; tools/need-chromium installs it")
    with tempfile.TemporaryDirectory() as folder, chromium(path) as browser:
        file = Path(folder) / "index.html"
        file.write_text(source, "utf-8")
        for _ in range(options.openings):
            page = browser.new_page()
            page.goto(f"{file.as_uri()}#ACME-LONG-200")
            print(f"opened at a requirement and drawn after {page.evaluate(_LAID_OUT) / 1000:.2f} s")
            page.close()


if __name__ == "__main__":
    main()
