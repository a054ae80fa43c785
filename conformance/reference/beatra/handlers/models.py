"""GET /v1/models and GET /v1/catalog/…: which models an account has, and what can be done with them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from starlette.responses import JSONResponse

if TYPE_CHECKING:
    from starlette.requests import Request

    from conformance.reference.beatra.handlers.guard import Guard
    from conformance.reference.beatra.services.catalogue import Offer
    from conformance.reference.beatra.wiring import Services

OWNER = "beatra"


class ModelHandlers:
    """The lists of models and capabilities, which are the same for every account."""

    def __init__(self, services: Services, guard: Guard) -> None:
        self._services = services
        self._guard = guard

    async def models(self, request: Request) -> JSONResponse:
        """GET /v1/models."""
        self._guard.admit(request)
        return self.answer([self.model(offer) for offer in self._services.catalogue.offers()])

    async def catalog(self, request: Request) -> JSONResponse:
        """GET /v1/catalog/models: the same models, with what they can do."""
        self._guard.admit(request)
        return self.answer([self.entry(offer) for offer in self._services.catalogue.offers()])

    async def capabilities(self, request: Request) -> JSONResponse:
        """GET /v1/catalog/capabilities."""
        self._guard.admit(request)
        offers = self._services.catalogue.offers()
        names = dict.fromkeys(name for offer in offers for name in offer.capabilities)
        return self.answer(
            [
                {"id": name, "object": "capability", "models": [o.model for o in offers if name in o.capabilities]}
                for name in names
            ]
        )

    def model(self, offer: Offer) -> dict[str, Any]:
        """A model as clients of OpenAI know it."""
        return {"id": offer.model, "object": "model", "owned_by": OWNER}

    def entry(self, offer: Offer) -> dict[str, Any]:
        """A model with its capabilities."""
        return {**self.model(offer), "capabilities": list(offer.capabilities), "modalities": [offer.modality]}

    def answer(self, entries: list[dict[str, Any]]) -> JSONResponse:
        """A list."""
        return JSONResponse({"object": "list", "data": entries})
