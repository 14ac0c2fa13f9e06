"""Wrong variants of a right answer: made from its source by a patch that an author names, or by mutation.

A mistake that is a patch of the oracle cannot rot as a second copy would, and two patches make the variant with
both mistakes. **Mutants** (DeMillo, Lipton & Sayward 1978, “Hints on test data selection”) are patches that nobody writes: one operator,
constant or call changed at a time. They say whether a check is strict (it must refuse every one that changes the behaviour), and
when a learner's code behaves like one of them, in which **step** it goes wrong: the oracle's lines end in a comment that names it.
"""

from __future__ import annotations

import ast
import copy
import functools
import inspect
import re
import textwrap
import types
import warnings
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from lmcourse.errors import LmcourseError

Patch = tuple[str, str]  # what stands in the source, and what stands there instead


@dataclass(frozen=True)
class Variant:
    """A changed copy of the oracle: what was changed, in which step, and the function or class that it became."""

    what: str
    step: str
    target: Any

    @property
    def exchanged(self) -> tuple[str, str] | None:
        """What stood there and what stands there instead, where saying so tells a reader something: a sign, a sum for a mean."""
        found = re.match(r"(\S+) becomes (\S+) in: ", self.what)
        return (found[1], found[2]) if found and found[1] in {*SIGNS.values(), *OTHERS} else None


@functools.cache
def source_of(target: Any) -> str:
    """The source of a function or class, without decorators and at the left margin."""
    source = textwrap.dedent(inspect.getsource(target))
    node = ast.parse(source).body[0]
    return "".join(source.splitlines(keepends=True)[node.lineno - 1 :])


def steps_of(source: str) -> dict[int, str]:
    """Line number → the step that the line belongs to: its own comment, or the nearest one above."""
    found, now = {}, ""
    for number, line in enumerate(source.splitlines(), 1):
        said = re.search(r"\s#\s+(.+?)\s*$", line)
        now = said[1] if said else now
        found[number] = now
    return found


def patched(target: Any, patches: Sequence[Patch]) -> str:
    """The source with every patch applied; each must fit exactly once."""
    source = source_of(target)
    for old, new in patches:
        if source.count(old) != 1:
            raise LmcourseError(
                f"The patch {old!r} fits {source.count(old)} times into {target.__name__}; it must fit once."
            )
        source = source.replace(old, new)
    return source


def built(target: Any, source: str | ast.Module, **more: Any) -> Any:
    """The function or class that a changed source defines, in a copy of its own module; ``more``: names that it sees besides."""
    space = dict(inspect.unwrap(target).__globals__) if inspect.isfunction(target) else dict(_module_of(target))
    space.update(more)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", SyntaxWarning)  # of mutants such as 1[:, None]
        exec(compile(source, f"<variant of {target.__name__}>", "exec"), space)
    return space[target.__name__]


def _module_of(target: Any) -> dict[str, Any]:
    module = inspect.getmodule(target)
    return vars(module) if isinstance(module, types.ModuleType) else {}


def mutants(target: Any) -> Iterator[Variant]:
    """Every single mutant of a function or class, in the order of its lines."""
    source = source_of(target)
    tree, steps, lines = ast.parse(source), steps_of(source), source.splitlines()
    for place, node in enumerate(ast.walk(tree)):
        if getattr(node, "lineno", None) is None:
            continue
        for what, change in _changes(node):
            other = copy.deepcopy(tree)
            # The walk of a copy meets the nodes in the same order.
            if not change(_Place(other, next(one for at, one in enumerate(ast.walk(other)) if at == place))):
                continue
            try:
                made = built(target, ast.fix_missing_locations(other))
            except (SyntaxError, TypeError, ValueError):
                continue
            line = re.sub(r"\s+#\s.*", "", lines[node.lineno - 1].strip())
            yield Variant(f"{what} in: {line}", steps.get(node.lineno, ""), made)


@dataclass
class _Place:
    """A node and the tree that it stands in."""

    tree: ast.Module
    node: Any

    def put(self, new: ast.AST) -> bool:
        """Replace the node."""
        for parent in ast.walk(self.tree):
            for name, value in ast.iter_fields(parent):
                if value is self.node:
                    setattr(parent, name, new)
                    return True
                if isinstance(value, list):
                    for at, one in enumerate(value):
                        if one is self.node:
                            value[at] = new
                            return True
        return False


Change = Callable[[_Place], bool]

OPERATORS: dict[type[ast.operator], tuple[type[ast.operator], ...]] = {
    ast.Add: (ast.Sub,), ast.Sub: (ast.Add,), ast.Mult: (ast.Div, ast.Add), ast.Div: (ast.Mult, ast.FloorDiv),
    ast.FloorDiv: (ast.Mult,), ast.Mod: (ast.FloorDiv,), ast.Pow: (ast.Mult,),
}  # fmt: skip
COMPARISONS: dict[type[ast.cmpop], tuple[type[ast.cmpop], ...]] = {
    ast.Lt: (ast.LtE, ast.Gt), ast.LtE: (ast.Lt,), ast.Gt: (ast.GtE, ast.Lt), ast.GtE: (ast.Gt,), ast.Eq: (ast.NotEq,),
    ast.NotEq: (ast.Eq,), ast.In: (ast.NotIn,), ast.NotIn: (ast.In,), ast.Is: (ast.IsNot,), ast.IsNot: (ast.Is,),
}  # fmt: skip


def _changes(node: ast.AST) -> Iterator[tuple[str, Change]]:
    """The mutations that fit a node: what they do in words, and how."""
    if isinstance(node, ast.BinOp | ast.AugAssign):
        for kind in OPERATORS.get(type(node.op), ()):
            yield f"{_sign(node.op)} becomes {_sign(kind())}", lambda at, kind=kind: _set(at.node, "op", kind())
    if isinstance(node, ast.BinOp):
        yield "only the left side", lambda at: at.put(at.node.left)
        if isinstance(node.op, ast.Sub | ast.Div | ast.MatMult):
            yield "sides swapped", lambda at: _swap(at.node)
    if isinstance(node, ast.Compare):
        for kind in COMPARISONS.get(type(node.ops[0]), ()):
            yield (
                f"{_sign(node.ops[0])} becomes {_sign(kind())}",
                lambda at, kind=kind: _set(at.node, "ops", [kind(), *at.node.ops[1:]]),
            )
    if isinstance(node, ast.BoolOp):
        yield (
            "and and or exchanged",
            lambda at: _set(at.node, "op", ast.Or() if isinstance(at.node.op, ast.And) else ast.And()),
        )
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.Not | ast.USub):
        yield f"without {_sign(node.op)}", lambda at: at.put(at.node.operand)
    if isinstance(node, ast.Constant) and type(node.value) in (int, float):
        for more in (1, -1) if isinstance(node.value, int) else ():
            yield (
                f"{node.value} becomes {node.value + more}",
                lambda at, more=more: _set(at.node, "value", at.node.value + more),
            )
        if isinstance(node.value, float):
            yield f"{node.value} becomes {2 * node.value + 1}", lambda at: _set(at.node, "value", 2 * at.node.value + 1)
    if isinstance(node, ast.Constant) and isinstance(node.value, bool):
        yield f"{node.value} becomes {not node.value}", lambda at: _set(at.node, "value", not at.node.value)
    if isinstance(node, ast.If | ast.While | ast.IfExp):
        yield "the condition turned round", lambda at: _set(at.node, "test", ast.UnaryOp(ast.Not(), at.node.test))
    if isinstance(node, ast.Call):
        yield from _call_changes(node)
    if isinstance(node, ast.Slice):
        for side in ("lower", "upper", "step"):
            if getattr(node, side) is not None:
                yield f"a slice without its {side} end", lambda at, side=side: _set(at.node, side, None)
    if isinstance(node, ast.AugAssign | ast.Expr) and not isinstance(getattr(node, "value", None), ast.Constant):
        yield "the line is left out", lambda at: at.put(ast.Pass())
    if isinstance(node, ast.AugAssign):
        yield (
            "assigned, not added",
            lambda at: at.put(ast.Assign([at.node.target], at.node.value, lineno=at.node.lineno)),
        )
    if (
        isinstance(node, ast.Assign)
        and isinstance(node.targets[0], ast.Name)
        and _names(node.targets[0].id, node.value)
    ):
        yield "the line is left out", lambda at: at.put(ast.Pass())
    if isinstance(node, ast.Break | ast.Continue):
        yield "the line is left out", lambda at: at.put(ast.Pass())
    if isinstance(node, ast.comprehension) and node.ifs:
        yield "without its condition", lambda at: _set(at.node, "ifs", [])


def _call_changes(node: ast.Call) -> Iterator[tuple[str, Change]]:
    name = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "the call")
    if len(node.args) == 1 and not isinstance(node.args[0], ast.Starred | ast.GeneratorExp):
        yield f"without {name}(…)", lambda at: at.put(at.node.args[0])
    if not node.args and isinstance(node.func, ast.Attribute):
        yield f"without .{name}()", lambda at: at.put(at.node.func.value)
    if len(node.args) == 2 and not any(isinstance(one, ast.Starred) for one in node.args):
        yield f"the arguments of {name} swapped", lambda at: _set(at.node, "args", at.node.args[::-1])
    for place, keyword in enumerate(node.keywords):
        if keyword.arg:
            yield f"{name} without {keyword.arg}", lambda at, place=place: _drop(at.node.keywords, place)
    for one, other in OTHERS.items():
        if name == one and isinstance(node.func, ast.Attribute):
            yield f"{one} becomes {other}", lambda at, other=other: _set(at.node.func, "attr", other)
        elif name == one and {one, other} <= {"max", "min"}:
            yield f"{one} becomes {other}", lambda at, other=other: _set(at.node.func, "id", other)


OTHERS = {"max": "min", "min": "max", "argmax": "argmin", "argmin": "argmax", "sum": "mean", "mean": "sum"}


def _set(node: Any, name: str, value: Any) -> bool:
    setattr(node, name, value)
    return True


def _swap(node: ast.BinOp) -> bool:
    node.left, node.right = node.right, node.left
    return True


def _drop(values: list[Any], place: int) -> bool:
    del values[place]
    return True


def _names(name: str, value: ast.AST) -> bool:
    """Whether an expression reads a name: then its assignment can be left out, and the old value stays."""
    return any(isinstance(one, ast.Name) and one.id == name for one in ast.walk(value))


SIGNS = {
    "Add": "+", "Sub": "-", "Mult": "*", "Div": "/", "FloorDiv": "//", "Mod": "%", "Pow": "**", "Lt": "<", "LtE": "<=", "Gt": ">",
    "GtE": ">=", "Eq": "==", "NotEq": "!=", "In": "in", "NotIn": "not in", "Is": "is", "IsNot": "is not", "Not": "not", "USub": "-",
}  # fmt: skip


def _sign(node: ast.AST) -> str:
    return SIGNS.get(type(node).__name__, type(node).__name__)
