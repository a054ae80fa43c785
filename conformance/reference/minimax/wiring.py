"""Which class plays which part, and the one place where the parts are put together."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from conformance.reference.beatra.services.accounts import Accounts, Keys
from conformance.reference.beatra.services.fetcher import Fetcher
from conformance.reference.beatra.services.money import units
from conformance.reference.beatra.services.overrides import AccountClock, Overrides
from conformance.reference.minimax.services.catalogue import Catalogue
from conformance.reference.minimax.services.control import Control
from conformance.reference.minimax.services.features import FeatureStore
from conformance.reference.minimax.services.lyricist import Lyricist
from conformance.reference.minimax.services.moderation import Moderation
from conformance.reference.minimax.services.plans import Plans
from conformance.reference.minimax.services.references import References
from conformance.reference.minimax.services.songs import Songs
from conformance.reference.minimax.services.wallet import Wallet
from conformance.reference.parts.clock import Clock
from conformance.reference.parts.database import Database
from conformance.reference.parts.files import read_package_text

if TYPE_CHECKING:
    from conformance.reference.minimax.settings import ReferenceSettings


@dataclass(frozen=True, slots=True)
class Cast:
    """The classes of the services; replacing one changes how the reference behaves in that one respect."""

    clock: type[Clock] = Clock
    accounts: type[Accounts] = Accounts
    wallet: type[Wallet] = Wallet
    plans: type[Plans] = Plans
    catalogue: type[Catalogue] = Catalogue
    moderation: type[Moderation] = Moderation
    overrides: type[Overrides] = Overrides
    account_clock: type[AccountClock] = AccountClock
    songs: type[Songs] = Songs
    features: type[FeatureStore] = FeatureStore
    fetcher: type[Fetcher] = Fetcher
    references: type[References] = References
    lyricist: type[Lyricist] = Lyricist
    control: type[Control] = Control


@dataclass(frozen=True, slots=True)
class Services:
    """One running instance: its settings and the services that share its database."""

    settings: ReferenceSettings
    accounts: Accounts
    wallet: Wallet
    plans: Plans
    catalogue: Catalogue
    moderation: Moderation
    overrides: Overrides
    clock: AccountClock
    songs: Songs
    features: FeatureStore
    references: References
    lyricist: Lyricist
    control: Control


def put_together(settings: ReferenceSettings, cast: Cast) -> Services:
    """Make the services with an empty database and open the account that exists from the start."""
    database = Database(read_package_text(__package__, "schema.sql"))
    shared = settings.scope == "target"
    starting_balance = units(settings.starting_credits)
    accounts = cast.accounts(database, starting_balance)
    wallet = cast.wallet(database)
    plans = cast.plans(database)
    overrides = cast.overrides(database, shared=shared)
    songs = cast.songs(database)
    features = cast.features(database)
    fetcher = cast.fetcher(
        allow=settings.fetch_allow,
        ca=settings.fetch_ca,
        seconds=settings.fetch_seconds,
        limit=settings.audio_bytes,
    )
    accounts.open_with(Keys(main=settings.main_key, second=settings.second_key, forbidden=settings.forbidden_key))
    return Services(
        settings=settings,
        accounts=accounts,
        wallet=wallet,
        plans=plans,
        catalogue=cast.catalogue(),
        moderation=cast.moderation(),
        overrides=overrides,
        clock=cast.account_clock(cast.clock(), overrides),
        songs=songs,
        features=features,
        references=cast.references(fetcher, settings.audio_bytes),
        lyricist=cast.lyricist(),
        control=cast.control(
            database=database,
            accounts=accounts,
            wallet=wallet,
            plans=plans,
            songs=songs,
            features=features,
            overrides=overrides,
            shared=shared,
            starting_balance=starting_balance,
        ),
    )
