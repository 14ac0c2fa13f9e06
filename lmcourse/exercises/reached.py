"""How far a wrong answer is right: the last step of the oracle whose value comes up in it too, and the step that should come next.

Where no known mistake and no mutant behaves as an answer does, something can still be measured. A copy of the answer notes the value of every
expression in it (as pytest does for a failing ``assert``), a copy of the oracle that of each of its steps, on the same inputs. A step whose values
all come up in the answer, on every input looked at, is right there, however it is written. What goes wrong goes wrong after the last of these.
Steps that an answer leaves out because it is written in another way are not held against it.
"""

from __future__ import annotations

import ast
import inspect
import textwrap
import time
from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np

from lmcourse.exercises.calls import Case, directly
from lmcourse.exercises.exercise import Exercise, being_checked
from lmcourse.exercises.trace import may_be_shown, with_notes
from lmcourse.exercises.values import arrays, brief, copied, number, same, sequence, table
from lmcourse.exercises.variants import built, source_of
from lmcourse.exercises.verdict import Answer

INPUTS = 5  # looked at, the first that differs among them
MOST = 400  # values noted on an input; an answer that computes more is left alone
LARGEST = 10_000  # numbers in an array that is noted
LONGEST = 48  # letters of a value that is shown
NOTE = "_lm_note"  # no name of a learner's own

Steps = list[tuple[str, list[Any]]]  # what the oracle computes: each step, and all values that it has in turn
Noted = list[tuple[Any, str]]  # what the answer computes: each value, and the line in which it does


def how_far(answer: Answer, at: int, deadline: float) -> str | None:
    """A sentence about the last step that comes out right, or None: nothing telling came up, or it cannot be looked at."""
    exercise = answer.exercise
    others = [one for one in range(len(answer.found)) if one != at]
    chosen = [at, *sorted(others, key=lambda one: one not in answer.wrong)][:INPUTS]
    steps: dict[int, Steps] = {}
    noted: dict[int, Noted] = {}
    try:
        (oracle, taken), (copy, values) = with_notes(exercise.function), _noting(answer.target)
    except Exception:  # no source, a lambda, something that cannot be built a second time
        return None
    for one in chosen:
        if time.process_time() > deadline:
            break
        case = exercise.inputs[one]
        taken.clear()
        exercise.outcomes(oracle, [case])
        steps[one] = _grouped(taken, case)
        values.clear()
        with being_checked():
            outcome = exercise.outcomes(copy, [case])[0]
        noted[one] = values[:]
        if len(values) >= MOST or not outcome.like(answer.found[one], exercise.tolerance):
            return None
    if at not in noted:
        return None
    if exercise.drive is directly and (early := _early(answer, at, noted)) is not None:
        return early
    names = [name for name, _ in steps[at]]
    reached = [name for name in names if _comes_up(name, steps, noted, exercise)]
    if not reached:
        return None
    last = names.index(reached[-1])
    shown = dict(steps[at]) if may_be_shown(exercise, exercise.inputs[at]) else {}
    said = f"It is right up to this step: {names[last]}{_shown(shown.get(names[last]))}"
    if last + 1 == len(names):
        return f"{said}, and no further."
    return f"{said}. The next one does not come up: {names[last + 1]}{_shown(shown.get(names[last + 1]))}."


def _early(answer: Answer, at: int, noted: dict[int, Noted]) -> str | None:
    """The right result comes up on the way, on all inputs that were looked at, and is not what is returned."""
    exercise = answer.exercise
    telling = []
    for one, values in noted.items():
        right = exercise.expected[one]
        line = next((line for value, line in values if same(right.value, value, exercise.tolerance)), None)
        if right.error is not None or line is None:
            return None
        if _tells(right.value, exercise.inputs[one]):
            telling.append(line)
    if len(telling) < min(2, len(noted)):
        return None
    return f"The right result comes up on the way, in this line: {telling[0]} — and then something else is made of it."


def _grouped(seen: Sequence[tuple[str, Any]], case: Case) -> Steps:
    """The values of each step, in the order in which the steps are first met; only those that tell something."""
    steps: dict[str, list[Any]] = {}
    for name, value in seen:
        steps.setdefault(name, []).extend(value if isinstance(value, tuple) else [value])
    return [(name, values) for name, values in steps.items() if any(_tells(value, case) for value in values)]


def _comes_up(name: str, steps: dict[int, Steps], noted: dict[int, Noted], exercise: Exercise) -> bool:
    """Whether all values of a step come up in the answer, on every input on which the oracle takes that step."""
    count = 0
    for one, taken in steps.items():
        values = dict(taken).get(name)
        if values is None:
            continue
        if not all(_among(value, noted[one], exercise.inputs[one], exercise.tolerance) for value in values):
            return False
        count += 1
    return count >= min(2, len(steps))


def _among(value: Any, noted: Noted, case: Case, tolerance: float) -> bool:
    """Whether a value was noted; of a list whose items all tell something, all of them one by one: so a loop builds it."""
    if any(same(value, other, tolerance) for other, _ in noted):
        return True
    each = isinstance(value, list) and all(_tells(item, case) for item in value)
    return each and all(_among(item, noted, case, tolerance) for item in value)


def _tells(value: Any, case: Case) -> bool:
    """Whether it says something that a value comes up: it is no 0 or 1 or the like, and no argument."""
    if any(same(value, given, 0.0) for given in _leaves([*case.arguments, *case.keywords.values()])):
        return False
    if number(value):
        return abs(value) not in (0, 0.5, 1, 2)
    if arrays(value):
        return table(value).size > 1 and len(np.unique(table(value))) > 1
    return isinstance(value, str | list | tuple | dict | set) and len(value) > 1


def _leaves(values: Sequence[Any]) -> Iterator[Any]:
    for value in values:
        yield value
        if sequence(value):
            yield from _leaves(value)


def _shown(values: list[Any] | None) -> str:
    if values is None:
        return ""
    text = brief(values[0] if len(values) == 1 else values, 1000)
    return f" (here {text})" if len(text) <= LONGEST else ""


def _noting(target: Any) -> tuple[Any, Noted]:
    """A copy of an answer that notes the value of every expression in it, and the list that it is noted in."""
    source, seen = source_of(target), []
    outside = inspect.getclosurevars(target).nonlocals if inspect.isfunction(target) else {}

    def note(value: Any, line: str) -> Any:
        small = table(value).size <= LARGEST if arrays(value) else number(value) or isinstance(value, str | list | tuple | dict | set)
        if small and len(seen) < MOST:
            seen.append((copied(value), line))
        return value

    tree = ast.fix_missing_locations(_Noting(source.splitlines()).visit(ast.parse(source)))
    return built(target, tree, **{NOTE: note}, **outside), seen


class _Noting(ast.NodeTransformer):
    """``a + b * c`` becomes ``note(a + note(b * c))``, for everything that computes something."""

    KINDS = (ast.BinOp, ast.UnaryOp, ast.Call, ast.Subscript, ast.Attribute, ast.Name, ast.IfExp, ast.List, ast.Tuple, ast.Dict, ast.ListComp)

    def __init__(self, lines: list[str]) -> None:
        self.lines = lines

    def visit_FunctionDef(self, node: ast.FunctionDef) -> ast.AST:
        node.body = [self.visit(line) for line in node.body]
        return node  # its annotations and defaults stay as they are

    def visit_Call(self, node: ast.Call) -> ast.AST:
        if isinstance(node.func, ast.Attribute):
            node.func.value = self.visit(node.func.value)
        node.args = [self.visit(one) for one in node.args]
        node.keywords = [self.visit(one) for one in node.keywords]
        return self._noted(node)

    def generic_visit(self, node: ast.AST) -> ast.AST:
        super().generic_visit(node)
        return self._noted(node)

    def _noted(self, node: ast.AST) -> ast.AST:
        if not isinstance(node, self.KINDS) or not isinstance(getattr(node, "ctx", ast.Load()), ast.Load):
            return node
        line = textwrap.shorten(self.lines[node.lineno - 1].split("  #")[0], 72, placeholder=" …")
        call = ast.Call(ast.Name(NOTE, ast.Load()), [node, ast.Constant(line)], [])
        return ast.copy_location(call, node)
