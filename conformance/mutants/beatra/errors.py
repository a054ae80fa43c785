"""Mutants whose refusals have another shape, say something wrong, or lead astray."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from starlette.responses import HTMLResponse, JSONResponse

from conformance.mutants.base import Mutant
from conformance.mutants.beatra.answers import in_errors, rewriting
from conformance.reference.beatra.errors import ForbiddenError, UnsupportedMediaTypeError
from conformance.reference.beatra.handlers.failures import Failures

if TYPE_CHECKING:
    from collections.abc import Callable

    from starlette.requests import Request
    from starlette.types import ASGIApp, Scope

    from conformance.mutants.rewriting import Answer

_UNKNOWN, _WRONG_METHOD, _CONFLICT, _ERRORS = 404, 405, 409, 400
_PAGE = b"<html><head><title>405 Not Allowed</title></head><body><center>nginx</center></body></html>"


def _of_code(code: str, change: Callable[[dict[str, Any]], None]) -> Callable[[ASGIApp], ASGIApp]:
    """Change the errors of one code."""

    def changed(_answer: Answer, error: dict[str, Any]) -> None:
        if error["code"] == code:
            change(error)

    return in_errors(changed)


def _page_of_the_proxy(_scope: Scope, answer: Answer) -> Answer:
    if answer.status != _WRONG_METHOD:
        return answer
    return replace(answer, body=_PAGE).with_header("content-type", "text/html")


def _without_body(_scope: Scope, answer: Answer) -> Answer:
    return replace(answer, body=b"") if answer.status == _WRONG_METHOD else answer


def _cut_short(_scope: Scope, answer: Answer) -> Answer:
    return replace(answer, body=answer.body[:40]) if answer.status == _UNKNOWN else answer


def _typed(media_type: str) -> Callable[[Scope, Answer], Answer]:
    return lambda _scope, answer: answer.with_header("content-type", media_type) if answer.status >= _ERRORS else answer


def _in_utf_16(_scope: Scope, answer: Answer) -> Answer:
    return replace(answer, body=answer.body.decode().encode("utf-16")) if answer.status >= _ERRORS else answer


def _said_to_be_compressed(_scope: Scope, answer: Answer) -> Answer:
    return answer.with_header("content-encoding", "gzip") if answer.status >= _ERRORS else answer


def _texts_for_truths(_answer: Answer, error: dict[str, Any]) -> None:
    error["retryable"] = str(error["retryable"]).lower()


def _silent_when_not_found(answer: Answer, error: dict[str, Any]) -> None:
    if answer.status == _UNKNOWN:
        del error["retryable"]


def _unsupported_as_conflict(answer: Answer, error: dict[str, Any]) -> Answer:
    return replace(answer, status=_CONFLICT) if error["code"] == "unsupported_option" else answer


def _dotted(_answer: Answer, error: dict[str, Any]) -> None:
    if "param" in error:
        error["param"] = error["param"].strip("/").replace("/", ".")


def _located(_answer: Answer, error: dict[str, Any]) -> None:
    if "param" in error:
        error["param"] = f"/body{error['param']}"


def _without_errors(error: dict[str, Any]) -> None:
    error.pop("details", None)


def _without_metadata(error: dict[str, Any]) -> None:
    if any("metadata" in each["path"] for each in error.get("details", {}).get("errors", ())):
        _without_errors(error)


def _errors_by_field(error: dict[str, Any]) -> None:
    if "details" in error:
        error["details"]["errors"] = {each["path"]: [each["message"]] for each in error["details"]["errors"]}


def _fields_in_a_sentence(error: dict[str, Any]) -> None:
    error["details"]["unsupported_fields"] = ", ".join(error["details"]["unsupported_fields"])


def _without_fields(error: dict[str, Any]) -> None:
    del error["details"]


def _may_be_retried(error: dict[str, Any]) -> None:
    error["retryable"] = True


class PlainNotFound(Failures):
    """Leaves unknown paths to the framework."""

    async def not_routed(self, request: Request, problem: Exception) -> JSONResponse:
        """Answer as the framework does."""
        answer = await super().not_routed(request, problem)
        return JSONResponse({"detail": "Not Found"}, answer.status_code)


class LandsSomewhere(Failures):
    """Has a catch-all route for its web page."""

    async def not_routed(self, request: Request, problem: Exception) -> Any:  # noqa: ANN401 - any response
        """Show the page."""
        if request.method == "GET" and getattr(problem, "status_code", None) == _UNKNOWN:
            return HTMLResponse("<!doctype html><title>beatra</title>")
        return await super().not_routed(request, problem)


class BadRequestForPaths(Failures):
    """Has one answer for everything that it can't route."""

    async def not_routed(self, request: Request, problem: Exception) -> JSONResponse:
        """Call it a bad request."""
        answer = await super().not_routed(request, problem)
        answer.status_code = _ERRORS if answer.status_code == _UNKNOWN else answer.status_code
        return answer


class BlamesTheType(Failures):
    """Takes a body that can't be parsed for a body of another type."""

    async def unreadable(self, request: Request, problem: Exception) -> JSONResponse:
        """Refuse the type."""
        return await self.refused(request, UnsupportedMediaTypeError(str(problem)))


class SuspectsAnAttack(Failures):
    """Sits behind a firewall that looks into bodies."""

    async def unreadable(self, request: Request, problem: Exception) -> JSONResponse:
        """Forbid what looks odd."""
        return await self.refused(request, ForbiddenError(str(problem)))


MUTANTS = (
    Mutant(
        id="error-shaped-by-the-framework",
        breaks="BEATRA-ERROR-01",
        story="Unknown paths never reach the handler of exceptions, so the framework answers in its own shape.",
        front={"failures": PlainNotFound},
    ),
    Mutant(
        id="error-page-of-the-proxy",
        breaks="BEATRA-ERROR-01",
        story="The proxy knows the routes and refuses wrong methods with its own page.",
        wrap=rewriting(_page_of_the_proxy),
    ),
    Mutant(
        id="error-cut-short",
        breaks="BEATRA-ERROR-01",
        story="The length is taken from the message before its placeholders were filled in.",
        wrap=rewriting(_cut_short),
    ),
    Mutant(
        id="error-without-body",
        breaks="BEATRA-ERROR-01",
        story="A method that a path does not have is answered by the router, which has no body for it.",
        wrap=rewriting(_without_body),
    ),
    Mutant(
        id="retryable-in-words",
        breaks="BEATRA-ERROR-02",
        story="The error is built by a template that writes every value as text.",
        wrap=in_errors(_texts_for_truths),
    ),
    Mutant(
        id="retryable-left-out",
        breaks="BEATRA-ERROR-02",
        story="The handler for unknown resources was written before there was a flag.",
        wrap=in_errors(_silent_when_not_found),
    ),
    Mutant(
        id="invalid-key-retryable",
        breaks="BEATRA-ERROR-03",
        story="A fresh key takes a moment to be known everywhere, so its error was made retryable.",
        wrap=_of_code("invalid_api_key", _may_be_retried),
    ),
    Mutant(
        id="unsupported-option-as-conflict",
        breaks="BEATRA-ERROR-03",
        story="An option that does not go with the model is taken for a conflict between two fields.",
        wrap=in_errors(_unsupported_as_conflict),
    ),
    Mutant(
        id="param-dotted",
        breaks="BEATRA-ERROR-04",
        story="The validator joins the path of a field with dots.",
        wrap=in_errors(_dotted),
    ),
    Mutant(
        id="param-with-its-location",
        breaks="BEATRA-ERROR-04",
        story="The framework puts the part of the request before the path of the field.",
        wrap=in_errors(_located),
    ),
    Mutant(
        id="errors-as-text",
        breaks="BEATRA-ERROR-05",
        story="The body of an error is serialised by hand, and the response keeps its default type.",
        wrap=rewriting(_typed("text/plain; charset=utf-8")),
    ),
    Mutant(
        id="errors-as-problems",
        breaks="BEATRA-ERROR-05",
        story="A library for errors declares the type of RFC 9457 whatever the shape.",
        wrap=rewriting(_typed("application/problem+json")),
    ),
    Mutant(
        id="errors-in-utf-16",
        breaks="BEATRA-ERROR-05",
        story="The texts of errors come from a library that keeps them in UTF-16, and are sent as they are.",
        wrap=rewriting(_in_utf_16),
    ),
    Mutant(
        id="errors-said-to-be-compressed",
        breaks="BEATRA-ERROR-05",
        story="Compression leaves short bodies alone, but its header is set before their size is known.",
        wrap=rewriting(_said_to_be_compressed),
    ),
    Mutant(
        id="unknown-path-shows-a-page",
        breaks="BEATRA-ERROR-07",
        story="The catch-all route of the web page swallows mistyped paths.",
        front={"failures": LandsSomewhere},
    ),
    Mutant(
        id="unknown-path-bad-request",
        breaks="BEATRA-ERROR-07",
        story="What can't be routed counts as a mistake in the request.",
        front={"failures": BadRequestForPaths},
    ),
    Mutant(
        id="no-json-is-another-type",
        breaks="BEATRA-ERROR-08",
        story="The parser's failure is taken for a wrong content type.",
        front={"failures": BlamesTheType},
    ),
    Mutant(
        id="no-json-is-forbidden",
        breaks="BEATRA-ERROR-08",
        story="A firewall looks into bodies and forbids what it can't read.",
        front={"failures": SuspectsAnAttack},
    ),
    Mutant(
        id="invalid-fields-not-listed",
        breaks="BEATRA-ERROR-09",
        story="The details are stripped because they once quoted a user's lyrics.",
        wrap=_of_code("invalid_request", _without_errors),
    ),
    Mutant(
        id="invalid-metadata-not-listed",
        breaks="BEATRA-ERROR-09",
        story="Metadata is checked apart from all other fields, and its refusal has a message only.",
        wrap=_of_code("invalid_request", _without_metadata),
    ),
    Mutant(
        id="invalid-fields-by-name",
        breaks="BEATRA-ERROR-09",
        story="Another framework keeps the messages in an object by field.",
        wrap=_of_code("invalid_request", _errors_by_field),
    ),
    Mutant(
        id="unsupported-fields-in-a-sentence",
        breaks="BEATRA-ERROR-10",
        story="The names are joined for the message and the details get the same text.",
        wrap=_of_code("unsupported_option", _fields_in_a_sentence),
    ),
    Mutant(
        id="unsupported-fields-not-named",
        breaks="BEATRA-ERROR-10",
        story="The message names them already, so the details were left out.",
        wrap=_of_code("unsupported_option", _without_fields),
    ),
)
