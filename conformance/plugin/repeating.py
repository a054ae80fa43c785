"""What an earlier run says about which tests to repeat: those that judged what failed, or caused what a rule judged."""

from __future__ import annotations

import json
from collections import Counter, defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from conformance.journal.errors import JournalError
from conformance.journal.reader import recorded
from conformance.judging import MONITORS_FILE
from conformance.money.ledger_store import LEDGER_FILE, UnwritableLedgerError, check_readable
from conformance.plugin.errors import UnreadableRunError

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator, Sequence
    from pathlib import Path

    import pytest

    from conformance.journal.reader import Recording

_TO_REPEAT: Final = ("fail", "error")
# Requests of a scenario that is carried out again although a smaller one shows whether the rule is broken.
_FEW: Final = 40


@dataclass(frozen=True, slots=True)
class Earlier:
    """
    The requirements with `fail` or `error` in an earlier run, and what rules over all traffic were broken by.

    `causes` has an entry for each operation at which such a rule was broken: the ids of the scenarios whose exchanges
    showed it, those that sent the least first. One of them is enough to see whether the rule is broken there still.
    Where all of them sent a lot, the operation is left out, unless it would be the only one.
    """

    run_id: str
    requirements: frozenset[str]
    causes: tuple[tuple[str, ...], ...] = ()


def read_earlier(folder: Path) -> Earlier:
    """
    What the report and the recording in this folder say.

    Raises:
        UnreadableRunError: its report, its recording or its ledger is damaged.
    """
    try:
        recording = recorded(folder)
        if (folder / LEDGER_FILE).exists():
            check_readable(folder / LEDGER_FILE)
        return _earlier(json.loads((folder / "report.json").read_text("utf-8")), recording)
    except (JournalError, UnwritableLedgerError) as error:
        raise UnreadableRunError(str(error)) from error
    except (OSError, ValueError, LookupError, TypeError, AttributeError, RecursionError) as error:
        raise UnreadableRunError(f"{folder / 'report.json'} is not the report of a run.") from error


def _earlier(report: Any, recording: Recording) -> Earlier:  # noqa: ANN401 - anything may stand in a file
    broken = [entry for entry in report["requirements"] if entry["verdict"] in _TO_REPEAT]
    sent = Counter(exchange.cause for exchange in recording.exchanges)
    causes = {found for entry in broken if _is_monitored(entry) for found in _causes(entry, recording, sent)}
    return Earlier(str(report["run"]), frozenset(entry["id"] for entry in broken), tuple(sorted(causes)))


def _is_monitored(entry: Any) -> bool:  # noqa: ANN401 - anything may stand in a file
    return any(str(judge["name"]).startswith(f"{MONITORS_FILE}::") for judge in entry["tests"])


def _causes(entry: Any, recording: Recording, sent: Counter[str | None]) -> list[tuple[str, ...]]:  # noqa: ANN401 - see above
    """For each operation at which a requirement was broken, the scenarios that showed it and sent little."""
    shown: defaultdict[str | None, set[str]] = defaultdict(set)
    for exchange in filter(None, (recording.exchange(item["exchange"]) for item in entry["evidence"])):
        if exchange.cause:
            shown[exchange.operation].add(exchange.cause)
    in_order = [sorted(causes, key=lambda cause: (sent[cause], cause)) for causes in shown.values()]
    in_order.sort(key=lambda causes: sent[causes[0]])
    return [tuple(causes) for number, causes in enumerate(in_order) if number == 0 or sent[causes[0]] <= _FEW]


def repeated(
    items: Sequence[pytest.Item], earlier: Earlier, judged_by: Callable[[pytest.Item], Collection[str]]
) -> Iterator[pytest.Item]:
    """
    The tests to repeat: those that judge what failed, and for each cause one that carries the scenario out.

    Of several scenarios that showed the same, a test that is repeated anyway is taken, else the simplest test of the
    first scenario that any test asks for.
    """
    again = [item for item in items if not earlier.requirements.isdisjoint(judged_by(item))]
    for causes in earlier.causes:
        if not any(_carries_out(item, cause) for item in again for cause in causes):
            again += _simplest(items, causes)
    chosen = {id(item) for item in again}
    return (item for item in items if id(item) in chosen)


def _simplest(items: Sequence[pytest.Item], causes: Sequence[str]) -> list[pytest.Item]:
    """The test with the fewest fixtures that carries out the first of the scenarios which any test does; none else."""
    for cause in causes:
        able = [item for item in items if _carries_out(item, cause)]
        if able:
            return [min(able, key=lambda item: len(_fixtures(item)))]
    return []


def _carries_out(item: pytest.Item, cause: str) -> bool:
    """Whether a test asks for a scenario: its fixture and, where one stands for several, the case that it names."""
    fixture, _, case = cause.rstrip("]").partition("[")
    parameters = getattr(item, "callspec", None)
    return fixture in _fixtures(item) and (not case or (parameters is not None and case in parameters.params.values()))


def _fixtures(item: pytest.Item) -> Sequence[str]:
    names: Sequence[str] = getattr(item, "fixturenames", ())
    return names
