from __future__ import annotations

import contextlib
import io
from typing import TYPE_CHECKING, Any

import httpx
import pytest

from conformance.report.reproduction import httpx_script, shown_script
from tests.report.factory import KEY_HEADER, URL, exchange, request
from tests.report.hostility import HOSTILE

if TYPE_CHECKING:
    from conformance.journal.records import Exchange


def sent_by(script: str, monkeypatch: pytest.MonkeyPatch) -> httpx.Request:
    """The request that a script sends when it is run."""
    seen: list[httpx.Request] = []

    def answer(sent: httpx.Request) -> httpx.Response:
        seen.append(sent)
        return httpx.Response(200)

    def over_no_wire(method: str, url: str, **parts: Any) -> httpx.Response:  # noqa: ANN401 - as httpx has it
        with httpx.Client(transport=httpx.MockTransport(answer)) as client:
            return client.request(method, url, **parts)

    monkeypatch.setattr(httpx, "request", over_no_wire)
    with contextlib.redirect_stdout(io.StringIO()):
        exec(compile(script, "script.py", "exec"), {})  # noqa: S102 - that is what a script is for
    return seen[0]


def test_it_sends_the_request_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CONFORMANCE_API_KEY", "sk-1")
    asked = exchange(request(KEY_HEADER, ("Content-Type", "application/json"), content='{"title": "ä"}'))

    sent = sent_by(httpx_script(asked), monkeypatch)

    assert (sent.method, str(sent.url), sent.content.decode()) == ("POST", asked.request.url, '{"title": "ä"}')
    assert (sent.headers["Authorization"], sent.headers["Content-Type"]) == ("Bearer sk-1", "application/json")


def test_keys_come_from_the_variables_that_the_user_named_for_them(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MUSIC_KEY", "user:password")
    monkeypatch.setenv("TENANT_KEY", "tenant-7")
    variables = {"CONFORMANCE_API_KEY": "MUSIC_KEY", "TENANT_KEY": "TENANT_KEY"}
    headers = (("Authorization", "Basic $CONFORMANCE_API_KEY"), ("X-Tenant", "$TENANT_KEY$HOME"))
    asked = exchange(request(*headers, method="GET", url=f"{URL}/$TENANT_KEY?key=$TENANT_KEY&next=$HOME"))

    sent = sent_by(httpx_script(asked, variables), monkeypatch)

    assert str(sent.url) == f"{URL}/$TENANT_KEY?key=tenant-7&next=$HOME"
    assert (sent.headers["Authorization"], sent.headers["X-Tenant"]) == ("Basic dXNlcjpwYXNzd29yZA==", "tenant-7$HOME")


def test_it_reads_as_ten_lines() -> None:
    asked = exchange(request(KEY_HEADER, ("Content-Type", "application/json"), content="{}"))

    assert httpx_script(asked).splitlines() == [
        "import os",
        "",
        "import httpx",
        "",
        "headers = [",
        "    ('Authorization', 'Bearer ' + os.environ[\"CONFORMANCE_API_KEY\"]),",
        "    ('Content-Type', 'application/json'),",
        "]",
        "body = b'{}'",
        "url = 'http://target.test/v1/songs'",
        "answer = httpx.request('POST', url, headers=headers, content=body, timeout=60)",
        'print(answer.status_code, answer.headers, answer.text, sep="\\n")',
    ]


def test_without_a_body_none_is_sent(monkeypatch: pytest.MonkeyPatch) -> None:
    assert sent_by(httpx_script(exchange(request(method="GET"))), monkeypatch).content == b""


@pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE.keys())
def test_no_text_breaks_out_of_it(text: str, monkeypatch: pytest.MonkeyPatch) -> None:
    content = text.encode("utf-8", "replace")[:1000]
    script = httpx_script(exchange(request(content=content)))

    assert script.isascii()
    assert sent_by(script, monkeypatch).content == content


@pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE.keys())
def test_whatever_stands_in_a_request_it_is_a_program(text: str) -> None:
    asked: Exchange = exchange(request((text, text), method=text, url=text, content=text.encode("utf-8", "replace")))

    compile(httpx_script(asked), "script.py", "exec")


def test_a_long_body_is_read_from_a_file() -> None:
    assert 'open("request-body", "rb")' in httpx_script(exchange(request(content="x" * 5000)))


def test_one_that_is_too_long_is_not_shown() -> None:
    assert shown_script(exchange(request(url="x" * 500)), 400) == "(the request is too long to be shown here)"
