"""The check before any test: does the target answer, what does it offer, which documented operations are there."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from conformance.accounts.control_self_check import SELF_CHECKS, failed_self_checks
from conformance.client.errors import NotOfferedError, UndecidedError
from conformance.client.transports.connections import proxy_for
from conformance.journal.records import Observation
from conformance.plugin.session import open_process_session
from conformance.plugin.survey import Survey
from conformance.target.reach import ReachSettings, probe

if TYPE_CHECKING:
    from collections.abc import Mapping

    from conformance.accounts.account_pool import AccountPool
    from conformance.plugin.settings import RunSettings
    from conformance.target.settings import TargetSettings


@dataclass(frozen=True, slots=True)
class FirstLook:
    """The settings completed by what the target offers, and why the run can't go on, if it can't."""

    settings: RunSettings
    problem: str | None = None


def look_first(settings: RunSettings, target: TargetSettings) -> FirstLook:
    """Reach the target, learn what it offers and look for documented operations."""
    proxy = _proxy(settings)
    if proxy is not None and not proxy.startswith("http://"):
        # The URL is not shown: it may hold a password.
        return FirstLook(settings, "The environment names a proxy that is no http:// URL; only such can be used.")
    reached = probe(settings.base_url, way=ReachSettings(settings.ca_file, proxy, settings.user_agent))
    if reached.problem is not None:
        return FirstLook(settings, reached.problem)
    try:
        process_session = open_process_session(settings, "first")
    except UndecidedError as error:
        return FirstLook(settings, _as_sentence(str(error)))
    try:
        pretended = _pretended(process_session.account_pool)
        # What is asked from here on is judged as well.
        process_session.account_pool.distrust(pretended)
        offers = (process_session.offer.offers if process_session.offer else frozenset()) - pretended.keys()
        play = not settings.capped and target.money_given(offers) == "play"
        settings = replace(settings, play=play, pretended=dict(pretended))
        app = target.app is not None
        return FirstLook(settings, _problem(process_session.account_pool, play=play, app=app))
    except UndecidedError as error:
        return FirstLook(settings, _as_sentence(str(error)))
    finally:
        process_session.close()


def _proxy(settings: RunSettings) -> str | None:
    parts = urlsplit(settings.base_url)
    return proxy_for(settings.proxy, parts.scheme, parts.hostname or "")


def _pretended(account_pool: AccountPool) -> Mapping[str, str]:
    """The parts of the control interface that fail their self-check, each with a sentence why."""
    if not any(map(account_pool.offers, SELF_CHECKS)):
        return {}
    # Without a key nothing can be checked, nor will any scenario need it. The shared account is left with plenty once
    # it was asked for with a balance.
    with suppress(NotOfferedError), account_pool.account("control", balance=Decimal(0)) as account:
        pretended = failed_self_checks(account)
        for part, sentence in pretended.items():
            text = f"the control interface offers {part}, but {sentence}: it counts as not offered"
            name = f"{account_pool.client.contract.system.upper()}-OBS-CONTROL"
            account_pool.client.journal.observation(Observation(name, text))
        return pretended
    return {}


def _problem(account_pool: AccountPool, *, play: bool, app: bool) -> str | None:
    contract = account_pool.client.contract
    with account_pool.account("first-look") as account:
        return Survey(account, contract, creates=play, app=app).problem()


def _as_sentence(text: str) -> str:
    return text[:1].upper() + text[1:].rstrip(".") + "."
