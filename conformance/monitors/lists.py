"""What a page of tasks looks like, wherever it was asked for."""

from __future__ import annotations

from typing import TYPE_CHECKING

from conformance.monitors.base import NOTHING_TO_JUDGE, Collector
from conformance.monitors.faults import fault_at
from conformance.monitors.places import ABSENT, find

if TYPE_CHECKING:
    from conformance.contract.conventions import Tasks
    from conformance.monitors.answered import Answered
    from conformance.monitors.base import Judged
    from conformance.monitors.faults import Complaint
    from conformance.monitors.traffic import Traffic


def list_shape(traffic: Traffic) -> Judged:
    """A page of tasks is an array of objects, each with an id that no other one on the page has."""
    collector = Collector()
    tasks = traffic.contract.conventions.tasks
    if tasks is None or tasks.list is None:
        return NOTHING_TO_JUDGE
    for answered in traffic.answers_to(tasks.list):
        # The rest of a page that is too long to be kept may be in order.
        if answered.success and not answered.response.body.truncated:
            collector.decide(page_fault(answered, tasks), answered.id)
    return collector.judged()


def page_fault(answered: Answered, tasks: Tasks) -> Complaint | None:
    """
    What is wrong with a page of tasks, None when there is nothing.

    That a task in a list shows its id is nowhere said; one that it shows is a text, and that of one task.
    """
    pointer = tasks.items or ""
    items = answered.at(pointer)
    if not isinstance(items, list):
        return answered.expected("an array of tasks", pointer)
    seen: set[str] = set()
    for index, item in enumerate(items):
        task_id = find(item, tasks.id)
        if task_id is ABSENT and isinstance(item, dict):
            continue
        if not isinstance(task_id, str) or task_id in seen:
            what = "an id that no other task on the page has" if isinstance(task_id, str) else "the id of a task"
            place = f"{pointer}/{index}{tasks.id}"
            return fault_at(place, answered.label, what, task_id)
        seen.add(task_id)
    return None
