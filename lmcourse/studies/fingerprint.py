"""Has what decides a result changed? A hash of what code *does*, and one of what a corpus *says*.

Of code, the syntax tree is hashed without what cannot change a result: comments, layout, docstrings, annotations, the
sentences of errors. So prose may be corrected without running a study again, and a changed constant cannot hide. Of a
corpus, the texts, their order and what decides their split are hashed, not the notes about them.
"""

from __future__ import annotations

import ast
import hashlib
import json
from collections.abc import Collection, Iterator
from dataclasses import asdict
from pathlib import Path
from typing import Any

from lmcourse import corpus
from lmcourse.corpus.owned import data_folder
from lmcourse.errors import LmcourseError

ROOT = Path(__file__).resolve().parents[2]
LENGTH = 16  # hexadecimal digits: 64 bits tell accidents apart
# What a Python of another version may write into the tree though the program is the same, and what decides nothing.
IGNORED = {"ctx", "kind", "type_comment", "type_params", "type_ignores", "annotation", "returns"}


def code_hash(source: str, apart: Collection[str] = ()) -> str:
    """The fingerprint of a Python source; assignments to the names ``apart`` at its top level are left out."""
    tree = ast.parse(source)
    tree.body = [node for node in tree.body if not set(_defines(node)) & set(apart)]
    return _short(_told(tree))


def module_hash(name: str, parts: Collection[str] = ()) -> str:
    """The fingerprint of a module of the package, ``lmcourse.nn.lstm``, or of some top-level ``parts`` of it alone."""
    stem = ROOT.joinpath(*name.split("."))
    path = stem / "__init__.py" if stem.is_dir() else stem.with_suffix(".py")
    if not path.is_file():
        raise LmcourseError(f"A study depends on {name}, which is no module here; name the one that has its code now.")
    source = path.read_text(encoding="utf-8")
    if not parts:
        return code_hash(source)
    found = {one: node for node in ast.parse(source).body for one in _defines(node) if one in parts}
    if missing := sorted(set(parts) - set(found)):
        raise LmcourseError(
            f"A study depends on {', '.join(missing)} of {name}, and there is no such thing; name what is there now."
        )
    return _short(",".join(_told(found[part]) for part in sorted(parts)))


def data_hash(name: str) -> str:
    """The fingerprint of a known corpus: ids, texts, genres and what decides the split, in their order."""
    lines = []
    for record in corpus.load(name):
        told = {key: value for key, value in asdict(record).items() if key != "meta"}
        lines.append(told | {key: record.meta[key] for key in ("split_id", "genre") if key in record.meta})
    return _short(json.dumps(lines, sort_keys=True))


def file_hash(name: str) -> str:
    """The fingerprint of a file of the data folder; of text, whatever its line ends."""
    path = data_folder() / name
    if not path.is_file():
        raise LmcourseError(f"A study depends on the file {name} of the data folder, which is not there; name the one that is.")
    content = path.read_bytes()
    return hashlib.sha256(content if b"\0" in content else content.replace(b"\r\n", b"\n")).hexdigest()[:LENGTH]


def _told(part: Any) -> str:
    """A part of the tree in words, the same for every Python that the course runs on."""
    if isinstance(part, list):
        return "[" + ",".join(_told(item) for item in part if not _is_prose(item)) + "]"
    if not isinstance(part, ast.AST):
        return repr(part)
    if isinstance(part, ast.Raise):  # what an error says changes no result: there is none
        return "Raise()"
    fields = [
        f"{name}={_told(value)}"
        for name, value in ast.iter_fields(part)
        if name not in IGNORED and value != [] and (value is not None or isinstance(part, ast.Constant))
    ]
    return f"{type(part).__name__}({','.join(fields)})"


def _is_prose(item: Any) -> bool:
    """Docstrings, wherever they stand."""
    return isinstance(item, ast.Expr) and isinstance(item.value, ast.Constant) and isinstance(item.value.value, str)


def _defines(node: ast.stmt) -> Iterator[str]:
    """The names that a statement gives a meaning to."""
    if isinstance(node, ast.FunctionDef | ast.ClassDef):
        yield node.name
    elif isinstance(node, ast.Assign | ast.AnnAssign):
        targets = node.targets if isinstance(node, ast.Assign) else [node.target]
        yield from (target.id for target in targets if isinstance(target, ast.Name))


def _short(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:LENGTH]
