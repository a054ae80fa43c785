"""A document that is named by its URL: fetched once, within bounds, and kept as a file that everything reads."""

from __future__ import annotations

import atexit
import shutil
import time
from functools import cache
from pathlib import Path
from tempfile import mkdtemp
from typing import Final

import httpx

from conformance.target.errors import UnfetchableDocumentError
from conformance.target.reach import ReachSettings, open_client, why_unreachable
from conformance.target.urls import check_resource

_SECONDS: Final = 30.0
# The largest descriptions of real APIs have ten million characters.
_MOST_BYTES: Final = 16 * 1024 * 1024
_MOST_REDIRECTS: Final = 5
_JSON: Final = (b"{", b"[")


def is_remote(named: str | None) -> bool:
    """Whether a document is named by a URL and not as a file."""
    return named is not None and named.lower().startswith(("http://", "https://"))


def fetched(url: str, folder: Path, way: ReachSettings | None = None) -> Path:
    """
    The file in a folder that holds the document at a URL; the folder is made where it is not there.

    No key is sent: a document that needs one is named as a file.

    Raises:
        InvalidUrlError: it is no URL of a resource.
        UnfetchableDocumentError: nothing that could be a document came within the bounds.
    """
    address = check_resource("The URL of the document", url)
    content = _content(address, way or ReachSettings())
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / ("openapi.json" if content.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(_JSON) else "openapi.yaml")
    path.write_bytes(content)
    return path


@cache
def as_file(named: str | None) -> str | None:
    """The file of a document for a command that keeps nothing: of one that is named by a URL until the command ends."""
    if named is None or not is_remote(named):
        return named
    folder = mkdtemp(prefix="conformance-")
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    return str(fetched(named, Path(folder)))


def _content(address: str, way: ReachSettings) -> bytes:
    ends_at = time.monotonic() + _SECONDS
    found = bytearray()
    try:
        with (
            open_client(_SECONDS, way, redirects=_MOST_REDIRECTS) as client,
            client.stream("GET", address) as answer,
        ):
            if not answer.is_success:
                raise UnfetchableDocumentError(f"The document at {address} was answered with {answer.status_code}.")
            for part in answer.iter_bytes():
                found += part
                if len(found) > _MOST_BYTES:
                    sentence = f"The document at {address} is larger than {_MOST_BYTES // 1024 // 1024} MiB."
                    raise UnfetchableDocumentError(sentence)
                if time.monotonic() > ends_at:
                    raise UnfetchableDocumentError(f"The document at {address} did not come within {_SECONDS:g} s.")
    except httpx.TooManyRedirects as error:
        raise UnfetchableDocumentError(f"{address} leads on more than {_MOST_REDIRECTS} times.") from error
    except httpx.TimeoutException as error:
        raise UnfetchableDocumentError(f"The document at {address} did not come within {_SECONDS:g} s.") from error
    except httpx.TransportError as error:
        raise UnfetchableDocumentError(f"The document can't be fetched. {why_unreachable(address, error)}") from error
    except (httpx.InvalidURL, httpx.DecodingError) as error:
        raise UnfetchableDocumentError(f"What {address} leads to can't be read as a document.") from error
    if not found.strip():
        raise UnfetchableDocumentError(f"The document at {address} is empty.")
    return bytes(found)
