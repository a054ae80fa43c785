"""A request as a curl command and as a short Python program."""

from __future__ import annotations

import base64
import re
import shlex
from typing import TYPE_CHECKING
from urllib.parse import quote

from conformance.report.body import as_text
from conformance.report.text import INVISIBLE, one_line

if TYPE_CHECKING:
    from conformance.journal.records import Body, Exchange, Headers


INLINE_LIMIT = 4096
TOO_LONG = "(the request is too long to be shown here)"
_HEADER_LIMIT = 1000
# Clients make these by themselves; repeated by hand they would only be wrong.
MADE_BY_CLIENTS = frozenset(
    {"accept-encoding", "connection", "content-length", "host", "transfer-encoding", "user-agent"}
)
# What the journal holds in place of keys: the name of the environment variable that carries the key.
PLACEHOLDER = re.compile(r"(\$CONFORMANCE_[A-Z0-9_]+)")
_ENCODED = re.compile(r"^echo (?P<base64>[A-Za-z0-9+/=]+) \| base64 -d \| ")
_LONGEST_ENCODED, _ENDS_SHOWN = 120, 32
_DOT_SEGMENT = re.compile(r"/\.{1,2}([/?#]|$)")
_NO_SHELL_MEANING = re.compile(r"[\w :,./+=;-]*", re.ASCII)


def curl_command(exchange: Exchange) -> str:
    """
    The curl command that sends the request of an exchange again.

    Keys are read from the environment variables named by their placeholders. A body that a command line
    can't carry is piped in as base64; one above `INLINE_LIMIT` bytes is read from a file `request-body`.
    """
    request = exchange.request
    target = [*_method(request.method), *_url(request.url), *_headers(request.headers)]
    arguments = ["curl", "-sS", "-i", *target]
    if not request.body.content and not request.body.truncated:
        return " ".join(arguments)
    if request.headers.get("Content-Type") is None:
        arguments += ["-H", "'Content-Type:'"]
    feed, data = _data(request.body)
    return feed + " ".join([*arguments, *data])


def shown_command(exchange: Exchange, limit: int) -> str:
    """The command, or a remark in its place when it has more than `limit` characters."""
    if len(exchange.request.url) > limit:
        return TOO_LONG
    command = curl_command(exchange)
    return command if len(command) <= limit else TOO_LONG


def console_command(exchange: Exchange, limit: int) -> str:
    """The same with the middle of a body in base64 cut out: the report has the whole."""
    return _ENCODED.sub(_cut, shown_command(exchange, limit), count=1)


def _cut(encoded: re.Match[str]) -> str:
    text = encoded["base64"]
    return (
        f"echo {text[:_ENDS_SHOWN]}…{text[-_ENDS_SHOWN:]} | base64 -d | "
        if len(text) > _LONGEST_ENCODED
        else encoded[0]
    )


def _method(method: str) -> list[str]:
    if method == "HEAD":
        return ["--head"]
    return [] if method == "GET" else ["-X", shlex.quote(one_line(method, _HEADER_LIMIT))]


def _url(url: str) -> list[str]:
    shown = INVISIBLE.sub(lambda match: quote(match[0], errors="replace"), url)
    options = []
    if _DOT_SEGMENT.search(shown):
        options.append("--path-as-is")
    if re.search(r"[\[\]{}]", shown):
        options.append("--globoff")
    return [*options, shlex.quote(shown)]


def _headers(headers: Headers) -> list[str]:
    arguments: list[str] = []
    for name, value in headers.items:
        if name.lower() not in MADE_BY_CLIENTS:
            # A header without a value ends in a semicolon, else curl would remove it.
            text = f"{name}: {value}" if value else f"{name};"
            arguments += ["-H", _expandable(one_line(text, _HEADER_LIMIT))]
    return arguments


def _expandable(text: str) -> str:
    """The text as one shell word in which placeholders of keys, and nothing else, are expanded."""
    parts = PLACEHOLDER.split(text)
    if len(parts) == 1:
        return shlex.quote(text)
    if all(_NO_SHELL_MEANING.fullmatch(part) for part in parts[::2]):
        return f'"{text}"'
    words = (f'"{part}"' if PLACEHOLDER.fullmatch(part) else shlex.quote(part) for part in parts if part)
    return "".join(words)


def _data(body: Body) -> tuple[str, list[str]]:
    """What stands before the command, and the arguments that give the body to it."""
    if body.truncated or len(body.content) > INLINE_LIMIT:
        return "", ["--data-binary", "@request-body", f"# the body of {body.size} bytes is not repeated here"]
    text = as_text(body)
    if text is not None and not INVISIBLE.search(text):
        return "", ["--data-raw", shlex.quote(text)]
    encoded = base64.b64encode(body.content).decode("ascii")
    return f"echo {encoded} | base64 -d | ", ["--data-binary", "@-"]


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
