"""Every change that mutmut's operators can make to a module, each as a mutant of its own."""

from __future__ import annotations

import ast
import hashlib
from bisect import bisect
from collections import Counter
from dataclasses import dataclass, field
from itertools import accumulate, takewhile
from operator import eq
from typing import TYPE_CHECKING, Any, Final

import libcst as cst
from libcst.metadata import MetadataWrapper, WhitespaceInclusivePositionProvider
from mutmut.mutation.file_mutation import MutationVisitor
from mutmut.mutation.mutators import mutation_operators
from mutmut.mutation.pragma_handling import IgnoredCode

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

_EVERYTHING_COUNTS: Final = IgnoredCode(set(), set(), set())
_PREFIX: Final = "operator_"
_ID_DIGITS: Final = 8


@dataclass(frozen=True, slots=True, order=True)
class Place:
    """
    Where and how a module was changed, in words that survive changes elsewhere in it.

    `line` is the text of the changed line or lines without its margins, `operator` mutmut's name for the kind of
    change, `occurrence` counts such changes of such lines from 1.
    """

    module: str
    line: str
    operator: str
    occurrence: int

    @property
    def id(self) -> str:
        """A short name for commands and tables."""
        words = "\0".join((self.module, self.line, self.operator, str(self.occurrence)))
        return hashlib.sha256(words.encode()).hexdigest()[:_ID_DIGITS]


@dataclass(frozen=True, slots=True)
class MechanicalMutant:
    """One change of one module: the place, what its line becomes, and the whole source with the change."""

    place: Place
    becomes: str
    source: str = field(repr=False)


def mutants_of(module: str, source: str) -> Iterator[MechanicalMutant]:
    """Every change that compiles and says something else than the source, in the order in which mutmut finds them."""
    statements = _Statements(source)
    known = {statements.meaning(statement.lineno, source) for statement in statements.of_the_module}
    seen: Counter[tuple[str, str]] = Counter()
    for operator, line_number, changed in _changes(source):
        meaning = statements.meaning(line_number, changed)
        if meaning is None or meaning in known:
            continue
        known.add(meaning)
        line, becomes = _difference(source, changed)
        seen[line, operator] += 1
        yield MechanicalMutant(Place(module, line, operator, seen[line, operator]), becomes, changed)


def _changes(source: str) -> Iterator[tuple[str, int, str]]:
    """The name of the operator, the number of the first changed line and the changed source, for each change."""
    wrapper = MetadataWrapper(cst.parse_module(source))
    named = _NamedOperators()
    visitor = MutationVisitor(named.operators, _EVERYTHING_COUNTS)
    wrapper.visit(visitor)
    spans = wrapper.resolve(WhitespaceInclusivePositionProvider)
    lines = source.splitlines(keepends=True)
    starts = [0, *accumulate(map(len, lines))]
    for mutation in visitor.mutations:
        span = spans[mutation.original_node]
        start = starts[span.start.line - 1] + span.start.column
        end = starts[span.end.line - 1] + span.end.column
        # Writing only the changed node takes a tenth of the time that the whole module takes.
        text = wrapper.module.code_for_node(mutation.mutated_node)
        yield named.of(mutation.mutated_node), span.start.line, source[:start] + text + source[end:]


class _NamedOperators:
    """The operators of mutmut, which remember what each of them made."""

    def __init__(self) -> None:
        self.operators = [(kind, self._noting(operator)) for kind, operator in mutation_operators]
        self._names: dict[int, str] = {}

    def of(self, node: cst.CSTNode) -> str:
        """The name of the operator that made a node, which must still be alive."""
        return self._names[id(node)]

    def _noting(self, operator: Callable[[Any], Iterable[cst.CSTNode]]) -> Callable[[Any], Iterable[cst.CSTNode]]:
        name = operator.__name__.removeprefix(_PREFIX)

        def noted(node: cst.CSTNode) -> Iterator[cst.CSTNode]:
            for made in operator(node):
                self._names[id(made)] = name
                yield made

        return noted


class _Statements:
    """
    The statements of a module, one below the other: each change is within one of them, and all others stay the same.

    Reading that one alone takes a tenth of the time that reading the whole module takes.
    """

    def __init__(self, source: str) -> None:
        self.of_the_module = ast.parse(source).body
        self._lines = len(source.splitlines())
        self._starts = [_first_line(statement) for statement in self.of_the_module]

    def meaning(self, line_number: int, changed: str) -> tuple[int, str] | None:
        """Which statement is at a line, and what it says whatever its layout; None when that is no Python."""
        index = bisect(self._starts, line_number) - 1
        lines = changed.splitlines(keepends=True)
        below = self._starts[index + 1] if index + 1 < len(self._starts) else self._lines + 1
        end = below - 1 + len(lines) - self._lines
        try:
            return index, ast.dump(ast.parse("".join(lines[self._starts[index] - 1 : end])))
        except SyntaxError:
            return None


def _first_line(statement: ast.stmt) -> int:
    """Where a statement begins, with its decorators."""
    decorators: list[ast.expr] = getattr(statement, "decorator_list", [])
    return min([statement.lineno, *(decorator.lineno for decorator in decorators)])


def _difference(source: str, changed: str) -> tuple[str, str]:
    """The lines that differ, and what has taken their place, each as one line."""
    # Without margins, because a changed node is written without those of its surroundings.
    before, after = _stripped(source), _stripped(changed)
    head = _common(before, after)
    tail = min(_common(before[::-1], after[::-1]), len(before) - head, len(after) - head)
    return " ".join(before[head : len(before) - tail]), " ".join(after[head : len(after) - tail])


def _common(one: Sequence[str], other: Sequence[str]) -> int:
    return sum(1 for _ in takewhile(bool, map(eq, one, other)))


def _stripped(source: str) -> list[str]:
    return [line.strip() for line in source.splitlines()]
