"""What the machine does to a run: signals, a disk that is full, a console that is closed, a folder that is gone."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.cli.deployments import KEYS, deployed
from tests.cli.runs import CHECKOUT, REPORTS, clean_environment, conformance, ended
from tests.cli.test_interruptions import INTERRUPTED, left_of_group, processes_of_group, wait_for_exchanges

if TYPE_CHECKING:
    from tests.cli.deployments import Deployment

ERRED, USAGE, INCONCLUSIVE = 3, 2, 5
NOWHERE = ("run", "http://127.0.0.1:9/v1", "--system", "beatra")
PAID = ("--max-credits", "1000", "--seed", "1", "--examples", "1")
LONGEST_FILE = 200_000
SECONDS = 60


@pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="needs /proc to see processes")
@pytest.mark.parametrize(
    "number, workers", [(signal.SIGTERM, "0"), (signal.SIGHUP, "0"), (signal.SIGTERM, "2"), (signal.SIGHUP, "2")]
)
def test_a_run_that_is_told_to_end_cancels_and_reports(number: signal.Signals, workers: str, tmp_path: Path) -> None:
    with deployed(tmp_path, queued=30, running=5) as target:
        since = time.monotonic()
        process = target.begun(*PAID, "-n", workers)
        wait_for_exchanges(tmp_path, process, 60)
        process.send_signal(number)
        run = ended(process, tmp_path / REPORTS, since)

        assert run.status == INTERRUPTED, run.output
        assert run.report["gate"]["objections"] == ["The run was interrupted before its end."]
        assert left_of_group(process.pid) == []
        assert target.going_on() == []
        assert target.net == 0


@pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="needs /proc to see processes")
def test_workers_end_with_a_controller_that_is_killed(tmp_path: Path) -> None:
    process = subprocess.Popen(
        [sys.executable, "-m", "conformance", "run", "--seed", "1", "-n", "2"],
        cwd=tmp_path,
        env=clean_environment(),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    workers: set[int] = set()
    until = time.monotonic() + SECONDS
    while len(workers) < 2 and time.monotonic() < until:
        time.sleep(0.05)  # between two looks at the processes
        workers = {pid for pid in processes_of_group(process.pid) if is_worker(pid)}
    process.kill()
    process.wait(SECONDS)
    until = time.monotonic() + 3
    while time.monotonic() < until and workers & set(processes_of_group(process.pid)):
        time.sleep(0.05)  # between two looks at the processes

    assert workers
    assert not workers & set(processes_of_group(process.pid))
    for left in processes_of_group(process.pid):
        os.kill(left, signal.SIGKILL)


def is_worker(pid: int) -> bool:
    return b"exec(eval(" in Path(f"/proc/{pid}/cmdline").read_bytes()


@pytest.mark.parametrize("workers", ["0", "2"])
def test_a_paid_run_that_can_t_be_written_down_stops_spending_and_cancels(workers: str, tmp_path: Path) -> None:
    with deployed(tmp_path, queued=30, running=5) as target:
        finished = run_with_short_files(target, *PAID, "-n", workers)

        assert finished.returncode == ERRED, finished.stdout
        assert "Traceback" not in finished.stdout
        assert "INTERNALERROR" not in finished.stdout
        assert target.going_on() == []
        assert target.net == 0


def run_with_short_files(target: Deployment, *options: str) -> subprocess.CompletedProcess[str]:
    """A run whose files can't become longer than so much, which is what a full disk does to them."""
    soft = f"import resource, runpy, sys; resource.setrlimit(resource.RLIMIT_FSIZE, ({LONGEST_FILE}, {LONGEST_FILE}));"
    return subprocess.run(
        [sys.executable, "-c", f"{soft} runpy.run_module('conformance')", "run", *target.statement(), *options],
        cwd=target.folder,
        env=clean_environment(**KEYS),
        capture_output=True,
        text=True,
        timeout=SECONDS,
        check=False,
    )


@pytest.mark.parametrize("redirected", [">&-", "<&- >&- 2>&-", "> /dev/full"])
def test_a_console_that_takes_nothing_breaks_no_command(redirected: str, tmp_path: Path) -> None:
    for arguments, statuses in ((NOWHERE, {INCONCLUSIVE, ERRED}), (("requirements", "--system", "beatra"), {0, ERRED})):
        command = f"{sys.executable} -m conformance {' '.join(arguments)} {redirected}"
        done = subprocess.run(
            ["/bin/sh", "-c", command],
            cwd=tmp_path,
            env=clean_environment(),
            stderr=subprocess.PIPE,
            text=True,
            timeout=SECONDS,
            check=False,
        )
        assert done.returncode in statuses
        assert "Traceback" not in done.stderr


def test_a_working_folder_that_is_gone_is_named(tmp_path: Path) -> None:
    gone = tmp_path / "gone"
    gone.mkdir()
    command = f"rmdir ../gone; exec {sys.executable} -m conformance run"
    done = subprocess.run(
        ["/bin/sh", "-c", command],
        cwd=gone,
        env=clean_environment(PYTHONPATH=str(CHECKOUT)),
        capture_output=True,
        text=True,
        timeout=SECONDS,
        check=False,
    )

    assert done.returncode == USAGE
    assert done.stderr.startswith("Error: The working folder is gone")


@pytest.mark.parametrize(
    "most, status",
    [pytest.param(16, ERRED, id="to begin"), pytest.param(24, INCONCLUSIVE, id="to write down what is answered")],
)
def test_too_few_open_files_are_said_in_a_sentence(most: int, status: int, tmp_path: Path) -> None:
    limit = f"import resource, runpy; resource.setrlimit(resource.RLIMIT_NOFILE, ({most}, {most}));"
    done = subprocess.run(
        [sys.executable, "-c", f"{limit} runpy.run_module('conformance')", "run", "--seed", "1"],
        cwd=tmp_path,
        env=clean_environment(),
        capture_output=True,
        text=True,
        timeout=SECONDS,
        check=False,
    )

    assert done.returncode == status
    assert "Too many open files" in done.stdout + done.stderr
    assert "Traceback" not in done.stdout + done.stderr


@pytest.mark.parametrize("report", ["{}", "[]", "null", '{"run": 1, "requirements": [5]}', "{", '{"requirements": 5}'])
def test_a_damaged_report_can_t_be_repeated(report: str, tmp_path: Path) -> None:
    (tmp_path / "report.json").write_text(report, "utf-8")

    run = conformance(*NOWHERE, "--failed", ".", folder=tmp_path)

    assert run.status == USAGE
    assert "is not the report of a run" in run.output
    assert "Traceback" not in run.output


def test_a_damaged_purse_can_t_be_taken_over(tmp_path: Path) -> None:
    first = conformance(*NOWHERE, folder=tmp_path)
    (first.folder / "ledger.sqlite").write_text("no purse at all", "utf-8")

    run = conformance(*NOWHERE, "--failed", str(first.folder), folder=tmp_path)

    assert run.status == USAGE
    assert "file is not a database" in run.output
    assert "INTERNALERROR" not in run.output


def test_a_surface_that_no_system_has_is_refused(tmp_path: Path) -> None:
    statement = '[target]\nbase_url = "http://127.0.0.1:9/v1"\nsystem = "beatra"\nsurfaces = ["nope"]\n'
    (tmp_path / "target.toml").write_text(statement, "utf-8")

    run = conformance("run", "--target", "target.toml", folder=tmp_path)

    assert run.status == USAGE
    assert "has no surface 'nope'" in run.output
