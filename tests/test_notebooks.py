"""Every tracked lesson keeps the contract of notebook_contract.py; that it prints what is stored is nbval's part."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import nbformat
import pytest
from lesson_order import promise_faults, unknown_in
from nbformat.v4 import new_code_cell, new_notebook
from notebook_contract import RULES, repeated_definitions

from lmcourse.project.kernels import play
from lmcourse.project.places import here

ROOT = Path(__file__).resolve().parent.parent
NOTEBOOKS = ROOT / "notebooks"
LESSONS = sorted(NOTEBOOKS.glob("[0-9][0-9]_*.ipynb"))


def read(path: Path) -> Any:
    return nbformat.read(path, as_version=nbformat.NO_CONVERT)


@pytest.mark.parametrize("rule", RULES)
@pytest.mark.parametrize("path", LESSONS, ids=lambda path: path.stem)
def test_the_lesson_keeps_the_rule(path, rule):
    """Each rule's own docstring says what it is for; CONTRIBUTING.md tells an author how to keep it."""
    found = RULES[rule](read(path))
    assert not found, f"{path.name}, {rule}: {RULES[rule].__doc__}\n" + "\n".join(f"- {sentence}" for sentence in found)


@pytest.mark.parametrize("path", LESSONS, ids=lambda path: path.stem)
def test_the_lesson_is_a_sound_notebook(path):
    """What violates the format opens in one editor and not in the next."""
    notebook = read(path)
    nbformat.validate(notebook)
    stored = path.read_text(encoding="utf-8")
    assert stored == nbformat.writes(notebook).rstrip("\n") + "\n", "not as `make execute` writes it; run that"


def test_there_is_a_first_lesson():
    """Without a single lesson all tests above would pass by not being there."""
    assert [path.name for path in LESSONS if path.name.startswith("01_")], "notebooks/ holds no lesson 01"


def test_a_number_means_one_lesson_and_the_readme_tells_which_are_here():
    """`lmcourse reset 4` and "lesson 4" in the text must mean the same notebook, and the README must not promise others.

    Lessons may come in the order 1-4-2-3-5, in which they can be learnt.
    """
    numbers = [int(path.name[:2]) for path in LESSONS]
    assert [here().find(number) for number in numbers] == LESSONS and len(set(numbers)) == len(numbers)
    rows = re.findall(r"^\| (\d+) \|.*\| (\S+) \|$", (ROOT / "README.md").read_text(encoding="utf-8"), re.MULTILINE)
    assert [int(number) for number, state in rows if state == "**here**"] == numbers


def test_no_definition_stands_in_two_lessons():
    """What two lessons need belongs in the library, where it is tested once."""
    assert repeated_definitions({path.stem: read(path) for path in LESSONS}) == []


def test_every_promise_is_paid_in_lesson_4_in_the_same_words():
    """A promise that is forgotten, paid twice, or whose figures were changed in one of two places, is worse than none."""
    assert promise_faults({int(path.name[:2]): read(path) for path in LESSONS}) == []


def test_lesson_4_can_follow_lesson_1():
    """In the order 1-4-2-3-5 nobody may meet a name or a term that only lesson 2 or 3 explains, but in 4's last section."""
    lessons = {int(path.name[:2]): read(path) for path in LESSONS}
    later = [lessons[number] for number in (2, 3) if number in lessons]
    assert unknown_in(lessons[4], [lessons[1]], later) == []


def test_no_lesson_finds_a_file_of_another(tmp_path):
    """A lesson that needs what another one wrote fails for whoever begins with it.

    No lesson writes where it runs (the rule `stays_at_home`, and `make execute`), `make run` plays each in an empty folder,
    and beside the notebooks there is nothing to be read.
    """
    beside = [path.name for path in NOTEBOOKS.iterdir() if not path.name.startswith(".") and path.suffix != ".ipynb"]
    assert sorted(set(beside) - {"exercises", "solutions", "__pycache__"}) == []
    path = tmp_path / "lesson.ipynb"
    nbformat.write(new_notebook(cells=[new_code_cell("import os\nassert not os.listdir()", id="look")]), path)
    assert play(path).failure is None
