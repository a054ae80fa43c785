"""Looking up the name of a host within the time of a request."""

from __future__ import annotations

import socket
import threading
from concurrent.futures import Future
from ipaddress import ip_address
from typing import TYPE_CHECKING

from conformance.client.transports.failures import not_connected

if TYPE_CHECKING:
    from conformance.client.transports.deadline import Deadline


def addresses_of(host: str, port: int, deadline: Deadline) -> tuple[str, ...]:
    """
    The addresses of a host, in the order in which they are to be tried.

    Raises:
        NoAnswerError: the name is unknown, or was not looked up in time.
    """
    if _is_address(host):
        return (host,)
    looked_up: Future[tuple[str, ...]] = Future()
    # The system's resolver knows no time limit: the look-up is left behind when it takes too long.
    threading.Thread(target=_look_up_into, args=(looked_up, host, port), daemon=True).start()
    try:
        return looked_up.result(deadline.left())
    except TimeoutError:
        raise deadline.passed() from None
    except OSError as error:
        raise not_connected(error) from error


def connected(host: str, port: int, deadline: Deadline) -> socket.socket:
    """
    A connection to the first of a host's addresses that takes one.

    Raises:
        NoAnswerError: there is none to be had in time.
    """
    *others, last = addresses_of(host, port, deadline)
    for address in others:
        try:
            return socket.create_connection((address, port), deadline.left())
        except OSError:
            continue
    try:
        return socket.create_connection((last, port), deadline.left())
    except TimeoutError as error:
        raise deadline.passed() from error
    except OSError as error:
        raise not_connected(error) from error


def _look_up_into(looked_up: Future[tuple[str, ...]], host: str, port: int) -> None:
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
        looked_up.set_result(tuple(dict.fromkeys(str(address[0]) for *_, address in found)))
    except Exception as error:  # noqa: BLE001 - handed on to the one who waits
        looked_up.set_exception(error)


def _is_address(host: str) -> bool:
    try:
        ip_address(host)
    except ValueError:
        return False
    return True
