"""What runs have left at a target whose money is real is ended: after this one, and after those that crashed."""

from __future__ import annotations

from contextlib import closing
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import httpx
import pytest

from conformance.client.locks import ProcessLease
from conformance.money.ledger import SpendLedger
from conformance.money.ledger_store import LEDGER_FILE, TaskSnapshot
from conformance.plugin.cleanup import clean_up, clean_up_after_crashes
from conformance.plugin.settings import RunSettings
from conformance.suite.beatra.bodies import CHEAP_SONG
from tests.cli.deployments import deployed
from tests.cli.runs import KEY

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.cli.deployments import Deployment

SECRET = "sk-" + "0" * 32
PRICE = Decimal(50)
MODEL = "minimax-music-2.6"


@pytest.fixture(scope="module")
def target(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Deployment]:
    with deployed(tmp_path_factory.mktemp("target"), queued=0, running=3600) as running:
        yield running


@pytest.fixture(autouse=True)
def key(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(KEY, SECRET)


def settings(folder: Path, target: Deployment, **more: Any) -> RunSettings:  # noqa: ANN401 - see RunSettings
    folder.mkdir(exist_ok=True, parents=True)
    given = {"play": False, "base_url": f"{target.origin}/v1", "key_variables": (("main", KEY),), **more}
    return RunSettings(
        run_id=folder.name, folder=str(folder), system="beatra", seed=1, examples=1, started_at="2026-11-20", **given
    )


def left_by(of: RunSettings, target: Deployment, *, lost: bool = False) -> str:
    """A task that a run has under way; `lost`: nobody saw it being made."""
    body = {**CHEAP_SONG, "metadata": {"conformance_run": of.run_id}}
    headers = {"Authorization": f"Bearer {SECRET}"}
    made = httpx.post(f"{target.origin}/v1/music/text-to-music", json=body, headers=headers, trust_env=False)
    task_id: str = made.raise_for_status().json()["task_id"]
    with closing(ledger_of(of)) as ledger:
        who: dict[str, Any] = {"lease": "gone-1", "is_alive": lambda _: True}
        admission = ledger.admit("story", PRICE, brief=False, **who)
        assert admission is not None
        reservation = ledger.reserve(admission, MODEL, PRICE, key=None, refusal=False, doubtful=False, **who)
        assert reservation is not None
        if not lost:
            ledger.accepted(reservation, TaskSnapshot(task_id, PRICE, None, "running"))
            ledger.settled(reservation, price_seen=True)
    return task_id


def ledger_of(of: RunSettings) -> SpendLedger:
    return SpendLedger.open(
        of.path, run_id=of.run_id, base_url=of.base_url, system=of.system, unit="credits", cap=Decimal(500)
    )


@pytest.mark.parametrize("lost", [False, True])
def test_at_its_end_a_run_cancels_what_it_has_under_way(
    tmp_path: Path,
    target: Deployment,
    lost: bool,  # noqa: FBT001 - a case
) -> None:
    run = settings(tmp_path / "run-1", target)
    task_id = left_by(run, target, lost=lost)

    assert clean_up(run, interrupted=False) == ()
    assert task_id not in target.going_on()
    with closing(ledger_of(run)) as ledger:
        assert ledger.balance().exposure == Decimal(0)


def test_when_it_is_interrupted_nothing_more_is_spent(tmp_path: Path, target: Deployment) -> None:
    run = settings(tmp_path / "run-1", target)
    left_by(run, target)
    clean_up(run, interrupted=True)

    with closing(ledger_of(run)) as ledger:
        assert ledger.balance().broken == "the run was interrupted"


@pytest.mark.parametrize("lost", [False, True])
def test_the_next_run_cancels_what_a_dead_one_left(
    tmp_path: Path,
    target: Deployment,
    lost: bool,  # noqa: FBT001 - a case
) -> None:
    task_id = left_by(settings(tmp_path / "run-1", target), target, lost=lost)

    assert clean_up_after_crashes(settings(tmp_path / "run-2", target)) == ()
    assert task_id not in target.going_on()


def test_one_that_lives_is_left_alone(tmp_path: Path, target: Deployment) -> None:
    living = settings(tmp_path / "run-1", target)
    task_id = left_by(living, target)
    lease = ProcessLease(living.path, "main")
    clean_up_after_crashes(settings(tmp_path / "run-2", target))

    assert task_id in target.going_on()
    lease.close()
    clean_up_after_crashes(settings(tmp_path / "run-2", target))
    assert task_id not in target.going_on()


def test_what_was_left_at_another_target_is_none_of_its_business(tmp_path: Path, target: Deployment) -> None:
    elsewhere = settings(tmp_path / "run-1", target, base_url="http://127.0.0.1:9/v1")
    left_by(elsewhere, target)

    assert clean_up_after_crashes(settings(tmp_path / "run-2", target)) == ()
    clean_up_after_crashes(settings(tmp_path / "run-3", target))
    with closing(ledger_of(elsewhere)) as ledger:
        assert [task.ended for task in ledger.tasks()] == [False]


def test_what_can_not_be_ended_is_returned(tmp_path: Path, target: Deployment) -> None:
    run = settings(tmp_path / "run-1", target)
    with closing(ledger_of(run)) as ledger:
        ledger.adopt(TaskSnapshot("tsk_nobody", PRICE, None, "running"), MODEL, PRICE)
    left = clean_up_after_crashes(settings(tmp_path / "run-2", target))

    assert [(task.task_id, task.model, task.at_stake) for task in left] == [("tsk_nobody", MODEL, PRICE)]


def test_without_a_key_all_of_it_is(tmp_path: Path, target: Deployment, monkeypatch: pytest.MonkeyPatch) -> None:
    task_id = left_by(settings(tmp_path / "run-1", target), target)
    monkeypatch.delenv(KEY)

    left = clean_up_after_crashes(settings(tmp_path / "run-2", target))
    assert [task.task_id for task in left] == [task_id]


def test_without_its_control_interface_all_of_it_is(tmp_path: Path, target: Deployment) -> None:
    task_id = left_by(settings(tmp_path / "run-1", target), target)

    left = clean_up_after_crashes(settings(tmp_path / "run-2", target, control_url=f"{target.origin}/nothing-there"))
    assert [task.task_id for task in left] == [task_id]


def test_a_purse_with_nothing_in_it_stops_no_run(tmp_path: Path, target: Deployment) -> None:
    """Whoever made it was killed the moment after."""
    (tmp_path / "run-1").mkdir()
    (tmp_path / "run-1" / LEDGER_FILE).touch()

    assert clean_up_after_crashes(settings(tmp_path / "run-2", target)) == ()


def test_with_play_money_nothing_is_looked_for(tmp_path: Path, target: Deployment) -> None:
    task_id = left_by(settings(tmp_path / "run-1", target), target)
    playing = settings(tmp_path / "run-2", target, play=True)

    assert clean_up_after_crashes(playing) == clean_up(playing, interrupted=True) == ()
    assert task_id in target.going_on()
    assert list(playing.path.iterdir()) == []
