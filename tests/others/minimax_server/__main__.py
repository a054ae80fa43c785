"""Start the server: `python -m tests.others.minimax_server CONFIG`, which prints its URL."""

from __future__ import annotations

import argparse
import socket
import sys
from pathlib import Path

from aiohttp import web

from tests.others.minimax_server.app import Server
from tests.others.minimax_server.settings import Settings, SettingsError, read_settings


def main() -> int:
    parser = argparse.ArgumentParser(prog="minimax_server")
    parser.add_argument("config", type=Path)
    parser.add_argument("--port", type=int, default=0)
    arguments = parser.parse_args()
    try:
        settings = read_settings(arguments.config)
    except SettingsError as error:
        sys.stderr.write(f"{error}\n")
        return 2
    listener = socket.create_server(("127.0.0.1", arguments.port))
    sys.stdout.write(f"http://127.0.0.1:{listener.getsockname()[1]}\n")
    sys.stdout.flush()
    web.run_app(_application(settings), sock=listener, print=None, access_log=None, shutdown_timeout=2)
    return 0


async def _application(settings: Settings) -> web.Application:
    return Server(settings).application()


if __name__ == "__main__":
    sys.exit(main())
