"""Starting the target of a run: an application is served on loopback, a target with a URL is used as it is."""

from __future__ import annotations

import os
import secrets
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final
from urllib.parse import urlsplit

from conformance.contract.files import system_folder
from conformance.target.errors import NoEmbeddedTargetError
from conformance.target.reference_audio import serve_reference_audio
from conformance.target.serve import serve_app

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from conformance.contract.conventions import Conventions, Embedded
    from conformance.target.settings import AppTarget, TargetSettings

_LOG = "target.log"
_PREFIX = "CONFORMANCE_REFERENCE_"
EMBEDDED_KEYS: Final = {role: f"{_PREFIX}{role.upper()}_KEY" for role in ("main", "second", "forbidden")}
"""The environment variables from which an embedded implementation reads the keys that it knows at start, by role."""


@dataclass(frozen=True, slots=True)
class RunningTarget:
    """
    A target that takes requests; `description` names it for readers.

    `ca_file` holds certificates to trust beside the usual ones; `reference_audio_url` is a file that the
    target is able to fetch over HTTPS. `request_stop` asks what was started for the run to end, without waiting for
    that.
    """

    base_url: str
    control_url: str | None
    reference_audio_url: str | None
    ca_file: Path | None
    description: str
    request_stop: Callable[[], None]


@contextmanager
def launch(settings: TargetSettings, conventions: Conventions, run_folder: Path) -> Iterator[RunningTarget]:
    """
    The target of a run, running until the block is left; what a served one prints goes into `run_folder`.

    Raises:
        NoEmbeddedTargetError: the system comes without an embedded implementation.
        AppNotLoadableError: the application could not be started.
    """
    if settings.base_url is not None:
        yield _remote(settings, settings.base_url)
    elif settings.app is not None:
        with _served_app(settings, settings.app, conventions, run_folder) as running:
            yield running
    else:
        with _embedded(conventions, run_folder) as running:
            yield running


def _remote(settings: TargetSettings, base_url: str) -> RunningTarget:
    return RunningTarget(
        base_url=base_url,
        control_url=_placed(settings.control_url, _origin(base_url)),
        reference_audio_url=settings.reference_audio_url,
        ca_file=None,
        description=base_url,
        request_stop=_leave_as_it_is,
    )


def _leave_as_it_is() -> None:
    """Nothing was started for this run."""


@contextmanager
def _served_app(
    settings: TargetSettings, app: AppTarget, conventions: Conventions, run_folder: Path
) -> Iterator[RunningTarget]:
    usual = conventions.embedded.base_path if conventions.embedded else ""
    log = run_folder / _LOG
    with serve_app(app.spec, factory=app.factory, environment={}, log=log, python=app.python) as served:
        yield RunningTarget(
            base_url=f"{served.origin}{usual if app.base_path is None else app.base_path}",
            control_url=_placed(settings.control_url, served.origin),
            reference_audio_url=settings.reference_audio_url,
            ca_file=None,
            description=f"the application {app.spec}",
            request_stop=served.request_stop,
        )


@contextmanager
def _embedded(conventions: Conventions, run_folder: Path) -> Iterator[RunningTarget]:
    embedded = embedded_of(conventions)
    with (
        embedded_environment(conventions) as environment,
        serve_app(embedded.app, factory=True, environment=environment, log=run_folder / _LOG) as served,
    ):
        yield RunningTarget(
            base_url=f"{served.origin}{embedded.base_path}",
            control_url=f"{served.origin}{embedded.control_path}",
            reference_audio_url=environment[f"{_PREFIX}AUDIO_URL"],
            ca_file=Path(environment[f"{_PREFIX}FETCH_CA"]),
            description=f"the embedded implementation of {conventions.title}",
            request_stop=served.request_stop,
        )


def embedded_of(conventions: Conventions) -> Embedded:
    """
    The embedded implementation of a system.

    Raises:
        NoEmbeddedTargetError: the system comes without one.
    """
    if conventions.embedded is None:
        raise NoEmbeddedTargetError(
            f"{conventions.title} comes without an embedded implementation; give a URL or --app."
        )
    return conventions.embedded


@contextmanager
def embedded_environment(conventions: Conventions, fetch: tuple[str, str] | None = None) -> Iterator[dict[str, str]]:
    """
    The environment variables that an embedded implementation is started with.

    `fetch` names a private HTTPS origin that references may be fetched from, and the file of its CA. Without it a
    file of the suite is served for as long as the block lasts, so that fetching can be tested.
    """
    document = {f"{_PREFIX}DOCUMENT": str(system_folder(conventions.system) / conventions.document)}
    if fetch is not None:
        yield {**document, f"{_PREFIX}FETCH_ALLOW": fetch[0], f"{_PREFIX}FETCH_CA": fetch[1]}
        return
    with serve_reference_audio() as audio:
        yield {
            **document,
            f"{_PREFIX}AUDIO_URL": audio.url,
            f"{_PREFIX}FETCH_ALLOW": _origin(audio.url),
            f"{_PREFIX}FETCH_CA": str(audio.ca_file),
        }


def provide_embedded_keys() -> None:
    """Set fresh keys of the embedded implementation in the environment of this process and of those that it starts."""
    for variable in EMBEDDED_KEYS.values():
        os.environ.setdefault(variable, f"sk-{secrets.token_hex(16)}")


def _origin(url: str) -> str:
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}"


def _placed(control_url: str | None, origin: str) -> str | None:
    """A control URL that is only a path is on the target's own host."""
    return f"{origin}{control_url}" if control_url and control_url.startswith("/") else control_url
