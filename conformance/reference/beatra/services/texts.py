"""A small text model of our own: the same conversation always gets the same answer, word by word."""

from __future__ import annotations

import hashlib
import random
from dataclasses import dataclass
from typing import Any, Literal

_OPENINGS = ("Gladly.", "Of course.", "Here is a thought.", "Let me see.")
_SUBJECTS = ("A song", "The melody", "A quiet chorus", "The rhythm", "A long note", "The last verse")
_VERBS = ("follows", "answers", "carries", "repeats", "leaves", "opens")
_OBJECTS = ("the rain", "an old theme", "the morning", "another voice", "a small room", "the silence")
_MOST_SENTENCES = 3


@dataclass(frozen=True, slots=True)
class Question:
    """A valid request for a completion: of which model, by which account, how many answers, of how many tokens."""

    tenant_id: str
    model: str
    messages: list[dict[str, Any]]
    count: int = 1
    limit: int | None = None


@dataclass(frozen=True, slots=True)
class Draft:
    """One answer as its tokens, which are words with the space before them, and why it is no longer."""

    tokens: tuple[str, ...]
    ended_by: Literal["stop", "length"]

    @property
    def text(self) -> str:
        """The whole answer."""
        return "".join(self.tokens)


@dataclass(frozen=True, slots=True)
class Completion:
    """What a model has written: the answers, and how many tokens went in."""

    model: str
    prompt_tokens: int
    drafts: tuple[Draft, ...]

    @property
    def completion_tokens(self) -> int:
        """How many tokens came out."""
        return sum(len(draft.tokens) for draft in self.drafts)


class Writer:
    """Writes answers."""

    def write(self, question: Question) -> Completion:
        """Answer as often as is asked for."""
        said = [str(message["content"]) for message in question.messages]
        drafts = tuple(self.draft(question, number) for number in range(question.count))
        return Completion(question.model, sum(self.count(text) for text in said), drafts)

    def count(self, text: str) -> int:
        """How many tokens a message has, its role among them."""
        return len(text.split()) + 1

    def draft(self, question: Question, number: int) -> Draft:
        """One of the answers, no longer than is asked for."""
        tokens = self.tokens(question, number)
        if question.limit is None or len(tokens) <= question.limit:
            return Draft(tokens, "stop")
        return Draft(tokens[: question.limit], "length")

    def tokens(self, question: Question, number: int) -> tuple[str, ...]:
        """The words of an answer, which follow from the conversation."""
        said = repr((question.model, number, [(one["role"], one["content"]) for one in question.messages]))
        chosen = random.Random(hashlib.sha256(said.encode()).digest())  # noqa: S311 - prose, no secret
        sentences = (
            f"{chosen.choice(_SUBJECTS)} {chosen.choice(_VERBS)} {chosen.choice(_OBJECTS)}."
            for _ in range(chosen.randint(1, _MOST_SENTENCES))
        )
        words = " ".join((chosen.choice(_OPENINGS), *sentences)).split()
        return (words[0], *(f" {word}" for word in words[1:]))
