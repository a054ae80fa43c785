"""Everything a run has to know about its target, resolved from the file, the options and the environment."""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from types import MappingProxyType
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from conformance.contract.files import known_systems
from conformance.journal.redaction import Secret, UnusableSecretError
from conformance.target.errors import (
    ConflictingTargetsError,
    InterpreterWithoutAppError,
    MissingKeyError,
    UnstatedSystemError,
    UnusableKeyError,
)
from conformance.target.pace import check_concurrency, parse_rate
from conformance.target.statement import Limits, TargetFile
from conformance.target.urls import check_base, check_control, check_proxy

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping
    from decimal import Decimal

    from conformance.target.statement import Money

MAIN_KEY = "CONFORMANCE_API_KEY"
SECOND_KEY = "CONFORMANCE_SECOND_KEY"
FORBIDDEN_KEY = "CONFORMANCE_FORBIDDEN_KEY"
SHORTEST_KEY = 8
_VARIABLE = re.compile(r"(?=.*_)[A-Z_][A-Z0-9_]*|[A-Z][A-Z0-9]{,19}")


@dataclass(frozen=True, slots=True)
class TargetOptions:
    """What was said about the target on the command line; None or False where nothing was said."""

    base_url: str | None = None
    app: str | None = None
    factory: bool = False
    python: str | None = None
    system: str | None = None
    control_url: str | None = None
    api_key_env: str | None = None
    rate: str | None = None
    concurrency: int | None = None
    proxy: str | None = None


@dataclass(frozen=True, slots=True)
class AppTarget:
    """
    An ASGI application as `package.module:attribute`, or a factory of one, and the path of its API.

    `python` is the interpreter that it is installed for, None where that is ours.
    """

    spec: str
    factory: bool
    base_path: str | None
    python: str | None = None


@dataclass(frozen=True, slots=True)
class Keys:
    """The keys of a run, None where the environment has none."""

    main: Secret | None = None
    second: Secret | None = None
    forbidden: Secret | None = None


@dataclass(frozen=True, slots=True)
class TargetSettings:
    """
    The target of a run.

    It is what answers at `base_url`, or the application `app`, or, when both are None, the embedded
    implementation of the system. `control_url` may be a path on the target's own host. No `surfaces` means
    all of the system. `stated_money` is what the file says, None when it says nothing. `proxy` is a URL, or "env" for
    those that the environment names; without it requests go straight to the target.
    """

    system: str
    base_url: str | None = None
    app: AppTarget | None = None
    surfaces: tuple[str, ...] = ()
    stated_money: Money | None = None
    exclusive_account: bool = False
    keys: Keys = field(default_factory=Keys)
    control_url: str | None = None
    openapi_url: str | None = None
    reference_audio_url: str | None = None
    prices: Mapping[str, Decimal] = field(default_factory=lambda: MappingProxyType({}))
    limits: Limits = field(default_factory=Limits)
    failing_request: Mapping[str, Any] | None = None
    proxy: str | None = None

    @property
    def embedded(self) -> bool:
        """Whether the target is the implementation that comes with the suite."""
        return self.base_url is None and self.app is None

    @property
    def money(self) -> Money:
        """Whether charges cost anybody anything, before the control interface is known."""
        return self.money_given(())

    def money_given(self, offers: Collection[str]) -> Money:
        """
        Whether charges cost anybody anything, once it is known what the control interface offers.

        What the file says holds. Else money is play when the suite starts the target or may set its wallet.
        """
        if self.stated_money is not None:
            return self.stated_money
        return "play" if self.base_url is None or "wallet" in offers else "real"


def resolve_settings(
    options: TargetOptions, stated: TargetFile | None, environment: Mapping[str, str]
) -> TargetSettings:
    """
    The settings of a run; options go before the file, and without either the target is the embedded one.

    Raises:
        ConflictingTargetsError: both a URL and an application were asked for.
        InterpreterWithoutAppError: an interpreter was named, but no application.
        InvalidUrlError: a URL among the options can't be used.
        InvalidLimitError: the rate or the concurrency has no meaning.
        UnstatedSystemError: nobody named the system, and there are several.
        MissingKeyError: a variable that was named as the place of a key is not set.
        UnusableKeyError: a key can't travel in a header.
    """
    stated = stated or TargetFile()
    base_url, app = _place(options, stated.target.base_url)
    control_url = stated.control.url
    if options.control_url is not None:
        control_url = check_control("The control URL", options.control_url)
    return TargetSettings(
        system=options.system or stated.target.system or _only_system(),
        base_url=base_url,
        app=app,
        surfaces=stated.target.surfaces,
        stated_money=stated.target.money,
        exclusive_account=stated.target.exclusive_account,
        keys=Keys() if base_url is None and app is None else _keys(options, stated, environment),
        control_url=control_url,
        openapi_url=stated.target.openapi_url,
        reference_audio_url=stated.target.reference_audio_url,
        prices=stated.prices,
        limits=_limits(options, stated.limits),
        failing_request=stated.failing_request,
        proxy=None if options.proxy is None else check_proxy(options.proxy),
    )


def _limits(options: TargetOptions, stated: Limits) -> Limits:
    rate, concurrency = options.rate, options.concurrency
    return replace(
        stated,
        rate_per_second=stated.rate_per_second if rate is None else parse_rate(rate),
        concurrency=stated.concurrency if concurrency is None else check_concurrency(concurrency),
    )


def _place(options: TargetOptions, stated_url: str | None) -> tuple[str | None, AppTarget | None]:
    if options.app is None:
        if options.python is not None:
            raise InterpreterWithoutAppError("--python names the interpreter of an --app, and none was given.")
        return (stated_url if options.base_url is None else check_base("The base URL", options.base_url)), None
    if options.base_url is not None:
        raise ConflictingTargetsError(
            f"The target can't be both the application {options.app} and a URL; leave one of them out."
        )
    base_path = urlsplit(stated_url).path if stated_url else None
    return None, AppTarget(options.app, options.factory, base_path, options.python)


def _only_system() -> str:
    systems = known_systems()
    if len(systems) != 1:
        raise UnstatedSystemError(f"Say which system the target implements: {', '.join(systems)}.")
    return systems[0]


def _keys(options: TargetOptions, stated: TargetFile, environment: Mapping[str, str]) -> Keys:
    names = stated.keys
    return Keys(
        main=_key(environment, options.api_key_env or names.main_env, MAIN_KEY),
        second=_key(environment, names.second_env, SECOND_KEY),
        forbidden=_key(environment, names.forbidden_env, FORBIDDEN_KEY),
    )


def _key(environment: Mapping[str, str], named: str | None, usual: str) -> Secret | None:
    # No local variable may hold a key: `pytest --showlocals` would print it.
    variable = named or usual
    if not environment.get(variable, "").strip():
        if named is None:
            return None
        # Somebody may have given the key in place of the name.
        shown = f" {named}" if _VARIABLE.fullmatch(named) else ""
        raise MissingKeyError(f"The environment variable{shown} that should hold a key is not set or is empty.")
    try:
        secret = Secret(environment[variable].strip(), f"${usual}")
    except UnusableSecretError as error:
        raise UnusableKeyError(
            f"The environment variable {variable} does not hold a key: "
            "a key consists of visible ASCII characters without spaces."
        ) from error
    if len(secret.reveal()) < SHORTEST_KEY:
        raise UnusableKeyError(
            f"The key in {variable} is shorter than {SHORTEST_KEY} characters: "
            "so short a text can't be told apart from others and kept out of the reports."
        )
    return secret
