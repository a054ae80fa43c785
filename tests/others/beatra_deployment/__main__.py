"""Start the deployment: `python -m tests.others.beatra_deployment CONFIG`, which prints its URL."""

from __future__ import annotations

import argparse
import signal
import socket
import sys
import tempfile
from pathlib import Path

from waitress import serve

from tests.others.beatra_deployment.app import application
from tests.others.beatra_deployment.settings import SettingsError, read_settings
from tests.others.beatra_deployment.uploads import LARGEST_FILE


def main() -> int:
    parser = argparse.ArgumentParser(prog="beatra_deployment")
    parser.add_argument("config", type=Path)
    parser.add_argument("--port", type=int, default=0)
    arguments = parser.parse_args()
    try:
        settings = read_settings(arguments.config)
    except SettingsError as error:
        sys.stderr.write(f"{error}\n")
        return 2
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    with tempfile.TemporaryDirectory(prefix="beatra-deployment-") as folder:
        listener = socket.create_server(("127.0.0.1", arguments.port))
        sys.stdout.write(f"http://127.0.0.1:{listener.getsockname()[1]}\n")
        sys.stdout.flush()
        serve(
            application(settings, Path(folder)),
            sockets=[listener],
            threads=16,
            ident=None,
            max_request_body_size=2 * LARGEST_FILE,
        )
    return 0


if __name__ == "__main__":
    sys.exit(main())
