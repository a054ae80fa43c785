"""
What openapi-core says about answers that jsonschema-rs has already decided on.

One engine alone would make its own errors the target's. So a sample of the answers goes through another one, and where
the two differ the run records it, as an observation: jsonschema-rs decides.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from itertools import chain, islice, zip_longest
from typing import TYPE_CHECKING, Final

from jsonschema_path import SchemaPath
from openapi_core.datatypes import RequestParameters
from openapi_core.validation.response.validators import V31ResponseDataValidator
from openapi_core.validation.schemas.exceptions import InvalidSchemaValue

from conformance.journal.records import Observation
from conformance.monitors.monitor import ABSENT, MAX_EVIDENCE, clip
from conformance.monitors.schema_violations import JSON

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from conformance.contract.document import Document, Operation
    from conformance.monitors.answer import Answered
    from conformance.monitors.traffic import Traffic

SAMPLE_SIZE: Final = 60
# Half a millisecond each in openapi-core; pages and tasks are far smaller than this.
_LONGEST_BODY: Final = 64 * 1024
_MOST_OF_A_KIND: Final = 6
_HOST: Final = "http://target.invalid"


@dataclass(frozen=True, slots=True)
class ComparedAnswer:
    """An answer, and whether its body fits the schema of the document according to jsonschema-rs."""

    answered: Answered
    operation: Operation
    fits: bool


@dataclass(frozen=True, slots=True)
class Opinion:
    """Whether a body fits (None: openapi-core can't tell), and if not, why."""

    fits: bool | None
    reason: str = ""


def second_opinion(traffic: Traffic) -> tuple[Observation, ...]:
    """The observation that the engines disagree on some answers of a run; nothing where they agree."""
    cases = sample(traffic)
    other = SecondEngine(traffic.contract.document)
    opinions = [(case, other.opinion(case)) for case in cases]
    disputed = [(case, opinion) for case, opinion in opinions if opinion.fits is not case.fits]
    if not disputed:
        return ()
    case, opinion = disputed[0]
    text = (
        f"jsonschema-rs, which decides, and openapi-core disagree about the bodies of {len(disputed)} of {len(cases)} "
        f"sampled answers. The first is {case.answered.label}: jsonschema-rs says that it "
        f"{'fits' if case.fits else 'breaks'} the document, openapi-core {_said(opinion)}."
    )
    exchanges = tuple(case.answered.id for case, _ in disputed[:MAX_EVIDENCE])
    return (Observation(f"{traffic.contract.system.upper()}-OBS-VALIDATORS", text, exchanges),)


def sample(traffic: Traffic) -> tuple[ComparedAnswer, ...]:
    """
    At most `SAMPLE_SIZE` answers, the same ones for the same recording.

    All operations and statuses get their turn, bodies that fit and bodies that don't, and of each such kind the
    answers are spread over the run.
    """
    kinds: dict[tuple[str, int, bool], list[ComparedAnswer]] = {}
    for case in _comparable(traffic):
        kinds.setdefault((case.operation.id, case.answered.status, case.fits), []).append(case)
    spread = (kind[:: max(1, len(kind) // _MOST_OF_A_KIND)] for kind in kinds.values())
    turns = chain.from_iterable(zip_longest(*spread))
    return tuple(islice((case for case in turns if case is not None), SAMPLE_SIZE))


class SecondEngine:
    """openapi-core with the document of a system."""

    def __init__(self, document: Document) -> None:
        # A target stands anywhere, so its answers are put where a document without servers expects them.
        content = {name: part for name, part in document.content.items() if name != "servers"}
        self._validator = V31ResponseDataValidator(SchemaPath.from_dict(content))

    def opinion(self, case: ComparedAnswer) -> Opinion:
        """What openapi-core says about the body of an answer."""
        request = _Request(_HOST, case.operation.path, case.operation.method.lower())
        answer = _Response(case.answered.status, case.answered.response.body.content)
        try:
            error = next(iter(self._validator.iter_errors(request, answer)), None)
        except Exception as failure:  # noqa: BLE001 - no run may end by what this engine makes of a target's bytes
            return Opinion(None, type(failure).__name__)
        if error is None:
            return Opinion(fits=True)
        if isinstance(error.__cause__, InvalidSchemaValue):
            return Opinion(fits=False, reason=_first_reason(error.__cause__))
        return Opinion(None, clip(str(error)))


@dataclass(slots=True)
class _Request:
    """A request as openapi-core wants it; not frozen, because it writes down the path parameters that it finds."""

    host_url: str
    path: str
    method: str
    parameters: RequestParameters = field(default_factory=RequestParameters)
    body: bytes | None = None
    content_type: str = ""


@dataclass(slots=True)
class _Response:
    """An answer as openapi-core wants it; its headers are judged elsewhere, parameters of its media type nowhere."""

    status_code: int
    data: bytes
    content_type: str = JSON
    headers: Mapping[str, str] = field(default_factory=dict)


def _comparable(traffic: Traffic) -> Iterator[ComparedAnswer]:
    """The answers whose body both engines can read: documented as JSON, declared and kept as such."""
    for answered in traffic.answers:
        validator = answered.documented.content.get(JSON) if answered.documented else None
        if answered.operation is None or validator is None or answered.media_type != JSON or answered.json is ABSENT:
            continue
        if len(answered.response.body.content) > _LONGEST_BODY:
            continue
        try:
            fits = validator.accepts(answered.json)
        except ValueError:
            # Half of a surrogate pair, for one: jsonschema-rs can't read it, so nothing was decided.
            continue
        yield ComparedAnswer(answered, answered.operation, fits)


def _first_reason(error: InvalidSchemaValue) -> str:
    return clip(next((getattr(found, "message", str(found)) for found in error.schema_errors), ""))


def _said(opinion: Opinion) -> str:
    if opinion.fits is None:
        return f"can't tell ({opinion.reason})"
    return "that it fits" if opinion.fits else f"that it does not ({opinion.reason})"
