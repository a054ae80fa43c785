"""Runs drawn by Hypothesis."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from hypothesis import strategies as st

from conformance.contract.requirements import Source
from conformance.generation.walk import OperationCoverage, Untried
from conformance.journal.reader import Recording
from conformance.journal.records import Body, Headers, Observation, Request, Response
from conformance.verdicts.model import Evidence, Judgement, LeftTask, Overall, RequirementOutcome, Spend, Verdict
from conformance.verdicts.reach_map import OperationReach, Reached, ThingAsked
from tests.report.factory import FACTS, assessment, exchange, requirement

if TYPE_CHECKING:
    from conformance.contract.requirements import Requirement
    from conformance.journal.records import Exchange
    from conformance.verdicts.model import Assessment

ANY_TEXT = st.text(st.characters(), max_size=30)
NAMES = st.text(st.characters(), min_size=1, max_size=10)
IDS = st.sampled_from(["main-1", "main-2", "gw0-1"])
AMOUNTS = st.decimals(0, 10_000, places=4)
BODIES = st.builds(Body, st.binary(max_size=40), st.integers(0), st.none(), st.booleans())
HEADERS = st.builds(Headers, st.lists(st.tuples(NAMES, ANY_TEXT), max_size=3).map(tuple))
RESPONSES = st.builds(Response, st.integers(100, 999), HEADERS, BODIES)
REQUESTS = st.builds(Request, NAMES, ANY_TEXT, HEADERS, BODIES)
EVIDENCE = st.lists(st.builds(Evidence, IDS, st.none() | ANY_TEXT), max_size=3).map(tuple)
LEFT = st.builds(LeftTask, NAMES, ANY_TEXT, AMOUNTS)
SPENDS = st.builds(
    Spend,
    NAMES,
    AMOUNTS,
    AMOUNTS,
    st.none() | AMOUNTS,
    st.booleans(),
    at_stake=AMOUNTS,
    stopped=st.none() | NAMES,
    unaffordable=st.lists(st.tuples(NAMES, AMOUNTS), max_size=2).map(tuple),
    left=st.lists(LEFT, max_size=2).map(tuple),
)
UNTRIED = st.builds(Untried, NAMES, NAMES, NAMES, st.sampled_from(["broken", "met"]), NAMES)
COVERAGE = st.builds(
    OperationCoverage, NAMES, st.integers(0, 99), st.integers(0, 99), st.lists(UNTRIED, max_size=2).map(tuple)
)
REACHED = st.builds(Reached, st.integers(0, 99), st.integers(0, 99))
REACHES = st.builds(OperationReach, NAMES, ANY_TEXT, st.dictionaries(st.sampled_from(ThingAsked), REACHED))
OBSERVATIONS = st.builds(Observation, NAMES, ANY_TEXT, st.lists(IDS, max_size=2).map(tuple))
SOURCES = st.lists(st.builds(Source, NAMES, ANY_TEXT, st.none() | NAMES), max_size=2).map(tuple)


@st.composite
def exchanges(draw: st.DrawFn, exchange_id: str) -> Exchange:
    response = draw(st.none() | RESPONSES)
    failure = None if response else draw(ANY_TEXT)
    return exchange(draw(REQUESTS), response, id=exchange_id, failure=failure, operation=draw(st.none() | NAMES))


@st.composite
def requirements(draw: st.DrawFn) -> Requirement:
    return requirement(
        draw(NAMES),
        title=draw(NAMES),
        level=draw(st.sampled_from(["MUST", "SHOULD", "MAY"])),
        surface=draw(NAMES),
        release=draw(st.sampled_from(["available", "preview"])),
        sources=draw(SOURCES),
        provisional=draw(st.booleans()),
    )


@st.composite
def judgements(draw: st.DrawFn) -> Judgement:
    about = draw(requirements())
    verdicts = st.sampled_from(Verdict)
    outcomes = st.builds(RequirementOutcome, st.just(about.id), verdicts, NAMES, ANY_TEXT, EVIDENCE)
    return Judgement(about, draw(verdicts), draw(ANY_TEXT), tuple(draw(st.lists(outcomes, max_size=2))))


@st.composite
def runs(draw: st.DrawFn) -> tuple[Assessment, Recording]:
    """An assessment with texts of any characters, and a recording that holds some of its evidence."""
    facts = replace(
        FACTS,
        target=draw(ANY_TEXT),
        environment=draw(st.dictionaries(ANY_TEXT, ANY_TEXT, max_size=2)),
        command=draw(ANY_TEXT),
        seed=draw(st.integers(0, 2**64)),
        duration_seconds=draw(st.floats(0, 1e6)),
    )
    run = assessment(
        *draw(st.lists(judgements(), max_size=4)),
        facts=facts,
        overall=draw(st.sampled_from(Overall)),
        observations=tuple(draw(st.lists(OBSERVATIONS, max_size=2))),
        spend=draw(st.none() | SPENDS),
        constraints=draw(st.none() | st.lists(COVERAGE, max_size=2).map(tuple)),
        reach=draw(st.none() | st.lists(REACHES, max_size=2).map(tuple)),
    )
    return run, Recording(exchanges=(draw(exchanges("main-1")), draw(exchanges("main-2"))))
