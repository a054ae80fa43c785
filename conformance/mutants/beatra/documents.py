"""Mutants that misrepresent themselves in their documents, and one that forgets its version."""

from __future__ import annotations

import copy
import json
from abc import ABC, abstractmethod
from functools import cached_property
from typing import TYPE_CHECKING, Any

import yaml
from starlette.responses import PlainTextResponse, Response

from conformance.contract.files import parse_yaml
from conformance.mutants.base import Mutant
from conformance.mutants.beatra.answers import BASE_PATH
from conformance.reference.beatra.handlers.documents import DocumentHandlers

if TYPE_CHECKING:
    from collections.abc import Callable

    from starlette.requests import Request
    from starlette.types import ASGIApp, Receive, Scope, Send


class Edited(DocumentHandlers, ABC):
    """Publishes an altered document in both forms."""

    @cached_property
    def text(self) -> str:
        """The altered document as YAML."""
        if self._file is None:
            return super().text
        document = parse_yaml(self._file.read_text("utf-8"))
        self.alter(document)
        return yaml.safe_dump(document, sort_keys=False)

    @abstractmethod
    def alter(self, document: dict[str, Any]) -> None:
        """Change the document in place."""


class LosesAComponent(Edited):
    """Has a schema renamed but not where it is used."""

    def alter(self, document: dict[str, Any]) -> None:
        """Rename one schema."""
        schemas = document["components"]["schemas"]
        name = next(iter(schemas))
        schemas[f"{name}V2"] = schemas.pop(name)


class NoResponses(Edited):
    """Has an operation that was never finished."""

    def alter(self, document: dict[str, Any]) -> None:
        """Leave an answer without its description."""
        document["paths"]["/tasks"]["get"]["responses"]["200"] = {"content": {}}


class OmitsCancellation(Edited):
    """Has an operation that its document lacks."""

    def alter(self, document: dict[str, Any]) -> None:
        """Leave one path out."""
        del document["paths"]["/tasks/{task_id}/cancel"]


class OmitsUploading(Edited):
    """Documents what its framework describes by itself, which forms are not."""

    def alter(self, document: dict[str, Any]) -> None:
        """Leave uploads out, and the link that leads from there."""
        del document["paths"]["/uploads"]


class AnnouncesVideos(Edited):
    """Publishes what is planned."""

    def alter(self, document: dict[str, Any]) -> None:
        """Add an operation that does not exist yet."""
        document["paths"]["/videos/generations"] = {"post": {"responses": {"202": {"description": "Soon."}}}}


class AnnouncesVoices(Edited):
    """Leaves internal routes in its document."""

    def alter(self, document: dict[str, Any]) -> None:
        """Add the routes of an experiment."""
        document["paths"]["/voices"] = {"get": {"responses": {"200": {"description": "The voices."}}}}


class StaleJson(DocumentHandlers):
    """Builds the JSON form by hand, now and then."""

    async def as_json(self, request: Request) -> Response:
        """Publish the form of the last release."""
        del request
        stale = copy.deepcopy(self.content)
        stale["info"]["version"] = "0.0.9"
        return Response(json.dumps(stale), media_type="application/json")


class PartialJson(DocumentHandlers):
    """Writes the JSON form without what is in Preview."""

    async def as_json(self, request: Request) -> Response:
        """Leave the newest operation out."""
        del request
        partial = copy.deepcopy(self.content)
        del partial["paths"]["/music/reference-audio-to-music"]
        return Response(json.dumps(partial), media_type="application/json")


class EmptyIndex(DocumentHandlers):
    """Has a map without anything on it."""

    async def as_index(self, request: Request) -> Response:
        """Answer with a title."""
        del request
        return PlainTextResponse("# beatra API\n\nComing soon.\n")


def _below(base_path: str) -> Callable[[ASGIApp], ASGIApp]:
    """Serve the operations below another path."""

    def wrap(app: ASGIApp) -> ASGIApp:
        async def moved(scope: Scope, receive: Receive, send: Send) -> None:
            path = scope.get("path", "")
            if path.startswith(f"{base_path}/"):
                usual = f"{BASE_PATH}{path.removeprefix(base_path)}"
                scope = {**scope, "path": usual, "raw_path": usual.encode()}
            await app(scope, receive, send)

        return moved

    return wrap


MUTANTS = (
    Mutant(
        id="document-with-a-dangling-reference",
        breaks="BEATRA-DOCUMENT-01",
        story="A schema was renamed, and not everywhere.",
        front={"documents": LosesAComponent},
    ),
    Mutant(
        id="document-with-an-unfinished-operation",
        breaks="BEATRA-DOCUMENT-01",
        story="A response was sketched and never described.",
        front={"documents": NoResponses},
    ),
    Mutant(
        id="document-stale-as-json",
        breaks="BEATRA-DOCUMENT-02",
        story="The JSON form is made by hand and was forgotten in the last release.",
        front={"documents": StaleJson},
    ),
    Mutant(
        id="document-partial-as-json",
        breaks="BEATRA-DOCUMENT-02",
        story="The export to JSON filters by a label, and one operation has the wrong one.",
        front={"documents": PartialJson},
    ),
    Mutant(
        id="document-without-cancellation",
        breaks="BEATRA-DOCUMENT-03",
        story="The route was added with a flag that keeps it out of the document.",
        front={"documents": OmitsCancellation},
    ),
    Mutant(
        id="document-without-uploads",
        breaks="BEATRA-DOCUMENT-03",
        story="The generator knows no multipart forms and leaves them out.",
        front={"documents": OmitsUploading},
    ),
    Mutant(
        id="document-with-videos",
        breaks="BEATRA-DOCUMENT-04",
        story="The document was published from the branch of the next release.",
        front={"documents": AnnouncesVideos},
    ),
    Mutant(
        id="document-with-voices",
        breaks="BEATRA-DOCUMENT-04",
        story="An experiment was mounted on the same application.",
        front={"documents": AnnouncesVoices},
    ),
    Mutant(
        id="map-without-anything-on-it",
        breaks="BEATRA-DOCUMENT-05",
        story="The file was created as a placeholder.",
        front={"documents": EmptyIndex},
    ),
    Mutant(
        id="unversioned",
        breaks="BEATRA-VERSION-01",
        story="The gateway in front strips the version from the path.",
        wrap=_below("/api"),
        base_path="/api",
    ),
    Mutant(
        id="version-of-a-preview",
        breaks="BEATRA-VERSION-01",
        story="The release is served where its preview was, as clients had its address.",
        wrap=_below("/v1beta"),
        base_path="/v1beta",
    ),
)
