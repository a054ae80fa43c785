"""The embedded implementation with one module replaced, for the laboratory to serve."""

from __future__ import annotations

import json
import os
import sys
from dataclasses import asdict, dataclass
from importlib import import_module
from importlib.abc import MetaPathFinder
from importlib.util import spec_from_file_location
from typing import TYPE_CHECKING, Final, cast

if TYPE_CHECKING:
    from collections.abc import Sequence
    from importlib.machinery import ModuleSpec
    from types import ModuleType

    from starlette.types import ASGIApp

VARIABLE: Final = "CONFORMANCE_MECHANICAL_MUTANT"
FACTORY: Final = f"{__name__}:create_app"


@dataclass(frozen=True, slots=True, kw_only=True)
class Replacement:
    """A module that is read from another file, and the application (`package.module:function`) that it belongs to."""

    module: str
    file: str
    application: str

    def as_text(self) -> str:
        """The replacement as the environment variable CONFORMANCE_MECHANICAL_MUTANT carries it."""
        return json.dumps(asdict(self))


def create_app() -> ASGIApp:
    """The application that the environment asks for; this process is good for no other afterwards."""
    replacement = Replacement(**json.loads(os.environ[VARIABLE]))
    module, _, factory = replacement.application.partition(":")
    package = module.rpartition(".")[0]
    # The fork server has read the application as it is; each of its modules may hold parts of the replaced one.
    for name in [name for name in sys.modules if name.startswith(f"{package}.")]:
        del sys.modules[name]
    sys.meta_path.insert(0, _Instead(replacement))
    return cast("ASGIApp", getattr(import_module(module), factory)())


class _Instead(MetaPathFinder):
    """Finds one module in another file."""

    def __init__(self, replacement: Replacement) -> None:
        self._replacement = replacement

    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        """The replaced module; all others are found as ever."""
        del path, target
        if fullname != self._replacement.module:
            return None
        return spec_from_file_location(fullname, self._replacement.file)
