"""Mutants whose lists of models and whose word on their health are not what documents show, or not for everyone."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from starlette.responses import JSONResponse, PlainTextResponse, Response

from conformance.mutants.base import Mutant
from conformance.mutants.beatra.keyless import Keyless, Sessions
from conformance.reference.beatra.errors import ForbiddenError, InvalidRequestError, NotFoundError
from conformance.reference.beatra.handlers.health import HealthHandlers
from conformance.reference.beatra.handlers.models import ModelHandlers

if TYPE_CHECKING:
    from starlette.requests import Request

    from conformance.reference.beatra.services.catalogue import Offer

_NON_AUTHORITATIVE, _PARTIAL, _MULTI_STATUS = 203, 206, 207


class BareArray(ModelHandlers):
    """Answers with the array alone."""

    def answer(self, entries: list[dict[str, Any]]) -> JSONResponse:
        """Leave out what is around it."""
        return JSONResponse(entries)


class NamesInPlaceOfIds(ModelHandlers):
    """Calls the id of a model its name."""

    def model(self, offer: Offer) -> dict[str, Any]:
        """Write the name."""
        model = super().model(offer)
        return {"name": model.pop("id"), **model}


class KindsOfModels(ModelHandlers):
    """Says what kind of model one is where it says that it is one."""

    def model(self, offer: Offer) -> dict[str, Any]:
        """Name the kind."""
        return {**super().model(offer), "object": f"{offer.modality}_model"}


class OwnersInDetail(ModelHandlers):
    """Tells all about the owner of a model."""

    def model(self, offer: Offer) -> dict[str, Any]:
        """Put an object in place of the name."""
        model = super().model(offer)
        return {**model, "owned_by": {"name": model["owned_by"], "id": 1}}


class DatesInWords(ModelHandlers):
    """Tells since when there is a model."""

    def model(self, offer: Offer) -> dict[str, Any]:
        """Write the date as people read it."""
        return {**super().model(offer), "created": "2026-01-05"}


class CatalogInParts(ModelHandlers):
    """Has a catalog that goes on elsewhere."""

    async def catalog(self, request: Request) -> JSONResponse:
        """Answer as for a part of a file."""
        response = await super().catalog(request)
        response.status_code = _PARTIAL
        return response


class CapabilitiesFromTheCache(ModelHandlers):
    """Has the capabilities of another model."""

    async def capabilities(self, request: Request) -> JSONResponse:
        """Answer as proxies do that have changed something."""
        response = await super().capabilities(request)
        response.status_code = _NON_AUTHORITATIVE
        return response


class ModelsElsewhere(ModelHandlers):
    """Has its list of models in the catalog only."""

    async def models(self, request: Request) -> JSONResponse:
        """Find nothing."""
        self._guard.admit(request)
        raise NotFoundError("There is nothing here.")


class WantsAModality(ModelHandlers):
    """Lists the catalog by modality."""

    async def catalog(self, request: Request) -> JSONResponse:
        """Want to know which."""
        listed = await super().catalog(request)
        if "modality" not in request.query_params:
            raise InvalidRequestError("Name a modality.")
        return listed


class CapabilitiesForOwners(ModelHandlers):
    """Shows its capabilities to the owners of projects."""

    async def capabilities(self, request: Request) -> JSONResponse:
        """Refuse keys, which are none."""
        self._guard.admit(request)
        raise ForbiddenError("Only the owner of a project may do this.")


class OpenModels(Keyless):
    """Shows its models to anyone."""

    method, ending = "GET", "/v1/models"


class SessionCatalog(Sessions):
    """Shows its catalog to sessions."""

    ending = "/catalog/models"


class OpenCapabilities(Keyless):
    """Shows its capabilities to anyone."""

    method, ending = "GET", "/catalog/capabilities"


class HealthAsBoolean(HealthHandlers):
    """Says whether it is healthy."""

    async def get(self, request: Request) -> JSONResponse:
        """Say yes."""
        del request
        return JSONResponse({"healthy": True})


class HealthAsText(HealthHandlers):
    """Says what a load balancer needs."""

    async def get(self, request: Request) -> Response:  # type: ignore[override] # what it says is no JSON
        """Say OK."""
        del request
        return PlainTextResponse("OK")


class HealthOfAll(HealthHandlers):
    """Gathers how its parts are."""

    async def get(self, request: Request) -> JSONResponse:
        """Answer as for several resources."""
        response = await super().get(request)
        response.status_code = _MULTI_STATUS
        return response


class HealthForProbes(HealthHandlers):
    """Answers probes, which have no keys."""

    async def get(self, request: Request) -> JSONResponse:
        """Refuse what is no probe."""
        if "authorization" in request.headers:
            raise InvalidRequestError("Probes send no key.")
        return await super().get(request)


MUTANTS = (
    Mutant(
        id="models-as-bare-array",
        breaks="BEATRA-MODELS-01",
        story="The answer is what the database gave.",
        front={"models": BareArray},
        consequences={"BEATRA-listModels-CONFORMS": "the document describes an object"},
    ),
    Mutant(
        id="models-with-names",
        breaks="BEATRA-MODELS-01",
        story="The column is called name, and its content is what clients should send as the model.",
        front={"models": NamesInPlaceOfIds},
        consequences={"BEATRA-listModels-CONFORMS": "the document describes an id"},
    ),
    Mutant(
        id="models-by-kind",
        breaks="BEATRA-MODELS-02",
        story="The field looked useless with the same word everywhere, so it got another use.",
        front={"models": KindsOfModels},
    ),
    Mutant(
        id="models-with-owners-in-detail",
        breaks="BEATRA-MODELS-03",
        story="The serializer follows the foreign key.",
        front={"models": OwnersInDetail},
        consequences={"BEATRA-listModels-CONFORMS": "the document describes a text"},
    ),
    Mutant(
        id="models-with-dates-in-words",
        breaks="BEATRA-listModels-CONFORMS",
        story="The date of a model is a column of the database, shown as it is stored.",
        front={"models": DatesInWords},
    ),
    Mutant(
        id="catalog-in-parts",
        breaks="BEATRA-listCatalogModels-CONFORMS",
        story="The catalog is to have pages one day, and there has to be a status for that.",
        front={"models": CatalogInParts},
    ),
    Mutant(
        id="capabilities-from-the-cache",
        breaks="BEATRA-listCapabilities-CONFORMS",
        story="The capabilities come from another service, and so does the status.",
        front={"models": CapabilitiesFromTheCache},
    ),
    Mutant(
        id="models-elsewhere",
        breaks="BEATRA-listModels-ACCEPTS",
        story="The list moved into the catalog, and the old path went with the old code.",
        front={"models": ModelsElsewhere},
        generated=True,
    ),
    Mutant(
        id="catalog-by-modality",
        breaks="BEATRA-listCatalogModels-ACCEPTS",
        story="The console always asks for one modality, so that became required.",
        front={"models": WantsAModality},
        generated=True,
    ),
    Mutant(
        id="capabilities-for-owners",
        breaks="BEATRA-listCapabilities-ACCEPTS",
        story="The page was made for the console, where people log in.",
        front={"models": CapabilitiesForOwners},
        generated=True,
    ),
    Mutant(
        id="models-without-key",
        breaks="BEATRA-listModels-CREDENTIALS",
        story="The list is on the website anyway, which fetches it without a key.",
        front={"guard": OpenModels},
        generated=True,
    ),
    Mutant(
        id="catalog-for-sessions",
        breaks="BEATRA-listCatalogModels-CREDENTIALS",
        story="The dashboard shows the catalog, and what it sends in place of a key is looked at elsewhere.",
        front={"guard": SessionCatalog},
        generated=True,
    ),
    Mutant(
        id="capabilities-without-key",
        breaks="BEATRA-listCapabilities-CREDENTIALS",
        story="The page of features is public, so its source was made public too.",
        front={"guard": OpenCapabilities},
        generated=True,
    ),
    Mutant(
        id="health-as-boolean",
        breaks="BEATRA-HEALTH-01",
        story="The health check of the framework was mounted as it comes.",
        front={"health": HealthAsBoolean},
        consequences={"BEATRA-getHealth-CONFORMS": "the document describes a status"},
    ),
    Mutant(
        id="health-as-text",
        breaks="BEATRA-HEALTH-01",
        story="The load balancer looks for OK in the body.",
        front={"health": HealthAsText},
        consequences={"BEATRA-getHealth-CONFORMS": "the document describes JSON"},
    ),
    Mutant(
        id="health-of-all-parts",
        breaks="BEATRA-getHealth-CONFORMS",
        story="Each part has a status of its own, and 207 seemed made for that.",
        front={"health": HealthOfAll},
    ),
    Mutant(
        id="health-for-probes-alone",
        breaks="BEATRA-getHealth-ACCEPTS",
        story="A probe that sends a key was a mistake once, and is refused ever since.",
        front={"health": HealthForProbes},
        generated=True,
    ),
)
