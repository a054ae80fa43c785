"""A run asks its target, the control interface and media, and only media without a word about who asks."""

from __future__ import annotations

import json
import os
import re
from typing import TYPE_CHECKING, Final
from urllib.parse import urlsplit

from tests.cli.luring import CLIPS, VARIABLE, elsewhere
from tests.cli.runs import CHECKOUT, conformance

if TYPE_CHECKING:
    from pathlib import Path

    from tests.cli.luring import Elsewhere

KEY: Final = "sk-4be0d96c1f7a4823958bc0d7e2a6f153"
SELECTED: Final = "test_songs or test_uploads or test_documents or test_lists or test_tasks"
# An audit hook can't be taken away again, nor be passed by: it sees every address that the process turns to.
WATCHING: Final = """
import json, os, sys

kept = os.open(os.environ["WATCHED"], os.O_WRONLY | os.O_APPEND | os.O_CREAT)

def watch(event, arguments):
    if event == "socket.connect" and isinstance(arguments[1], tuple):
        keep(*arguments[1][:2])
    if event == "socket.getaddrinfo":
        keep(*arguments[:2])

def keep(host, port):
    os.write(kept, json.dumps([str(host), port]).encode() + bytes([10]))

sys.addaudithook(watch)
"""


def test_a_run_follows_nobody_with_its_keys(tmp_path: Path) -> None:
    (tmp_path / "watching.py").write_text(WATCHING, "utf-8")
    with elsewhere() as place:
        statement = f'[target]\nmoney = "play"\nopenapi_url = "{place.origin}/openapi.yaml"\n'
        (tmp_path / "target.toml").write_text(statement, "utf-8")
        environment = {
            "CONFORMANCE_API_KEY": KEY,
            "CONFORMANCE_REFERENCE_MAIN_KEY": KEY,
            VARIABLE: place.origin,
            "WATCHED": str(tmp_path / "watched"),
            "PYTHONPATH": os.pathsep.join([str(tmp_path), str(CHECKOUT)]),
        }
        arguments = ("--app", "tests.cli.luring:create_app", "--factory", "--control-url", "/_control")
        more = ("--target", "target.toml", "--seed", "1", "--", "-p", "watching", "-k", SELECTED)
        run = conformance("run", *arguments, *more, folder=tmp_path, environment=environment)

    assert run.report["exchanges"] > 100
    assert_only_media_were_asked_for(place)
    target = urlsplit(run.report["target"]).port
    watched = [json.loads(line) for line in (tmp_path / "watched").read_text("utf-8").splitlines()]
    assert {(host, port) for host, port in watched} == {("127.0.0.1", target), ("127.0.0.1", place.port)}


def assert_only_media_were_asked_for(place: Elsewhere) -> None:
    """That clips and the document whose place was stated were fetched as anybody would, and nothing else."""
    assert {visit.method for visit in place.visits} == {"GET"}
    paths = {urlsplit(visit.path).path for visit in place.visits}
    clips = {path for path in paths if path.startswith((CLIPS, f"/hop{CLIPS}"))}
    assert len(clips) >= 2
    assert paths - clips == {"/openapi.yaml", "/openapi.json", "/llms.txt"}
    assert any("?key=$CONFORMANCE_API_KEY" in visit.path for visit in place.visits)
    for visit in place.visits:
        # No Authorization, no Cookie, no Referer, no id of a request: nothing but what HTTP needs.
        assert {name.lower() for name in visit.headers} <= {
            "host",
            "user-agent",
            "accept",
            "accept-encoding",
            "connection",
        }
        assert visit.headers["Host"] == urlsplit(place.origin).netloc
        # Tenants have keys that nobody told us, of the same form.
        assert not re.search("sk-[0-9a-f]{8}", f"{visit.path}\n{visit.headers}")
        assert visit.body == b""
