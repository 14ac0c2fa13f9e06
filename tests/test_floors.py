"""The package's order: imports go down only, importing costs nothing, every name exists, nothing stands twice.

The floors themselves are read from CONTRIBUTING.md, so that what is written there is what holds.
"""

from __future__ import annotations

import ast
import copy
import json
import re
import subprocess
import sys
from collections import defaultdict
from collections.abc import Iterable, Iterator
from pathlib import Path

import pytest

import lmcourse

ROOT = Path(__file__).resolve().parent.parent


def floors() -> dict[str, int]:
    """Every module and its floor, from the table in CONTRIBUTING.md."""
    rows = re.findall(r"^\| (\d) \| (.*) \|$", (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8"), re.MULTILINE)
    return {name: int(floor) for floor, names in rows for name in re.findall(r"`(\w+)`", names)}


def modules(package: Path) -> dict[str, list[Path]]:
    """The package's modules and the files of each: ``corpus`` and all that stands in its folder are one."""
    found = defaultdict(list)
    for path in sorted(package.rglob("*.py")):
        if path != package / "__init__.py":  # it imports nothing; its names are loaded when they are asked for
            found[path.relative_to(package).parts[0].removesuffix(".py")].append(path)
    return dict(found)


def imported(source: str, names: Iterable[str]) -> Iterator[str]:
    """The modules of the package that a source imports anywhere, in functions too."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            targets = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            targets = [f"{node.module}.{alias.name}" for alias in node.names]
            assert not node.level, "the package is imported by its full name"
        else:
            continue
        for target in targets:
            parts = target.split(".")
            if parts[0] == "lmcourse" and len(parts) > 1 and parts[1] in names:
                yield parts[1]


def edges(package: Path) -> set[tuple[str, str]]:
    """Which module imports which."""
    files = modules(package)
    return {
        (importer, target)
        for importer, paths in files.items()
        for path in paths
        for target in imported(path.read_text(encoding="utf-8"), files)
        if target != importer
    }


def wrong(edges: set[tuple[str, str]], floors: dict[str, int]) -> list[str]:
    """The imports that go up, and the rings within a floor."""
    up = [
        f"{one} (floor {floors[one]}) imports {two} (floor {floors[two]})"
        for one, two in edges
        if floors[one] < floors[two]
    ]
    rest, nodes = set(edges), {name for edge in edges for name in edge}
    while leaves := {name for name in nodes if not any(one == name for one, _ in rest)}:
        nodes -= leaves
        rest = {(one, two) for one, two in rest if two not in leaves}
    return sorted(up) + [f"{one} and {two} are in a ring of imports" for one, two in sorted(rest)]


def test_imports_go_down_only() -> None:
    """Would notice a tokenizer that asks the command line, or two modules that need each other."""
    assert wrong(edges(ROOT / "lmcourse"), floors()) == []


def test_every_module_has_a_floor() -> None:
    """Would notice a module that is in no table, or a row for one that is gone."""
    there = set(modules(ROOT / "lmcourse"))
    assert there == set(floors())


def test_the_check_of_imports_sees_what_it_should(tmp_path: Path) -> None:
    """Would notice a check that cannot fail: an import upwards inside a function, and a ring."""
    (tmp_path / "files.py").write_text("def f():\n    from lmcourse import cli\n")
    (tmp_path / "cli.py").write_text("import lmcourse.files\n")
    assert wrong(edges(tmp_path), {"files": 0, "cli": 9}) == [
        "files (floor 0) imports cli (floor 9)",
        "cli and files are in a ring of imports",
        "files and cli are in a ring of imports",
    ]


def fresh(program: str) -> str:
    """What a new Python prints."""
    run = subprocess.run([sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=False)
    assert run.returncode == 0, run.stderr
    return run.stdout


def test_the_import_brings_in_neither_torch_nor_numpy() -> None:
    """Would notice a heavy import that creeps into `import lmcourse`, which every command pays for."""
    own = fresh("import sys; import lmcourse; print(*sorted(name.partition('.')[0] for name in sys.modules))").split()
    assert not {"torch", "numpy", "matplotlib", "IPython", "typer", "pydantic", "asyncio"} & set(own)


def test_the_command_line_starts_without_torch() -> None:
    """Would notice seconds before `lmcourse --help` answers."""
    own = fresh("import sys; import lmcourse.cli; print(*sys.modules)").split()
    assert not {"torch", "numpy", "matplotlib", "scipy"} & set(own)


def test_the_set_up_is_standard_library_only() -> None:
    """Would notice an import that a fresh checkout cannot have."""
    program = "import sys; sys.path.insert(0, '.'); import lmcourse.bootstrap; print(*sys.modules)"
    run = subprocess.run(
        [sys.executable, "-I", "-S", "-c", program], cwd=ROOT, capture_output=True, text=True, check=True
    )
    roots = {name.partition(".")[0] for name in run.stdout.split()}
    assert roots - set(sys.stdlib_module_names) <= {"lmcourse", "__main__"}


@pytest.mark.parametrize("name", [name for name in lmcourse.__all__ if name != "__version__"])
def test_every_public_name_exists(name: str) -> None:
    """Would notice a name that `dir(lmcourse)` promises and no module has."""
    value = getattr(lmcourse, name)
    assert value is not None
    if not hasattr(value, "__path__") and getattr(value, "__module__", "").startswith("lmcourse"):
        assert value.__doc__, "a public name says what it is"


def test_an_unknown_name_is_told_so() -> None:
    """Would notice the AttributeError of Python's own, which does not say where to look."""
    with pytest.raises(AttributeError, match="dir"):
        lmcourse.nonsense  # noqa: B018


# --- nothing stands twice ---------------------------------------------------------------------------------------

LONG_ENOUGH = 300  # characters of what a definition does; shorter ones (a property, a main) are alike by nature


class Bare(ast.NodeTransformer):
    """What a definition does: without docstrings and annotations, and with its own variables numbered."""

    def __init__(self, definition: ast.AST) -> None:
        nodes = list(ast.walk(definition))
        own = [node.arg for node in nodes if isinstance(node, ast.arg)]
        own += [node.id for node in nodes if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store)]
        self.names = {name: f"v{number}" for number, name in enumerate(dict.fromkeys(own))}

    def visit_Name(self, node: ast.Name) -> ast.Name:
        return ast.Name(self.names.get(node.id, node.id), ast.Load())

    def visit_arg(self, node: ast.arg) -> ast.arg:
        return ast.arg(self.names[node.arg])

    def visit_AnnAssign(self, node: ast.AnnAssign) -> ast.Assign:
        return self.generic_visit(ast.Assign([node.target], node.value or ast.Constant(None)))

    def visit_FunctionDef(self, node: ast.FunctionDef) -> ast.FunctionDef:
        body = node.body[1:] if ast.get_docstring(node) else node.body
        return self.generic_visit(ast.FunctionDef("_", node.args, body, []))


def doing(definition: ast.AST) -> str:
    """The same text for definitions that do the same under other names."""
    return ast.dump(Bare(definition).visit(copy.deepcopy(definition)))


def sources() -> Iterator[tuple[str, str]]:
    """Every Python file of the course, and the code of every notebook."""
    for folder in ("lmcourse", "tests", "tools", "bench"):
        for path in sorted((ROOT / folder).rglob("*.py")):
            yield path.relative_to(ROOT).as_posix(), path.read_text(encoding="utf-8")
    for path in sorted((ROOT / "notebooks").glob("[0-9]*.ipynb")):
        cells = json.loads(path.read_text(encoding="utf-8"))["cells"]
        for number, cell in enumerate(cells):
            code = "".join(cell["source"])
            if cell["cell_type"] == "code" and not re.search(r"^\s*[%!]", code, re.MULTILINE):
                yield f"{path.name}, cell {number}", code


def repeated(sources: Iterable[tuple[str, str]]) -> list[str]:
    """The functions and methods that do the same, word for word but for names: a line each, of where they stand."""
    places = defaultdict(list)
    for where, source in sources:
        for node in ast.walk(ast.parse(source)):
            if isinstance(node, ast.FunctionDef) and node.end_lineno - node.lineno > 1:
                does = doing(node)
                if len(does) >= LONG_ENOUGH:
                    places[does].append(f"{where}: {node.name}")
    return [", ".join(found) for found in places.values() if len(found) > 1]


def test_no_definition_is_repeated() -> None:
    """Elsewhere one class stands in 50 files in 32 versions, and a fault was mended in 1 of 21 copies."""
    assert repeated(sources()) == []


def test_the_check_of_repetitions_sees_a_renamed_copy() -> None:
    """Would notice a check that only compares names, or only text."""
    one = "def mean(values):\n  total = 0\n  for value in values:\n    total += value\n"
    one += "  return total / max(1, len(values))"
    other = one.replace("mean", "average").replace("total", "sum_").replace("value", "x")
    assert repeated([("a.py", one), ("b.py", other)]) == ["a.py: mean, b.py: average"]
    assert repeated([("a.py", one), ("b.py", other.replace("max(1", "max(2"))]) == []
