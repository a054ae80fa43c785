"""A request as a curl command and as a short Python program."""

from __future__ import annotations

import base64
import re
import shlex
from typing import TYPE_CHECKING
from urllib.parse import quote

from conformance.report.body import as_text
from conformance.report.placeholders import NO_VARIABLES, Placeholders
from conformance.report.text import INVISIBLE, one_line

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from conformance.journal.records import Body, Exchange, Headers
    from conformance.report.placeholders import Part


INLINE_LIMIT = 4096
TOO_LONG = "(the request is too long to be shown here)"
_HEADER_LIMIT = 1000
# Clients make these by themselves; repeated by hand they would only be wrong.
MADE_BY_CLIENTS = frozenset(
    {"accept-encoding", "connection", "content-length", "host", "transfer-encoding", "user-agent"}
)
_ENCODED = re.compile(r"^echo (?P<base64>[A-Za-z0-9+/=]+) \| base64 -d \| ")
_LONGEST_ENCODED, _ENDS_SHOWN = 120, 32
_DOT_SEGMENT = re.compile(r"/\.{1,2}([/?#]|$)")
_IN_A_NAME = re.compile(r"[A-Za-z0-9_]")
_NO_SHELL_MEANING = re.compile(r"[\w :,./+=;?&%@-]*", re.ASCII)


def curl_command(exchange: Exchange, variables: Mapping[str, str] = NO_VARIABLES) -> str:
    """
    The curl command that sends the request of an exchange again.

    Keys are read from environment variables: `variables` has them by the names that stand for the keys. A body that a
    command line can't carry is piped in as base64; one above `INLINE_LIMIT` bytes is read from a file `request-body`.
    """
    request, placeholders = exchange.request, Placeholders(variables)
    target = [
        *_method(request.method),
        *_url(request.url, placeholders),
        *_headers(request.headers, placeholders),
    ]
    arguments = ["curl", "-sS", "-i", *target]
    feed = ""
    if _is_sent(request.body):
        if request.headers.get("Content-Type") is None:
            arguments += ["-H", "'Content-Type:'"]
        feed, data = _data(request.body)
        arguments += data
    altered = placeholders.how_altered(request.headers)
    remarks = [] if altered is None else [f"# the key in the variable was sent {altered}"]
    remarks += [f"# the body of {request.body.size} bytes is not repeated here"] if _is_left_out(request.body) else []
    return feed + " ".join([*arguments, *remarks])


def shown_command(exchange: Exchange, limit: int, variables: Mapping[str, str] = NO_VARIABLES) -> str:
    """The command, or a remark in its place when it has more than `limit` characters."""
    if len(exchange.request.url) > limit:
        return TOO_LONG
    command = curl_command(exchange, variables)
    return command if len(command) <= limit else TOO_LONG


def console_command(exchange: Exchange, limit: int, variables: Mapping[str, str] = NO_VARIABLES) -> str:
    """The same with the middle of a body in base64 cut out: the report has the whole."""
    return _ENCODED.sub(_cut, shown_command(exchange, limit, variables), count=1)


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


def _url(url: str, placeholders: Placeholders) -> list[str]:
    shown = INVISIBLE.sub(lambda match: quote(match[0], errors="replace"), url)
    options = []
    if _DOT_SEGMENT.search(shown):
        options.append("--path-as-is")
    if re.search(r"[\[\]{}]", shown):
        options.append("--globoff")
    return [*options, _word(placeholders.parts_of_url(shown))]


def _headers(headers: Headers, placeholders: Placeholders) -> list[str]:
    arguments: list[str] = []
    for name, value in headers.items:
        if name.lower() in MADE_BY_CLIENTS:
            continue
        user = placeholders.basic(name, value)
        if user is not None:
            arguments += ["-u", f'"${user}"']
            continue
        # A header without a value ends in a semicolon, else curl would remove it.
        text = f"{name}: {value}" if value else f"{name};"
        arguments += ["-H", _word(placeholders.parts(one_line(text, _HEADER_LIMIT)))]
    return arguments


def _word(parts: Sequence[Part]) -> str:
    """The parts of a text as one word of a shell, in which the variables, and nothing else, are expanded."""
    if not any(part.variable for part in parts):
        return shlex.quote("".join(part.text for part in parts))
    followed = any(_IN_A_NAME.match(part.text) for part in parts[1:])
    if not followed and all(_NO_SHELL_MEANING.fullmatch(part.text) for part in parts):
        return '"{}"'.format("".join(f"{part.text}${part.variable}" if part.variable else part.text for part in parts))
    words = ((shlex.quote(part.text) if part.text else "", f'"${part.variable}"') for part in parts)
    return "".join(text + (variable if len(variable) > len('"$"') else "") for text, variable in words)


def _data(body: Body) -> tuple[str, list[str]]:
    """What stands before the command, and the arguments that give the body to it."""
    if _is_left_out(body):
        return "", ["--data-binary", "@request-body"]
    text = as_text(body)
    if text is not None and not INVISIBLE.search(text):
        return "", ["--data-raw", shlex.quote(text)]
    encoded = base64.b64encode(body.content).decode("ascii")
    return f"echo {encoded} | base64 -d | ", ["--data-binary", "@-"]


def httpx_script(exchange: Exchange, variables: Mapping[str, str] = NO_VARIABLES) -> str:
    """
    A program of about ten lines that sends the request of an exchange again with httpx and prints the answer.

    Keys are read from environment variables, as in `curl_command`. A body above `INLINE_LIMIT` bytes is read from a
    file `request-body`.
    """
    request, placeholders = exchange.request, Placeholders(variables)
    headers = [(name, value) for name, value in request.headers.items if name.lower() not in MADE_BY_CLIENTS]
    content = ", content=body" if _is_sent(request.body) else ""
    sending = (
        "headers = [",
        *(f"    {_header_pair(name, value, placeholders)}," for name, value in headers),
        "]",
        *_body(request.body),
        f"url = {_literal(placeholders.parts_of_url(request.url))}",
        f"answer = httpx.request({request.method!a}, url, headers=headers{content}, timeout=60)",
        'print(answer.status_code, answer.headers, answer.text, sep="\\n")',
    )
    needed = [name for name in ("base64", "os") if any(f"{name}." in line for line in sending)]
    imports = (*(f"import {name}" for name in needed), *([""] if needed else ()))
    return "\n".join((*imports, "import httpx", "", *sending))


def shown_script(exchange: Exchange, limit: int, variables: Mapping[str, str] = NO_VARIABLES) -> str:
    """The program, or a remark in its place when it has more than `limit` characters."""
    if len(exchange.request.url) > limit:
        return TOO_LONG
    script = httpx_script(exchange, variables)
    return script if len(script) <= limit else TOO_LONG


def _literal(parts: Sequence[Part]) -> str:
    """The parts of a text as a Python expression that reads variables from the environment."""
    shown = [expression for part in parts for expression in _expressions(part)]
    return " + ".join(shown) or '""'


def _expressions(part: Part) -> Iterator[str]:
    if part.text:
        yield ascii(part.text)
    if part.variable:
        yield f'os.environ["{part.variable}"]'


def _header_pair(name: str, value: str, placeholders: Placeholders) -> str:
    user = placeholders.basic(name, value)
    if user is not None:
        return f'({name!a}, "Basic " + base64.b64encode(os.environ["{user}"].encode()).decode())'
    return f"({_header(name, placeholders)}, {_header(value, placeholders)})"


def _header(text: str, placeholders: Placeholders) -> str:
    """A part of a header: httpx encodes texts as ASCII, and the wire has Latin-1."""
    if text.isascii():
        return _literal(placeholders.parts(text))
    return repr(text.encode("latin-1", "backslashreplace"))


def _is_sent(body: Body) -> bool:
    return bool(body.content) or body.truncated


def _is_left_out(body: Body) -> bool:
    return body.truncated or len(body.content) > INLINE_LIMIT


def _body(body: Body) -> tuple[str, ...]:
    if not _is_sent(body):
        return ()
    if _is_left_out(body):
        return (f'body = open("request-body", "rb").read()  # its {body.size} bytes are not repeated here',)
    return (f"body = {body.content!r}",)
