"""Whether a list holds what the model says, and whose fault it is where it does not."""

from __future__ import annotations

from collections import Counter
from enum import Enum
from typing import TYPE_CHECKING, Final

from conformance.suite.playing.rules import Rule

if TYPE_CHECKING:
    from conformance.client.account import Account
    from conformance.contract.conventions import Phase
    from conformance.suite.playing.book import Book, Listing
    from conformance.suite.playing.model import Model

# As many tasks as any page may hold: with it the list is one page.
WHOLE: Final = 100


class Suspect(Enum):
    """The last step that could have left a task behind that it should not have made."""

    RETRY = Rule.RETRY_CREATES_NOTHING
    CONFLICT = Rule.CONFLICT_CHANGES_NOTHING
    SHORTAGE = Rule.SHORTAGE_CHANGES_NOTHING

    @property
    def owner(self) -> Rule:
        """The rule that it broke then."""
        return self.value


def wrong_list(
    book: Book, account: Account, model: Model, read: Listing, *, phase: Phase | None, suspect: Suspect | None
) -> Rule | None:
    """The rule that a list breaks; None where it holds what it should."""
    visits = Counter(read.visits)
    if any(count > 1 for count in visits.values()):
        return Rule.PAGING_VISITS_ONCE
    wanted = {task.id for task in model.tasks if phase is None or task.end == phase}
    if any(model.task_of(task_id) is None for task_id in visits):
        return Rule.LIST_IS_ITS_OWNERS if suspect is None else suspect.owner
    if set(visits) == wanted:
        return None
    if set(visits) - wanted:
        return Rule.LIST_IS_FILTERED
    return _forgetful(book, account, wanted - set(visits), expected=len(model.tasks), filtered=phase is not None)


def _forgetful(book: Book, account: Account, missing: set[str], *, expected: int, filtered: bool) -> Rule:
    """The rule that a list breaks that lacks something: the list itself does, or only this way to read it."""
    whole = book.list_tasks(account, limit=WHOLE, state=None, expected=expected)
    if missing - set(whole.visits):
        return Rule.TASK_IS_LISTED
    return Rule.LIST_IS_FILTERED if filtered else Rule.PAGING_VISITS_ONCE
