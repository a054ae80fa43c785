"""Names that a document does not state in the form in which the suite needs them."""

from __future__ import annotations

import re
import unicodedata
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import urlsplit

if TYPE_CHECKING:
    from collections.abc import Mapping

_WORD: Final = re.compile(r"[a-z0-9]+")
# Words of titles that tell one API from another as little as a full stop does.
_EMPTY_WORDS: Final = frozenset({"api", "the", "rest", "http", "openapi", "swagger", "specification", "spec", "v1"})
_LONGEST: Final = 24
_VARIABLE: Final = re.compile(r"\{([^{}]+)\}")


def system_name(title: str) -> str:
    """
    The name of a system that is known by the title of its document: the beginning of the ids of its requirements.

    Small letters, digits and underscores, a letter first; "api" where the title has none of these.
    """
    plain = unicodedata.normalize("NFKD", title).encode("ascii", "ignore").decode().lower()
    words = [word for word in _WORD.findall(plain) if word not in _EMPTY_WORDS]
    name = ""
    for word in words:
        longer = f"{name}_{word}" if name else word[:_LONGEST]
        if len(longer) > _LONGEST:
            break
        name = longer
    return name if name[:1].isalpha() else f"api_{name}".strip("_")


def base_path(content: Mapping[str, Any]) -> str:
    """The path that the document's first server puts before all others, without a slash at its end."""
    server: Mapping[str, Any] = next(iter(content.get("servers") or ()), {})
    variables: Mapping[str, Any] = server.get("variables", {})
    url = _VARIABLE.sub(lambda found: str(variables.get(found[1], {}).get("default", "")), str(server.get("url", "")))
    path = urlsplit(url).path.rstrip("/")
    return path if path.startswith("/") or not path else f"/{path}"


def surfaces_of(content: Mapping[str, Any], general: str) -> list[str]:
    """The groups of requirements: `general` ones first, then the first tag of every operation, in their order."""
    operations = (operation for item in content["paths"].values() for operation in item.values())
    return list(dict.fromkeys([general, *(next(iter(o.get("tags", ())), "operations") for o in operations)]))
