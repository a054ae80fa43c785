"""Which class plays which part, and the one place where the parts are put together."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from conformance.reference.beatra.services.accounts import Accounts, Keys
from conformance.reference.beatra.services.artifacts import Artifacts
from conformance.reference.beatra.services.catalogue import Catalogue
from conformance.reference.beatra.services.chat import Chat
from conformance.reference.beatra.services.control import Control
from conformance.reference.beatra.services.creation import Creator
from conformance.reference.beatra.services.cursors import Cursors
from conformance.reference.beatra.services.fetcher import Fetcher
from conformance.reference.beatra.services.idempotency import Idempotency
from conformance.reference.beatra.services.lifecycle import Lifecycle
from conformance.reference.beatra.services.money import units
from conformance.reference.beatra.services.overrides import AccountClock, Overrides
from conformance.reference.beatra.services.presenter import Presenter
from conformance.reference.beatra.services.rehosting import Rehosting
from conformance.reference.beatra.services.tasks import Tasks
from conformance.reference.beatra.services.texts import Writer
from conformance.reference.beatra.services.uploads import Uploads
from conformance.reference.beatra.services.wallet import Wallet
from conformance.reference.parts.clock import Clock
from conformance.reference.parts.database import Database
from conformance.reference.parts.files import read_package_text

if TYPE_CHECKING:
    from conformance.reference.beatra.settings import ReferenceSettings


@dataclass(frozen=True, slots=True)
class Cast:
    """The classes of the services; replacing one changes how the reference behaves in that one respect."""

    clock: type[Clock] = Clock
    accounts: type[Accounts] = Accounts
    wallet: type[Wallet] = Wallet
    catalogue: type[Catalogue] = Catalogue
    overrides: type[Overrides] = Overrides
    account_clock: type[AccountClock] = AccountClock
    idempotency: type[Idempotency] = Idempotency
    artifacts: type[Artifacts] = Artifacts
    tasks: type[Tasks] = Tasks
    cursors: type[Cursors] = Cursors
    lifecycle: type[Lifecycle] = Lifecycle
    creator: type[Creator] = Creator
    uploads: type[Uploads] = Uploads
    fetcher: type[Fetcher] = Fetcher
    rehosting: type[Rehosting] = Rehosting
    control: type[Control] = Control
    presenter: type[Presenter] = Presenter
    writer: type[Writer] = Writer
    chat: type[Chat] = Chat


@dataclass(frozen=True, slots=True)
class Services:
    """One running instance: its settings and the services that share its database."""

    settings: ReferenceSettings
    accounts: Accounts
    wallet: Wallet
    overrides: Overrides
    clock: AccountClock
    artifacts: Artifacts
    tasks: Tasks
    cursors: Cursors
    lifecycle: Lifecycle
    creator: Creator
    uploads: Uploads
    fetcher: Fetcher
    rehosting: Rehosting
    control: Control
    presenter: Presenter
    catalogue: Catalogue
    chat: Chat


def put_together(settings: ReferenceSettings, cast: Cast) -> Services:
    """Make the services with an empty database and open the account that exists from the start."""
    database = Database(read_package_text(__package__, "schema.sql"))
    shared = settings.scope == "target"
    starting_balance = units(settings.starting_credits)
    accounts = cast.accounts(database, starting_balance)
    wallet = cast.wallet(database)
    catalogue = cast.catalogue()
    overrides = cast.overrides(database, shared=shared)
    clock = cast.account_clock(cast.clock(), overrides)
    idempotency = cast.idempotency(database)
    artifacts = cast.artifacts(database)
    tasks = cast.tasks(database)
    lifecycle = cast.lifecycle(
        database=database,
        tasks=tasks,
        wallet=wallet,
        artifacts=artifacts,
        catalogue=catalogue,
        overrides=overrides,
        clock=clock,
        settings=settings,
    )
    fetcher = cast.fetcher(
        allow=settings.fetch_allow,
        ca=settings.fetch_ca,
        seconds=settings.fetch_seconds,
        limit=settings.upload_bytes,
    )
    rehosting = cast.rehosting(
        database=database,
        fetcher=fetcher,
        artifacts=artifacts,
        tasks=tasks,
        lifecycle=lifecycle,
        clock=clock,
    )
    accounts.open_with(Keys(main=settings.main_key, second=settings.second_key, forbidden=settings.forbidden_key))
    return Services(
        settings=settings,
        accounts=accounts,
        wallet=wallet,
        overrides=overrides,
        clock=clock,
        artifacts=artifacts,
        tasks=tasks,
        cursors=cast.cursors(),
        lifecycle=lifecycle,
        creator=cast.creator(
            database=database,
            tasks=tasks,
            wallet=wallet,
            catalogue=catalogue,
            idempotency=idempotency,
            overrides=overrides,
            lifecycle=lifecycle,
            clock=clock,
        ),
        uploads=cast.uploads(database=database, artifacts=artifacts, idempotency=idempotency, clock=clock),
        fetcher=fetcher,
        rehosting=rehosting,
        control=cast.control(
            database=database,
            accounts=accounts,
            wallet=wallet,
            tasks=tasks,
            artifacts=artifacts,
            idempotency=idempotency,
            overrides=overrides,
            lifecycle=lifecycle,
            rehosting=rehosting,
            shared=shared,
            starting_balance=starting_balance,
        ),
        presenter=cast.presenter(artifacts),
        catalogue=catalogue,
        chat=cast.chat(database=database, wallet=wallet, writer=cast.writer()),
    )
