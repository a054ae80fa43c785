"""Files behind the URLs that a target hands out."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final
from urllib.parse import urljoin

from conformance.client.errors import NotOfferedError, UnaskableError
from conformance.client.transports.base import UnsendableRequestError
from conformance.contract.outcomes import is_redirect

if TYPE_CHECKING:
    from collections.abc import Iterator

    from conformance.accounts.account import Account
    from conformance.journal.records import Exchange

_DEEPEST: Final = 3
_MOST_URLS: Final = 6
_MOST_REDIRECTS: Final = 5
_PAUSES_SECONDS: Final = (0.2, 0.6, 1.2)


@dataclass(frozen=True, slots=True)
class Delivery:
    """
    What a URL delivered, None and the reason when it could not be asked.

    `unasked` says that the suite does not ask there, which says nothing about the URL.
    """

    url: str
    exchange: Exchange | None
    reason: str = ""
    unasked: bool = False


def urls_in(value: object) -> list[str]:
    """The URLs within a value of an answer, those of its own members first; of thousands only a few."""
    return list(dict.fromkeys(_texts(value, _DEEPEST)))[:_MOST_URLS]


def _texts(value: object, depth: int) -> Iterator[str]:
    members = list(value.values()) if isinstance(value, dict) else value if isinstance(value, list) else []
    yield from (text for text in members if isinstance(text, str) and text.startswith(("https://", "http://")))
    if depth:
        for member in members:
            yield from _texts(member, depth - 1)


def delivered(account: Account, url: str) -> Delivery:
    """What a URL delivers without a key, redirections followed."""
    asked = url
    try:
        exchange = _downloaded(account, asked)
        for _ in range(_MOST_REDIRECTS):
            place = exchange.header("Location") if _redirects(exchange) else None
            if place is None:
                break
            asked = urljoin(asked, place)
            exchange = account.download(asked)
    except NotOfferedError as error:
        return Delivery(url, None, str(error), unasked=True)
    except UnaskableError as error:
        return Delivery(url, None, str(error))
    except (UnsendableRequestError, ValueError):
        return Delivery(url, None, f"{asked[:200]!r} is no URL that can be asked")
    return Delivery(url, exchange)


def _downloaded(account: Account, url: str) -> Exchange:
    """What a URL gives, asked again where it gives nothing yet: files reach the edge of a network after a while."""
    exchange = account.download(url)
    for pause in _PAUSES_SECONDS:
        if exchange.response is not None and (exchange.accepted or _redirects(exchange)):
            break
        account.pause(pause)
        exchange = account.download(url)
    return exchange


def _redirects(exchange: Exchange) -> bool:
    return exchange.response is not None and is_redirect(exchange.status)
