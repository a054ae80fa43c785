"""A request as a short Python program that can be saved and run."""

from __future__ import annotations

from typing import TYPE_CHECKING

from conformance.report.curl import INLINE_LIMIT, MADE_BY_CLIENTS, PLACEHOLDER, TOO_LONG

if TYPE_CHECKING:
    from conformance.journal.records import Body, Exchange


def httpx_script(exchange: Exchange) -> str:
    """
    A program of about ten lines that sends the request of an exchange again with httpx and prints the answer.

    Keys are read from the environment variables named by their placeholders. A body above `INLINE_LIMIT` bytes is read
    from a file `request-body`.
    """
    request = exchange.request
    headers = [(name, value) for name, value in request.headers.items if name.lower() not in MADE_BY_CLIENTS]
    content = ", content=body" if _is_sent(request.body) else ""
    lines = (
        *(("import os", "") if _names_a_key(exchange) else ()),
        "import httpx",
        "",
        "headers = [",
        *(f"    ({_header(name)}, {_header(value)})," for name, value in headers),
        "]",
        *_body(request.body),
        f"url = {_literal(request.url)}",
        f"answer = httpx.request({_literal(request.method)}, url, headers=headers{content}, timeout=60)",
        'print(answer.status_code, answer.headers, answer.text, sep="\\n")',
    )
    return "\n".join(lines)


def shown_script(exchange: Exchange, limit: int) -> str:
    """The program, or a remark in its place when it has more than `limit` characters."""
    if len(exchange.request.url) > limit:
        return TOO_LONG
    script = httpx_script(exchange)
    return script if len(script) <= limit else TOO_LONG


def _names_a_key(exchange: Exchange) -> bool:
    texts = (exchange.request.url, *(value for _, value in exchange.request.headers.items))
    return any(PLACEHOLDER.search(text) for text in texts)


def _literal(text: str) -> str:
    """The text as a Python expression in which placeholders of keys are read from the environment."""
    parts = PLACEHOLDER.split(text)
    shown = [f'os.environ["{part[1:]}"]' if PLACEHOLDER.fullmatch(part) else ascii(part) for part in parts if part]
    return " + ".join(shown) or '""'


def _header(text: str) -> str:
    """A part of a header: httpx encodes texts as ASCII, and the wire has Latin-1."""
    return _literal(text) if text.isascii() else repr(text.encode("latin-1", "backslashreplace"))


def _is_sent(body: Body) -> bool:
    return bool(body.content) or body.truncated


def _body(body: Body) -> tuple[str, ...]:
    if not _is_sent(body):
        return ()
    if body.truncated or len(body.content) > INLINE_LIMIT:
        return (f'body = open("request-body", "rb").read()  # its {body.size} bytes are not repeated here',)
    return (f"body = {body.content!r}",)
