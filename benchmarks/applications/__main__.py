"""`python -m applications KIND`: one of the applications on a port of loopback, with a fault or with none."""

from __future__ import annotations

import argparse
import socket

from applications.faults import KEYS, KINDS, kind
from applications.serving import serve


def main() -> None:
    """Serve what the arguments name."""
    parser = argparse.ArgumentParser(prog="python -m applications", description=__doc__)
    parser.add_argument("kind", choices=KINDS)
    parser.add_argument("--fault", default="", help="the fault that it has; default: none")
    parser.add_argument("--port", type=int, default=8000)
    parser.add_argument("--key", default=KEYS[0], help="the first user's key")
    parser.add_argument("--second-key", default=KEYS[1], help="the second user's key")
    options = parser.parse_args()
    chosen = kind(options.kind)
    if options.fault and options.fault not in chosen.faults:
        parser.error(f"{chosen.name} has no fault {options.fault}; it has {', '.join(chosen.faults)}")
    with socket.create_server(("127.0.0.1", options.port)) as listener:
        print(f"{chosen.name} on http://127.0.0.1:{listener.getsockname()[1]}", flush=True)
        serve(chosen, options.fault, (options.key, options.second_key), listener, lambda: None)


if __name__ == "__main__":
    main()
