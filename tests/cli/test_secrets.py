"""A key leaves no trace: not on the console, not in any file, in no disguise, however a run goes and ends."""

from __future__ import annotations

import os
import re
import signal
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, NamedTuple

import pytest

from tests.cli.canary import KEYS, MAIN, left_behind, traces
from tests.cli.mirror import PATIENCE_SECONDS, SHAPES, reflecting
from tests.cli.runs import CHECKOUT, REPORTS, conformance, ended, pytest_forked, started

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from tests.cli.mirror import Mirror

INTERRUPTED, ERRED = 2, 3
# All that pytest can show.
EVERYTHING: Final = ("-vv", "--showlocals", "--full-trace", "--tb=long", "-rA")
# A part of the suite that uses all three keys.
SELECTED: Final = "authentication or namespace or another_tenants_artifact"


@dataclass(frozen=True, slots=True)
class Place:
    """Where a run may leave something: its working directory, its home and its folder for temporary files."""

    root: Path

    @property
    def work(self) -> Path:
        return self.root / "work"

    def environment(self, **more: str) -> dict[str, str]:
        folders = {"HOME": "home", "TMPDIR": "tmp", "XDG_CACHE_HOME": "home/cache"}
        return {**KEYS, **{name: str(self.root / folder) for name, folder in folders.items()}, **more}

    def stating(self, mirror: Mirror) -> tuple[str, str]:
        """A statement of the target, for the file that is named by the second value."""
        path = self.work / "target.toml"
        path.write_text(
            f'[target]\nbase_url = "{mirror.base_url}"\nmoney = "play"\n\n[limits]\npoll_timeout_seconds = 1\n', "utf-8"
        )
        return "target", str(path)

    def plugin(self, name: str, source: str) -> dict[str, str]:
        """The environment in which pytest finds a plugin of this name."""
        (self.work / f"{name}.py").write_text(source, "utf-8")
        return {"PYTHONPATH": os.pathsep.join([str(self.work), str(CHECKOUT)])}


@pytest.fixture
def place(tmp_path: Path) -> Place:
    for name in ("work", "home", "tmp"):
        (tmp_path / name).mkdir()
    return Place(tmp_path)


def assert_no_trace(place: Place, output: str, keys: Mapping[str, str] = KEYS) -> dict[str, bytes]:
    """That no key is anywhere; all that was looked at is returned."""
    places = {"the console": output.encode("utf-8", "surrogateescape"), **left_behind(place.root)}
    assert traces(keys, places) == []
    return places


def test_a_target_that_shows_keys_in_every_shape_does_not_get_them_into_the_run(place: Place) -> None:
    with reflecting() as mirror:
        option, file = place.stating(mirror)
        arguments = (
            f"--{option}",
            file,
            "--seed",
            "1",
            "--examples",
            "1",
            "--",
            *EVERYTHING,
            "-k",
            f"{SELECTED} or test_lists",
        )
        run = conformance("run", *arguments, folder=place.work, environment=place.environment())

    assert mirror.shown >= set(KEYS.values())
    assert {shape for key, shape in mirror.told if key == MAIN} >= {shape.__name__ for shape in SHAPES}
    assert "failed" in run.output
    assert_no_trace(place, run.output)
    written = {path.name: path.read_text("utf-8") for path in run.folder.iterdir() if path.is_file()}
    assert written["journal-main.jsonl"].count("$CONFORMANCE_API_KEY") > 100
    assert "$CONFORMANCE_SECOND_KEY" in written["journal-main.jsonl"]
    assert "curl -sS -i" in written["junit.xml"]
    assert '-H "Authorization: Bearer $CONFORMANCE_API_KEY"' in written["junit.xml"]
    assert '-H "Authorization: Bearer $CONFORMANCE_FORBIDDEN_KEY"' in written["junit.xml"]
    assert "Authorization: Bearer $CONFORMANCE_API_KEY" in written["index.html"]


def test_a_run_that_goes_well_keeps_its_keys_and_those_of_its_tenants_to_itself(place: Place) -> None:
    given = {"main": "sk-9f4d7c1be82a4053b6d1e7f09c3a5b28", "second": "sk-71c0e5a94b3d4f86a2d8b7e61f9c0354"}
    given["forbidden"] = "sk-e3b85f0c69d14a7fb2c4d07a918e6f35"
    keys = {f"CONFORMANCE_REFERENCE_{role.upper()}_KEY": key for role, key in given.items()}
    selected = ("-vv", "-l", "-rA", "-k", "key_isolation or authentication or test_charges")

    environment = place.environment(**keys)
    run = conformance("run", "--seed", "1", "--", *selected, folder=place.work, environment=environment)

    assert run.status == 0
    places = assert_no_trace(place, run.output, keys)
    # Fresh tenants have keys that nobody told us; what looks like one is one, but for those that nobody has.
    nobodys = {b"sk-27182818284590452353602874713526", b"sk-31415926535897932384626433832795"}
    assert {found for content in places.values() for found in re.findall(rb"sk-[0-9a-f]{32}", content)} <= nobodys
    assert b"$CONFORMANCE_SECOND_KEY" in b"".join(places.values())


KILLED_IN_A_WORKER = """
import os, signal
import pytest

@pytest.hookimpl(tryfirst=True)
def pytest_runtest_call(item):
    if item.name == "test_a_malformed_authorization_header_is_refused":
        os.kill(os.getpid(), signal.SIGKILL)
"""


def test_pytest_with_all_it_can_show_and_keep_and_a_worker_killed_does_not_show_a_key(place: Place) -> None:
    with reflecting() as mirror:
        option, file = place.stating(mirror)
        run = pytest_forked(
            *("--pyargs", "conformance.suite", f"--conformance-{option}", file, "--conformance-examples", "1"),
            *("-p", "killing", "-n", "2", "--max-worker-restart", "0", *EVERYTHING, "-k", SELECTED),
            *("--debug", "debug.log", "--junitxml", "pytest.xml", "--basetemp", str(place.root / "tmp" / "pytest")),
            folder=place.work,
            environment=place.environment(**place.plugin("killing", KILLED_IN_A_WORKER)),
        )

    assert "the process that ran this test died" in run.output
    assert {MAIN} <= mirror.shown
    places = assert_no_trace(place, run.output)
    kept = {name.removeprefix(f"{place.work}/").partition("/")[0] for name in places}
    assert kept >= {".pytest_cache", "debug.log", "pytest.xml", REPORTS}


@pytest.mark.parametrize(
    "sent, silent_after",
    [(signal.SIGKILL, 6), (signal.SIGINT, 6), (signal.SIGINT, 0)],
    ids=["killed in the middle", "interrupted in the middle", "interrupted during the first request"],
)
def test_a_run_that_is_broken_off_leaves_no_key_behind(sent: signal.Signals, silent_after: int, place: Place) -> None:
    with reflecting(silent_after=silent_after) as mirror:
        option, file = place.stating(mirror)
        since = time.monotonic()
        arguments = ["run", f"--{option}", file, "--seed", "1", "--", *EVERYTHING, "-k", SELECTED]
        process = started(arguments, place.work, place.environment())
        assert mirror.fell_silent.wait(PATIENCE_SECONDS)
        process.send_signal(sent)
        mirror.over.set()
        run = ended(process, place.work / REPORTS, since)

    assert run.status == (-signal.SIGKILL if sent is signal.SIGKILL else INTERRUPTED)
    assert (run.folder / "report.json").exists() == (sent is not signal.SIGKILL and silent_after > 0)
    places = assert_no_trace(place, run.output)
    recorded = [content for name, content in places.items() if name.endswith(".jsonl")]
    assert any(b"$CONFORMANCE_API_KEY" in content for content in recorded) == (silent_after > 0)


BROKEN = """
import itertools
import {module}

numbers = itertools.count()
original = {module}.{name}

def broken(*arguments, **named):
    if next(numbers) > {after}:
        raise {error}("a bug of the suite")
    return original(*arguments, **named)

{module}.{name} = broken
"""


class Break(NamedTuple):
    """What breaks, after how many calls, with which error, and how the run then ends."""

    module: str
    name: str
    after: int
    error: str
    statuses: frozenset[int]


BREAKS: Final = {
    "while it is recorded": Break(
        "conformance.journal.writer", "Journal._append", 12, "RuntimeError", frozenset({1, ERRED})
    ),
    "while it is sent": Break("h11", "Connection.send", 20, "RuntimeError", frozenset({1, ERRED})),
    "interrupted while it is sent": Break("h11", "Connection.send", 2, "KeyboardInterrupt", frozenset({INTERRUPTED})),
    "interrupted before it is cleaned": Break(
        "conformance.journal.writer", "Journal.exchange", 0, "KeyboardInterrupt", frozenset({INTERRUPTED})
    ),
}


@pytest.mark.parametrize("breaks", BREAKS.values(), ids=BREAKS)
def test_what_breaks_in_the_middle_of_a_request_does_not_show_its_key(breaks: Break, place: Place) -> None:
    with reflecting() as mirror:
        option, file = place.stating(mirror)
        arguments = (f"--{option}", file, "--seed", "1", "--", "-p", "broken", *EVERYTHING, "-k", "authentication")
        module, name, after, error, _ = breaks
        plugin = place.plugin("broken", BROKEN.format(module=module, name=name, after=after, error=error))
        run = conformance("run", *arguments, folder=place.work, environment=place.environment(**plugin))

    assert run.status in breaks.statuses
    assert "a bug of the suite" in run.output
    assert "self._attempt(" in run.output
    assert_no_trace(place, run.output)
