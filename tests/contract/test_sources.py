from __future__ import annotations

import pytest

from conformance.contract.contract import load_contract
from conformance.contract.files import known_systems
from conformance.contract.requirements import Question, SourceDocument, parse_sources


def test_documents_and_open_questions_are_found_by_their_names() -> None:
    sources = parse_sources(
        {
            "documents": {"API": {"title": "Reference", "address": "https://songs.test"}},
            "observations": [{"id": "ACME-OBS-TWICE", "question": "Twice?", "documents": {"API": "once"}}],
        }
    )

    assert sources.documents == {"API": SourceDocument("Reference", "https://songs.test")}
    assert sources.questions == {"ACME-OBS-TWICE": Question("Twice?", {"API": "once"})}


@pytest.mark.parametrize("system", known_systems())
def test_every_document_that_a_question_or_a_requirement_names_is_known(system: str) -> None:
    contract = load_contract(system)
    asked = {tag for question in contract.sources.questions.values() for tag in question.documents}
    named = {source.document for rule in contract.registry if rule.generated_kind is None for source in rule.sources}

    assert asked | named <= set(contract.sources.documents)
