"""A class's folder, and nbgrader's whole way with it: generate, release, collect, autograde, feedback."""

from __future__ import annotations

import os
import shutil
import sys
from pathlib import Path
from typing import Any

import nbformat
import pytest

from lmcourse.errors import LmcourseError
from lmcourse.project import classroom, here

NAME = "03_lstm_encoder_decoder"
STAMP = "2026-01-01 10:00:00.000000 UTC"


@pytest.fixture(scope="module")
def course(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("class") / "course"
    classroom.init(folder, [3], solutions=False, echo=str)
    return folder


def test_a_class_gets_no_solutions_when_it_shall_have_none(course: Path, tmp_path: Path) -> None:
    assert sorted(path.relative_to(course).as_posix() for path in course.rglob("*") if path.is_file()) == [
        "README.md", f"handout/{NAME}.ipynb", f"handout/exercises/{NAME}.ipynb", "nbgrader_config.py", f"source/{NAME}/{NAME}.ipynb",
    ]  # fmt: skip
    for path in (course / "handout" / "exercises").glob("*.ipynb"):
        assert "solutions" not in path.read_text(encoding="utf-8").casefold().replace('"solution"', "")
    classroom.init(tmp_path / "open", [3], echo=str)
    handed = tmp_path / "open" / "handout"
    assert (handed / "solutions" / f"{NAME}.ipynb").exists()
    assert "notebooks/solutions" in (handed / "exercises" / f"{NAME}.ipynb").read_text(encoding="utf-8")


def test_what_cannot_be_made_is_one_sentence_and_leaves_nothing(course: Path, tmp_path: Path) -> None:
    with pytest.raises(LmcourseError, match="is there and not empty; name a new folder"):
        classroom.init(course, [3])
    with pytest.raises(LmcourseError, match="There are no exercises for lesson 99"):
        classroom.init(tmp_path / "new", [3, 99])
    for wrong in ("3-1", "x", "", "1,,2"):
        with pytest.raises(LmcourseError, match="names no lessons"):
            classroom.numbers(wrong)
    assert classroom.numbers("1-3, 7") == [1, 2, 3, 7]
    assert list(tmp_path.iterdir()) == []


def solved(course: Path, names: set[str] | None) -> Any:
    """The released notebook with the solutions of these exercises (all if None) filled in."""
    source = nbformat.read(course / "source" / NAME / f"{NAME}.ipynb", as_version=4)
    notebook = nbformat.read(course / "release" / NAME / f"{NAME}.ipynb", as_version=4)
    answers = {cell.id: cell.source for cell in source.cells if cell.metadata.get("nbgrader", {}).get("solution")}
    for cell in notebook.cells:
        if cell.id in answers and (names is None or cell.id in names):
            cell.source = answers[cell.id]
    return notebook


def test_points_come_out_right_for_a_full_a_partial_and_an_empty_submission(course: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """And hints stand on the feedback's page; an endless loop and a redefined check cost no one else's points."""
    from nbgrader.apps import NbGraderAPI
    from traitlets.config import Config
    from traitlets.config.loader import PyFileConfigLoader

    monkeypatch.chdir(course)
    monkeypatch.setenv("PATH", os.environ["PATH"])  # the settings change it
    config = Config(PyFileConfigLoader("nbgrader_config.py", str(course)).load_config())
    config.Exchange.assignment_dir = str(course / "mine")
    config.ExchangeCollect.check_owner = False  # three students, one account
    api = NbGraderAPI(config=config)
    for step in (api.generate_assignment, api.release_assignment):
        assert (done := step(NAME))["success"], done
    partial = solved(course, {"gru_step"})
    for cell in partial.cells:
        if cell.id == "dot_attention":
            cell.source = "def dot_attention(queries, keys, values, real):\n    return (queries @ keys.transpose(1, 2)).softmax(-1) @ values"
        if cell.id == "teacher_forcing":
            cell.source = "class check:\n    teacher_forcing = staticmethod(lambda answer: 99)\n\nteacher_forcing = None"
        if cell.id == "counting_cell":
            cell.source = "def counting_cell():\n    while True:\n        pass"
    inbound = course / "exchange" / "lmcourse" / "inbound"
    for student, notebook in {"full": solved(course, None), "partial": partial, "empty": solved(course, set())}.items():
        folder = inbound / f"{student}+{NAME}+{STAMP}"
        folder.mkdir(parents=True)
        nbformat.write(notebook, folder / f"{NAME}.ipynb")
        (folder / "timestamp.txt").write_text(STAMP)
    assert (done := api.collect(NAME))["success"], done
    points = {}
    for student in ("full", "partial", "empty"):
        assert (done := api.autograde(NAME, student))["success"], done
        points[student] = api.get_submission(NAME, student)["code_score"]
    assert points == {"full": 20, "partial": 4, "empty": 0}
    assert (done := api.generate_feedback(NAME, "partial"))["success"], done
    page = (course / "feedback" / "partial" / NAME / f"{NAME}.html").read_text(encoding="utf-8")
    assert "As if: no mask and scores not divided by the root of the size" in page
    assert "It was stopped after 2 seconds" in page
    assert (course / "gradebook.db").exists() and sys.prefix in os.environ["PATH"]
    shutil.rmtree(course / "exchange")


def test_the_sets_of_a_class_are_those_of_the_course(tmp_path: Path) -> None:
    said: list[str] = []
    classroom.init(tmp_path / "all", echo=said.append)
    made = {path.stem for path in (tmp_path / "all" / "handout" / "exercises").glob("*.ipynb")}
    assert made == {path.stem for path in here().solutions()} and "points" in said[0]
