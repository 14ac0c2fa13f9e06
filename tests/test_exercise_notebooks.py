"""From solutions to exercises: what is cleared, what is locked, and that a fresh exercise notebook runs calmly to its end."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook

from lmcourse.errors import LmcourseError
from lmcourse.project import here
from lmcourse.project.exercises import build, released
from lmcourse.project.kernels import play, printed
from lmcourse.project.places import Places

HERE = here()
SETS = HERE.exercises()


def graded(grade_id: str, solution: bool = False, grade: bool = False, points: int = 0) -> dict[str, Any]:
    about = {
        "grade_id": grade_id,
        "grade": grade,
        "solution": solution,
        "locked": not solution,
        "task": False,
        "schema_version": 3,
    }
    return {"nbgrader": about | ({"points": points} if grade else {})}


SOLUTION = """def gru_step(x, h, W, U, b):
    ### BEGIN SOLUTION
    (r, z, n), (r_h, z_h, n_h) = (x @ W.T + b).chunk(3, 1), (h @ U.T).chunk(3, 1)
    r, z = (r + r_h).sigmoid(), (z + z_h).sigmoid()
    return z * h + (1 - z) * (n + r * n_h).tanh()
    ### END SOLUTION"""
CHECK = """from lmcourse import check

check.gru_step(gru_step)
### BEGIN HIDDEN TESTS
print("hidden")
### END HIDDEN TESTS"""


def source(*more: Any) -> Any:
    cells = [
        new_markdown_cell("# A set", id="title"),
        new_code_cell("import lmcourse as lm", id="import"),
        new_code_cell(SOLUTION, id="answer", metadata=graded("answer", solution=True), execution_count=2),
        new_code_cell(
            CHECK,
            id="check",
            metadata=graded("check", grade=True, points=4),
            outputs=[nbformat.v4.new_output("stream", text="old")],
        ),
        *more,
    ]
    return new_notebook(
        cells=cells, metadata={"kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"}}
    )


@pytest.fixture
def places(tmp_path: Path) -> Places:
    for folder in ("solutions", "exercises"):
        (tmp_path / "notebooks" / folder).mkdir(parents=True)
    nbformat.write(source(), tmp_path / "notebooks" / "solutions" / "03_set.ipynb")
    return Places(tmp_path)


def test_solutions_hidden_tests_and_outputs_are_gone_and_checks_are_locked(places: Places) -> None:
    said: list[str] = []
    assert build(check=True, places=places, echo=said.append) == 1 and "does not fit its source" in said[0]
    assert build(places=places, echo=said.append) == 0
    made = nbformat.read(places.exercises()[0], as_version=4)
    answer, check = made.cells[2:]
    assert answer.source == "def gru_step(x, h, W, U, b):\n    raise lm.NotAttempted"
    assert check.source == "from lmcourse import check\n\ncheck.gru_step(gru_step)"
    assert (check.metadata.editable, check.metadata.deletable) == (False, False) and "editable" not in answer.metadata
    assert not any(cell.get("outputs") or cell.get("execution_count") for cell in made.cells)
    assert build(check=True, places=places, echo=said.append) == 0  # the same again


def test_a_change_of_either_side_is_noticed(places: Places) -> None:
    said: list[str] = []
    build(places=places, echo=said.append)
    path = places.exercises()[0]
    path.write_text(path.read_text().replace("A set", "Another"))
    (places.notebooks / "exercises" / "09_lost.ipynb").write_text("{}")
    said.clear()
    assert build(check=True, places=places, echo=said.append) == 1
    assert re.search("03_set.ipynb: does not fit", said[0]) and re.search("09_lost.ipynb: has no source", said[1])


def test_an_unsound_source_is_one_sentence(places: Places) -> None:
    path = places.solutions()[0]
    nbformat.write(
        source(new_code_cell("### BEGIN SOLUTION\n1", id="open", metadata=graded("open", solution=True))), path
    )
    with pytest.raises(
        LmcourseError, match="03_set.ipynb is not a sound source of exercises: no end solution statement"
    ):
        build(places=places)


def test_a_fresh_set_runs_calmly_to_its_end_and_a_solved_one_has_its_points(places: Places) -> None:
    build(places=places, echo=str)
    fresh, solved = play(places.exercises()[0]), play(places.solutions()[0])
    assert fresh.failure is None and solved.failure is None
    assert printed(fresh.notebook.cells[3]) == "gru_step: not attempted yet.\n"
    assert [
        out.data["text/plain"] for out in fresh.notebook.cells[3].outputs if out.output_type == "execute_result"
    ] == ["0"]


@pytest.mark.parametrize("path", SETS, ids=lambda path: path.stem)
def test_the_sets_fit_their_solutions_and_run_calmly_when_untouched(path: Path) -> None:
    from lmcourse.project.lessons import as_bytes

    assert path.read_bytes() == as_bytes(released(HERE.notebooks / "solutions" / path.name)), "make exercises"
    played = play(path)
    assert played.failure is None
    for cell in played.notebook.cells:
        about = cell.metadata.get("nbgrader", {})
        if cell.cell_type == "code" and about.get("grade"):
            assert "not attempted yet" in printed(cell), about["grade_id"]
            assert [out.data["text/plain"] for out in cell.outputs if out.output_type == "execute_result"] == ["0"]
