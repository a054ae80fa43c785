"""The settings of a run's target: from command line, target.toml and environment, with gentle limits by default."""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, Final, cast
from urllib.parse import urlsplit

from conformance.contract.contract import embedded_systems
from conformance.contract.files import default_system, known_systems
from conformance.journal.redaction import Secret, UnusableSecretError
from conformance.target.errors import (
    ConflictingTargetsError,
    ContradictoryOptionsError,
    InterpreterWithoutAppError,
    MissingKeyError,
    UnstatedSystemError,
    UnusableKeyError,
    UnusableOptionError,
)
from conformance.target.headers import split_pairs, variables_in
from conformance.target.kinds import OptionForm
from conformance.target.options import Options, on_command_line
from conformance.target.urls import is_loopback

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from conformance.target.kinds import Setting
    from conformance.target.target_options import Money


# A target on another machine may have other users. One browser sends more than this.
ELSEWHERE_PER_SECOND: Final = 10.0
ELSEWHERE_AT_ONCE: Final = 4


def polite(options: Options, base_url: str) -> Options:
    """The options, with gentle limits where none are stated, for a target that is not on this machine."""
    if not base_url or is_loopback(base_url):
        return options
    return replace(
        options,
        rate_per_second=options.rate_per_second or ELSEWHERE_PER_SECOND,
        concurrency=options.concurrency or ELSEWHERE_AT_ONCE,
    )


MAIN_KEY = "CONFORMANCE_API_KEY"
SECOND_KEY = "CONFORMANCE_SECOND_KEY"
FORBIDDEN_KEY = "CONFORMANCE_FORBIDDEN_KEY"
SHORTEST_KEY = 8
_VARIABLE = re.compile(r"(?=.*_)[A-Z_][A-Z0-9_]*|[A-Z][A-Z0-9]{,19}")


def read_said(raw: Mapping[str, object]) -> dict[str, Any]:
    """
    The values that a command line states, by the names of the settings.

    Raises:
        UnusableOptionError: a value has no meaning or is out of bounds.
        ContradictoryOptionsError: two values of a setting are stated.
        InvalidUrlError: a URL can't be used.
    """
    said: dict[str, Any] = {}
    for row in on_command_line():
        given = raw.get(row.name)
        if given is None or given in (False, []) or (given == "" and row.name == "base_url"):
            continue
        said[row.name] = _read(row, given)
    return said


def _read(row: Setting, given: object) -> object:
    if row.kind.form is OptionForm.FLAG:
        return True
    flag = "The base URL" if row.name == "base_url" else f"--{row.about.flag}"
    if row.kind.form is OptionForm.EACH:
        words = sorted(set(cast("list[str]", given)))
        if len(words) > 1:
            flags = " or ".join(f"--{word}-{row.about.flag}" for word in words)
            raise ContradictoryOptionsError(
                f"The {row.about.flag} is {' or '.join(words)}, not both; leave {flags} out."
            )
        return words[0]
    if row.kind.form is OptionForm.LIST:
        return tuple(value for text in cast("list[str]", given) for value in row.kind.read(flag, text))
    if row.kind.names_file and not str(given):
        raise UnusableOptionError(f"{flag} must be {row.kind.expected}, not an empty text.")
    return row.kind.read(flag, str(given))


def merged(said: Mapping[str, Any], stated: Mapping[str, Any]) -> Options:
    """
    The options of a command line and a target.toml; those of the command line take precedence.

    Raises:
        ConflictingTargetsError: the command line names both a URL and an application.
    """
    if "app" in said and "base_url" in said:
        raise ConflictingTargetsError(
            f"The target can't be both the application {said['app']} and a URL; leave one of them out."
        )
    return Options(**{**stated, **said})


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
    all of the system. `stated_money` is what is stated, None when nothing is.
    """

    system: str
    base_url: str | None = None
    app: AppTarget | None = None
    surfaces: tuple[str, ...] = ()
    stated_money: Money | None = None
    keys: Keys = field(default_factory=Keys)
    control_url: str | None = None
    reference_audio_url: str | None = None

    @property
    def embedded(self) -> bool:
        """Whether the target is the implementation that comes with the suite."""
        return self.base_url is None and self.app is None

    @property
    def money(self) -> Money:
        """Whether charges cost real money, before the control interface is known."""
        return self.money_given(())

    def money_given(self, offers: Collection[str]) -> Money:
        """
        Whether charges cost real money, once it is known what the control interface offers.

        What is stated holds. Else money is play when the suite starts the target or may set its wallet.
        """
        if self.stated_money is not None:
            return self.stated_money
        return "play" if self.base_url is None or "wallet" in offers else "real"


def resolve_settings(options: Options, environment: Mapping[str, str]) -> TargetSettings:
    """
    The target that is stated; where neither a URL nor an application is, it is the embedded implementation.

    Raises:
        InterpreterWithoutAppError: an interpreter was named, but no application.
        UnstatedSystemError: no system is stated, and there are several.
        ContractError: one of these can't be read.
        MissingKeyError: a variable that was named as the place of a key is not set.
        UnusableKeyError: a key can't travel in a header.
    """
    base_url, app = _place(options)
    for variable in stated_variables(options):
        stated_secret(environment, variable)
    return TargetSettings(
        system=options.system or _only_system(embedded=base_url is None and app is None),
        base_url=base_url,
        app=app,
        surfaces=options.surfaces,
        stated_money=cast("Money | None", options.stated_money),
        keys=Keys() if options.no_auth or (base_url is None and app is None) else _keys(options, environment),
        control_url=options.control_url,
        reference_audio_url=options.reference_audio_url,
    )


def _place(options: Options) -> tuple[str | None, AppTarget | None]:
    if options.app is None:
        if options.python is not None:
            raise InterpreterWithoutAppError("--python names the interpreter of an --app, and none was given.")
        return options.base_url, None
    base_path = urlsplit(options.base_url).path if options.base_url else None
    return None, AppTarget(options.app, options.factory, base_path, options.python)


def _only_system(*, embedded: bool) -> str:
    systems, meant = known_systems(), default_system()
    if meant is not None:
        return meant
    served = embedded_systems() if embedded else ()
    if len(served) == 1:
        return served[0]
    question = "whose embedded implementation is meant" if served else "which system the target implements"
    raise UnstatedSystemError(f"Say with --system {question}: {', '.join(served or systems)}.")


def _keys(options: Options, environment: Mapping[str, str]) -> Keys:
    return Keys(
        main=_key(environment, options.main_env, MAIN_KEY),
        second=_key(environment, options.second_env, SECOND_KEY),
        forbidden=_key(environment, options.forbidden_env, FORBIDDEN_KEY),
    )


def stated_variables(options: Options) -> tuple[str, ...]:
    """The environment variables that stated headers and keys of security schemes name."""
    in_headers = [name for _, value in split_pairs(options.headers, ": ") for name in variables_in(value)]
    return (*in_headers, *(variable for _, variable in split_pairs(options.scheme_keys, "=")))


def stated_secret(environment: Mapping[str, str], variable: str) -> Secret:
    """
    What a variable holds that a header or a key of a security scheme names.

    Raises:
        MissingKeyError: it is not set.
        UnusableKeyError: it can't travel in a header.
    """
    found = _key(environment, variable, variable)
    assert found is not None  # noqa: S101 - of a variable that is named, a missing one is an error
    return found


def _key(environment: Mapping[str, str], named: str | None, usual: str) -> Secret | None:
    # No local variable may hold a key: `pytest --showlocals` would print it.
    variable = named or usual
    if not environment.get(variable, "").strip():
        if named is None:
            return None
        # The user may have given the key in place of the name.
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
