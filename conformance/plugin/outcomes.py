"""From pytest's result of one test to the outcomes of the requirements that its marks name; and its report, inert."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import astuple, fields, is_dataclass, replace
from itertools import islice
from typing import TYPE_CHECKING, Any, Final

import pytest

from conformance.client.errors import NotApplicableError, NothingToAddError, UndecidedError
from conformance.contract.contract import Contract
from conformance.contract.requirements import derived_id
from conformance.journal.records import Exchange, Location, Mismatch, Unanswered, read_of
from conformance.report.text import INVISIBLE, escaped
from conformance.verdicts.model import Evidence, RequirementOutcome, Verdict

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from conformance.journal.records import LocationRead


_DECIMAL: Final = re.compile(r"Decimal\('([^']*)'\)")
_MOMENT: Final = re.compile(
    r"datetime\.datetime\((\d+), (\d+), (\d+)(?:, (\d+), (\d+)(?:, (\d+))?(?:, \d+)?)?[^()]*(?:\([^()]*\))?\)"
)
# A call, or an object without a text of its own.
_OBJECT: Final = re.compile(r"[\w.]\(|<[^<>]* at 0x|<(?:function|generator|class|module|map|filter)\b")
_SIGN: Final = re.compile(r" (==|!=|<=|>=|<|>|not in|in|is not|is) ")
_TEXT: Final = re.compile(r"'(?:[^'\\]|\\.)*'|\"(?:[^\"\\]|\\.)*\"")
_EXPECTED: Final = {
    "==": "",
    "is": "",
    "!=": "anything but ",
    "is not": "anything but ",
    "<=": "at most ",
    ">=": "at least ",
    "<": "less than ",
    ">": "more than ",
    "in": "one of ",
    "not in": "none of ",
}
_ASSERT: Final = "assert "
PROPERTY: Final = "conformance"
_MOST_EVIDENCE: Final = 12
_LONGEST_REASON: Final = 600
_QUOTED: Final = 30


def claim_in(text: str, test: str) -> str:
    """
    What a failed assertion claims, by the text that pytest made of it; `test` is the name of the test.

    A message that the test states itself is taken as it is. Where pytest shows objects, the name of the test says what
    should have been.
    """
    lines = text.splitlines()
    explained = next((number for number, line in enumerate(lines) if line.startswith(_ASSERT)), len(lines))
    if explained:
        return "\n".join(lines[:explained]).removesuffix("\n").strip() if text != "AssertionError" else _otherwise(test)
    shown = _MOMENT.sub(_moment, _DECIMAL.sub(r"\1", lines[0].removeprefix(_ASSERT))) if lines else ""
    compared = _compared(shown)
    if not compared or shown.startswith("not ") or _OBJECT.search(_without_texts(shown)):
        return _otherwise(test)
    left, sign, right = compared
    return f"expected {_EXPECTED[sign]}{right}, got {left}"


def _otherwise(test: str) -> str:
    """The name of a test as the sentence that does not hold."""
    words = test.partition("[")[0].removeprefix("test_").replace("_", " ")
    return f"expected that {words}, got otherwise"


def _without_texts(shown: str) -> str:
    """An expression with blanks in place of what stands in quotes, where signs and parentheses mean nothing."""
    return _TEXT.sub(lambda text: " " * len(text[0]), shown)


def _compared(shown: str) -> tuple[str, str, str] | None:
    """The two sides of a single comparison and its sign."""
    signs = list(_SIGN.finditer(_without_texts(shown)))
    if len(signs) != 1:
        return None
    return shown[: signs[0].start()], signs[0][1], shown[signs[0].end() :]


def _moment(found: re.Match[str]) -> str:
    year, month, day, hour, minute, second = (int(part or 0) for part in found.groups())
    return f"{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}"


def register_markers(config: pytest.Config) -> None:
    """Register the markers with pytest."""
    config.addinivalue_line("markers", "conformance_requirement(id): the requirement that the test judges")
    config.addinivalue_line("markers", "conformance_derived(kind): the kind of derived requirement that it judges")


def requirement_ids(item: pytest.Item, contract: Contract) -> tuple[str, ...]:
    """The requirements that a test judges, from its markers."""
    ids = [str(marker.args[0]) for marker in item.iter_markers("conformance_requirement")]
    callspec = getattr(item, "callspec", None)
    if callspec is not None:
        ids += [
            derived_id(contract.system, callspec.params["operation"], marker.args[0])
            for marker in item.iter_markers("conformance_derived")
        ]
    return tuple(ids)


def verdict_of(call: pytest.CallInfo[None], test: str = "test_the_rule_holds") -> tuple[Verdict, str]:
    """
    The verdict of one phase of the test of a name, and its reason.

    A failed assertion of a test is a fail. In its set-up it means that the test lost its precondition. An
    `UndecidedError` says that something can't be judged here; any other exception is a fault of the suite.
    """
    if call.excinfo is None:
        return Verdict.PASS, ""
    error = call.excinfo.value
    if isinstance(error, NotApplicableError):
        return Verdict.NOT_APPLICABLE, _sentence(error)
    if isinstance(error, UndecidedError | Unanswered | pytest.skip.Exception):
        return Verdict.INCONCLUSIVE, _sentence(error)
    if isinstance(error, Mismatch) and call.when == "setup":
        return Verdict.INCONCLUSIVE, f"its precondition is not met: {_sentence(error)}"
    if isinstance(error, AssertionError | pytest.fail.Exception) and call.when == "call":
        return Verdict.FAIL, _sentence(error, test)
    return Verdict.ERROR, f"{type(error).__name__} while {call.when}: {_sentence(error)}"


def has_nothing_to_add(call: pytest.CallInfo[None]) -> bool:
    """Whether a test leaves the verdict to other tests."""
    return call.excinfo is not None and isinstance(call.excinfo.value, NothingToAddError)


def outcomes_of(
    item: pytest.Item, call: pytest.CallInfo[None], ids: tuple[str, ...], reads: Iterable[LocationRead] = ()
) -> tuple[RequirementOutcome, ...]:
    """The outcomes of one phase of a test, one per requirement; `reads` are the locations that it read last."""
    if has_nothing_to_add(call):
        return ()
    verdict, reason = verdict_of(call, item.nodeid.rpartition("::")[2])
    evidence = _evidence(item, call)
    if verdict is Verdict.FAIL:
        named = _named(call)
        told = tuple(read for read in reads if not named or read.exchange in named)
        evidence = _located(evidence, told, reason)
        if named and told:
            # A claim that names exchanges has read last what disagrees.
            evidence = tuple(sorted(evidence, key=lambda item: item.exchange != told[-1].exchange))
        if not any(item.locations for item in evidence):
            evidence = _located_as_read_earlier(evidence, reason)
    history = _history(call)
    return tuple(
        RequirementOutcome(requirement, verdict, item.nodeid, reason, evidence, history) for requirement in ids
    )


def to_plain(outcomes: tuple[RequirementOutcome, ...]) -> list[dict[str, Any]]:
    """Outcomes as plain values that xdist can send from a worker to the controller."""
    return [
        {
            "requirement": outcome.requirement,
            "verdict": str(outcome.verdict),
            "judge": outcome.judge,
            "reason": outcome.reason,
            "history": list(outcome.history),
            "evidence": [[item.exchange, item.name, list(map(astuple, item.locations))] for item in outcome.evidence],
        }
        for outcome in outcomes
    ]


def from_report(report: pytest.TestReport) -> Iterator[RequirementOutcome]:
    """The outcomes that a report carries."""
    for name, value in report.user_properties:
        if name == PROPERTY and isinstance(value, list):
            for plain in value:
                evidence = tuple(
                    Evidence(exchange, label, tuple(Location(*location) for location in locations))
                    for exchange, label, locations in plain["evidence"]
                )
                yield RequirementOutcome(
                    plain["requirement"],
                    Verdict(plain["verdict"]),
                    plain["judge"],
                    plain["reason"],
                    evidence,
                    tuple(plain["history"]),
                )


def _history(call: pytest.CallInfo[None]) -> tuple[str, ...]:
    """The steps of the stateful model until a rule broke, where the test found one."""
    steps = getattr(call.excinfo.value, "history", ()) if call.excinfo else ()
    return tuple(map(str, steps)) if isinstance(steps, tuple) else ()


def _named(call: pytest.CallInfo[None]) -> tuple[str, ...]:
    """The exchanges that a failed assertion names; locations of other exchanges then do not explain it."""
    shown = getattr(call.excinfo.value, "exchanges", ()) if call.excinfo else ()
    return tuple(shown)


def _evidence(item: pytest.Item, call: pytest.CallInfo[None]) -> tuple[Evidence, ...]:
    shown = _named(call)
    if shown:
        return tuple(Evidence(exchange) for exchange in shown[:_MOST_EVIDENCE])
    handed = getattr(item, "funcargs", {})
    named = getattr(item, "fixturenames", ())
    given = [handed[name] for name in named if name in handed]
    found = (shown for value in given for shown in _exchanges_in(_case_of(value, given), ""))
    return tuple(islice(_distinct(found), _MOST_EVIDENCE))


def _distinct(evidence: Iterable[Evidence]) -> Iterator[Evidence]:
    """The evidence with each exchange once."""
    known: set[str] = set()
    for shown in evidence:
        if shown.exchange not in known:
            known.add(shown.exchange)
            yield shown


def _located(evidence: tuple[Evidence, ...], reads: tuple[LocationRead, ...], reason: str) -> tuple[Evidence, ...]:
    """
    The evidence with the locations that explain the failed assertion; items that have any come first.

    These are the location that the test read last, and of those that it read shortly before it each whose value the
    reason quotes.
    """
    telling: defaultdict[str, dict[Location, None]] = defaultdict(dict)
    for read in reads:
        if read is reads[-1] or _is_quoted(read.value, reason):
            telling[read.exchange][read.location] = None
    known = {item.exchange: item for item in evidence}
    shown = [
        replace(known.get(name, Evidence(name)), locations=tuple(locations)) for name, locations in telling.items()
    ]
    others = [item for item in evidence if item.exchange not in telling]
    return tuple([*shown, *others][:_MOST_EVIDENCE])


def _located_as_read_earlier(evidence: tuple[Evidence, ...], reason: str) -> tuple[Evidence, ...]:
    """
    The evidence with what a scenario read of it, where the test judges only what the scenario has made of that.

    These are the locations whose values the reason quotes; without any, what was read last of the first exchange of
    which anything was read.
    """
    earlier = {item.exchange: read_of(item.exchange) for item in evidence}
    quoted = tuple(read for reads in earlier.values() for read in reads if _is_quoted(read.value, reason))
    if quoted:
        return _located(evidence, (*quoted, quoted[-1]), reason)
    last = next((reads[-1] for reads in earlier.values() if reads), None)
    return evidence if last is None else _located(evidence, (last,), reason)


def _is_quoted(value: object, reason: str) -> bool:
    """Whether a reason quotes a value of at least two characters."""
    text = str(value)
    return isinstance(value, str | int | float) and len(text) > 1 and text[:_QUOTED] in reason


def _case_of(value: object, given: list[object]) -> object:
    """Of a mapping that has a case for each parameter of a test, the case of this test; else the value itself."""
    if not isinstance(value, Mapping):
        return value
    return next((value[key] for key in given if isinstance(key, str) and key in value), value)


def _exchanges_in(value: object, name: str) -> Iterator[Evidence]:
    if isinstance(value, Exchange):
        yield Evidence(value.id, name or None)
    elif isinstance(value, tuple | list):
        for item in value[:_MOST_EVIDENCE]:
            yield from _exchanges_in(item, name)
    elif isinstance(value, Mapping):
        yield from _exchanges_in(tuple(value.values()), name)
    # A contract has none, and searching it takes longer than many tests.
    elif is_dataclass(value) and not isinstance(value, type | Contract):
        for member in fields(value):
            yield from _exchanges_in(getattr(value, member.name), f"{name}.{member.name}".strip("."))


def _sentence(error: BaseException, test: str = "") -> str:
    text = str(error).strip() or type(error).__name__
    if isinstance(error, AssertionError) and not isinstance(error, Mismatch):
        text = claim_in(text, test)
    return text if len(text) <= _LONGEST_REASON else text[:_LONGEST_REASON] + " …"


def make_inert(report: pytest.TestReport) -> None:
    """Escape the invisible characters in a report's account of a failure and in what was captured meanwhile."""
    report.longrepr = _inert(report.longrepr)
    # Why a failure is forgiven; pytest prints it with -v.
    if hasattr(report, "wasxfail"):
        report.wasxfail = _inert(report.wasxfail)
    report.sections = [(escaped(title), escaped(text)) for title, text in report.sections]


def _inert(value: Any) -> Any:  # noqa: ANN401 - pytest's own classes, each made of others
    if isinstance(value, str):
        return escaped(value) if INVISIBLE.search(value) else value
    if isinstance(value, (list, tuple)):
        return type(value)(map(_inert, value))
    if is_dataclass(value) and not isinstance(value, type):
        for member in fields(value):
            inner = getattr(value, member.name, None)
            if isinstance(inner, (str, list, tuple)) or is_dataclass(inner):
                object.__setattr__(value, member.name, _inert(inner))
        for name, inner in vars(value).items():
            if isinstance(inner, (list, tuple)):
                object.__setattr__(value, name, _inert(inner))
    return value
