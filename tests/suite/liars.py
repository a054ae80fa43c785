"""The reference with a proxy in front that lies: `conformance run --app tests.suite.liars:create_app --factory`."""

from __future__ import annotations

import json
import os
from dataclasses import dataclass, field, replace
from random import Random
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl, urlencode

from conformance.contract.files import system_folder
from conformance.reference.beatra.app import create_app as create_reference
from conformance.reference.beatra.settings import ReferenceSettings

if TYPE_CHECKING:
    from collections.abc import Callable

    from starlette.types import ASGIApp, Message, Receive, Scope, Send

VARIABLE = "CONFORMANCE_LIARS"
_API = "/v1"


@dataclass(frozen=True, slots=True)
class Answer:
    """An answer of the API as it would go over the wire, and the number of the request that it answers."""

    number: int
    path: str
    method: str
    status: int
    headers: tuple[tuple[bytes, bytes], ...]
    body: bytes
    length: int | None = None

    @property
    def shows_json(self) -> bool:
        return self.body[:1] in (b"{", b"[")

    def saying(self, value: object) -> Answer:
        return replace(self, body=json.dumps(value).encode("utf-8", "surrogatepass"))

    def with_header(self, name: bytes, value: bytes) -> Answer:
        return replace(self, headers=(*self.headers, (name, value)))

    def without_header(self, name: bytes) -> Answer:
        return replace(self, headers=tuple((key, value) for key, value in self.headers if key.lower() != name))


Lie = "Callable[[Answer], Answer]"
LIES: dict[str, Callable[..., Any]] = {}


def lie(tell: Callable[..., Any]) -> Callable[..., Any]:
    LIES[tell.__name__] = tell
    return tell


def in_json(name: str) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    def decorate(change: Callable[[Any], Any]) -> Callable[..., Any]:
        def tell(answer: Answer) -> Answer:
            return answer.saying(change(json.loads(answer.body))) if answer.shows_json else answer

        LIES[name] = tell
        return change

    return decorate


def everywhere(value: object, change: Callable[[str, Any], Any], key: str = "") -> Any:
    """The value with each of its members changed, the innermost first."""
    if isinstance(value, dict):
        value = {name: everywhere(member, change, name) for name, member in value.items()}
    elif isinstance(value, list):
        value = [everywhere(member, change, key) for member in value]
    return change(key, value)


def each_task(value: object, change: Callable[[dict[str, Any]], Any]) -> Any:
    def changed(_key: str, member: Any) -> Any:
        if isinstance(member, dict) and "task_id" in member:
            other = change(member)
            return member if other is None else other
        return member

    return everywhere(value, changed)


def in_tasks(name: str) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    def decorate(change: Callable[[dict[str, Any]], Any]) -> Callable[..., Any]:
        in_json(name)(lambda value: each_task(value, change))
        return change

    return decorate


def _set_clips(value: Any) -> Callable[[dict[str, Any]], Any]:
    def change(task: dict[str, Any]) -> None:
        if isinstance(task.get("output"), dict):
            task["output"]["clips"] = value

    return change


in_tasks("clips_string")(_set_clips("two of them"))
in_tasks("clips_null")(_set_clips(None))
in_tasks("clips_numbers")(_set_clips([1, 2]))
in_tasks("clips_nulls")(_set_clips([None, None]))
in_tasks("clips_object")(_set_clips({"0": {}}))
in_tasks("clips_empty_objects")(_set_clips([{}, {}]))
in_tasks("clips_odd_urls")(_set_clips([{"artifact_id": "artifact_1", "url": u} for u in (
    "http://[", "https://", "http://127.0.0.1:1/x", "http://example.invalid/x", "http://a b/\n", "http://127.0.0.1:99999/")]))
in_tasks("output_string")(lambda t: t.__setitem__("output", "done"))
in_tasks("output_list")(lambda t: t.__setitem__("output", [1]))
in_tasks("status_number")(lambda t: t.__setitem__("status", 3))
in_tasks("status_list")(lambda t: t.__setitem__("status", ["succeeded"]))
in_tasks("status_object")(lambda t: t.__setitem__("status", {"a": 1}))
in_tasks("status_unknown")(lambda t: t.__setitem__("status", "done"))
in_tasks("error_string")(lambda t: t.__setitem__("error", "no"))
in_tasks("null_ids")(lambda t: t.__setitem__("task_id", None))
in_tasks("number_ids")(lambda t: t.__setitem__("task_id", 17))
in_tasks("object_ids")(lambda t: t.__setitem__("task_id", {"id": 1}))
in_tasks("slashed_ids")(lambda t: t.__setitem__("task_id", "../../x?y#z %00\u0000\n"))
in_tasks("empty_ids")(lambda t: t.__setitem__("task_id", ""))
in_tasks("surrogate_ids")(lambda t: t.__setitem__("task_id", "tsk_\ud800"))
in_tasks("long_ids")(lambda t: t.__setitem__("task_id", "t" * 200_000))
in_tasks("same_ids")(lambda t: t.__setitem__("task_id", "tsk_1"))
in_tasks("metadata_list")(lambda t: t.__setitem__("metadata", [1]))


def _amount(value: Any, only: str = "") -> Callable[[str, Any], Any]:
    return lambda key, member: value if only in key and "credits" in key or only in key and key.endswith("usd") else member


in_json("money_nan")(lambda v: everywhere(v, _amount("NaN")))
in_json("money_snan")(lambda v: everywhere(v, _amount("sNaN")))
in_json("money_huge")(lambda v: everywhere(v, _amount("1e999")))
in_json("money_huger")(lambda v: everywhere(v, _amount("1e999999999")))
in_json("money_long")(lambda v: everywhere(v, _amount("9" * 100_000)))
in_json("money_literal_nan")(lambda v: everywhere(v, _amount(float("nan"))))
in_json("money_literal_inf")(lambda v: everywhere(v, _amount(float("inf"))))
in_json("money_float")(lambda v: everywhere(v, _amount(80.1)))
in_json("money_bool")(lambda v: everywhere(v, _amount(True)))
in_json("money_list")(lambda v: everywhere(v, _amount(["80"])))
in_json("money_unicode")(lambda v: everywhere(v, _amount("８０.0000")))
in_json("money_zero")(lambda v: everywhere(v, _amount("0E-99999999")))
in_json("negative_refunds")(lambda v: everywhere(v, lambda k, m: "-80.0000" if "refunded_credits" in k else m))


@lie
def money_bigint(answer: Answer) -> Answer:
    return replace(answer, body=answer.body.replace(b'"80.0000"', b"9" * 5000))


def _times(value: Any) -> Callable[[str, Any], Any]:
    return lambda key, member: value if key.endswith("_at") else member


in_json("times_extreme")(lambda v: everywhere(v, _times("9999-12-31T23:59:59.999999-14:00")))
in_json("times_first")(lambda v: everywhere(v, _times("0001-01-01T00:00:00+14:00")))
in_json("times_zero")(lambda v: everywhere(v, _times("0000-00-00T00:00:00Z")))
in_json("times_number")(lambda v: everywhere(v, _times(1700000000)))
in_json("times_naive")(lambda v: everywhere(v, _times("2026-01-01T00:00:00")))
in_json("times_leap")(lambda v: everywhere(v, _times("2026-06-30T23:59:60Z")))
in_json("times_same")(lambda v: everywhere(v, _times("2026-01-01T00:00:00Z")))


@in_json("list_object")
def list_object(value: Any) -> Any:
    if isinstance(value, dict) and isinstance(value.get("data"), list):
        value["data"] = {str(n): item for n, item in enumerate(value["data"])}
    return value


@in_json("list_strings")
def list_strings(value: Any) -> Any:
    if isinstance(value, dict) and isinstance(value.get("data"), list):
        value["data"] = ["task", 1, None, [], {}]
    return value


@in_json("has_more_string")
def has_more_string(value: Any) -> Any:
    if isinstance(value, dict) and "has_more" in value:
        value["has_more"], value["next_cursor"] = "false", 7
    return value


def _endless(name: str, cursor: Callable[[int], Any], empty: bool = False) -> None:
    def tell(answer: Answer) -> Answer:
        if not answer.shows_json or b'"has_more"' not in answer.body:
            return answer
        value = json.loads(answer.body)
        value["has_more"], value["next_cursor"] = True, cursor(answer.number)
        if empty:
            value["data"] = []
        return answer.saying(value)

    LIES[name] = tell


_endless("cursor_same", lambda n: "again")
_endless("cursor_fresh", lambda n: f"c{n}")
_endless("cursor_fresh_empty", lambda n: f"c{n}", True)
_endless("cursor_null", lambda n: None)
_endless("cursor_long", lambda n: "c" * 100_000)


@lie
def resurrected(answer: Answer) -> Answer:
    if answer.shows_json and answer.number % 2:
        return answer.saying(each_task(json.loads(answer.body), lambda t: {**t, "status": "running"}))
    return answer


@lie
def never_ending(answer: Answer) -> Answer:
    if answer.shows_json:
        return answer.saying(each_task(json.loads(answer.body), lambda t: {**t, "status": "running", "output": None}))
    return answer


_seen: list[dict[str, Any]] = []


@lie
def foreign_tasks(answer: Answer) -> Answer:
    if not answer.shows_json:
        return answer

    def other(task: dict[str, Any]) -> dict[str, Any]:
        _seen.append(task)
        return _seen[0]

    return answer.saying(each_task(json.loads(answer.body), other))


@lie
def html_tasks(answer: Answer) -> Answer:
    if answer.path.startswith("/v1/tasks/") and answer.method == "GET":
        return replace(answer, body=b"<html>task</html>").without_header(b"content-type").with_header(b"content-type", b"text/html")
    return answer


@lie
def truncated_json(answer: Answer) -> Answer:
    return replace(answer, body=answer.body[: len(answer.body) // 2]) if answer.number > 1 else answer


@lie
def empty_bodies(answer: Answer) -> Answer:
    return replace(answer, body=b"", status=200) if answer.number > 1 else answer


def _tops(name: str, body: bytes) -> None:
    LIES[name] = lambda answer: replace(answer, body=body) if answer.number > 1 else answer


_tops("top_null", b"null")
_tops("top_number", b"3")
_tops("top_string", b'"yes"')
_tops("top_list", b"[1]")
_tops("top_deep", b"[" * 5000 + b"]" * 5000)
_tops("top_deeper", b"[" * 200_000 + b"]" * 200_000)
_tops("top_deep_object", b'{"error":' * 5000 + b"1" + b"}" * 5000)
_tops("top_bom", b'\xef\xbb\xbf{"task_id": "tsk_1"}')
_tops("top_latin", b'{"task_id": "tsk_\xff\xfe"}')
_tops("top_bigint", b'{"task_id": "tsk_1", "data": [' + b"9" * 5000 + b']}')


def _extra(text: bytes) -> Callable[[Answer], Answer]:
    def tell(answer: Answer) -> Answer:
        return replace(answer, body=b'{"extra": ' + text + b", " + answer.body[1:]) if answer.body[:1] == b"{" else answer

    return tell


LIES["extra_deep"] = _extra(b"[" * 5000 + b"]" * 5000)
LIES["extra_deep900"] = _extra(b"[" * 900 + b"]" * 900)
LIES["extra_deep300"] = _extra(b"[" * 300 + b"]" * 300)
LIES["extra_duplicate"] = _extra(b'1, "task_id": null, "status": 5')
LIES["extra_bigint"] = _extra(b"9" * 4000)
LIES["extra_float"] = _extra(b"1e400")
LIES["extra_surrogate"] = _extra(b'"\\ud800 \\u0000"')


@lie
def deep_clips(answer: Answer) -> Answer:
    return replace(answer, body=answer.body.replace(b'"clips":[', b'"clips":' + b"[" * 900).replace(b']', b"]" * 900, 1))


@lie
def deep_errors(answer: Answer) -> Answer:
    if answer.status >= 400:
        return replace(answer, body=answer.body.replace(b'"message":', b'"details":' + b"[" * 900 + b"]" * 900 + b',"message":'))
    return answer


in_tasks("huge_title")(lambda t: t.__setitem__("title", "x" * 2_000_000))
in_json("huge_code")(lambda v: everywhere(v, lambda k, m: m * 100_000 if k == "code" and isinstance(m, str) else m))
in_json("huge_request_id")(lambda v: everywhere(v, lambda k, m: "r" * 2_000_000 if k == "request_id" else m))
in_json("swapped")(lambda v: everywhere(v, lambda k, m: str(m) if isinstance(m, int | float) else len(m) if isinstance(m, str) else m))


@in_json("error_string_whole")
def error_string_whole(value: Any) -> Any:
    return {"error": "something"} if isinstance(value, dict) and "error" in value and "task_id" not in value else value


@in_json("error_list")
def error_list(value: Any) -> Any:
    return {"error": [1, {}]} if isinstance(value, dict) and "error" in value and "task_id" not in value else value


def _errors(name: str, **members: Any) -> None:
    def change(value: Any) -> Any:
        if isinstance(value, dict) and isinstance(value.get("error"), dict) and "task_id" not in value:
            value["error"].update(members)
        return value

    in_json(name)(change)


_errors("error_lists", code=[1], param={"a": 1}, message=None, retryable="yes", request_id=[3])
_errors("error_objects", code={"a": 1}, param=[1], message={}, retryable={}, request_id={"a": 1})
_errors("error_param_odd", param="~~2/not a pointer")
_errors("error_param_deep", param="/a" * 100_000)
_errors("error_param_number", param=17)


@lie
def headers_twice(answer: Answer) -> Answer:
    return replace(answer, headers=answer.headers + answer.headers)


@lie
def headers_bytes(answer: Answer) -> Answer:
    return answer.with_header(b"x-note", b"caf\xc3\xa9 \xff\xfe").without_header(b"x-request-id").with_header(b"x-request-id", b"\xff\xfe\x01\x1b[31m")


@lie
def headers_control(answer: Answer) -> Answer:
    kept = dict(answer.headers).get(b"x-request-id", b"none")
    return answer.without_header(b"x-request-id").with_header(b"x-request-id", kept + b"\x01\x02\x1b[2J").with_header(b"retry-after", b"\xb2").with_header(b"date", b"yesterday")


@lie
def headers_media(answer: Answer) -> Answer:
    return answer.without_header(b"content-type").with_header(b"content-type", b";;;==\xff")


@lie
def headers_charset(answer: Answer) -> Answer:
    return answer.without_header(b"content-type").with_header(b"content-type", b"application/json; charset=klingon")


@lie
def no_content_type(answer: Answer) -> Answer:
    return answer.without_header(b"content-type")


@lie
def gzip_garbage(answer: Answer) -> Answer:
    return answer.with_header(b"content-encoding", b"gzip") if answer.number > 1 else answer


@lie
def encoding_unknown(answer: Answer) -> Answer:
    return answer.with_header(b"content-encoding", b"zip, br, \xff")


@lie
def redirect_self(answer: Answer) -> Answer:
    return replace(answer, status=302, body=b"").with_header(b"location", answer.path.encode()) if answer.number > 1 else answer


@lie
def redirect_invalid(answer: Answer) -> Answer:
    return replace(answer, status=302, body=b"").with_header(b"location", b"http://example.invalid/") if answer.number > 1 else answer


@lie
def redirect_odd(answer: Answer) -> Answer:
    return replace(answer, status=307, body=b"").with_header(b"location", b"http://[::\xff") if answer.number > 1 else answer


def _status(name: str, status: int) -> None:
    LIES[name] = lambda answer: replace(answer, status=status) if answer.number > 1 else answer


_status("all_200", 200)
_status("all_299", 299)
_status("all_499", 499)
_status("all_599", 599)
_status("all_404", 404)
_status("all_429", 429)
_status("all_402", 402)
_status("all_409", 409)
_status("all_304", 304)


@lie
def all_429_retry(answer: Answer) -> Answer:
    return replace(answer, status=429).with_header(b"retry-after", b"1" * 5000) if answer.number > 1 else answer


@lie
def retry_after_odd(answer: Answer) -> Answer:
    v = (b"Fri, 31 Dec 9999 23:59:59 -1400", b"-5", b"1e3", b"", b"99999999999999999999", b"Mon, 00 Jan 0000 00:00:00 GMT")[answer.number % 6]
    return replace(answer, status=429).with_header(b"retry-after", v) if answer.number > 1 and answer.number % 2 else answer


@lie
def every_second_503(answer: Answer) -> Answer:
    return replace(answer, status=503) if answer.number % 2 == 0 else answer


@lie
def every_third_closed(answer: Answer) -> Answer:
    # A header that no server may send makes this one close the connection.
    return answer.with_header(b"x-bad", b"a\r\nb") if answer.number % 3 == 0 else answer


@lie
def every_third_cut(answer: Answer) -> Answer:
    return replace(answer, length=len(answer.body) + 100) if answer.number % 3 == 0 else answer


@lie
def all_cut(answer: Answer) -> Answer:
    return replace(answer, length=len(answer.body) + 100) if answer.number > 1 else answer


_OTHERS = (None, True, 0, -1, 1.5, 10**30, "", "x", [], {}, [None], {"a": 1})


def _corrupt(seed: int, chance: float) -> Callable[[Answer], Answer]:
    random = Random(seed)

    def change(_key: str, member: Any) -> Any:
        if random.random() >= chance:
            return member
        return random.choice([other for other in _OTHERS if type(other) is not type(member)])

    def tell(answer: Answer) -> Answer:
        if not answer.shows_json or answer.number == 1:
            return answer
        return answer.saying(everywhere(json.loads(answer.body), change))

    return tell


for seed in range(10):
    LIES[f"corrupt{seed}"] = _corrupt(seed, 0.1)
    LIES[f"slightly{seed}"] = _corrupt(seed, 0.01)


def create_app() -> ASGIApp:
    lies = [LIES[name] for name in os.environ[VARIABLE].split(",")]
    settings = ReferenceSettings.from_environment()
    settings = replace(settings, document=settings.document or system_folder("beatra") / "openapi.yaml")
    app = create_reference(settings)
    count = 0

    async def lying(scope: Scope, receive: Receive, send: Send) -> None:
        nonlocal count
        if scope["type"] != "http" or not scope["path"].startswith(_API):
            await app(scope, receive, send)
            return
        query = [(k, v) for k, v in parse_qsl(scope["query_string"].decode("latin-1"), keep_blank_values=True)
                 if not (k == "cursor" and any(n.startswith("cursor") for n in os.environ[VARIABLE].split(",")))]
        scope = {**scope, "query_string": urlencode(query).encode()}
        messages: list[Message] = []

        async def keep(message: Message) -> None:
            messages.append(message)

        await app(scope, receive, keep)
        count += 1
        body = b"".join(message.get("body", b"") for message in messages[1:])
        answer = Answer(count, scope["path"], scope["method"], messages[0]["status"],
                        tuple((k, v) for k, v in messages[0]["headers"] if k != b"content-length"), body)
        for tell in lies:
            answer = tell(answer)
        length = len(answer.body) if answer.length is None else answer.length
        headers = [*answer.headers, (b"content-length", str(length).encode())]
        await send({"type": "http.response.start", "status": answer.status, "headers": headers})
        await send({"type": "http.response.body", "body": answer.body})

    return lying
