"""
A reference behind a proxy that lies: `conformance run --app tests.suite.liars:create_app --factory`.

The environment variable CONFORMANCE_LIAR names the system (beatra if it is not set), and CONFORMANCE_LIES what it lies
about: families of lies (`clips`), of which each answer is given the next one, or single lies (`clips/null`), told in
every answer; several are told one upon the other.
"""

from __future__ import annotations

import os
from dataclasses import replace
from typing import TYPE_CHECKING
from urllib.parse import parse_qsl, urlencode

from conformance.contract.files import system_folder
from conformance.reference.beatoven.app import create_app as create_beatoven
from conformance.reference.beatra.app import create_app as create_beatra
from conformance.reference.beatra.settings import ReferenceSettings
from conformance.reference.minimax.app import create_app as create_minimax
from tests.suite.lies import content, delivery
from tests.suite.lies.telling import Answer

if TYPE_CHECKING:
    from collections.abc import Mapping

    from starlette.types import ASGIApp, Message, Receive, Scope, Send

    from tests.suite.lies.telling import Lie

VARIABLE, LIAR = "CONFORMANCE_LIES", "CONFORMANCE_LIAR"
FAMILIES: Mapping[str, Mapping[str, Lie]] = {**content.FAMILIES, **delivery.FAMILIES}
LIST = "/v1/tasks"


def create_app() -> ASGIApp:
    lies = os.environ[VARIABLE].split(",")
    match os.environ.get(LIAR, "beatra"):
        case "minimax":
            return Liar(create_minimax(), lies, api="/v1/")
        case "beatoven":
            return Liar(create_beatoven(), lies, api="/api/")
        case _:
            return Liar(_beatra(), lies, api="/v1/", honest_until=LIST)


def _beatra() -> ASGIApp:
    settings = ReferenceSettings.from_environment()
    document = settings.document or system_folder("beatra") / "openapi.yaml"
    return create_beatra(replace(settings, document=document))


class Liar:
    """
    A proxy that lies about everything below `api`, never about the control interface.

    It begins with the answer after the first one of `honest_until`, if any: a list of tasks shows the run that there is
    something worth to be judged.
    """

    def __init__(self, app: ASGIApp, names: list[str], *, api: str, honest_until: str | None = None) -> None:
        self._app = app
        self._api = api
        self._honest_until = honest_until
        self._told = [lie_named(name) for name in names]
        # A cursor that was made up can't be handed on.
        self._forgets_cursors = any(name.startswith("pages") for name in names)
        self._answers = 0 if honest_until is not None else 1

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or not scope["path"].startswith(self._api):
            await self._app(scope, receive, send)
            return
        messages: list[Message] = []

        async def keep(message: Message) -> None:
            messages.append(message)

        await self._app(self._handed_on(scope), receive, keep)
        answer = self._lied(scope, messages)
        length = len(answer.body) + answer.missing
        headers = [*answer.headers, (b"content-length", str(length).encode())]
        await send({"type": "http.response.start", "status": answer.status, "headers": headers})
        await send({"type": "http.response.body", "body": answer.body})

    def _handed_on(self, scope: Scope) -> Scope:
        if not self._forgets_cursors:
            return scope
        query = parse_qsl(scope["query_string"].decode("latin-1"), keep_blank_values=True)
        return {**scope, "query_string": urlencode([pair for pair in query if pair[0] != "cursor"]).encode()}

    def _lied(self, scope: Scope, messages: list[Message]) -> Answer:
        start, *rest = messages
        answer = Answer(
            number=self._answers,
            method=scope["method"],
            path=scope["path"],
            status=start["status"],
            headers=tuple(pair for pair in start["headers"] if pair[0] != b"content-length"),
            body=b"".join(message.get("body", b"") for message in rest),
        )
        if self._answers or scope["path"] == self._honest_until:
            self._answers += 1
        if answer.number:
            for tell in self._told:
                answer = tell(answer)
        return answer


def lie_named(name: str) -> Lie:
    family, _, single = name.partition("/")
    if single:
        return FAMILIES[family][single]
    lies = list(FAMILIES[family].values())
    return lambda answer: lies[answer.number % len(lies)](answer)
