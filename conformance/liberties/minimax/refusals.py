"""Liberties in how something is refused: with which status and code, and in which form."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

from conformance.liberties.base import Taken
from conformance.reference.minimax.errors import (
    ApiError,
    InsufficientBalanceError,
    InvalidKeyError,
    InvalidParamsError,
    NotAuthorizedError,
    RateLimitedError,
    SensitiveInputError,
)
from conformance.reference.minimax.handlers.failures import Failures
from conformance.reference.minimax.handlers.guard import Guard
from conformance.reference.minimax.handlers.trace_ids import TraceIds

if TYPE_CHECKING:
    from collections.abc import Mapping

    from starlette.requests import Request
    from starlette.responses import JSONResponse
    from starlette.types import Message, Receive, Scope, Send

    from conformance.reference.beatra.services.accounts import Caller

_CHINESE = {
    1002: "触发限流",
    1004: "账号鉴权失败",
    1008: "账号余额不足",
    1026: "图片描述涉及敏感内容",
    2013: "传入参数异常",
    2049: "无效的 api key",
}


class OneCodeForKeys(Guard):
    """Has one code for keys that are missing and for keys that are unknown."""

    def identify(self, request: Request) -> Caller:
        """Call a missing key an invalid one."""
        try:
            return super().identify(request)
        except NotAuthorizedError as problem:
            raise InvalidKeyError from problem


class OtherCodeForKeys(Guard):
    """Calls every failure to log in by one name."""

    def identify(self, request: Request) -> Caller:
        """Call an unknown key not authorized."""
        try:
            return super().identify(request)
        except InvalidKeyError as problem:
            raise NotAuthorizedError from problem


def entry_of(failures: Failures, table: str, problem: ApiError) -> Any:  # noqa: ANN401 - whatever the tables hold
    """What the tables of this name say of a problem, those of all liberties that are taken; None: nothing."""
    tables = (vars(each).get(table, {}) for each in type(failures).__mro__)
    return next((each[type(problem)] for each in tables if type(problem) in each), None)


class Statuses(Failures):
    """Has HTTP statuses beside the codes."""

    statuses: ClassVar[Mapping[type[ApiError], int]]

    def status_of(self, problem: ApiError) -> int:
        """The one of the code, if a liberty has one."""
        return entry_of(self, "statuses", problem) or super().status_of(problem)


class KeysAre401(Statuses):
    """Answers 401 without a key that opens anything."""

    statuses: ClassVar[Mapping[type[ApiError], int]] = {NotAuthorizedError: 401, InvalidKeyError: 401}


class InvalidIs400(Statuses):
    """Answers 400 to a body that breaks its schema."""

    statuses: ClassVar[Mapping[type[ApiError], int]] = {InvalidParamsError: 400}


class ThrottledIs429(Statuses):
    """Answers 429 to too many requests."""

    statuses: ClassVar[Mapping[type[ApiError], int]] = {RateLimitedError: 429}


class UnpaidIs402(Statuses):
    """Answers 402 where the balance is too low."""

    statuses: ClassVar[Mapping[type[ApiError], int]] = {InsufficientBalanceError: 402}


class SensitiveIs422(Statuses):
    """Answers 422 to sensitive content."""

    statuses: ClassVar[Mapping[type[ApiError], int]] = {SensitiveInputError: 422}


class OtherEnvelope(Failures):
    """Refuses some requests in the envelope of other products."""

    enveloped: ClassVar[Mapping[type[ApiError], tuple[int, str]]]

    def body(self, problem: ApiError, request: Request) -> dict[str, Any]:
        """Put it into that envelope."""
        found = entry_of(self, "enveloped", problem)
        if found is None:
            return super().body(problem, request)
        status, name = found
        error = {"type": name, "message": problem.base_resp()["status_msg"], "http_code": str(status)}
        return {"type": "error", "error": error, "request_id": request.scope["trace_id"]}

    def status_of(self, problem: ApiError) -> int:
        """The status that this envelope comes with."""
        found = entry_of(self, "enveloped", problem)
        return super().status_of(problem) if found is None else found[0]


class KeysInOtherEnvelope(OtherEnvelope):
    """Refuses keys in that envelope."""

    enveloped: ClassVar[Mapping[type[ApiError], tuple[int, str]]] = {
        NotAuthorizedError: (401, "authorized_error"),
        InvalidKeyError: (401, "authorized_error"),
    }


class InvalidInOtherEnvelope(OtherEnvelope):
    """Refuses invalid bodies in that envelope."""

    enveloped: ClassVar[Mapping[type[ApiError], tuple[int, str]]] = {InvalidParamsError: (400, "bad_request_error")}


class WithNullData(Failures):
    """Has all members of an answer in a refusal."""

    def body(self, problem: ApiError, request: Request) -> dict[str, Any]:
        """Add them, with nothing in them."""
        return {"data": None, "extra_info": None, "analysis_info": None, **super().body(problem, request)}


class WithoutTrace(Failures):
    """Has nothing but `base_resp` in a refusal."""

    def body(self, problem: ApiError, request: Request) -> dict[str, Any]:
        """Leave the rest out."""
        return {"base_resp": super().body(problem, request)["base_resp"]}


class InChinese(Failures):
    """Speaks Chinese."""

    def body(self, problem: ApiError, request: Request) -> dict[str, Any]:
        """Say it in Chinese."""
        content = super().body(problem, request)
        if "base_resp" in content:
            content["base_resp"]["status_msg"] = _CHINESE.get(problem.code, content["base_resp"]["status_msg"])
        return content


class SaysWhen(ThrottledIs429):
    """Says when to come again."""

    async def refused(self, request: Request, problem: Exception) -> JSONResponse:
        """Add the header."""
        answer = await super().refused(request, problem)
        if isinstance(problem, RateLimitedError):
            answer.headers["Retry-After"] = "1"
        return answer


class WithoutTraceHeader(TraceIds):
    """Keeps ids of requests to itself, and to the bodies of answers."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Send no header."""

        async def send_without(message: Message) -> None:
            if message["type"] == "http.response.start":
                message["headers"] = [pair for pair in message["headers"] if pair[0].lower() != b"trace-id"]
            await send(message)

        await super().__call__(scope, receive, send_without)


TAKEN = (
    Taken(id="missing-key-as-2049", front={"guard": OneCodeForKeys}),
    Taken(id="unknown-key-as-1004", front={"guard": OtherCodeForKeys}),
    Taken(id="keys-as-401", front={"failures": KeysAre401}),
    Taken(id="keys-in-another-envelope", front={"failures": KeysInOtherEnvelope}),
    Taken(id="invalid-as-400", front={"failures": InvalidIs400}),
    Taken(id="invalid-in-another-envelope", front={"failures": InvalidInOtherEnvelope}),
    Taken(id="throttled-as-429", front={"failures": ThrottledIs429}),
    Taken(id="throttled-until", front={"failures": SaysWhen}),
    Taken(id="unpaid-as-402", front={"failures": UnpaidIs402}),
    Taken(id="sensitive-as-422", front={"failures": SensitiveIs422}),
    Taken(id="null-data-in-refusals", front={"failures": WithNullData}),
    Taken(id="refusals-without-trace-id", front={"failures": WithoutTrace}),
    Taken(id="messages-in-chinese", front={"failures": InChinese}),
    Taken(id="no-trace-header", front={"trace_ids": WithoutTraceHeader}),
)
