"""Each worker gets the tests whose scenarios it has begun; what a dead one leaves behind is done by others, once."""

from __future__ import annotations

from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import Any

from conformance.plugin.order import ByScenario

SONGS, LISTS, KEYS, TASKS = (f"conformance/suite/sample/test_{name}.py" for name in ("songs", "lists", "keys", "tasks"))
GENERATED = "conformance/suite/test_generated.py"
OWN = [f"{file}::{test}" for file in (SONGS, LISTS, KEYS, TASKS) for test in ("test_a", "test_b", "test_c")]
DRAWN = [f"{GENERATED}::test_{kind}[{name}]" for name in ("getSong", "listSongs") for kind in ("accepts", "refuses")]


@dataclass(eq=False)
class Node:
    """A worker as the scheduler sees it."""

    id: str
    collection: list[str]
    given: list[str] = field(default_factory=list)
    shutting_down: bool = False

    @property
    def gateway(self) -> SimpleNamespace:
        return SimpleNamespace(id=self.id)

    def send_runtest_some(self, indices: list[int]) -> None:
        self.given += [self.collection[index] for index in indices]

    def shutdown(self) -> None:
        self.shutting_down = True


def scheduler(workers: int, collection: list[str]) -> tuple[Any, list[Node]]:
    """A scheduler with its workers, all of which have collected the same."""
    options: dict[str, Any] = {"tx": ["popen"] * workers, "loadscopereorder": False, "debug": False}
    config: Any = SimpleNamespace(getvalue=options.__getitem__, option=SimpleNamespace(**options))
    made = ByScenario(config)
    nodes = [Node(f"gw{number}", collection) for number in range(workers)]
    for node in nodes:
        join(made, node)
    made.schedule()
    return made, nodes


def join(made: Any, node: Node) -> None:  # noqa: ANN401 - xdist carries no types
    made.add_node(node)
    made.add_node_collection(node, node.collection)


def run(made: Any, node: Node, count: int | None = None) -> list[str]:  # noqa: ANN401 - xdist carries no types
    """Let a worker complete so many of the tests that it was given (None: all, and those that it gets for them)."""
    done: list[str] = []
    while node.given and (count is None or len(done) < count):
        test = node.given.pop(0)
        made.mark_test_complete(node, node.collection.index(test))
        done.append(test)
    return done


def files(tests: list[str]) -> set[str]:
    return {test.partition("::")[0] for test in tests}


def test_every_worker_runs_what_belongs_to_it_and_all_is_run_once() -> None:
    made, (first, second) = scheduler(2, OWN)
    done_first, done_second = run(made, first), run(made, second)

    assert files(done_first) == {SONGS, KEYS}
    assert files(done_second) == {LISTS, TASKS}
    assert sorted(done_first + done_second) == sorted(OWN)


def test_however_fast_one_is_it_takes_nothing_that_belongs_to_the_other() -> None:
    made, (first, second) = scheduler(2, OWN)
    run(made, first)

    assert first.shutting_down
    assert sorted(run(made, second)) == sorted(test for test in OWN if files([test]) <= {LISTS, TASKS})


def test_generated_tests_come_first_as_the_scenarios_of_the_others_wait_meanwhile() -> None:
    made, nodes = scheduler(2, [*OWN, *DRAWN])
    done = [run(made, node) for node in nodes]

    for tests in done:
        own = [test for test in tests if test in OWN]
        assert tests[len(tests) - len(own) :] == own
    assert sorted([*done[0], *done[1]]) == sorted([*OWN, *DRAWN])


def test_tests_of_one_operation_stay_together() -> None:
    made, nodes = scheduler(2, DRAWN)

    assert [{test.partition("[")[2] for test in run(made, node)} for node in nodes] == [{"getSong]"}, {"listSongs]"}]


def test_a_worker_without_anything_to_do_is_sent_home() -> None:
    made, nodes = scheduler(3, [test for test in OWN if SONGS in test])

    assert sum(not node.shutting_down or bool(node.given) for node in nodes) == 1
    assert [len(run(made, node)) for node in nodes if node.given] == [3]


def test_the_test_that_a_worker_died_in_is_named_and_not_tried_again() -> None:
    made, (first, second) = scheduler(2, OWN)
    run(made, first, 1)

    crashed = made.remove_node(first)
    replacement = Node("gw2", OWN)
    join(made, replacement)
    made.schedule()
    rest = run(made, replacement) + run(made, second)

    assert crashed == f"{SONGS}::test_b"
    assert sorted(rest) == sorted(set(OWN) - {f"{SONGS}::test_a", f"{SONGS}::test_b"})


def test_a_worker_that_is_still_there_takes_over_when_it_has_time() -> None:
    made, (first, second) = scheduler(2, OWN)
    made.remove_node(first)
    done = run(made, second)

    assert sorted(done) == sorted(set(OWN) - {f"{SONGS}::test_a"})


def test_a_worker_that_had_done_its_work_leaves_nothing_behind() -> None:
    made, (first, second) = scheduler(2, OWN)
    run(made, first)

    assert made.remove_node(first) is None
    assert files(run(made, second)) == {LISTS, TASKS}


def test_a_crash_takes_one_test_each_time_and_the_run_ends() -> None:
    made, (first, second) = scheduler(2, OWN)
    run(made, second)
    crashed = []
    node = first
    for number in range(2, 8):
        crashed.append(made.remove_node(node))
        node = Node(f"gw{number}", OWN)
        join(made, node)
        made.schedule()

    assert sorted(crashed) == sorted(test for test in OWN if files([test]) <= {SONGS, KEYS})
    assert not made.has_pending


def test_a_replacement_that_has_not_collected_yet_is_passed_over() -> None:
    made, (first, second) = scheduler(2, OWN)
    early = Node("gw2", OWN)
    made.add_node(early)
    made.remove_node(first)

    assert early.given == []
    assert files(run(made, second)) >= {LISTS, TASKS}


def test_a_group_that_was_done_is_not_handed_on_after_a_crash() -> None:
    made, (first, second) = scheduler(2, OWN)
    run(made, first, 3)

    made.remove_node(first)

    assert SONGS not in made.workqueue
    assert files(run(made, second)) == {LISTS, KEYS, TASKS}


def test_a_replacement_is_given_a_second_test_without_which_it_would_not_begin_the_first() -> None:
    # Two groups of one test each: a worker starts a test when it knows what comes after it, or that nothing does.
    lonely = [f"{file}::test_a" for file in (SONGS, LISTS, KEYS, TASKS, GENERATED.replace("generated", "extra"))]
    made, (first, _) = scheduler(2, lonely)
    made.remove_node(first)

    replacement = Node("gw2", lonely)
    join(made, replacement)
    made.schedule()

    assert len(replacement.given) > 1 or replacement.shutting_down
