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
    if not inspect.isfunction(function) or exercise.drive is not directly or not case.arguments:
        return []
    noting = built(function, _noting(function))
    noting.seen, noting.copied = [], copied
    result = exercise.outcomes(noting, [case])[0]
    told, left = [], MOST
    for step, value in noting.seen:
        text = brief(value, 1000)
        left -= len(step) + len(text) + 3
        if left < 0:
            break
        if len(text) <= LONGEST and not same(value, result.value, 0.0):
            told.append((step, text))
    return told


def _noting(function: Any) -> ast.Module:
    """The function's source, with a note behind every line that names a step, gives a value, and is run once."""
    source = source_of(function)
    tree, steps, lines = ast.parse(source), steps_of(source), source.splitlines()
    definition: Any = tree.body[0]
    loops = (at for at, line in enumerate(definition.body) if isinstance(line, ast.For | ast.While))
    straight = next(loops, len(definition.body))
    for line in definition.body[:straight][::-1]:
        said = [at for at in range(line.lineno, (line.end_lineno or line.lineno) + 1) if "  # " in lines[at - 1]]
        if said and isinstance(line, ast.Assign) and len(line.targets) == 1:
            names = ast.unparse(line.targets[0])
            note = f"{function.__name__}.seen.append(({steps[said[-1]]!r}, {function.__name__}.copied({names})))"
            definition.body.insert(definition.body.index(line) + 1, ast.parse(note).body[0])
    return tree


def in_words(exercise: Exercise, case: Case, space: str) -> str:
    """The steps in a line, no step torn apart: ``space`` is a space at which no line ends."""
    return "; ".join(f"{step} {value}".replace(" ", space) for step, value in on_the_way(exercise, case))
