"""/openapi.yaml, /openapi.json and /llms.txt: what the API says about itself."""

from __future__ import annotations

import json
from functools import cached_property
from typing import TYPE_CHECKING, Any

import yaml
from starlette.responses import PlainTextResponse, Response

from conformance.reference.beatra.errors import NotFoundError

if TYPE_CHECKING:
    from pathlib import Path

    from starlette.requests import Request


class DocumentHandlers:
    """Serves one OpenAPI document in all its forms, read when it is first asked for."""

    def __init__(self, file: Path | None) -> None:
        self._file = file

    @cached_property
    def text(self) -> str:
        """The document as it was written; raises NotFoundError when there is none."""
        if self._file is None:
            raise NotFoundError("This instance serves no document.")
        return self._file.read_text(encoding="utf-8")

    @cached_property
    def content(self) -> dict[str, Any]:
        """The document as data; raises NotFoundError when there is none."""
        # Both loaders are safe; the compiled one takes a tenth of the time, but not every machine has it.
        loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
        loaded: dict[str, Any] = yaml.load(self.text, Loader=loader)  # noqa: S506 - see above
        return loaded

    async def as_yaml(self, request: Request) -> Response:
        """GET /openapi.yaml."""
        del request
        return Response(self.text, media_type="application/yaml")

    async def as_json(self, request: Request) -> Response:
        """GET /openapi.json."""
        del request
        return Response(json.dumps(self.content), media_type="application/json")

    async def as_index(self, request: Request) -> Response:
        """GET /llms.txt: a short map for agents."""
        del request
        operations = [
            f"- {method.upper()} {path}: {operation['summary']}"
            for path, methods in self.content["paths"].items()
            for method, operation in methods.items()
            if "summary" in operation
        ]
        title = self.content["info"]["title"]
        lines = [f"# {title}", "", "## Operations", "", *operations, "", "## Documents", ""]
        return PlainTextResponse("\n".join([*lines, "- /openapi.yaml", "- /openapi.json", ""]))
