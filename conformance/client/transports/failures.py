"""Why there was no answer, said in a few words from what the layers below raised."""

from __future__ import annotations

import os
import socket
import ssl

from conformance.client.transports.base import NoAnswerError


def not_connected(error: BaseException) -> NoAnswerError:
    """No connection came about."""
    cause = _first_cause(error)
    if isinstance(cause, socket.gaierror):
        return NoAnswerError("dns", f"the host's name is unknown: {cause.strerror}")
    if isinstance(cause, ssl.SSLCertVerificationError):
        return NoAnswerError("tls", f"TLS: the certificate is not trusted: {cause.verify_message}")
    if isinstance(cause, ssl.SSLError):
        return NoAnswerError("tls", f"TLS: {cause.reason or cause}")
    if isinstance(cause, ConnectionRefusedError):
        return NoAnswerError("refused", "connection refused")
    words = os.strerror(cause.errno) if isinstance(cause, OSError) and cause.errno else str(cause)
    return NoAnswerError("refused", f"could not connect: {words}")


def cut_off(received: int, expected: int | None) -> NoAnswerError:
    """The connection ended within the body; `received` and `expected` are its bytes."""
    of = "" if expected is None else f" of {expected}"
    return NoAnswerError("cut", f"closed after {received}{of} bytes")


def cut_before_body(received: int) -> NoAnswerError:
    """The connection ended before the head of the answer was complete; `received` counts the bytes of it."""
    if received == 0:
        return NoAnswerError("cut", "closed before any byte of the answer")
    return NoAnswerError("cut", f"closed after {received} bytes, within the head of the answer")


def not_http(error: BaseException) -> NoAnswerError:
    """What came is no HTTP/1.1."""
    return NoAnswerError("protocol", f"not HTTP: {error}")


def _first_cause(error: BaseException) -> BaseException:
    # A context stands where a layer in between has raised `from None`.
    while (earlier := error.__cause__ or error.__context__) is not None:
        error = earlier
    return error
