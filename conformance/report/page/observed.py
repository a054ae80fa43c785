"""Observations by the question that they answer, beside what the documents say about it."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from conformance.contract.sources import Sources
    from conformance.journal.records import Observation

_SEEN_SHOWN: Final = 12
_EXCHANGES_SHOWN: Final = 3


@dataclass(frozen=True, slots=True)
class Seen:
    """One thing that the target did, how often it was noticed, and a few exchanges that show it."""

    text: str
    times: int
    exchanges: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Observed:
    """
    What was seen of one question, `left_out` things of it not kept; `said` is what each document says, by its name.

    `question` is empty where nobody put it into words.
    """

    id: str
    question: str
    said: tuple[tuple[str, str], ...]
    seen: tuple[Seen, ...]
    left_out: int


def observed(observations: Iterable[Observation], sources: Sources | None) -> tuple[Observed, ...]:
    """The observations by their questions, in the order in which these came up."""
    grouped: defaultdict[str, defaultdict[str, list[Observation]]] = defaultdict(lambda: defaultdict(list))
    for observation in observations:
        grouped[observation.id][observation.text].append(observation)
    return tuple(_observed(name, texts, sources) for name, texts in grouped.items())


def _observed(name: str, texts: Mapping[str, list[Observation]], sources: Sources | None) -> Observed:
    question = sources.questions.get(name) if sources else None
    said = tuple((_title(tag, sources), text) for tag, text in question.documents.items()) if question else ()
    seen = [_seen(text, same) for text, same in texts.items()]
    shown = tuple(seen[:_SEEN_SHOWN])
    return Observed(name, question.question if question else "", said, shown, len(seen) - len(shown))


def _seen(text: str, same: list[Observation]) -> Seen:
    exchanges = dict.fromkeys(exchange for observation in same for exchange in observation.exchanges)
    return Seen(text, len(same), tuple(exchanges)[:_EXCHANGES_SHOWN])


def _title(tag: str, sources: Sources | None) -> str:
    document = sources.documents.get(tag) if sources else None
    return f"{document.title} ({tag})" if document else tag
