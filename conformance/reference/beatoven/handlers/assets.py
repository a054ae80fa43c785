"""GET /assets/…: the files of composed tracks, for the holder of the URL."""

from __future__ import annotations

from typing import TYPE_CHECKING

from starlette.responses import Response

from conformance.reference.beatoven.errors import NotFoundError

if TYPE_CHECKING:
    from starlette.requests import Request

    from conformance.reference.beatoven.assets import Assets


class AssetHandlers:
    """Delivers files."""

    def __init__(self, assets: Assets) -> None:
        self._assets = assets

    def get(self, request: Request) -> Response:
        """Deliver a file; encoding takes a moment, so this does not run in the event loop."""
        found = self._assets.file(request.url.path)
        if found is None:
            raise NotFoundError("There is no such file.")
        return self.answer(*found)

    def answer(self, content: bytes, media_type: str) -> Response:
        """The file as it is answered."""
        return Response(content, media_type=media_type)
