"""How long nbgrader takes for a class: thirty submissions of one set of exercises, a third right, a third half done, a third empty.

    python bench/autograde.py [--lesson 3] [--submissions 30]

Time is the CPU time of this process and of the kernels that it starts, and the clock's. Every submission runs in a kernel of its own, which
loads PyTorch anew.
"""

from __future__ import annotations

import argparse
import contextlib
import io
import os
import tempfile
import time
from pathlib import Path

import nbformat

from lmcourse.project import classroom, here

STAMP = "2026-01-01 10:00:00.000000 UTC"


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--lesson", type=int, default=3)
    parser.add_argument("--submissions", type=int, default=30)
    options = parser.parse_args()
    os.environ["OMP_NUM_THREADS"] = "1"
    name = next(path.stem for path in here().solutions() if int(path.stem[:2]) == options.lesson)
    with tempfile.TemporaryDirectory() as place:
        course = Path(place) / "class"
        classroom.init(course, [options.lesson], echo=str)
        os.chdir(course)
        api = opened(course)
        with contextlib.redirect_stderr(io.StringIO()):
            api.generate_assignment(name)
            api.release_assignment(name)
            for number in range(options.submissions):
                hand_in(course, name, f"student{number:02}", number % 3)
            api.collect(name)
            before, start = os.times(), time.perf_counter()
            for number in range(options.submissions):
                done = api.autograde(name, f"student{number:02}")
                assert done["success"], done["log"]
            clock, after = time.perf_counter() - start, os.times()
        spent = sum(after[:4]) - sum(before[:4])
        points = sorted({api.get_submission(name, f"student{number:02}")["code_score"] for number in range(options.submissions)})
        os.chdir("/")
    print("| set | submissions | points given | CPU-seconds | each | by the clock |\n|---|---|---|---|---|---|")
    print(
        f"| {name} | {options.submissions} | {', '.join(f'{point:g}' for point in points)} | {spent:.0f} "
        f"| {spent / options.submissions:.1f} | {clock:.0f} s |"
    )


def opened(course: Path):  # noqa: ANN201 - nbgrader's API
    """nbgrader's API with the class's own settings."""
    from nbgrader.apps import NbGraderAPI
    from traitlets.config import Config
    from traitlets.config.loader import PyFileConfigLoader

    return NbGraderAPI(config=Config(PyFileConfigLoader("nbgrader_config.py", str(course)).load_config()))


def hand_in(course: Path, name: str, student: str, kind: int) -> None:
    """Put a submission where nbgrader collects it: all solved, every other one, none."""
    source = nbformat.read(course / "source" / name / f"{name}.ipynb", as_version=4)
    notebook = nbformat.read(course / "release" / name / f"{name}.ipynb", as_version=4)
    answers = [cell for cell in source.cells if cell.metadata.get("nbgrader", {}).get("solution")]
    chosen = {cell.id: cell.source for place, cell in enumerate(answers) if kind == 0 or (kind == 1 and place % 2)}
    for cell in notebook.cells:
        cell.source = chosen.get(cell.id, cell.source)
    folder = course / "exchange" / "lmcourse" / "inbound" / f"{student}+{name}+{STAMP}"
    folder.mkdir(parents=True)
    nbformat.write(notebook, folder / f"{name}.ipynb")
    (folder / "timestamp.txt").write_text(STAMP)


if __name__ == "__main__":
    main()
