"""`make exercises`: what a learner opens is made from the solutions, by nbgrader's own preprocessors.

``notebooks/solutions/NN_topic.ipynb`` is the single source: executed, with its outputs, tested strictly. In
``notebooks/exercises/NN_topic.ipynb`` the solutions are gone, the check cells locked, hidden tests and outputs removed. The same
source goes into a class's nbgrader folder (:mod:`lmcourse.project.classroom`), so both mean the same exercises.
"""

from __future__ import annotations

import copy
from collections.abc import Callable
from pathlib import Path
from typing import Any

from lmcourse.errors import LmcourseError
from lmcourse.files import write_atomic
from lmcourse.project.lessons import as_bytes, tidy
from lmcourse.project.places import Places, here

STUB = "raise lm.NotAttempted"
TEXT_STUB = "*Your answer here.*"


def build(check: bool = False, *, places: Places | None = None, echo: Callable[[str], object] = print) -> int:
    """Write the exercise notebooks anew; with ``check`` only say which no longer fit their source. Returns 1 if some do not."""
    places = places or here()
    drifted = 0
    wanted = {places.notebooks / "exercises" / source.name: source for source in places.solutions()}
    for path, source in wanted.items():
        new = as_bytes(released(source))
        if path.exists() and path.read_bytes() == new:
            continue
        drifted += 1
        if not check:
            write_atomic(path, new)
        echo(f"{path.relative_to(places.root)}: {'does not fit its source; run make exercises' if check else 'written'}.")
    for path in places.exercises():
        if path not in wanted:
            drifted += 1
            echo(f"{path.relative_to(places.root)}: has no source in notebooks/solutions; remove it.")
    return int(check and bool(drifted))


def released(source: Path) -> Any:
    """The exercise notebook that a solutions notebook becomes."""
    import nbformat

    nbgrader = needed()
    from traitlets.config import Config

    notebook = nbformat.read(source, as_version=4)
    config = Config(ClearSolutions={"code_stub": {"python": STUB}, "text_stub": TEXT_STUB})
    made, resources = copy.deepcopy(notebook), {}
    steps = (
        nbgrader.LockCells, nbgrader.ClearSolutions, nbgrader.ClearOutput, nbgrader.CheckCellMetadata, nbgrader.ClearHiddenTests,
        nbgrader.ClearMarkScheme, nbgrader.ComputeChecksums,
    )  # fmt: skip
    for step in steps:
        try:
            made, resources = step(config=config).preprocess(made, resources)
        except (RuntimeError, ValueError) as error:
            raise LmcourseError(f"{source.name} is not a sound source of exercises: {error}; mend its cells.") from error
    made = tidy(made)
    for cell in made.cells:
        if cell.cell_type == "code":
            cell.execution_count = None
    return made


def needed() -> Any:
    """nbgrader's preprocessors, or one sentence on how to get them."""
    try:
        from nbgrader import preprocessors
    except ImportError as error:
        raise LmcourseError("This needs nbgrader; install it with: pip install nbgrader.") from error
    return preprocessors
