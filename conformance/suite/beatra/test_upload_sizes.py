"""How large a file may be: 100MB can be read in two ways; what both allow is accepted, what neither allows refused."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from functools import partial
from typing import TYPE_CHECKING, Final

from conformance.client.errors import NotOfferedError
from conformance.client.request import silent_upload
from conformance.money.budget import Budget, Tier
from conformance.suite.beatra.answers import allowed, refused, taken, tried
from conformance.suite.beatra.bodies import CHEAP_SONG, MINIMAX
from conformance.suite.beatra.gateway import is_accepted
from conformance.suite.scenarios import requirement, scenario

if TYPE_CHECKING:
    from conformance.accounts.account_pool import AccountPool
    from conformance.journal.records import Exchange
    from conformance.suite.beatra.conftest import OpenGateway
    from conformance.suite.beatra.gateway import Gateway

DECIMAL_LIMIT: Final = 100_000_000
BINARY_LIMIT: Final = 100 * 1024 * 1024
# Enough for the task that one of the files becomes the reference of, for as long as it is not cancelled.
ENOUGH: Final = Decimal(500)


@dataclass(frozen=True, slots=True)
class LargeUploads:
    """A file of the greatest size that is certainly allowed, and one that is too large in every reading."""

    allowed: Exchange
    too_large: Exchange


@scenario(Budget(tier=Tier.FREE, cancels=(MINIMAX,), requests=5))
def large_uploads(gateway: OpenGateway, account_pool: AccountPool) -> LargeUploads:
    """Files around the limit: much for a line and a disk, so a deployment gets them on request only."""
    if not account_pool.heavy:
        sentence = "sends files of 100 MB: say --heavy, as only play money on this machine gets them unasked"
        raise NotOfferedError(sentence)
    with gateway("large-uploads", balance=ENOUGH) as beatra:
        beatra.uploaded()
        allowed = upload_of(beatra, DECIMAL_LIMIT)
        observe_as_reference(beatra, allowed)
        observe_between(beatra)
        return LargeUploads(allowed, too_large=upload_of(beatra, BINARY_LIMIT + 1))


def upload_of(beatra: Gateway, size: int) -> Exchange:
    client = beatra.account.client
    operation = client.contract.document.operations["createUpload"]
    with silent_upload(client.base_url, operation, "file", size) as prepared:
        return beatra.account.send(prepared)


def observe_as_reference(beatra: Gateway, uploaded: Exchange) -> None:
    if not is_accepted(uploaded, "/artifact_id"):
        return
    reference = {"type": "artifact", "artifact_id": uploaded.string("/artifact_id")}
    for exchange in allowed([partial(tried, beatra, {**CHEAP_SONG, "reference_audio": reference})]):
        if exchange.response is None:
            return
        text = f"{exchange.status} for {CHEAP_SONG['model']} with {DECIMAL_LIMIT} bytes"
        beatra.observe("BEATRA-OBS-REFERENCE-SIZE", text, exchange)


def observe_between(beatra: Gateway) -> None:
    exchange = upload_of(beatra, BINARY_LIMIT)
    if exchange.response is not None:
        beatra.observe("BEATRA-OBS-UPLOAD-SIZE", f"{exchange.status} for {BINARY_LIMIT} bytes", exchange)


@requirement("BEATRA-UPLOAD-10")
def test_a_file_of_a_hundred_million_bytes_is_accepted(large_uploads: LargeUploads) -> None:
    taken(large_uploads.allowed)


@requirement("BEATRA-UPLOAD-11")
def test_a_file_of_more_than_a_hundred_mebibytes_is_refused(large_uploads: LargeUploads) -> None:
    refused(large_uploads.too_large)
