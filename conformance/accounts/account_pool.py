"""Where scenarios get their accounts: a tenant of its own where the target opens some, else the shared one, at rest."""

from __future__ import annotations

import itertools
from contextlib import contextmanager, nullcontext
from decimal import Decimal
from threading import Lock
from typing import TYPE_CHECKING, Any, Final

from conformance.accounts.account import Account
from conformance.accounts.control import KEY_PLACEHOLDERS, Control
from conformance.accounts.deletions import AnyDeletion
from conformance.client.client import Sender
from conformance.client.errors import ControlError, NotOfferedError
from conformance.client.locks import SharedLock, locked
from conformance.contract.pricing import readable_amount
from conformance.journal.redaction import Secret

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from pathlib import Path

    from conformance.accounts.control import Offer
    from conformance.accounts.deletions import DeletionRule
    from conformance.accounts.planted_keys import PlantedKeyFile
    from conformance.client.client import Client
    from conformance.contract.conventions import Polling, Tasks
    from conformance.journal.records import Exchange
    from conformance.money.guard import SpendGuard
    from conformance.money.purchases import Purchases


# A recording has the placeholder in place of every key.
_RECORDED: Final = Secret(KEY_PLACEHOLDERS["main"])
# An account's balance where a scenario asks for none, so that no request is refused for lack of money.
_PLENTY: Final = Decimal(1_000_000)
SHARED_ACCOUNT: Final = "shared"
"""The label of the account that all scenarios share, as in the journal."""
SHARED: Final = (
    "others may move the money of the account, so its balance says nothing "
    "(exclusive_account = true in target.toml if the run alone uses it)"
)
_MADE: Final = "+"
_ENDED: Final = "-"
_SHOWN: Final = 3


class AccountPool:
    """
    Hands out accounts so that scenarios that run at the same time can't disturb each other.

    `heavy` says whether scenarios may send files of 100 MB, `provisional` whether they may spend anything on rules that
    no normative document states. `exclusive` says that only this run moves the money of the shared account.
    `key_variable` is the environment variable that is to hold the key of that account. `deletions` says what may
    be deleted (None: all).
    """

    def __init__(
        self,
        client: Client,
        *,
        guard: SpendGuard,
        keys: Mapping[str, Secret],
        control_url: str | None,
        offer: Offer | None,
        polling: Polling | None,
        lock_file: Path,
        reference_audio_url: str | None = None,
        sensitive_text: str | None = None,
        openapi_url: str | None = None,
        heavy: bool = False,
        provisional: bool = True,
        exclusive: bool = True,
        probes: PlantedKeyFile | None = None,
        failing_request: Mapping[str, Any] | None = None,
        purchases: Purchases | None = None,
        deletions: DeletionRule | None = None,
        key_variable: str = KEY_PLACEHOLDERS["main"].removeprefix("$"),
    ) -> None:
        self.client = client
        self.guard = guard
        self.heavy = heavy
        self.provisional = provisional
        self._deletions = deletions or AnyDeletion()
        self._exclusive = exclusive
        self.openapi_url = openapi_url
        self.reference_audio_url = reference_audio_url
        self.sensitive_text = sensitive_text
        self.probes = probes
        self.failing_request = failing_request
        self._purchases = purchases
        self._key_variable = key_variable
        self._keys = keys
        self._control_url = control_url
        self._offer = offer
        self._polling = polling
        self._lock = SharedLock(lock_file)
        self._made = MadeTasks(lock_file.with_suffix(".tasks"))
        self._numbers = itertools.count(1)
        self._enriched = False
        self._opening = Lock()
        self._opened: set[Secret] = set()

    @property
    def destructive(self) -> bool:
        """Whether what the run has not made may be deleted, and changed at random."""
        return isinstance(self._deletions, AnyDeletion)

    @property
    def own_tenants(self) -> bool:
        """Whether every scenario has an account of its own."""
        return self._offer is not None and "tenants" in self._offer.offers and self._offer.scope == "tenant"

    @contextmanager
    def account(self, name: str, *, needs: Sequence[str] = (), balance: Decimal | None = None) -> Iterator[Account]:
        """
        An account for one scenario.

        `needs` names what the scenario uses of the control interface. `balance` is set where the wallet can be set.
        Where all scenarios share the state (scope `target`), one that changes it holds the target alone. Balances
        are compared only there, once all tasks that the run made in the account before have ended and are paid back.

        Raises:
            NotOfferedError: something of `needs` is not offered, there is no key at all, or the wallet is needed and
                others may move it.
            ControlError: something of `needs` is offered, but does not work.
        """
        self._check(needs)
        if self.own_tenants:
            with self._tenant(name, balance) as account:
                yield account
            return
        account = self._shared_account()
        alone = self._offer is not None and bool(needs or balance is not None)
        with self._lock.alone() if alone else self._lock.shared():
            if alone and self._exclusive and self.offers("wallet"):
                self._bring_to_rest(account, needed="wallet" in needs)
            with self._funded(account, balance), account.balance_watched() if account.compares else nullcontext():
                yield account

    def _bring_to_rest(self, account: Account, *, needed: bool) -> None:
        """Let the account's balance be compared, if only its scenario can move it any more."""
        try:
            drain(account, self._made)
        except NotOfferedError:
            if needed:
                raise
            return
        account.compares = True

    @contextmanager
    def _tenant(self, name: str, balance: Decimal | None) -> Iterator[Account]:
        """An account that is opened for this scenario alone; the answer may tell its balance."""
        funds = (_PLENTY if balance is None else balance) if self.offers("wallet") else None
        label = f"{self.client.identity.worker}.{next(self._numbers)}.{name}"
        opener = self._control(Sender(label, None))
        opened = opener.new_tenant(funds)
        self._is_new(opened.keys["main"])
        control = opener.of(label, opened.keys["main"])
        if funds is not None and funds != opened.balance:
            control.set_balance(funds)
        account = Account(self.client, label, opened.keys, control, self._polling, deletions=self._deletions)
        told = opened.balance is not None and funds in (None, opened.balance)
        with account.balance_watched(known=told):
            yield account

    def _is_new(self, key: Secret) -> None:
        """Make sure that no other scenario has the account (raises `ControlError`)."""
        with self._opening:
            if key in self._opened and key != _RECORDED:
                raise ControlError("the control interface opened an account that it had opened before")
            self._opened.add(key)

    @contextmanager
    def _funded(self, account: Account, balance: Decimal | None) -> Iterator[None]:
        """Set the shared account's balance; before and afterwards it has enough for all scenarios."""
        if not self.offers("wallet"):
            yield
            return
        if not self._enriched:
            account.control.set_balance(_PLENTY)
            self._enriched = True
        if balance is not None:
            account.control.set_balance(balance)
        try:
            yield
        finally:
            if balance is not None:
                account.control.set_balance(_PLENTY)

    def _check(self, needs: Sequence[str]) -> None:
        missing = [name for name in needs if not self.offers(name)]
        pretended = self._offer.pretended if self._offer is not None else {}
        for name in missing:
            if name in pretended:
                raise ControlError(f"the control interface offers {name}, but {pretended[name]}")
        if "wallet" in needs and not (self.own_tenants or self._exclusive):
            raise NotOfferedError(SHARED)
        if missing:
            parts = ", ".join(f"control:{name}" for name in missing)
            sentence = f"the target does not offer {parts}"
            raise NotOfferedError(sentence)

    def offers(self, name: str) -> bool:
        """Whether there is a control interface that offers this."""
        return self._offer is not None and name in self._offer.offers

    def distrust(self, pretended: Mapping[str, str]) -> None:
        """Do without these parts of the control interface from now on; each has a sentence why (see `Offer`)."""
        if self._offer is not None:
            self._offer = self._offer.without(pretended)

    def _shared_account(self) -> Account:
        self._check_credentials()
        control = self._control(Sender(SHARED_ACCOUNT, self._keys.get("main"))) if self._offer else None
        return Account(
            self.client,
            SHARED_ACCOUNT,
            self._keys,
            control,
            self._polling,
            run_tag=self.client.identity.run_id,
            purchases=self._purchases,
            on_created=self._made.made,
            compares=False,
            presents=True,
            deletions=self._deletions,
        )

    def _check_credentials(self) -> None:
        contract = self.client.contract
        if "main" in self._keys or contract.conventions.authentication is None:
            return
        if not self.client.presented.identifies(contract):
            raise NotOfferedError(
                f"{self._key_variable} is not set, and {contract.document.name} asks for a key "
                "(--api-key-env names another variable, --no-auth sends no key)"
            )

    def _control(self, sender: Sender) -> Control:
        if self._offer is None or self._control_url is None:
            sentence = "needs the control interface, which this target does not offer (--control-url)"
            raise NotOfferedError(sentence)
        return Control(self.client, self._control_url, self._offer, sender)


class UnsettledError(NotOfferedError):
    """Something on the shared account has not come to rest, so its balance may still move."""


class MadeTasks:
    """The tasks that a run made on the account that all share: lines of a file, for all of its processes."""

    def __init__(self, file: Path) -> None:
        self._file = file

    def made(self, task_id: str) -> None:
        """Remember a task."""
        self._add(_MADE, task_id)

    def ended(self, task_id: str) -> None:
        """Forget a task that has ended."""
        self._add(_ENDED, task_id)

    def under_way(self) -> list[str]:
        """The tasks that are not known to have ended."""
        if not self._file.exists():
            return []
        lines = self._file.read_text("utf-8").splitlines()
        ended = {line[1:] for line in lines if line.startswith(_ENDED)}
        return [task_id for task_id in dict.fromkeys(line[1:] for line in lines) if task_id not in ended]

    def _add(self, kind: str, task_id: str) -> None:
        # An id that does not fit on one line can't be asked for either.
        if not task_id.isprintable():
            return
        turn = self._file.with_name(f"{self._file.name}.lock")
        with locked(turn), self._file.open("a", encoding="utf-8") as lines:
            lines.write(f"{kind}{task_id}\n")


def drain(account: Account, made: MadeTasks) -> None:
    """
    Cancel what is left under way, wait for its end, and then for the refunds that are due.

    To be called while no other scenario uses the account.

    Raises:
        UnsettledError: a task does not end, or the wallet does not get back what tasks say it does.
    """
    tasks = account.client.contract.conventions.tasks
    if tasks is None:
        return
    left = list(dict.fromkeys([*made.under_way(), *_listed(account, tasks)]))
    if not left:
        return
    going_on = [task_id for task_id in left if _goes_on(tasks, _read(account, tasks, task_id).get(tasks.status))]
    opening = account.control.balance()
    dues = [_due(account, tasks, _end_of(account, tasks, task_id)) for task_id in going_on]
    due = sum(filter(None, dues), opening - opening)
    balance = account.settled_balance(opening + due)
    for task_id in left:
        made.ended(task_id)
    if balance != opening + due:
        shown = ", ".join(f"{task_id:.60}" for task_id in left[:_SHOWN])
        moved = f"the account is not at rest: after the end of {shown} its balance went from {opening:f} to {balance:f}"
        raise UnsettledError(f"{moved}, not to {opening + due:f}")


def _read(account: Account, tasks: Tasks, task_id: str) -> Exchange:
    return account.call(tasks.get, path={tasks.id_parameter: task_id})


def _listed(account: Account, tasks: Tasks) -> list[str]:
    """The tasks that the list shows as under way: those of an earlier run, or of a request whose answer was lost."""
    if tasks.list is None or tasks.items is None:
        return []
    items = account.call(tasks.list).get(tasks.items)
    shown = [item for item in items if isinstance(item, dict)] if isinstance(items, list) else []
    pairs = [(item.get(tasks.id.lstrip("/")), item.get(tasks.status.lstrip("/"))) for item in shown]
    return [task_id for task_id, state in pairs if isinstance(task_id, str) and _goes_on(tasks, state)]


def _goes_on(tasks: Tasks, state: object) -> bool:
    known = tasks.states.get(str(state))
    return known is not None and not known.terminal


def _end_of(account: Account, tasks: Tasks, task_id: str) -> Exchange:
    if tasks.cancel is not None:
        account.call(tasks.cancel, path={tasks.id_parameter: task_id})
    followed = account.follow(task_id)
    if not followed.ended and followed.last.accepted:
        waited = f"{followed.waited_seconds:.0f} s"
        raise UnsettledError(f"the account is not at rest: its task {task_id:.60} did not end within {waited}")
    return followed.last


def _due(account: Account, tasks: Tasks, end: Exchange) -> Decimal | None:
    """What a task that ended without a result gives back, None where that can't be read."""
    money = account.client.contract.conventions.money
    state = tasks.states.get(str(end.get(tasks.status)))
    if money is None or state is None or state.phase == "succeeded":
        return None
    return readable_amount(end.get(money.charged))
