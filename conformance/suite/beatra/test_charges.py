"""What a song costs: debited when it is created, at the price of the model that makes it, and kept on success."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from conformance.client.errors import BlockedError, NotApplicableError
from conformance.journal.records import Mismatch
from conformance.money.budget import ANY, PLAY, cancels, keeps
from conformance.suite.beatra.bodies import CHEAP_SONG, SONG, SUNO
from conformance.suite.beatra.gateway import CREATES, accepted
from conformance.suite.beatra.money import charge_of, first_with_charge, refund_of
from conformance.suite.beatra.songs import suno_song
from conformance.suite.scenarios import requirement, scenario

if TYPE_CHECKING:
    from collections.abc import Iterator
    from decimal import Decimal

    from conformance.journal.records import Exchange
    from conformance.suite.beatra.conftest import OpenGateway
    from conformance.suite.beatra.gateway import Gateway

TASK_ENDS = "BEATRA-TASK-05"
NAMES_MODEL = "BEATRA-MUSIC-19"
_REFERENCE = "_usd_reference"


@dataclass(frozen=True, slots=True)
class PaidSong:
    """A song from its creation to its success, as it is read then, and after an attempt to cancel it."""

    created: Exchange
    fresh: Exchange
    ended: Exchange
    cancel: Exchange
    afterwards: Exchange


@dataclass(frozen=True, slots=True)
class Purchase:
    """A song with the balance before its creation, right after it, after its success and after cancelling it then."""

    song: PaidSong
    before: Decimal
    debited: Decimal
    ended: Decimal
    canceled: Decimal


@dataclass(frozen=True, slots=True)
class Choice:
    """A song whose model the gateway chose, and one that asks for the chosen model by its name."""

    left_open: Exchange
    by_name: Exchange


@scenario(keeps(SUNO, requests=3))
def paid_song(gateway: OpenGateway) -> PaidSong:
    """A song with suno-5.5 that succeeds."""
    with gateway("paid-song") as beatra:
        created = accepted(suno_song(beatra)[1], "/task_id", CREATES)
        fresh = beatra.get_task(created.string("/task_id"))
        ended = succeeded(beatra, created)
        song = PaidSong(created, fresh, ended, *canceled_late(beatra, ended))
        observe_charges(beatra, song)
        return song


@scenario(PLAY)
def purchase(gateway: OpenGateway) -> Purchase:
    """A song with minimax-music-2.6 that succeeds, while the wallet is watched."""
    with gateway("purchase", needs=("wallet",)) as beatra:
        before = beatra.control.balance()
        created = beatra.started(CHEAP_SONG)
        debited = beatra.control.balance()
        fresh = beatra.get_task(created.string("/task_id"))
        last = succeeded(beatra, created)
        ended = beatra.control.balance()
        song = PaidSong(created, fresh, last, *canceled_late(beatra, last))
        return Purchase(song, before, debited, ended, beatra.control.balance())


@scenario(cancels(ANY, ANY, requests=6))
def choice(gateway: OpenGateway) -> Choice:
    """The same song twice: with `auto`, and with the model that `auto` turned out to be. Both are cancelled."""
    with gateway("choice") as beatra:
        songs = []
        model = "auto"
        for _ in range(2):
            created = beatra.started({**SONG, "model": model})
            task_id = created.string("/task_id")
            shown = beatra.get_task(task_id)
            beatra.end_task(task_id)
            songs.append(shown)
            chosen = shown.get("/resolved_model")
            if not isinstance(chosen, str):
                raise BlockedError(NAMES_MODEL, f"the task names {chosen!r} as its model")
            model = chosen
        return Choice(*songs)


def succeeded(beatra: Gateway, created: Exchange) -> Exchange:
    """The last sighting of a task that succeeded; blocked when it did not."""
    last = beatra.finished(created).last
    if last.get("/status") != "succeeded":
        raise BlockedError(TASK_ENDS, f"the task did not succeed but is {last.get('/status')!r} ({last.summary})")
    return last


def canceled_late(beatra: Gateway, ended: Exchange) -> tuple[Exchange, Exchange]:
    """The attempt to cancel a task that has ended, and the task afterwards."""
    task_id = ended.string("/task_id")
    return beatra.cancel(task_id), beatra.get_task(task_id)


def observe_charges(beatra: Gateway, song: PaidSong) -> None:
    """Keep what the documents leave open about charges: price lists, settlements, net charges."""
    first, last = song.fresh.get("/billing/charged_credits"), song.afterwards.get("/billing/charged_credits")
    money = beatra.account.client.contract.conventions.money
    price = None if money is None else money.prices.get(SONG["model"])
    beatra.observe("BEATRA-OBS-PRICES", f"{SONG['model']}: charged {first}, published price {price}", song.fresh)
    changed = "stays" if first == last else f"becomes {last}"
    beatra.observe(
        "BEATRA-OBS-SETTLEMENT", f"the charge of {first} {changed} after the end", song.fresh, song.afterwards
    )
    net = song.afterwards.get("/billing/net_charged_credits")
    text = "there is no net charge" if net is None else f"the net charge is {net}"
    beatra.observe("BEATRA-OBS-NET-CHARGE", text, song.afterwards)


def lonely_references(value: object, place: str = "") -> Iterator[str]:
    """The places of USD references that have no amount in credits beside them."""
    if isinstance(value, list):
        for number, item in enumerate(value):
            yield from lonely_references(item, f"{place}/{number}")
    elif isinstance(value, dict):
        for name, member in value.items():
            if name.endswith(_REFERENCE) and member is not None and value.get(name.removesuffix(_REFERENCE)) is None:
                yield f"{place}/{name}"
            yield from lonely_references(member, f"{place}/{name}")


@requirement("BEATRA-MONEY-01")
def test_creating_a_task_debits_the_wallet(purchase: Purchase) -> None:
    song = purchase.song

    assert purchase.before - purchase.debited == charge_of(first_with_charge(song.fresh, song.ended))


@requirement("BEATRA-MONEY-06")
def test_a_reference_in_usd_stands_beside_its_amount_in_credits(paid_song: PaidSong) -> None:
    for shown in (paid_song.fresh, paid_song.ended):
        parts = ((name, shown.get(f"/{name}")) for name in ("billing", "usage"))
        places = [place for name, part in parts for place in lonely_references(part, f"/{name}")]
        if places:
            raise Mismatch(f"expected an amount in credits beside each reference, not at {', '.join(places)}", shown.id)


@requirement("BEATRA-MONEY-07")
def test_the_currency_of_the_references_is_usd(paid_song: PaidSong) -> None:
    currency = paid_song.ended.get("/billing/currency")
    if currency is None:
        raise NotApplicableError("the task names no currency")

    assert currency == "USD"


@requirement("BEATRA-MONEY-13")
def test_a_finished_song_stays_paid_when_it_is_cancelled_afterwards(paid_song: PaidSong) -> None:
    assert not refund_of(paid_song.afterwards)
    assert charge_of(paid_song.afterwards) == charge_of(paid_song.ended)


@requirement("BEATRA-MONEY-22")
def test_cancelling_a_finished_song_brings_no_money_back(purchase: Purchase) -> None:
    assert purchase.canceled == purchase.ended


@requirement("BEATRA-MONEY-21")
def test_auto_costs_what_its_model_costs(choice: Choice) -> None:
    if choice.by_name.get("/resolved_model") != choice.left_open.get("/resolved_model"):
        raise BlockedError(NAMES_MODEL, "a task that names its model was given to another one")

    assert charge_of(choice.left_open) == charge_of(choice.by_name)
