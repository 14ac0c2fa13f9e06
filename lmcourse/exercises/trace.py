"""What a right answer computes on the way, step by step: something to compare with where a wrong one is told no reason.

The oracle's lines name their steps in a comment. A copy of it that notes the value of every such line is run on the input on which
the wrong answer differs; whoever prints the same in their own code finds the first line that goes another way.
"""

from __future__ import annotations

import ast
import inspect
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
    loops = (at for at, line in enumerate(definition.body) if isinstance(line, ast.For | ast.While)) if straight else ()
    upto = next(iter(loops), len(definition.body))
    noted = _Notes(source).visit(ast.Module(definition.body[:upto], []))
    definition.body = [*noted.body, *definition.body[upto:]]

    def note(step: str, value: Any) -> Any:
        seen.append((step, copied(value)))
        return value

    return built(target, ast.fix_missing_locations(tree), note=note), seen


class _Notes(ast.NodeTransformer):
    """Behind every assignment with a comment of its own comes a line that notes its value; what is returned is noted as well."""

    def __init__(self, source: str) -> None:
        self.lines, self.steps = source.splitlines(), steps_of(source)

    def _step(self, line: ast.stmt) -> str | None:
        said = [at for at in range(line.lineno, (line.end_lineno or line.lineno) + 1) if "  # " in self.lines[at - 1]]
        return self.steps[said[-1]] if said else None

    def visit_Assign(self, line: ast.Assign) -> list[ast.stmt]:
        if not (step := self._step(line)) or len(line.targets) != 1:
            return [line]
        return [line, *ast.parse(f"note({step!r}, {ast.unparse(line.targets[0])})").body]

    def visit_Return(self, line: ast.Return) -> ast.Return:
        if (step := self._step(line)) and line.value is not None:
            line.value = ast.parse(f"note({step!r}, {ast.unparse(line.value)})", mode="eval").body
        return line


def in_words(exercise: Exercise, case: Case, space: str) -> str:
    """The steps in a line, no step torn apart: ``space`` is a space at which no line ends."""
    return "; ".join(f"{step} {value}".replace(" ", space) for step, value in on_the_way(exercise, case))
