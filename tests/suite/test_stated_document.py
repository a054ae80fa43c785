"""A document that the owner of a target names, and that is not there, is a fault; at a guessed place it is none."""

from __future__ import annotations

from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import TYPE_CHECKING

import pytest

from conformance.mutants.laboratory import Trial, carry_out

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

# Given no file, the embedded implementation serves no document itself.
REFERENCE = "conformance.reference.beatra.app:create_app"
ARGUMENTS = ("--system", "beatra", "--control-url", "/_control", "--no-heavy")


class Silent(SimpleHTTPRequestHandler):
    """Answers 404 for what is not in its folder, and writes no log."""

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the library's own name
        """Say nothing."""


@pytest.fixture
def empty_site(tmp_path: Path) -> Iterator[str]:
    """The origin of a server that has nothing to show."""
    folder = tmp_path / "site"
    folder.mkdir()
    with ThreadingHTTPServer(("127.0.0.1", 0), partial(Silent, directory=str(folder))) as server:
        thread = Thread(target=server.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()
        thread.join()


def verdicts(folder: Path, *arguments: str) -> Mapping[str, str]:
    found = carry_out(Trial(REFERENCE, "/v1", folder, (*ARGUMENTS, *arguments), "test_documents")).verdicts
    return {name: verdict for name, verdict in found.items() if name.startswith("BEATRA-DOCUMENT-")}


def test_a_stated_document_that_answers_404_breaks_one_requirement(tmp_path: Path, empty_site: str) -> None:
    target = tmp_path / "target.toml"
    target.write_text(f'[target]\nopenapi_url = "{empty_site}/openapi.yaml"\n', "utf-8")

    found = verdicts(tmp_path, "--target", str(target))

    assert [name for name, verdict in found.items() if verdict == "fail"] == ["BEATRA-DOCUMENT-01"]
    assert set(found.values()) == {"fail", "inconclusive"}


def test_a_document_that_is_not_at_the_guessed_place_leaves_its_rules_open(tmp_path: Path) -> None:
    assert set(verdicts(tmp_path).values()) == {"inconclusive"}
