"""Assessments, judgements and exchanges with sensible values where a test does not care."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

from conformance.contract.document import Document
from conformance.contract.requirements import Requirement, Source
from conformance.journal.reader import Recording
from conformance.journal.records import Body, Exchange, Headers, Observation, Request, Response
from conformance.report.source_lines import ContractLines
from conformance.verdicts.model import (
    Assessment,
    Evidence,
    Judgement,
    LeftTask,
    Overall,
    RequirementOutcome,
    RunFacts,
    Spend,
    Tally,
    Verdict,
)

URL = "http://target.test/v1/songs"
KEY_HEADER = ("Authorization", "Bearer $CONFORMANCE_API_KEY")

FACTS = RunFacts(
    run_id="run-1",
    system="acme",
    title="Acme songs",
    contract_version="1.0",
    suite_version="0.1.0",
    target="http://target.test/v1",
    started_at="2026-01-02T03:04:05Z",
    duration_seconds=12.3456,
    seed=7,
    exchanges=612,
    environment={"python": "3.11.7"},
    command="conformance run http://target.test/v1 --seed 7",
)
# Of a contract whose files are gone.
LINES = ContractLines(Document({"paths": {}}), Path("openapi.yaml"), Path())
SPEND = Spend("credits", Decimal("210.0000"), Decimal("80.0000"), Decimal(500), play=False, tier="paid")


def body(content: bytes | str) -> Body:
    data = content if isinstance(content, bytes) else content.encode()
    return Body(data, len(data), None)


def request(*headers: tuple[str, str], method: str = "POST", url: str = URL, content: bytes | str = b"") -> Request:
    return Request(method, url, Headers(headers), body(content))


def answer(status: int = 200, *headers: tuple[str, str], content: bytes | str = b"{}") -> Response:
    return Response(status, Headers(headers), body(content))


def exchange(
    sent: Request | None = None,
    response: Response | None = None,
    **others: Any,  # noqa: ANN401 - any member of an exchange
) -> Exchange:
    members: dict[str, Any] = {
        "id": "main-1",
        "at": datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC),
        "elapsed_seconds": 0.012,
        **others,
    }
    return Exchange(request=sent or request(), response=response, **members)


def requirement(
    requirement_id: str = "ACME-SONG-01",
    **others: Any,  # noqa: ANN401 - any member of a requirement
) -> Requirement:
    members: dict[str, Any] = {
        "title": "A song has a title",
        "level": "MUST",
        "surface": "songs",
        "release": "available",
        "statement": "Every song carries a title.",
        "sources": (Source("API", "Songs"),),
        "judged_by": "test",
        **others,
    }
    return Requirement(id=requirement_id, **members)


def judgement(
    verdict: Verdict,
    reason: str = "",
    *evidence: str,
    about: Requirement | None = None,
) -> Judgement:
    about = about or requirement()
    items = tuple(Evidence(exchange_id, "created") for exchange_id in evidence)
    outcome = RequirementOutcome(about.id, verdict, "test_songs.py::test_title", reason, items)
    return Judgement(about, verdict, reason, (outcome,))


def played(judged: Judgement, *steps: str) -> Judgement:
    """The judgement with a history that decided it."""
    return replace(judged, outcomes=tuple(replace(outcome, history=steps) for outcome in judged.outcomes))


def assessment(
    *judgements: Judgement,
    observations: tuple[Observation, ...] = (),
    **others: Any,  # noqa: ANN401 - any member of an assessment
) -> Assessment:
    members: dict[str, Any] = {
        "facts": FACTS,
        "overall": Overall.INCOMPLETE,
        "exit_status": 0,
        "spend": SPEND,
        **others,
    }
    return Assessment(
        judgements=judgements,
        observations=observations,
        tallies={level: _tally(level, judgements) for level in ("MUST", "SHOULD", "MAY")},
        **members,
    )


def one_of_each_verdict() -> tuple[Judgement, ...]:
    return tuple(
        judgement(verdict, f"because of {verdict}", about=requirement(f"ACME-{position}"))
        for position, verdict in enumerate(Verdict)
    )


def hostile(text: str) -> tuple[Assessment, Recording]:
    """A run in which everything that a target can write into a report is `text`."""
    sent = request(("X-Echo", text), method="PUT", url=f"{URL}/{text}", content=text.encode("utf-8", "replace"))
    came = answer(500, (text, text), content=text.encode("utf-8", "replace"))
    answered = exchange(sent, came, operation=text, account=text, cause=text)
    unanswered = exchange(sent, None, id="main-2", failure=text)
    failing = judgement(Verdict.FAIL, text, "main-1", "main-2", "main-3")
    broken = judgement(Verdict.ERROR, text, "main-1", about=requirement("ACME-SONG-02"))
    open_ = judgement(Verdict.INCONCLUSIVE, text, "main-1", about=requirement("ACME-SONG-03"))
    facts = replace(FACTS, target=text, environment={"server": text})
    seen = Observation("ACME-OBS-01", text, ("main-1",))
    spend = replace(SPEND, stopped=f"accepted {text}", left=(LeftTask(text, text, Decimal(80)),))
    judgements = (failing, broken, open_)
    run = assessment(*judgements, observations=(seen,), facts=facts, spend=spend, overall=Overall.NONCONFORMANT)
    return run, Recording(exchanges=(answered, unanswered))


def _tally(level: str, judgements: tuple[Judgement, ...]) -> Tally:
    counts = Counter(judged.verdict for judged in judgements if judged.requirement.level == level)
    return Tally({verdict: counts[verdict] for verdict in Verdict})
