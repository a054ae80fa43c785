"""The second opinion: what openapi-core says about a sample of a run's answers, beside jsonschema-rs, which decides."""

from __future__ import annotations

from collections import Counter
from copy import deepcopy
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from conformance.contract.document import Document
from conformance.monitors.responses import conforms
from conformance.monitors.second_opinion import SAMPLE_SIZE, Opinion, SecondEngine, sample, second_opinion
from conformance.monitors.traffic import Traffic
from tests.monitors.factory import Talk, fault, song
from tests.monitors.sample import contract

if TYPE_CHECKING:
    from conformance.contract.contract import Contract


def strict(**properties: dict[str, Any]) -> Contract:
    """The sample contract with further properties of a song, at a server of its own."""
    content = deepcopy(dict(contract().document.content))
    answer = content["paths"]["/songs/{song}"]["get"]["responses"]["200"]["content"]["application/json"]
    answer["schema"]["properties"].update(properties)
    content["servers"] = [{"url": "https://elsewhere.test/v9"}]
    return replace(contract(), document=Document(content))


# A number of cents: in floating point, 19.99 / 0.01 is no whole number.
CENTS = strict(cents={"type": "number", "multipleOf": 0.01})


def opinions(traffic: Traffic) -> list[Opinion]:
    """What openapi-core says about each answer of the sample."""
    engine = SecondEngine(traffic.contract.document)
    return [engine.opinion(case) for case in sample(traffic)]


def test_agreement_is_not_worth_a_word() -> None:
    talk = Talk()
    talk.create()
    talk.get(song("done", cost={"paid": "30.00"}))
    talk.get(song("lost"))
    talk.list(song("done"), song("working"))
    talk.list(song("done"), 5)
    talk.say("createSong", 404, fault())
    talk.say("createSong", 404, {"detail": "no"})
    traffic = talk.traffic(CENTS)

    assert Counter(opinion.fits for opinion in opinions(traffic)) == {True: 4, False: 3}
    assert second_opinion(traffic) == ()


def test_a_disagreement_is_an_observation_with_its_exchanges() -> None:
    talk = Talk()
    talk.get(song("done", cents=0.5))
    disputed = [talk.get(song("done", cents=19.99)), talk.get(song("done", cents=4.35))]

    (observation,) = second_opinion(talk.traffic(CENTS))

    assert observation.id == "SAMPLE-OBS-VALIDATORS"
    assert observation.exchanges == tuple(disputed)
    assert observation.text == (
        "jsonschema-rs, which decides, and openapi-core disagree about the bodies of 2 of 3 sampled answers. "
        "The first is the 200 to getSong: jsonschema-rs says that it fits the document, "
        "openapi-core that it does not (19.99 is not a multiple of 0.01)."
    )


def test_a_disagreement_is_never_judged() -> None:
    talk = Talk()
    talk.get(song("done", cents=19.99))
    traffic = talk.traffic(CENTS)
    rule = next(r for r in CENTS.registry if r.id == "SAMPLE-getSong-CONFORMS")

    assert second_opinion(traffic)
    assert conforms(rule, traffic).findings == ()


def test_the_other_direction_is_told_as_well() -> None:
    talk = Talk()
    talk.get(song("done", link="no address"))

    (observation,) = second_opinion(talk.traffic(strict(link={"type": "string", "format": "uri"})))

    assert "jsonschema-rs says that it breaks the document, openapi-core that it fits." in observation.text


def test_an_engine_that_stumbles_over_an_answer_ends_no_run() -> None:
    talk = Talk()
    talk.get(song("done", sound="é"))

    (observation,) = second_opinion(talk.traffic(strict(sound={"type": "string", "format": "byte"})))

    assert "openapi-core can't tell (UnicodeEncodeError)" in observation.text


def test_headers_are_left_to_others() -> None:
    talk = Talk()
    talk.get(song("done"), headers={"X-Trace": "", "Content-Type": "Application/JSON; charset"})
    traffic = talk.traffic(contract())

    assert opinions(traffic) == [Opinion(fits=True)]


@pytest.mark.parametrize(
    "status, answer, headers",
    [
        pytest.param(302, song("done"), {}, id="an undocumented status"),
        pytest.param(200, song("done"), {"Content-Type": "text/plain"}, id="an undocumented media type"),
        pytest.param(200, b"<p>done</p>", {}, id="no JSON"),
        pytest.param(200, None, {}, id="no body"),
        pytest.param(200, song("done", words="la" * 40_000), {}, id="a body that takes too long"),
        pytest.param(200, b'{"song": "s1", "state": "\\ud800"}', {}, id="half of a surrogate pair"),
        pytest.param(None, None, {}, id="no answer"),
    ],
)
def test_bodies_that_can_not_be_compared_are_left_out(
    status: int | None, answer: object, headers: dict[str, str]
) -> None:
    talk = Talk()
    talk.say("getSong", status, answer, headers=headers)
    talk.get(song("done"), origin="control")

    assert sample(talk.traffic(contract())) == ()


def test_the_sample_is_bounded_and_spread_over_operations_and_statuses() -> None:
    talk = Talk()
    for number in range(40):
        talk.create()
        talk.get(song("done"))
        talk.list(song("done"))
        talk.say("getSong", 404, fault())
        talk.say("stopSong", 500 + number % 30, fault())

    kinds = Counter((case.operation.id, case.answered.status) for case in sample(talk.traffic(contract())))

    assert kinds.total() == SAMPLE_SIZE
    assert {("createSong", 202), ("getSong", 200), ("listSongs", 200), ("getSong", 404)} <= kinds.keys()
    assert {("stopSong", status) for status in range(500, 530)} <= kinds.keys()


def test_an_answer_that_breaks_the_document_is_not_lost_in_the_crowd() -> None:
    talk = Talk()
    for _ in range(200):
        talk.get(song("done"))
    odd = talk.get(song("odd"))
    cases = sample(talk.traffic(contract()))

    assert [case.answered.id for case in cases if not case.fits] == [odd]


def test_of_many_alike_those_from_the_whole_run_are_taken() -> None:
    talk = Talk()
    exchanges = [talk.get(song("done")) for _ in range(600)]
    taken = [exchanges.index(case.answered.id) for case in sample(talk.traffic(contract()))]

    assert taken == list(range(0, 600, 100))


def test_the_same_recording_gives_the_same_sample() -> None:
    talk = Talk()
    for number in range(100):
        talk.get(song("done" if number % 7 else "odd"))
        talk.create()
    shuffled = replace(talk.traffic(contract()).recording, exchanges=tuple(reversed(talk.exchanges)))

    ids = [case.answered.id for case in sample(talk.traffic(contract()))]

    assert ids == [case.answered.id for case in sample(Traffic(shuffled, contract()))]
