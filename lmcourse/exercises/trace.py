"""What a right answer computes on the way, step by step: something to compare with where a wrong one is told no reason.

The oracle's lines name their steps in a comment. A copy of it that notes the value of every such line is run on the input on which
the wrong answer differs; whoever prints the same in their own code finds the first line that goes another way.
"""

from __future__ import annotations

import ast
import inspect
from collections.abc import Iterator
from typing import Any

from lmcourse.exercises.calls import Case, directly
from lmcourse.exercises.exercise import Exercise
from lmcourse.exercises.values import brief, copied, same
from lmcourse.exercises.variants import built, source_of, steps_of

LONGEST = 48  # letters of a value
MOST = 240  # letters in all


def on_the_way(exercise: Exercise, case: Case) -> list[tuple[str, str]]:
    """Each step of the oracle on this input with the value that it gives, as text; those that are long are left out.

    Nothing for a class, for what a ``drive`` uses, where the steps are the solution, and from the first loop on, where a step has many values.
    """
    function = exercise.function
    if not may_be_shown(exercise, case):
        return []
    noting, seen = with_notes(function, straight=True)
    result = exercise.outcomes(noting, [case])[0]
    told, left = [], MOST
    for step, value in seen:
        text = brief(value, 1000)
        left -= len(step) + len(text) + 3
        if left < 0:
            break
        if len(text) <= LONGEST and not same(value, result.value, 0.0):
            told.append((step, text))
    return told


def may_be_shown(exercise: Exercise, case: Case) -> bool:
    """Whether the values of the steps are something else than the solution: they depend on an input."""
    return inspect.isfunction(exercise.function) and exercise.drive is directly and bool(case.arguments)


def with_notes(target: Any, straight: bool = False) -> tuple[Any, list[tuple[str, Any]]]:
    """A copy of an oracle that notes the value of every line that names a step, and the list that it is noted in.

    ``straight``: only of lines that are run once and in order, those above the first loop.
    """
    source = source_of(target)
    tree, seen = ast.parse(source), []
    definition: Any = tree.body[0]
    lines = definition.body
    if straight:
        lines = lines[: next((at for at, line in enumerate(lines) if isinstance(line, ast.For | ast.While)), len(lines))]
    notes = _Notes(source)
    for line in lines if straight else [definition]:
        notes.visit(line)
    for line, note in notes.made:
        block = next(block for block in _blocks(tree) if any(one is line for one in block))
        block.insert(next(at for at, one in enumerate(block) if one is line) + 1, note)

    def note(step: str, value: Any) -> Any:
        seen.append((step, copied(value)))
        return value

    return built(target, ast.fix_missing_locations(tree), note=note), seen


def _blocks(tree: ast.AST) -> Iterator[list[Any]]:
    for node in ast.walk(tree):
        for name in ("body", "orelse", "finalbody"):
            if isinstance(block := getattr(node, name, None), list):
                yield block


class _Notes(ast.NodeVisitor):
    """Finds assignments with a comment of their own, and makes the line that notes their value; notes what is returned."""

    def __init__(self, source: str) -> None:
        self.lines, self.steps = source.splitlines(), steps_of(source)
        self.made: list[tuple[ast.stmt, ast.stmt]] = []

    def _step(self, line: ast.stmt) -> str | None:
        said = [at for at in range(line.lineno, (line.end_lineno or line.lineno) + 1) if "  # " in self.lines[at - 1]]
        return self.steps[said[-1]] if said else None

    def visit_Assign(self, line: ast.Assign) -> None:
        if (step := self._step(line)) and len(line.targets) == 1:
            self.made.append((line, ast.parse(f"note({step!r}, {ast.unparse(line.targets[0])})").body[0]))

    def visit_Return(self, line: ast.Return) -> None:
        if (step := self._step(line)) and line.value is not None:
            line.value = ast.parse(f"note({step!r}, {ast.unparse(line.value)})", mode="eval").body


def in_words(exercise: Exercise, case: Case, space: str) -> str:
    """The steps in a line, no step torn apart: ``space`` is a space at which no line ends."""
    return "; ".join(f"{step} {value}".replace(" ", space) for step, value in on_the_way(exercise, case))
