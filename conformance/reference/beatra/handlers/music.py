"""POST /v1/music/…: creating music tasks."""

from __future__ import annotations

from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from starlette.responses import JSONResponse

from conformance.reference.beatra.handlers.reading import attempt_of, fingerprint, origin_of, read_json
from conformance.reference.beatra.rules import MinimaxRules, SunoRules
from conformance.reference.beatra.services.catalogue import AUTO
from conformance.reference.beatra.services.creation import Order
from conformance.reference.beatra.validation import (
    REFERENCE_AUDIO_TO_MUSIC,
    TEXT_TO_MUSIC,
    Complaint,
    check,
    check_namespaces,
    refusal,
)
from conformance.reference.parts.places import ForbiddenUrlError

if TYPE_CHECKING:
    from collections.abc import Mapping

    import jsonschema_rs
    from starlette.requests import Request

    from conformance.reference.beatra.handlers.guard import Guard
    from conformance.reference.beatra.rules import ModelRules
    from conformance.reference.beatra.services.creation import Creation
    from conformance.reference.beatra.wiring import Services
    from conformance.reference.parts.bodies import Json

_ACCEPTED = 202
_INPUTS = ("prompt", "lyrics", "instrumental", "title", "model_options")


@dataclass(frozen=True, slots=True)
class Capability:
    """A kind of music task and the shape of the body that asks for it."""

    name: str
    shape: jsonschema_rs.Draft202012Validator


FROM_TEXT = Capability("text_to_music", TEXT_TO_MUSIC)
FROM_REFERENCE_AUDIO = Capability("reference_audio_to_music", REFERENCE_AUDIO_TO_MUSIC)


class MusicHandlers:
    """Both ways to ask for music; `rules` has those of the models that are asked for by name."""

    rules: Mapping[str, ModelRules] = MappingProxyType({"suno-5.5": SunoRules(), "minimax-music-2.6": MinimaxRules()})

    def __init__(self, services: Services, guard: Guard) -> None:
        self._services = services
        self._guard = guard

    async def from_text(self, request: Request) -> JSONResponse:
        """POST /v1/music/text-to-music."""
        return await self._create(request, FROM_TEXT)

    async def from_reference_audio(self, request: Request) -> JSONResponse:
        """POST /v1/music/reference-audio-to-music."""
        return await self._create(request, FROM_REFERENCE_AUDIO)

    async def _create(self, request: Request, capability: Capability) -> JSONResponse:
        tenant_id = self._guard.admit(request)
        body = await read_json(request, self._services.settings.json_bytes)
        self.check(capability, body)
        reference = body["reference_audio"] if capability is FROM_REFERENCE_AUDIO else None
        if reference is not None:
            await self.check_reference(tenant_id, reference)
        creation = await self.place(
            request,
            Order(
                tenant_id=tenant_id,
                capability=capability.name,
                model=body.get("model") or AUTO,
                input=self.input_of(body, reference),
                metadata=body.get("metadata") or {},
                attempt=attempt_of(request, tenant_id, self.fingerprint(body)),
                reference_url=None if reference is None else self.url_of(reference),
            ),
        )
        if creation.is_new and reference is not None:
            self.begin_rehosting(creation, reference)
        return self.answer(request, creation)

    async def place(self, request: Request, order: Order) -> Creation:
        """Let the order become a task; raises what `Creator.create` does."""
        del request
        return self._services.creator.create(order)

    def fingerprint(self, body: dict[str, Any]) -> str:
        """What two bodies share when one is a retry of the other."""
        return fingerprint(body)

    def check(self, capability: Capability, body: Json) -> None:
        """Refuse a body that asks for nothing that exists."""
        check(capability.shape, body)
        self.check_model(body)
        self.check_options(body)
        self.check_rules(body, from_audio=capability is FROM_REFERENCE_AUDIO)

    def check_model(self, body: dict[str, Any]) -> None:
        """Refuse models that do not exist; raises UnsupportedModelError."""
        self._services.catalogue.resolve(body.get("model") or AUTO)

    def check_options(self, body: dict[str, Any]) -> None:
        """Refuse option namespaces that do not exist; raises UnsupportedOptionError."""
        check_namespaces(body.get("model_options"))

    def check_rules(self, body: dict[str, Any], *, from_audio: bool) -> None:
        """Refuse what the model that was asked for does not take; raises the errors of its rules."""
        rules = self.rules.get(body.get("model") or AUTO)
        if rules is not None:
            rules.check(body, from_audio=from_audio)

    async def check_reference(self, tenant_id: str, reference: dict[str, Any]) -> None:
        """Refuse audio that can't be used; raises InvalidRequestError."""
        if self.url_of(reference) is None:
            self.check_artifact(tenant_id, reference["artifact_id"])
        else:
            await self.check_url(reference["url"])

    def check_artifact(self, tenant_id: str, artifact_id: str) -> None:
        """Refuse artifacts that the account does not have; raises InvalidRequestError."""
        if self._services.artifacts.owned(tenant_id, artifact_id) is None:
            raise refusal([Complaint("/reference_audio/artifact_id", "is not an artifact of this account")])

    async def check_url(self, url: str) -> None:
        """Refuse URLs that must not be fetched; raises InvalidRequestError."""
        try:
            await self._services.fetcher.vet(url)
        except ForbiddenUrlError as problem:
            raise refusal([Complaint("/reference_audio/url", "can't be fetched from here")]) from problem

    def url_of(self, reference: dict[str, Any]) -> str | None:
        """The URL that the audio must be fetched from, None for an artifact."""
        return reference["url"] if reference["type"] == "url" else None

    def input_of(self, body: dict[str, Any], reference: dict[str, Any] | None) -> dict[str, Any]:
        """What the task remembers of the request."""
        known = {name: body[name] for name in _INPUTS if body.get(name) is not None}
        return known if reference is None else {**known, "reference_audio": self.reference_of(reference)}

    def reference_of(self, reference: dict[str, Any]) -> dict[str, Any]:
        """What the task remembers of its reference audio."""
        key = "url" if reference["type"] == "url" else "artifact_id"
        return {"type": reference["type"], key: reference[key]}

    def begin_rehosting(self, creation: Creation, reference: dict[str, Any]) -> None:
        """Start to fetch audio that is not here yet."""
        url = self.url_of(reference)
        if url is not None:
            self._services.rehosting.begin(creation.task, url)

    def answer(self, request: Request, creation: Creation) -> JSONResponse:
        """202 with the task as it is now, also for a repeated request."""
        task = creation.task
        now = self._services.clock.now(task.tenant_id)
        envelope = self._services.presenter.envelope(task, origin_of(request), now)
        return JSONResponse(envelope, status_code=_ACCEPTED)
