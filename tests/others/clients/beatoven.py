"""
Clients of Beatoven as its documents' examples are: compose, poll, download. No registry carries one that is in use.

`python -m tests.others.clients.beatoven URL FORMAT FOLDER` composes with the present operation, `--older` with the
pair of operations before it. The key is in BEATOVEN_API_KEY. Beyond the example it polls on while a task is `running`.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import time
import urllib.request
from pathlib import Path
from typing import Any

TEXT = "30 seconds peaceful lo-fi chill hop track"
_PAUSE_SECONDS, _LONGEST_SECONDS = 0.5, 120


class ClientError(Exception):
    """The API did something that the example does not expect."""


class Client:
    """The example's calls; like it, it takes 200 alone for success."""

    def __init__(self, url: str, key: str) -> None:
        self._url = url.rstrip("/")
        self._headers = {"Authorization": f"Bearer {key}"}

    def compose(self, form: str) -> str:
        """The id of the task."""
        body = {"prompt": {"text": TEXT}, "format": form, "looping": False}
        return str(self._called("/api/v1/tracks/compose", body)["task_id"])

    def compose_by_the_older_pair(self, form: str) -> str:
        """The id of the task of a track that is made first."""
        (track,) = self._called("/api/v1/tracks", {"prompt": {"text": TEXT}})["tracks"]
        return str(self._called(f"/api/v1/tracks/compose/{track}", {"format": form, "looping": False})["task_id"])

    def watch(self, task_id: str) -> dict[str, Any]:
        """What is known of the track once it is composed."""
        ends_at = time.monotonic() + _LONGEST_SECONDS
        while time.monotonic() < ends_at:
            task = self._called(f"/api/v1/tasks/{task_id}")
            if "error" in task or task["status"] == "failed":
                raise ClientError(f"the task failed: {task}")
            if task["status"] == "composed":
                meta: dict[str, Any] = task["meta"]
                return meta
            time.sleep(_PAUSE_SECONDS)
        raise ClientError(f"the task has not ended after {_LONGEST_SECONDS} s")

    def _called(self, path: str, body: dict[str, Any] | None = None) -> dict[str, Any]:
        content = None if body is None else json.dumps(body).encode()
        headers = {**self._headers, **({} if body is None else {"Content-Type": "application/json"})}
        request = urllib.request.Request(self._url + path, content, headers)  # noqa: S310 - the user names the URL
        with urllib.request.urlopen(request, timeout=30) as answer:  # noqa: S310 - the same
            if answer.status != 200:
                raise ClientError(f"{path} is answered {answer.status}")
            found: dict[str, Any] = json.load(answer)
            return found


def download(url: str, target: Path) -> None:
    with urllib.request.urlopen(url, timeout=30) as answer:  # noqa: S310 - the API that the user names gave it
        target.write_bytes(answer.read())


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("url")
    parser.add_argument("form", choices=("mp3", "aac", "wav"))
    parser.add_argument("folder", type=Path)
    parser.add_argument("--older", action="store_true")
    arguments = parser.parse_args()
    client = Client(arguments.url, os.environ["BEATOVEN_API_KEY"])
    task_id = (client.compose_by_the_older_pair if arguments.older else client.compose)(arguments.form)
    meta = client.watch(task_id)
    addresses = {"track": meta["track_url"], **meta["stems_url"]}
    for name, address in addresses.items():
        download(address, arguments.folder / f"{name}.{arguments.form}")
    sys.stdout.write(f"{task_id}: {', '.join(addresses)}\n")


if __name__ == "__main__":
    main()
