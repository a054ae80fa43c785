"""Start the server: `python -m tests.others.beatoven_server CONFIG`, which prints its URL."""

from __future__ import annotations

import argparse
import signal
import socket
import sys
from pathlib import Path

from waitress import serve

from tests.others.beatoven_server.app import LARGEST_BODY, application
from tests.others.beatoven_server.settings import SettingsError, read_settings


def main() -> int:
    parser = argparse.ArgumentParser(prog="beatoven_server")
    parser.add_argument("config", type=Path)
    parser.add_argument("--port", type=int, default=0)
    arguments = parser.parse_args()
    try:
        settings = read_settings(arguments.config)
    except SettingsError as error:
        sys.stderr.write(f"{error}\n")
        return 2
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    listener = socket.create_server(("127.0.0.1", arguments.port))
    sys.stdout.write(f"http://127.0.0.1:{listener.getsockname()[1]}\n")
    sys.stdout.flush()
    serve(application(settings), sockets=[listener], threads=16, ident=None, max_request_body_size=10 * LARGEST_BODY)
    return 0


if __name__ == "__main__":
    sys.exit(main())
