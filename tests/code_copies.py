"""Is one piece of code a copy of another? Names, docstrings and annotations do not count; what is done does."""

from __future__ import annotations

import ast
import difflib
from functools import lru_cache
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent


@lru_cache(maxsize=1)
def library() -> tuple[frozenset[str], dict[str, tuple[str, ...]]]:
    """The library's public top-level names, and the shape of every function's body by name."""
    public, bodies = set(), {}
    for path in sorted((ROOT / "lmcourse").rglob("*.py")):
        if path.parent.name == "project" or path.stem in ("cli", "bootstrap", "__main__"):
            continue  # no lesson is about these
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, (ast.FunctionDef, ast.ClassDef)):
                if not node.name.startswith("_") and node.col_offset == 0:
                    public.add(node.name)
                if len(own := shape(node)) >= 40:
                    bodies[f"{path.stem}.{node.name}"] = own
    return frozenset(public), bodies


def shape(node: ast.AST) -> tuple[str, ...]:
    """What a definition does, as a row of words: variables numbered as they appear, no docstrings, no annotations."""
    variables: dict[str, str] = {}
    words: list[str] = []

    def visit(part: ast.AST) -> None:
        if isinstance(part, ast.Expr) and isinstance(part.value, ast.Constant) and isinstance(part.value.value, str):
            return
        words.append(type(part).__name__)
        if isinstance(part, (ast.Name, ast.arg)):
            words.append(
                variables.setdefault(part.id if isinstance(part, ast.Name) else part.arg, f"v{len(variables)}")
            )
        elif isinstance(part, ast.Attribute):
            words.append("." + part.attr)
        elif isinstance(part, ast.Constant) and not isinstance(part.value, str):
            words.append(repr(part.value))
        for field, value in ast.iter_fields(part):
            if field not in ("annotation", "returns", "decorator_list", "ctx"):
                for child in value if isinstance(value, list) else [value]:
                    if isinstance(child, ast.AST):
                        visit(child)

    visit(node)
    return tuple(words)


def alike(one: tuple[str, ...], other: tuple[str, ...], bound: float = 0.9) -> bool:
    if min(len(one), len(other)) < bound / (2 - bound) * max(len(one), len(other)):
        return False
    matcher = difflib.SequenceMatcher(None, one, other, autojunk=False)
    return matcher.real_quick_ratio() >= bound and matcher.quick_ratio() >= bound and matcher.ratio() >= bound
