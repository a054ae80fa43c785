"""The till of a process: for play money a guard only, else the purse of the run with its cap."""

from __future__ import annotations

from contextlib import closing
from dataclasses import replace
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest

from conformance.client.stop_signal import StopSignal
from conformance.money.budget import Tier
from conformance.money.guard import PlayMoneyGuard, RealMoneyGuard
from conformance.money.ledger_store import LEDGER_FILE
from conformance.plugin.cleanup import counted
from conformance.plugin.session import money_session_of
from conformance.plugin.settings import RunSettings
from conformance.verdicts.model import Spend

if TYPE_CHECKING:
    from pathlib import Path

    from conformance.plugin.session import MoneySession

DEAREST = Decimal(80)


def settings(folder: Path, **more: Any) -> RunSettings:  # noqa: ANN401 - see RunSettings
    folder.mkdir(exist_ok=True)
    given = {"play": False, "system": "beatra", "base_url": "http://127.0.0.1:9/v1/", **more}
    return RunSettings(run_id=folder.name, folder=str(folder), seed=1, examples=1, started_at="2026-11-20", **given)


def opened(of: RunSettings, worker: str = "main") -> MoneySession:
    return money_session_of(of, worker, of.contract(), StopSignal())


def cap_of(of: RunSettings) -> Decimal:
    with closing(opened(of)) as money_session:
        assert money_session.ledger is not None
        return money_session.ledger.balance().cap


def test_play_money_needs_no_purse(tmp_path: Path) -> None:
    with closing(opened(settings(tmp_path / "r", play=True))) as money_session:
        assert isinstance(money_session.guard, PlayMoneyGuard)
        assert (money_session.ledger, money_session.purchases) == (None, None)
    assert list((tmp_path / "r").iterdir()) == []


def test_real_money_has_one_purse_for_all_processes(tmp_path: Path) -> None:
    of = settings(tmp_path / "r", max_credits="500")
    with closing(opened(of, "gw0")) as first, closing(opened(of, "gw1")) as second:
        assert first.ledger is not None
        assert second.ledger is not None
        assert isinstance(first.guard, RealMoneyGuard)
        first.ledger.stop("for all")

        assert second.ledger.balance().broken == "for all"
        assert first.ledger.identity() == ("r", "http://127.0.0.1:9/v1/", "beatra")


@pytest.mark.parametrize(
    "asked, tier, cap",
    [
        ({"tier_name": "read"}, Tier.READ, 0),
        ({}, Tier.FREE, 80),
        ({"tier_name": "free"}, Tier.FREE, 80),
        ({"max_credits": "310"}, Tier.PAID, 310),
        ({"max_credits": "0"}, Tier.PAID, 0),
        ({"tier_name": "paid", "max_credits": "130.50"}, Tier.PAID, Decimal("130.50")),
        ({"tier_name": "paid"}, Tier.PAID, 0),
    ],
)
def test_the_cap_is_what_the_tier_may_cost_at_worst(
    tmp_path: Path, asked: dict[str, str], tier: Tier, cap: Decimal
) -> None:
    of = settings(tmp_path / "r", **asked)

    assert (of.tier, cap_of(of)) == (tier, cap)


def test_what_is_free_costs_one_task_at_the_prices_of_the_account(tmp_path: Path) -> None:
    assert cap_of(settings(tmp_path / "r", prices=(("suno-5.5", "99.0000"),))) == Decimal(99)


def test_a_run_that_repeats_another_begins_with_its_purchases(tmp_path: Path) -> None:
    earlier = settings(tmp_path / "earlier", max_credits="500")
    with closing(opened(earlier)) as money_session:
        assert money_session.ledger is not None
        money_session.ledger.claim("song", "key", "nobody", lambda _: False)
        money_session.ledger.purchase("song", b"{}")
    later = settings(tmp_path / "later", max_credits="500", repeats=str(tmp_path / "earlier"))
    for worker in ("gw0", "gw1"):
        with closing(opened(later, worker)) as money_session:
            assert money_session.ledger is not None
            key, exchange, content = money_session.ledger.claim("song", "other", "nobody", lambda _: False) or (
                "",
                "",
                b"",
            )

            assert (key, exchange, content) == ("key", None, b"{}")


def test_it_does_not_matter_if_the_other_run_had_no_purse(tmp_path: Path) -> None:
    (tmp_path / "earlier").mkdir()

    assert cap_of(settings(tmp_path / "later", max_credits="5", repeats=str(tmp_path / "earlier"))) == Decimal(5)


NOTHING = Spend(unit="credits", debited=Decimal(0), refunded=Decimal(0), cap=None, play=False)


def test_the_report_gets_its_figures_from_the_purse(tmp_path: Path) -> None:
    of = settings(tmp_path / "r", max_credits="100")
    with closing(opened(of)) as money_session:
        assert money_session.ledger is not None
        who = {"lease": "me", "is_alive": lambda _: True}
        admission = money_session.ledger.admit("story", DEAREST, brief=False, **who)  # type: ignore[arg-type]
        assert admission is not None
        lost = money_session.ledger.reserve(
            admission,
            "suno-5.5",
            DEAREST,
            key="k",
            refusal=False,
            doubtful=False,
            **who,  # type: ignore[arg-type]
        )
        assert lost is not None
        money_session.ledger.unknown(lost)
        money_session.ledger.stop("enough")
    spend = counted(NOTHING, of, ())

    assert spend is not None
    assert (spend.cap, spend.tier, spend.at_stake, spend.net) == (Decimal(100), "paid", DEAREST, Decimal(0))
    assert spend.stopped == "enough"


@pytest.mark.parametrize("play", [True, False])
def test_without_a_purse_they_stay_as_they_are(tmp_path: Path, play: bool) -> None:  # noqa: FBT001 - a case
    of = settings(tmp_path / "r", play=play)

    assert counted(NOTHING, of, ()) == replace(NOTHING, tier=str(of.tier))
    assert counted(None, of, ()) is None
    assert not (tmp_path / "r" / LEDGER_FILE).exists()


def test_settings_go_to_workers_as_they_are(tmp_path: Path) -> None:
    of = settings(tmp_path / "r", max_credits="5", tier_name="paid", repeats="r0", prices=(("suno-5.5", "1.0000"),))

    assert RunSettings.from_plain(of.to_plain()) == of
    assert replace(of, max_credits=None, tier_name=None).tier is Tier.FREE
