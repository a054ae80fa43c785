"""What a run has made itself: only that may be deleted, unless the user says otherwise."""

from __future__ import annotations

import re
from collections import defaultdict
from typing import TYPE_CHECKING, Final
from urllib.parse import unquote

from conformance.contract.outcomes import Outcome, is_created
from conformance.contract.resources import words_of
from conformance.generation.resources import segment, values_from

if TYPE_CHECKING:
    from collections.abc import Mapping

    from conformance.client.request import PreparedRequest
    from conformance.contract.document import Document, Link, Operation
    from conformance.journal.records import Exchange

# Operations of these names take away more than one thing, or the service itself.
_DESTRUCTIVE: Final = frozenset(
    {
        "reset",
        "purge",
        "drop",
        "shutdown",
        "admin",
        "wipe",
        "truncate",
        "destroy",
        "erase",
        "flush",
        "terminate",
    }
)
_PARAMETER: Final = re.compile(r"\\\{[^{}]+\\\}")


def is_destructive(operation: Operation) -> bool:
    """Whether an operation takes something away: by its method, or by the words of its id and its path."""
    if operation.reads_only:
        return False
    words = {*words_of(operation.id), *(word for part in operation.path.split("/") for word in _fixed_words(part))}
    return operation.method == "DELETE" or bool(words & _DESTRUCTIVE)


def _fixed_words(part: str) -> tuple[str, ...]:
    return () if "{" in part else words_of(part)


class OwnThings:
    """
    The names of what this process of a run has made, from the answers to what made them.

    It is the rule for deletions where the user does not allow all of them.
    """

    def __init__(self, document: Document) -> None:
        self._document = document
        self._destructive = frozenset(
            name for name, operation in document.operations.items() if is_destructive(operation)
        )
        # What is made and can't be taken away needs no remembering, and what is merely read was not made.
        self._links: dict[str, list[Link]] = defaultdict(list)
        for link in document.links:
            if link.target in self._destructive and not document.operations[link.source].reads_only:
                self._links[link.source].append(link)
        self._made: set[tuple[str, str]] = set()

    def note(self, exchange: Exchange) -> None:
        """Keep what an accepted answer hands over of something that was made."""
        links = self._links.get(exchange.operation or "", ())
        if not links or exchange.interpretation.outcome is not Outcome.ACCEPTED:
            return
        source = self._document.operations[links[0].source]
        if source.method == "PUT" and not is_created(exchange.status):
            return  # it was there before
        for link in links:
            handed = values_from(link, exchange, _named(source, exchange.request.url))
            for value in () if handed is None else handed.path.values():
                self._made.add((link.target, str(value)))

    def allows(self, prepared: PreparedRequest) -> bool:
        """Whether a request takes away nothing, or only what the run has made."""
        if prepared.operation not in self._destructive:
            return True
        operation = self._document.operations[prepared.operation]
        values = _named(operation, prepared.url)
        return bool(values) and all((operation.id, value) in self._made for value in values.values())


def _named(operation: Operation, url: str) -> Mapping[str, str]:
    """The path parameters of a request for an operation, by their names."""
    names = re.findall(r"\{([^{}]+)\}", operation.path)
    found = re.search(_PARAMETER.sub("([^/?]+)", re.escape(operation.path)) + r"(?:\?.*)?$", url)
    given = () if found is None else found.groups()
    texts = [unquote(text) for text in given]
    return {name: text for name, text in zip(names, texts, strict=False) if segment(text) is not None}
