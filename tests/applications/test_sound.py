"""Without a fault an application is right in every point of its document."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any

import jsonschema_rs
import pytest
from applications.faults import KINDS, kind
from applications.serving import in_process

if TYPE_CHECKING:
    import httpx
    from applications.faults import Api, Kind

ODD_TEXTS = ("", " ", "0", "-1", "1.0", "१", "a%00b", "9" * 40, "%C3%28", "null", "'\"<>", "é" * 50)
DEEP = b"[" * 5000 + b"]" * 5000
ODD_BODIES = (
    b"",
    b"null",
    b"[]",
    b'"text"',
    b"{}",
    b"{",
    b"1e999",
    b"NaN",
    b'{"\\ud800": "\\udfff"}',
    b"\xff\xfe",
    b"9" * 5000,
    DEEP,
)


@cache
def _validator(name: str, method: str, path: str, status: str, media: str) -> jsonschema_rs.Validator:
    """What validates answers; the nullable schemas of OpenAPI 3.0 are written as those of 3.1 are."""
    document = _modern(kind(name).content)
    answers = document["paths"][path][method]["responses"]
    answer = _resolved(document, answers[status])
    schema = {"components": document["components"], **_resolved(document, answer["content"][media]["schema"])}
    return jsonschema_rs.Draft202012Validator(schema, validate_formats=True)


def _modern(part: Any) -> Any:  # noqa: ANN401 - any part of a document
    if isinstance(part, list):
        return [_modern(item) for item in part]
    if not isinstance(part, dict):
        return part
    made = {name: _modern(value) for name, value in part.items()}
    if made.pop("nullable", False) is True:
        made["type"] = [made["type"], "null"]
    return made


def _resolved(document: Any, part: Any) -> Any:  # noqa: ANN401 - parts of a document
    while "$ref" in part:
        found = document
        for step in part["$ref"].removeprefix("#/").split("/"):
            found = found[step]
        part = found
    return part


def _assert_as_documented(of: Kind, method: str, path: str, answer: httpx.Response) -> None:
    told = _resolved(of.content, of.content["paths"][path][method]["responses"].get(str(answer.status_code), {}))
    assert told, f"{method} {path} answers {answer.status_code}"
    for header, stated in told.get("headers", {}).items():
        assert header in answer.headers or not _resolved(of.content, stated).get("required")
    media = answer.headers.get("Content-Type", "").partition(";")[0]
    assert media in told.get("content", {"": None})
    if media:
        _validator(of.name, method, path, str(answer.status_code), media).validate(answer.json())
    else:
        assert answer.content == b""


class _Checked:
    """An API whose answers are held against the document."""

    def __init__(self, of: Kind) -> None:
        self.of = of
        self.seen: set[tuple[str, str, int]] = set()

    def api(self) -> Api:
        api = in_process(self.of)
        api.client.event_hooks["response"] = [self._check]
        return api

    def _check(self, answer: httpx.Response) -> None:
        answer.read()
        method = answer.request.method.lower()
        path = self.of.template_of(answer.request.url.path)
        if path is not None and (path, method) in self.of.operations:
            _assert_as_documented(self.of, method, path, answer)
            self.seen.add((path, method, answer.status_code))
        else:
            assert answer.status_code < 500


@pytest.mark.parametrize("name", KINDS)
def test_all_that_probes_see_of_the_sound_application_is_as_documented(name: str) -> None:
    checked = _Checked(kind(name))

    for fault in kind(name).faults.values():
        fault.probe(checked.api())

    assert checked.seen


@pytest.mark.parametrize("name", KINDS)
def test_odd_requests_get_documented_refusals(name: str) -> None:
    of = kind(name)
    api = _Checked(of).api()

    for path, method in of.operations:
        stated = of.content["paths"][path]
        body = _resolved(of.content, stated[method].get("requestBody", {})).get("content", {})
        for text in ODD_TEXTS[1:] if "{" in path else ODD_TEXTS[:1]:
            api(method.upper(), of.filled(path, text))
        for media in body:
            for odd in ODD_BODIES:
                api(method.upper(), of.filled(path, "1"), content=odd, headers={"Content-Type": media})
            api(method.upper(), of.filled(path, "1"), content=b"a=b", headers={"Content-Type": "text/plain"})
        for parameter in stated[method].get("parameters", ()):
            resolved = _resolved(of.content, parameter)
            if resolved["in"] == "query":
                for text in ODD_TEXTS:
                    api(method.upper(), f"{of.filled(path, '1')}?{resolved['name']}={text}")


@pytest.mark.parametrize("name", KINDS)
def test_every_operation_with_security_needs_a_key(name: str) -> None:
    of = kind(name)
    if of.key_header is None:
        assert "security" not in of.content
        return
    api = in_process(of)

    for path, method in of.operations:
        assert api(method.upper(), of.filled(path, "1"), user=None).status_code == 401
        assert (
            api(method.upper(), of.filled(path, "1"), user=None, headers={of.key_header: "Bearer x"}).status_code == 401
        )


@pytest.mark.parametrize("name", KINDS)
def test_a_method_that_the_document_lacks_is_refused_and_head_is_as_get(name: str) -> None:
    of = kind(name)
    api = in_process(of)

    for path in of.content["paths"]:
        place = of.filled(path, "1")
        has = {method.upper() for known, method in of.operations if known == path}
        for method in {"GET", "POST", "PUT", "PATCH", "DELETE", "TRACE", "PURGE"} - has:
            answer = api(method, place)
            assert answer.status_code == 405
            assert {part.strip() for part in answer.headers["Allow"].split(",")} - {"HEAD", "OPTIONS"} == has
        if "GET" in has:
            assert api("HEAD", place).status_code == api("GET", place).status_code
