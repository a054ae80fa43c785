"""What requirements rest on: the documents that they name, and what these leave open or answer in more than one way."""

from __future__ import annotations

from dataclasses import dataclass, field
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping


@dataclass(frozen=True, slots=True)
class SourceDocument:
    """A document behind a tag: its title, and where it was published."""

    title: str
    address: str


@dataclass(frozen=True, slots=True)
class Question:
    """What a run looks at without judging it, and what each document, by its tag, says about it."""

    question: str
    documents: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Sources:
    """All documents by their tags, and all open questions by the ids of their observations."""

    documents: Mapping[str, SourceDocument] = field(default_factory=dict)
    questions: Mapping[str, Question] = field(default_factory=dict)


def parse_sources(content: Mapping[str, Any]) -> Sources:
    """The sources of a `requirements.yaml` that has already passed its schema."""
    documents = {tag: SourceDocument(entry["title"], entry["address"]) for tag, entry in content["documents"].items()}
    questions = {
        entry["id"]: Question(entry["question"], MappingProxyType(dict(entry["documents"])))
        for entry in content["observations"]
    }
    return Sources(MappingProxyType(documents), MappingProxyType(questions))
