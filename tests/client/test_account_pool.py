"""Accounts for scenarios: each its own where the target opens some, else a shared one behind a lock."""

from __future__ import annotations

import json
import threading
from contextlib import ExitStack
from dataclasses import dataclass, field
from decimal import Decimal
from typing import TYPE_CHECKING

import pytest

from conformance.accounts.account_pool import AccountPool
from conformance.accounts.control import Offer
from conformance.client import locks
from conformance.client.errors import ControlError, NotOfferedError
from conformance.journal.redaction import Secret
from conformance.money.guard import PlayMoneyGuard
from tests.client.bench import CONTROL, KEY, PATIENCE_SECONDS, answer, headers_of

if TYPE_CHECKING:
    from pathlib import Path

    from conformance.client.transports.base import Incoming, Outgoing
    from tests.client.bench import Bench
    from tests.client.conftest import OpenBench

PLENTY = "1000000.0000"


@dataclass
class Town:
    """A target whose control interface opens accounts and keeps a balance for each."""

    balances: dict[str, str] = field(default_factory=dict)
    opened: int = 0
    tells_balances: bool = False
    most_at_first: str = ""

    def __call__(self, outgoing: Outgoing) -> Incoming:
        (key,) = headers_of(outgoing, "Authorization") or [""]
        if outgoing.url == f"{CONTROL}/tenants":
            self.opened += 1
            keys = {role: f"sk-{role}-of-{self.opened}" for role in ("main", "second")}
            if not self.tells_balances:
                return answer(201, {"keys": keys})
            assert isinstance(outgoing.content, bytes)
            asked = json.loads(outgoing.content)["balance_credits"] if outgoing.content else "1000.0000"
            self.balances[f"Bearer {keys['main']}"] = self.most_at_first or asked
            return answer(201, {"keys": keys, "balance_credits": self.most_at_first or asked})
        if outgoing.url == f"{CONTROL}/wallet" and outgoing.method == "PUT":
            assert isinstance(outgoing.content, bytes)
            self.balances[key] = json.loads(outgoing.content)["balance_credits"]
        return answer(200, {"balance_credits": self.balances.get(key, "0.0000")})


def account_pool_of(
    made: Bench, *offers: str, scope: str = "tenant", keys: bool = True, offer: Offer | None = None
) -> AccountPool:
    """A stage whose target offers these parts of the control interface, or has none of it."""
    told = Offer(frozenset(offers), "tenant" if scope == "tenant" else "target") if offers else None
    return AccountPool(
        made.client,
        guard=PlayMoneyGuard(),
        keys={"main": Secret(KEY)} if keys else {},
        control_url=CONTROL if offers else None,
        offer=offer or told,
        polling=None,
        lock_file=made.folder / "target.lock",
    )


def is_free(account_pool: AccountPool, made: Bench, *, for_all: bool) -> bool:
    """Whether somebody else could have the target now, in company or (for_all off) alone."""
    shares = made.folder.glob("target.lock.*")
    return locks.is_free(made.folder / "target.lock") and (for_all or all(map(locks.is_free, shares)))


def test_each_scenario_has_a_tenant_of_its_own(bench: OpenBench) -> None:
    made = bench(Town())
    account_pool = account_pool_of(made, "tenants", "wallet")
    with account_pool.account("one") as one, account_pool.account("two") as two:
        assert one.key("main") != two.key("main")
        assert one.key("second") != one.key("main")
        assert one.label != two.label
        assert one.label.endswith(".one")

    assert account_pool.own_tenants


def test_tenants_of_different_workers_have_different_labels(bench: OpenBench) -> None:
    labels = set()
    for worker in ("gw0", "gw1"):
        with account_pool_of(bench(Town(), folder=worker, worker=worker), "tenants").account("song") as account:
            labels.add(account.label)

    assert len(labels) == 2


def test_the_keys_of_a_tenant_sign_its_calls_and_its_control(bench: OpenBench) -> None:
    made = bench(Town())
    with account_pool_of(made, "tenants", "clock").account("song", needs=["clock"]) as account:
        account.pass_time(1)
        account.call("listSongs")

    assert [headers_of(request, "Authorization") for request in made.sent] == [
        [],
        ["Bearer sk-main-of-1"],
        ["Bearer sk-main-of-1"],
    ]


@pytest.mark.parametrize(
    "offers, scope", [(("tenants", "wallet"), "target"), (("wallet",), "tenant"), (("clock",), "target")]
)
def test_without_tenants_that_are_apart_all_share_one_account(
    bench: OpenBench, offers: tuple[str, ...], scope: str
) -> None:
    account_pool = account_pool_of(bench(Town()), *offers, scope=scope)
    with account_pool.account("one") as one, account_pool.account("two") as two:
        assert one.label == two.label == "shared"
        assert one.key("main").reveal() == KEY

    assert not account_pool.own_tenants


def test_without_a_control_interface_nothing_but_the_account_is_there(bench: OpenBench) -> None:
    made = bench(Town())
    with account_pool_of(made).account("song", balance=Decimal(5)) as account:
        assert not account.offers("clock")

    assert made.sent == []


@pytest.mark.parametrize("offers", [(), ("clock",)])
def test_what_a_scenario_needs_and_the_target_lacks_is_named(bench: OpenBench, offers: tuple[str, ...]) -> None:
    made = bench(Town())
    sentence = "^the target does not offer control:wallet, control:tasks/hold$"

    with (
        pytest.raises(NotOfferedError, match=sentence),
        account_pool_of(made, *offers).account("song", needs=["wallet", "tasks/hold"]),
    ):
        pytest.fail("no account can be had")
    assert made.sent == []


def test_what_was_found_not_to_work_is_not_offered_and_told_in_its_own_words(bench: OpenBench) -> None:
    made = bench(Town())
    offer = Offer(frozenset({"tenants", "clock", "wallet"}), "tenant").without({"clock": "its clock stands still"})
    account_pool = account_pool_of(made, "tenants", "wallet", offer=offer)

    assert (account_pool.offers("clock"), account_pool.offers("wallet")) == (False, True)
    with (
        pytest.raises(ControlError, match="control interface offers clock, but its clock stands still"),
        account_pool.account("song", needs=["wallet", "clock"]),
    ):
        pytest.fail("no account can be had")
    assert made.sent == []


def test_an_account_that_somebody_has_already_is_nobodys_own(bench: OpenBench) -> None:
    account_pool = account_pool_of(bench(answer(201, {"keys": {"main": "sk-of-everybody"}})), "tenants")
    with (
        account_pool.account("one"),
        pytest.raises(ControlError, match="had opened before"),
        account_pool.account("two"),
    ):
        pytest.fail("the second scenario would disturb the first")


def test_without_any_key_the_variable_that_should_hold_it_is_asked_for(bench: OpenBench) -> None:
    with pytest.raises(NotOfferedError, match="--api-key-env"), account_pool_of(bench(), keys=False).account("song"):
        pytest.fail("no account can be had")


def test_a_tenant_gets_the_balance_that_its_scenario_asks_for_or_plenty(bench: OpenBench) -> None:
    town = Town()
    account_pool = account_pool_of(bench(town), "tenants", "wallet")
    with account_pool.account("poor", balance=Decimal("0.5")), account_pool.account("usual"):
        assert town.balances == {"Bearer sk-main-of-1": "0.5000", "Bearer sk-main-of-2": "1000000.0000"}


def test_a_tenant_may_be_opened_with_its_balance_and_then_one_call_is_enough(bench: OpenBench) -> None:
    town = Town(tells_balances=True)
    made = bench(town)
    account_pool = account_pool_of(made, "tenants", "tenants/balance", "wallet")
    with account_pool.account("poor", balance=Decimal("0.5")), account_pool.account("usual"):
        assert town.balances == {"Bearer sk-main-of-1": "0.5000", "Bearer sk-main-of-2": "1000000.0000"}
        assert [sent.method for sent in made.sent] == ["POST", "POST"]
        assert [reading.balance for reading in made.recording.readings] == ["0.5000", "1000000.0000"]

    read = {reading.account for reading in made.recording.readings}
    assert [sum(reading.account == name for reading in made.recording.readings) for name in read] == [2, 2]


def test_a_tenant_that_was_opened_with_another_balance_gets_its_own_all_the_same(bench: OpenBench) -> None:
    town = Town(tells_balances=True, most_at_first="3.0000")
    made = bench(town)
    with account_pool_of(made, "tenants", "tenants/balance", "wallet").account("rich", balance=Decimal(500)):
        assert town.balances == {"Bearer sk-main-of-1": "500.0000"}

    assert [reading.balance for reading in made.recording.readings] == ["3.0000", "500.0000", "500.0000"]


def test_a_shared_account_is_rich_before_and_after_a_scenario_that_makes_it_poor(bench: OpenBench) -> None:
    town = Town()
    account_pool = account_pool_of(bench(town), "wallet", scope="target")
    with account_pool.account("usual"):
        assert town.balances == {f"Bearer {KEY}": PLENTY}
    with account_pool.account("poor", balance=Decimal(3)):
        assert town.balances == {f"Bearer {KEY}": "3.0000"}
    assert town.balances == {f"Bearer {KEY}": PLENTY}
    with pytest.raises(ZeroDivisionError), account_pool.account("poor and failing", balance=Decimal(3)):
        raise ZeroDivisionError

    assert town.balances == {f"Bearer {KEY}": PLENTY}


def test_a_shared_account_is_enriched_once(bench: OpenBench) -> None:
    made = bench(Town())
    account_pool = account_pool_of(made, "wallet", scope="target")
    for _ in range(3):
        with account_pool.account("song"):
            pass

    assert [request.method for request in made.sent] == ["PUT"]


@pytest.mark.parametrize("offers", [("clock",), ("tenants", "clock"), ("tenants", "tenants/balance", "clock")])
def test_balances_are_not_touched_where_they_can_not_be(bench: OpenBench, offers: tuple[str, ...]) -> None:
    made = bench(Town(tells_balances=True))
    with account_pool_of(made, *offers).account("song", balance=Decimal(5)):
        pass

    assert not [request for request in made.sent if request.content or request.url == f"{CONTROL}/wallet"]


def test_readings_are_taken_while_nobody_else_spends(bench: OpenBench) -> None:
    alone = bench(Town(), folder="alone")
    with account_pool_of(alone, "tenants", "wallet").account("song", balance=Decimal(7)):
        pass
    together = bench(Town(), folder="together")
    with account_pool_of(together, "wallet", scope="target").account("song"):
        pass

    assert [reading.balance for reading in alone.recording.readings] == ["7.0000", "7.0000"]
    assert together.recording.readings == ()


@pytest.mark.parametrize(
    "needs, balance, for_all",
    [((), None, True), (("clock",), None, False), ((), Decimal(1), False)],
    ids=["reads", "moves the clock", "sets the balance"],
)
def test_whoever_changes_shared_state_has_the_target_alone(
    bench: OpenBench,
    needs: tuple[str, ...],
    balance: Decimal | None,
    for_all: bool,  # noqa: FBT001 - a row of the table
) -> None:
    made = bench(Town())
    account_pool = account_pool_of(made, "clock", "wallet", scope="target")
    with account_pool.account("song", needs=needs, balance=balance):
        assert is_free(account_pool, made, for_all=True) is for_all
        assert not is_free(account_pool, made, for_all=False)

    assert is_free(account_pool, made, for_all=False)


def test_the_target_is_free_again_after_a_scenario_that_failed(bench: OpenBench) -> None:
    made = bench(Town())
    account_pool = account_pool_of(made, "clock", scope="target")
    with pytest.raises(ZeroDivisionError), account_pool.account("song", needs=["clock"]):
        raise ZeroDivisionError

    assert is_free(account_pool, made, for_all=False)


def test_threads_that_change_shared_state_take_turns(bench: OpenBench) -> None:
    account_pool = account_pool_of(bench(Town()), "clock", scope="target")
    inside: list[str] = []
    seen: list[int] = []

    def change() -> None:
        with account_pool.account("song", needs=["clock"]) as account:
            inside.append(account.label)
            account.pass_time(1)
            seen.append(len(inside))
            inside.pop()

    threads = [threading.Thread(target=change) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(PATIENCE_SECONDS)

    assert seen == [1] * 6


@pytest.mark.parametrize("offers, scope", [(("tenants", "clock"), "tenant"), (("wallet",), "target"), ((), "target")])
def test_scenarios_that_disturb_nobody_go_on_together(bench: OpenBench, offers: tuple[str, ...], scope: str) -> None:
    account_pool = account_pool_of(bench(Town()), *offers, scope=scope)
    together = threading.Barrier(3)
    needs = [name for name in offers if scope == "tenant" and name == "clock"]

    def take_part() -> None:
        with account_pool.account("song", needs=needs):
            together.wait(PATIENCE_SECONDS)

    threads = [threading.Thread(target=take_part) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(PATIENCE_SECONDS)

    assert not together.broken
    assert together.n_waiting == 0


def test_tenants_of_their_own_need_no_lock(bench: OpenBench) -> None:
    made = bench(Town())
    account_pool = account_pool_of(made, "tenants", "clock")
    with ExitStack() as stack:
        for name in ("one", "two"):
            stack.enter_context(account_pool.account(name, needs=["clock"]))

        assert not (made.folder / "target.lock").exists()


def test_what_is_offered_can_be_asked(bench: OpenBench, tmp_path: Path) -> None:
    account_pool = account_pool_of(bench(), "clock")

    assert (account_pool.offers("clock"), account_pool.offers("wallet")) == (True, False)
    assert not account_pool_of(bench(folder="other")).offers("clock")


def test_the_wallet_of_an_account_with_other_users_is_not_relied_on(bench: OpenBench) -> None:
    made = bench(Town())
    offer = Offer(frozenset({"wallet"}), "target")
    account_pool = AccountPool(
        made.client,
        guard=PlayMoneyGuard(),
        keys={"main": Secret(KEY)},
        control_url=CONTROL,
        offer=offer,
        polling=None,
        lock_file=made.folder / "target.lock",
        exclusive=False,
    )
    with account_pool.account("song", balance=Decimal(5)) as account:
        assert account.visible_balance() is None

    with (
        pytest.raises(NotOfferedError, match="exclusive_account = true"),
        account_pool.account("song", needs=("wallet",)),
    ):
        pass
