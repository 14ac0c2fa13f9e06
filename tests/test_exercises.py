"""Every exercise's check: right answers pass, wrong ones and mutants do not, and what is said is specific and short."""

from __future__ import annotations

import functools
import importlib
import inspect
import os
import random
import re
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from lmcourse import exercises
from lmcourse.exercises import Exercise, NotAttempted
from lmcourse.exercises.diagnosis import judged, refused
from lmcourse.exercises.variants import mutants, steps_of
from lmcourse.exercises.verdict import MOST_LINES, Verdict

ALL = exercises.everyone()
EVERY = os.environ.get("LMCOURSE_TESTS") == "full"
WRITE = bool(os.environ.get("LMCOURSE_WRITE"))
SAMPLE = 16  # mutants of an exercise in the ordinary run
ANSWERS = 8  # and plausible wrong answers, and mistakes of the table
NAMED = (
    "named",
    "step",
    "reached",
    "free",
    "error",
    "late",
    "changed",
    "state",
    "slow",
    "property",
    "borrowed",
)  # all but a bare counterexample


def answers(exercise: Exercise) -> ModuleType:
    return importlib.import_module(f"exercise_answers.lesson_{exercise.lesson:02}")


def each(values: dict[str, Any] | None = None) -> Any:
    return pytest.mark.parametrize("exercise", ALL, ids=lambda one: one.name)


def some(exercise: Exercise, many: Sequence[Any], count: int) -> list[Any]:
    """A fixed sample in the ordinary run, in its order; all in the full run, and where the tables are written."""
    chosen = range(len(many))
    if not EVERY and not WRITE:
        chosen = sorted(random.Random(exercise.name).sample(chosen, min(count, len(many))))
    return [many[at] for at in chosen]


@pytest.fixture(autouse=True)
def nothing_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LMCOURSE_PROGRESS", "off")


def stub(*_: Any, **__: Any) -> Any:
    raise NotAttempted


@each()
def test_an_empty_exercise_is_not_attempted_and_the_reference_is_right(exercise: Exercise) -> None:
    if not isinstance(exercise.function, type):
        empty = judged(exercise, stub)
        assert (empty.state, empty.points, empty.text) == ("not attempted", 0, f"{exercise.name}: not attempted yet.")
    assert judged(exercise, None).state == "not attempted"
    full = judged(exercise, exercise.function)
    assert (full.state, full.points) == ("right", exercise.points), full.text


@each()
def test_right_answers_in_other_styles_pass(exercise: Exercise) -> None:
    right = answers(exercise).RIGHT[exercise.name]
    assert len(right) >= 3
    for answer in right:
        verdict = judged(exercise, answer)
        assert verdict.state == "right", f"{answer.__name__}: {verdict.text}"


@each()
def test_every_mistake_of_the_table_is_named_as_itself(exercise: Exercise) -> None:
    """Would notice a mistake that no input shows, and two that no input tells apart."""
    # Each is built, which raises where a patch does not fit its source any more.
    variants = {mistake.name: exercise.variant(mistake.name).target for mistake in exercise.mistakes}
    for mistake in some(exercise, exercise.mistakes, ANSWERS):
        if (mistake.name,) == exercise.given:
            continue
        verdict = judged(exercise, variants[mistake.name])
        assert verdict.names == (mistake.name,), f"{mistake.name}: {verdict.text}"


def surviving(exercise: Exercise, target: Any, known: dict[str, str]) -> list[str]:
    every = [(mutant.what, mutant.target) for mutant in mutants(target)]
    kinds = Counter(what for what, _ in every)
    assert set(known) <= set(kinds), f"listed as equivalent, and not a mutant: {set(known) - set(kinds)}"
    chosen = [one for one in every if one[0] not in known]
    return [what for what, mutant in some(exercise, chosen, SAMPLE) if not refused(exercise, mutant)]


@each()
def test_mutants_are_refused(exercise: Exercise) -> None:
    """Of the reference, and of a right answer in another style."""
    other = answers(exercise)
    assert surviving(exercise, exercise.function, exercise.equivalent) == []
    first = other.RIGHT[exercise.name][0]
    assert surviving(exercise, first, getattr(other, "EQUIVALENT", {}).get(exercise.name, {})) == []


@functools.cache
def _told(name: str) -> list[tuple[str, Verdict]]:
    exercise = exercises.find(name)
    return [(one.__name__, judged(exercise, one)) for one in some(exercise, answers(exercise).WRONG[name], ANSWERS)]


def told(exercise: Exercise) -> list[tuple[str, Verdict]]:
    """What plausible wrong answers are told, in the ordinary run some of them; asked once for all tests."""
    return _told(exercise.name)


@each()
def test_plausible_wrong_answers_are_told_why(exercise: Exercise) -> None:
    found = told(exercise)
    assert len(answers(exercise).WRONG[exercise.name]) >= 10
    assert [name for name, verdict in found if verdict.state != "wrong"] == []
    kinds = Counter(verdict.kind in NAMED for _, verdict in found)
    bare = sum(verdict.kind == "counterexample" for _, verdict in found)
    assert kinds[True] >= 0.7 * len(found) and bare <= 0.2 * len(found), [(name, one.kind) for name, one in found]
    for name, verdict in found:
        lines = verdict.text.splitlines()
        assert len(lines) <= MOST_LINES, name
        assert "lmcourse/exercises" not in verdict.text and "Traceback" not in verdict.text, name


@each()
def test_an_exercise_is_complete(exercise: Exercise) -> None:
    assert 1 <= exercise.stars <= 3 and exercise.points >= 1
    assert len(exercise.hints) >= 2 and exercise.task
    assert all(
        mistake.hint and not re.search(r"\b(just|simply|your code)\b", mistake.hint) for mistake in exercise.mistakes
    )
    steps = {step for step in steps_of(inspect.getsource(exercise.function)).values() if step}
    assert steps, "the lines of the oracle name their steps"


@pytest.mark.parametrize("lesson", exercises.lessons())
def test_the_table_of_wrong_answers_is_up_to_date(lesson: int) -> None:
    """``tests/exercise_answers/told/lesson_NN.md``: what each plausible wrong answer is told."""
    path = Path(__file__).parent / "exercise_answers" / "told" / f"lesson_{lesson:02}.md"
    rows = {
        (exercise.name, name): f"| {exercise.name} | {name} | {verdict.kind} | {_said(verdict)} |"
        for exercise in exercises.of_lesson(lesson)
        for name, verdict in told(exercise)
    }
    if WRITE:
        lines = [f"# Lesson {lesson}: what plausible wrong answers are told", "", "| exercise | wrong answer | reason | what is said |"]
        path.parent.mkdir(exist_ok=True)
        path.write_text("\n".join([*lines, "|---|---|---|---|", *rows.values(), ""]), encoding="utf-8")
    stored = path.read_text(encoding="utf-8").splitlines()[4:]
    anew = "LMCOURSE_WRITE=1 pytest tests/test_exercises.py -k up_to_date writes it anew"
    every = [(exercise.name, one.__name__) for exercise in exercises.of_lesson(lesson) for one in answers(exercise).WRONG[exercise.name]]
    assert [tuple(row.split(" | ")[:2]) for row in stored] == [(f"| {name}", answer) for name, answer in every], anew
    by_answer = dict(zip(every, stored, strict=True))
    assert {key: by_answer[key] for key in rows} == rows, anew


def _said(verdict: Verdict) -> str:
    """The reason, without what was given, expected and got."""
    lines = [line.strip() for line in verdict.lines]
    found = [line for line in lines[1:] if not re.match("given |steps |expected |got ", line)]
    return (found or [""] if len(lines) > 1 else lines)[0].replace("|", r"\|")
