"""`conformance replay`: send one recorded exchange again and show how its answer differs."""

from __future__ import annotations

import json
import os
from contextlib import contextmanager
from dataclasses import dataclass
from difflib import get_close_matches
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import urlsplit

import click

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from conformance.client.transports.base import Incoming, Outgoing
    from conformance.journal.records import Exchange
    from conformance.journal.redaction import Redactor, Secret
    from conformance.report.placeholders import Placeholders

_RUN_FILE: Final = "run.json"
_SECONDS: Final = 60.0
_MOST_BYTES: Final = 32 * 1024 * 1024
_LINE_LIMIT: Final = 300
_MOST_LINES: Final = 60
# They differ from answer to answer and say nothing about it.
_PASSING: Final = frozenset({"date", "content-length", "connection", "keep-alive", "server", "transfer-encoding"})
_SAFE: Final = frozenset({"GET", "HEAD", "OPTIONS"})


@dataclass(frozen=True, slots=True)
class _Run:
    """What a run's folder says of its target: `variables` hold its keys, by the names that stand for them."""

    base_url: str
    play: bool
    system: str
    app: tuple[str, bool, str | None] | None
    variables: Mapping[str, str]


@click.command()
@click.argument("run_folder", metavar="RUN")
@click.argument("exchange_id", metavar="EXCHANGE")
@click.argument("url", required=False)
@click.option("--may-cost", is_flag=True, help="Send it although it may cost real money.")
@click.pass_context
def replay(context: click.Context, /, run_folder: str, exchange_id: str, url: str | None, *, may_cost: bool) -> None:
    r"""
    Send the request EXCHANGE of the run in the folder RUN again, and show how the answer differs from the recorded one.

    \b
    conformance replay reports/run-20261120-101500-1a2b main-982
    conformance replay reports/run-20261120-101500-1a2b main-982 https://staging.example.com/v1

    It goes to the target of the run, or below URL; an --app is served again. What may cost real money is not sent
    without --may-cost. Exit status: 0 the answers are alike, 1 they differ.
    """
    folder = Path(run_folder)
    try:
        recorded, run = _exchange(folder, exchange_id), _run(folder)
        _check_may_be_sent(recorded, run, url, may_cost=may_cost)
        with _target(run, url) as base_url:
            context.exit(_told(recorded, run, base_url))
    except _ReplayError as error:
        raise click.UsageError(str(error), context) from error


class _ReplayError(Exception):
    """An exchange can't be sent again; the message is a sentence for the user."""


def _exchange(folder: Path, name: str) -> Exchange:
    from conformance.journal.errors import JournalError
    from conformance.journal.reader import read_recording

    try:
        recording = read_recording(folder)
    except JournalError as error:
        raise _ReplayError(str(error)) from error
    found = recording.exchange(name)
    if found is None:
        near = get_close_matches(name, [one.id for one in recording.exchanges], n=1)
        hint = f"; the nearest is {near[0]}" if near else ""
        raise _ReplayError(f"The run in {folder} has no exchange {name!r:.60}{hint}.")
    if found.request.body.truncated:
        raise _ReplayError(f"The body of {name} was not kept whole, so it can't be sent again.")
    return found


def _run(folder: Path) -> _Run:
    from conformance.accounts.control import key_variables

    try:
        stated = json.loads((folder / _RUN_FILE).read_text("utf-8"))["settings"]
        roles = [(str(role), str(variable)) for role, variable in stated["key_variables"]]
        headers, scheme_keys = (tuple(map(str, stated[name])) for name in ("headers", "scheme_keys"))
        app = (str(stated["app"]), bool(stated["factory"]), stated["python"]) if stated["app"] else None
        variables = key_variables(roles, headers, scheme_keys)
        return _Run(str(stated["base_url"]), bool(stated["play"]), str(stated["system"]), app, variables)
    except (OSError, ValueError, LookupError, TypeError) as error:
        raise _ReplayError(f"{folder} is not the folder of a run: its {_RUN_FILE} can't be read.") from error


def _check_may_be_sent(recorded: Exchange, run: _Run, url: str | None, *, may_cost: bool) -> None:
    if recorded.origin != "target":
        raise _ReplayError(f"{recorded.id} did not go to the API but to {recorded.request.url[:_LINE_LIMIT]}.")
    worthless = run.play and url is None
    if recorded.request.method not in _SAFE and not worthless and not may_cost:
        raise _ReplayError(
            f"{recorded.id} is a {recorded.request.method} that may cost real money, so it is not sent; "
            "--may-cost sends it."
        )


@contextmanager
def _target(run: _Run, url: str | None) -> Iterator[str]:
    """The base URL that requests go to; an application is served for as long as the block lasts."""
    from conformance.target.errors import TargetError
    from conformance.target.serve import serve_app
    from conformance.target.urls import check_base

    try:
        if url is not None or run.app is None:
            yield run.base_url if url is None else check_base("URL", url)
            return
        spec, factory, python = run.app
        with TemporaryDirectory(prefix="conformance-replay-") as folder:
            log = Path(folder) / "target.log"
            with serve_app(spec, factory=factory, environment={}, log=log, python=python) as served:
                yield served.origin + urlsplit(run.base_url).path
    except TargetError as error:
        raise _ReplayError(str(error)) from error


def _told(recorded: Exchange, run: _Run, base_url: str) -> int:
    """Send the exchange, print how its answer differs, and return the exit status."""
    from conformance.journal.redaction import Redactor
    from conformance.report.placeholders import Placeholders
    from conformance.report.text import one_line

    # Keys go where this run had put them; whatever else in a request begins with $ is the target's own text.
    placeholders = Placeholders({name: name for name in run.variables})
    keys = _keys(recorded, run, placeholders)
    redactor = Redactor(*keys.values())
    outgoing = _outgoing(recorded, run, base_url, partial(_filled, keys, placeholders))
    click.secho(one_line(redactor.text(f"{recorded.request.method} {outgoing.url}"), _LINE_LIMIT), bold=True)
    before, after = _shown(recorded), _shown_incoming(_sent(recorded, outgoing, base_url), redactor)
    differing = [name for name in dict.fromkeys((*before, *after)) if before.get(name) != after.get(name)]
    for name in differing[:_MOST_LINES]:
        was, now = before.get(name, "nothing"), after.get(name, "nothing")
        click.echo(f"  {one_line(name, _LINE_LIMIT)}: {one_line(was, _LINE_LIMIT)} → {one_line(now, _LINE_LIMIT)}")
    if len(differing) > _MOST_LINES:
        click.echo(f"  … and {len(differing) - _MOST_LINES} more")
    if not differing:
        click.echo(f"  the same answer: {one_line(after['status'], _LINE_LIMIT)}")
    return int(bool(differing))


def _keys(recorded: Exchange, run: _Run, placeholders: Placeholders) -> dict[str, Secret]:
    """The keys that the recording has placeholders for, from the environment."""
    from conformance.journal.redaction import Secret, UnusableSecretError

    request = recorded.request
    altered = placeholders.how_altered(request.headers)
    if altered is not None:
        raise _ReplayError(f"{recorded.id} carried a changed key ({altered}), so it can't be sent again.")
    parts = [*placeholders.parts_of_url(request.url)]
    parts += [part for _, value in request.headers.items for part in placeholders.parts(value)]
    keys: dict[str, Secret] = {}
    for name in sorted({part.variable for part in parts if part.variable}):
        variable = run.variables.get(name, name)
        if not os.environ.get(variable, "").strip():
            raise _ReplayError(f"{variable} is not set: the request carried the key in it.")
        try:
            keys[name] = Secret(os.environ[variable].strip(), f"${name}")
        except UnusableSecretError as error:
            raise _ReplayError(f"{variable} does not hold a key.") from error
    return keys


def _filled(keys: Mapping[str, Secret], placeholders: Placeholders, name: str, value: str) -> str:
    """The value of a header, or a URL (no name), with the keys in their places."""
    from conformance.contract.conventions import in_scheme

    user = placeholders.basic(name, value)
    if user is not None:
        return in_scheme(value.partition(" ")[0], keys[user].reveal)
    parts = placeholders.parts(value) if name else placeholders.parts_of_url(value)
    return "".join(part.text + (keys[part.variable].reveal() if part.variable else "") for part in parts)


def _outgoing(recorded: Exchange, run: _Run, base_url: str, filled: Callable[[str, str], str]) -> Outgoing:
    from conformance.client.transports.base import Outgoing

    request = recorded.request
    own = run.base_url.rstrip("/")
    path = request.url.removeprefix(own) if request.url.startswith(own) else None
    parts = urlsplit(base_url)
    rest = request.url.partition("://")[2].partition("/")[2]
    url = f"{parts.scheme}://{parts.netloc}/{rest}" if path is None else base_url.rstrip("/") + path
    headers = tuple(
        (name, filled(name, value))
        for name, value in request.headers.items
        if name.lower() not in ("host", "content-length", "transfer-encoding")
    )
    return Outgoing(request.method, filled("", url), headers, request.body.content, _SECONDS, _MOST_BYTES)


def _sent(recorded: Exchange, outgoing: Outgoing, base_url: str) -> Incoming:
    from conformance.client.transports.base import NoAnswerError
    from conformance.client.transports.over_httpx import HttpxTransport
    from conformance.client.transports.raw import RawTransport

    if recorded.transport not in ("httpx", "raw"):
        raise _ReplayError(f"{recorded.id} was broken off on its way on purpose, so it can't be sent again.")
    transport = RawTransport(base_url) if recorded.transport == "raw" else HttpxTransport()
    try:
        return transport.send(outgoing)
    except NoAnswerError as error:
        raise _ReplayError(f"The target gives no answer: {error} (name another URL after the exchange).") from error
    finally:
        transport.close()


def _shown(recorded: Exchange) -> dict[str, str]:
    """The parts of a recorded answer by name."""
    answer = recorded.response
    if answer is None:
        return {"status": f"no answer ({recorded.failure})"}
    return _parts(answer.status, answer.headers.items, answer.body.content)


def _shown_incoming(incoming: Incoming, redactor: Redactor) -> dict[str, str]:
    headers = [(redactor.text(name), redactor.text(value)) for name, value in incoming.headers]
    return _parts(incoming.status, headers, redactor.data(incoming.content))


def _parts(status: int, headers: Any, content: bytes) -> dict[str, str]:  # noqa: ANN401 - pairs of texts
    named = {f"header {name.lower()}": value for name, value in headers if name.lower() not in _PASSING}
    try:
        body = dict(_leaves(json.loads(content), ""))
    except (ValueError, RecursionError):
        body = {"body": content.decode("utf-8", "replace")} if content else {}
    return {"status": str(status), **named, **body}


def _leaves(value: Any, pointer: str) -> Iterator[tuple[str, str]]:  # noqa: ANN401 - any JSON value
    """The values of a JSON text that hold no others, by their pointers."""
    members = enumerate(value) if isinstance(value, list) else value.items() if isinstance(value, dict) else ()
    found = False
    for name, member in members:
        found = True
        yield from _leaves(member, f"{pointer}/{str(name).replace('~', '~0').replace('/', '~1')}")
    if not found:
        yield pointer or "the whole body", json.dumps(value, ensure_ascii=False)
