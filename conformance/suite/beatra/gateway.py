"""The calls of the gateway in its own words, for scenarios to read like the documents."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from conformance.client.client import FRESH, ClientSet
from conformance.client.errors import BlockedError, ControlError, NotOfferedError
from conformance.client.request import Form, Upload
from conformance.contract.outcomes import Outcome
from conformance.suite.beatra.bodies import REFERENCE_FILE

if TYPE_CHECKING:
    from collections.abc import Mapping
    from decimal import Decimal

    from conformance.accounts.account import Account, Followed
    from conformance.accounts.control import Control
    from conformance.client.transports.faulty import FaultPlan
    from conformance.journal.records import Exchange

# The requirements that a scenario leans on: when they are broken, what depends on them can't be judged.
CREATES = "BEATRA-MUSIC-01"
CREATES_FROM_REFERENCE = "BEATRA-MUSIC-02"
UPLOADS = "BEATRA-UPLOAD-01"

REASON: Final = "The conformance suite does not need this song."
_DEEPEST = 3


class Gateway:
    """One account of the gateway."""

    def __init__(self, account: Account) -> None:
        self.account = account

    @property
    def control(self) -> Control:
        """The control interface in the name of this account (raises `NotOfferedError` without one)."""
        return self.account.control

    def offers(self, name: str) -> bool:
        """Whether the target offers this part of the control interface."""
        return self.account.offers(name)

    def other_tenant(self) -> Gateway:
        """Another tenant, which must not see anything of this one."""
        return Gateway(self.account.other_tenant())

    def fresh_key(self) -> str:
        """An Idempotency-Key that was not used before."""
        return self.account.fresh_key()

    def create_music(
        self,
        body: Mapping[str, Any],
        key: ClientSet = FRESH,
        *,
        patient: bool = True,
        fault: FaultPlan | None = None,
    ) -> Exchange:
        """POST /music/text-to-music, whatever comes back; see `Account.call` for `patient` and `fault`."""
        return self.account.call("createTextToMusic", json=body, idempotency_key=key, patient=patient, fault=fault)

    def bought(self, name: str, body: Mapping[str, Any]) -> Exchange:
        """A text-to-music task that is bought for good, whatever comes back; see `Account.bought`."""
        return self.account.bought(name, "createTextToMusic", body)

    def discard(self, *created: Exchange) -> None:
        """Cancel tasks that have served their purpose, where they cost real money."""
        for exchange in created:
            self.account.discard(exchange)

    def create_from_reference(self, body: Mapping[str, Any], key: ClientSet = FRESH) -> Exchange:
        """POST /music/reference-audio-to-music, whatever comes back."""
        return self.account.call("createReferenceAudioToMusic", json=body, idempotency_key=key)

    def upload(
        self, file: Upload = REFERENCE_FILE, *, purpose: str | None = "reference_audio", **fields: str
    ) -> Exchange:
        """POST /uploads, whatever comes back."""
        given = {**fields, **({"purpose": purpose} if purpose is not None else {})}
        return self.account.call("createUpload", form=Form(given, {"file": file}))

    def get_task(self, task_id: str) -> Exchange:
        """GET /tasks/{task_id}."""
        return self.account.call("getTask", path={"task_id": task_id})

    def list_tasks(self, **query: object) -> Exchange:
        """GET /tasks with these query parameters."""
        return self.account.call("listTasks", query=query)

    def cancel(self, task_id: str, reason: str | None = None) -> Exchange:
        """POST /tasks/{task_id}/cancel."""
        body = None if reason is None else {"reason": reason}
        return self.account.call("cancelTask", path={"task_id": task_id}, json=body)

    def end_task(self, task_id: str) -> None:
        """Cancel a task that is of no more use, before it is paid for: with a reason where it is refused without."""
        if self.cancel(task_id).outcome is Outcome.REFUSED:
            self.cancel(task_id, REASON)

    def chat(self, body: Mapping[str, Any], key: ClientSet = FRESH) -> Exchange:
        """POST /chat/completions, whatever comes back."""
        return self.account.call("createChatCompletion", json=body, idempotency_key=key)

    def list_models(self) -> Exchange:
        """GET /models."""
        return self.account.call("listModels")

    def list_catalog_models(self) -> Exchange:
        """GET /catalog/models."""
        return self.account.call("listCatalogModels")

    def list_capabilities(self) -> Exchange:
        """GET /catalog/capabilities."""
        return self.account.call("listCapabilities")

    def health(self, *, key: str | None = "main") -> Exchange:
        """GET /health, with the key of a role or (None) without one."""
        return self.account.call("getHealth", key=key)

    def balance(self) -> Decimal | None:
        """What the account can spend, None where the gateway does not show it."""
        return self.account.visible_balance()

    def observe(self, observation_id: str, text: str, *exchanges: Exchange) -> None:
        """Keep what the gateway does where the documents leave it open."""
        self.account.observe(observation_id, text, *exchanges)

    def started(self, body: Mapping[str, Any], key: ClientSet = FRESH) -> Exchange:
        """
        A text-to-music task that was accepted, whatever the exact status.

        Raises:
            BlockedError: the gateway accepts none, so nothing that needs a task can be judged.
        """
        return accepted(self.create_music(body, key), "/task_id", CREATES)

    def uploaded(self, file: Upload = REFERENCE_FILE) -> str:
        """
        The artifact id of a file that was uploaded as reference audio.

        Raises:
            BlockedError: the gateway takes no upload.
        """
        return uploaded_id(self.upload(file))

    def finished(self, created: Exchange) -> Followed:
        """
        The created task, followed until it ended or the time for it was over.

        Where no time can be passed, the task is read once more: what stops the clock may stop the API as well.
        """
        task_id = created.string("/task_id")
        try:
            return self.account.follow(task_id)
        except ControlError:
            self.get_task(task_id)
            raise


def artifact_id_in(exchange: Exchange) -> str | None:
    """The artifact id of an upload, wherever in the answer it stands: no document shows the answer."""
    return _named(exchange.get(""), "artifact_id", _DEEPEST) if exchange.accepted else None


def _named(value: object, name: str, depth: int) -> str | None:
    members = list(value.values()) if isinstance(value, dict) else value if isinstance(value, list) else []
    own = value.get(name) if isinstance(value, dict) else None
    if isinstance(own, str) and own:
        return own
    found = (_named(member, name, depth - 1) for member in members) if depth else iter(())
    return next(filter(None, found), None)


def uploaded_id(exchange: Exchange) -> str:
    """The artifact id of an upload; blocked when it was not accepted, or shows none."""
    artifact_id = artifact_id_in(exchange)
    if artifact_id is None:
        shown = exchange.failure or f"{exchange.status} {exchange.answer.body.text[:200]}"
        raise BlockedError(UPLOADS, f"{exchange.request.method} {exchange.request.url} gave {shown}")
    return artifact_id


def is_accepted(exchange: Exchange, pointer: str = "/task_id") -> bool:
    """Whether the exchange is a success, whatever its exact status, that hands over the string at `pointer`."""
    return exchange.accepted and isinstance(exchange.get(pointer), str)


def accepted(exchange: Exchange, pointer: str, owner: str) -> Exchange:
    """The exchange, if it was accepted and hands over the string at `pointer`; else blocked by `owner`."""
    if is_accepted(exchange, pointer):
        return exchange
    shown = exchange.failure or f"{exchange.status} {exchange.answer.body.text[:200]}"
    raise BlockedError(owner, f"{exchange.request.method} {exchange.request.url} gave {shown}")


def solvent(exchange: Exchange) -> None:
    """Leave the verdict open when the account could not pay: that says nothing about the request."""
    if exchange.response is not None and exchange.status == 402:
        raise NotOfferedError("the balance of the account is too low for this request")
