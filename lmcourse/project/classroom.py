"""A class's folder for nbgrader: sources with solutions, settings that fit, and what is handed out.

nbgrader (Blank et al. 2019, *nbgrader: A Tool for Creating and Grading Assignments in the Jupyter Notebook*)
generates, releases, collects, runs and marks; here is only what it must know of this course. Each set of exercises is one
assignment; the points stand in its check cells.
"""

from __future__ import annotations

import copy
import re
import shutil
import tempfile
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

from lmcourse.errors import LmcourseError
from lmcourse.files import write_atomic
from lmcourse.project.exercises import STUB, TEXT_STUB, released
from lmcourse.project.lessons import as_bytes
from lmcourse.project.places import Places, here

SECONDS, GIGABYTES = 60, 4  # what one cell of a submission may take
LINK = "solutions"  # the id of the cell that says where the solutions stand

CONFIG = f'''"""nbgrader's settings for this class. README.md beside it says what to do with them."""

import os
import sys
from pathlib import Path

c = get_config()  # noqa: F821 - nbgrader defines it
HERE = Path(__file__).resolve().parent

c.CourseDirectory.course_id = "lmcourse"
c.CourseDirectory.root = str(HERE)
# Where assignments and submissions change hands. On a server for many, a folder that all may write to.
c.Exchange.root = str(HERE / "exchange")

# What stands in place of a solution: a check then says “not attempted”, and the notebook runs to its end.
c.ClearSolutions.code_stub = {{"python": {STUB!r}}}
c.ClearSolutions.text_stub = {TEXT_STUB!r}

# A cell of a submission gets {SECONDS} seconds and (on Linux) {GIGABYTES} GB; what takes more has no points, and the others keep theirs.
c.Execute.timeout = {SECONDS}
c.Execute.error_on_timeout = {{
    "ename": "CellTimeoutError", "evalue": "", "traceback": ["This cell was stopped after {SECONDS} seconds."]
}}
c.Execute.extra_arguments = ["--HistoryManager.hist_file=:memory:"]
if sys.platform == "linux":
    limit = "import resource; resource.setrlimit(resource.RLIMIT_DATA, ({GIGABYTES} * 2**30, {GIGABYTES} * 2**30))"
    c.Execute.extra_arguments.append(f"--IPKernelApp.exec_lines={{limit}}")
c.LimitOutput.max_lines = 200

# nbgrader looks for a helper program (alembic) on PATH; it stands beside this Python.
os.environ["PATH"] = os.pathsep.join([str(Path(sys.executable).parent), os.environ.get("PATH", "")])
os.environ["LMCOURSE_PROGRESS"] = "off"  # what students have done is not the lecturer's progress
'''


def init(
    folder: str | Path,
    lessons: Iterable[int] | None = None,
    solutions: bool = True,
    *,
    places: Places | None = None,
    echo: Callable[[str], object] = print,
) -> None:
    """Make a class's folder: nbgrader's ``source`` and settings, and ``handout``, what the class gets.

    ``lessons``: their numbers; all that have exercises when none are given. Without ``solutions`` the handout has none, and no
    exercise says where to find them. A folder that holds anything is refused; nothing half-made is left.
    """
    places, folder = places or here(), Path(folder)
    chosen = _chosen(places, lessons)
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise LmcourseError(f"{folder} is there and not empty; name a new folder for the class.")
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(prefix=f".{folder.name}.", dir=folder.parent) as made:
            aside = Path(made) / "class"
            points = {source.stem: _put(places, source, aside, solutions) for source in chosen}
            (aside / "exchange").mkdir()
            write_atomic(aside / "nbgrader_config.py", CONFIG.encode())
            write_atomic(aside / "README.md", _readme(points, solutions).encode())
            if folder.exists():
                folder.rmdir()
            shutil.move(aside, folder)
    except OSError as error:
        raise LmcourseError(f"Cannot make {folder}: {error.strerror or error}; choose a folder that you may write to.") from error
    echo(f"{folder}: {len(points)} sets with {sum(points.values())} points. What to do next stands in {folder / 'README.md'}.")


def _chosen(places: Places, lessons: Iterable[int] | None) -> list[Path]:
    sources = {int(path.stem[:2]): path for path in places.solutions()}
    wanted = list(sources) if lessons is None else list(dict.fromkeys(lessons))
    missing = [number for number in wanted if number not in sources]
    if missing or not wanted:
        there = ", ".join(map(str, sources)) or "none"
        raise LmcourseError(f"There are no exercises for lesson {missing[0] if missing else '(none)'}; there are for: {there}.")
    return [sources[number] for number in wanted]


def numbers(text: str) -> list[int]:
    """``"1-3,7"`` as 1, 2, 3, 7."""
    found: list[int] = []
    for part in text.split(","):
        match = re.fullmatch(r"\s*(\d+)\s*(?:-\s*(\d+)\s*)?", part)
        if not match or (match[2] and int(match[2]) < int(match[1])):
            raise LmcourseError(f"“{text}” names no lessons; write for example 1-7 or 1,3,5.")
        found += range(int(match[1]), int(match[2] or match[1]) + 1)
    return found


def _put(places: Places, source: Path, folder: Path, solutions: bool) -> int:
    """One set: nbgrader's source, and what is handed out with it. Returns its points."""
    notebook = _without_link(source, solutions)
    write_atomic(folder / "source" / source.stem / source.name, as_bytes(notebook))
    given = released(source)
    if not solutions:
        given.cells = [cell for cell in given.cells if cell.id != LINK]
    write_atomic(folder / "handout" / "exercises" / source.name, as_bytes(given))
    lesson = places.find(int(source.stem[:2]))
    write_atomic(folder / "handout" / lesson.name, lesson.read_bytes())
    if solutions:
        write_atomic(folder / "handout" / "solutions" / source.name, source.read_bytes())
    return sum(int(cell.metadata.get("nbgrader", {}).get("points", 0)) for cell in notebook.cells)


def _without_link(source: Path, solutions: bool) -> Any:
    import nbformat

    notebook = copy.deepcopy(nbformat.read(source, as_version=4))
    if not solutions:
        notebook.cells = [cell for cell in notebook.cells if cell.id != LINK]
    return notebook


def _readme(points: dict[str, int], solutions: bool) -> str:
    rows = "\n".join(f"| {name} | {count} |" for name, count in points.items())
    first = next(iter(points))
    return f"""# A class with lmcourse and nbgrader

| assignment | points |
|---|---|
{rows}

- `handout/`: what the class gets: lessons and exercises{", and their solutions" if solutions else ", no solutions"}.
- `source/`: the exercises with their solutions, for nbgrader; keep this folder to yourself.
- `nbgrader_config.py`: settings. `exchange/`: where assignments and submissions change hands. A database, `gradebook.db`, comes
  into being with the first use.

All in this folder, with the course's own environment (`.venv/bin` in its clone) active:

```sh
nbgrader generate_assignment {first}
nbgrader release_assignment {first}     # students fetch and submit in JupyterLab, Nbgrader → Assignment List
nbgrader collect {first}
nbgrader autograde {first}              # runs every submission
nbgrader generate_feedback {first}      # pages with points and with what each check said
nbgrader export                         # all points as a table
```

Cells with words (“in your own words”, the open project) have no check: mark them in JupyterLab, Nbgrader → Formgrader.

**Submissions are programs of others.** The autograder runs them as you. Each cell has {SECONDS} seconds and, on Linux, {GIGABYTES} GB; nothing else is
kept from them: files, network, the database of grades. Where students are not trusted with that, autograde in a container that has this
folder and nothing else, without a network and with a limit of its own, for example with an image in which the course is
installed:

```sh
docker run --rm --network none --memory 6g --cpus 2 -v "$PWD":/class -w /class IMAGE nbgrader autograde {first}
```

A check's verdict is the number that its cell ends with. What a student prints, redefines or catches does not change it, for each check
cell imports the check anew; a cell that raises, or writes to stderr, has no points.
"""
