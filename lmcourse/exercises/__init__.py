"""Exercises that say what is wrong: ``lm.check.NAME(answer)``, ``lm.hint("NAME")``, ``lm.exercises.progress()``.

- ``exercise.py``: an exercise is a right answer with named steps, inputs to try, and a table of mistakes as patches.
- ``calls.py``, ``values.py``, ``variants.py``: calling a learner's code safely; comparing; wrong variants of a right answer.
- ``diagnosis.py``, ``reasons.py``, ``chance.py``, ``reached.py``, ``trace.py``, ``verdict.py``: is it right; if not, why, or is it
  chance, or how far is it right, or what happens on the way to the right result; what is said. ``record.py``: what is done. ``lesson_NN.py``: the exercises;
  ``inputs.py``: what several of them are tried on.
"""

from __future__ import annotations

import importlib
import pkgutil

from lmcourse.errors import LmcourseError
from lmcourse.exercises import record
from lmcourse.exercises.calls import Case, NotAttempted
from lmcourse.exercises.exercise import Exercise, Mistake, Property, exercise, exercise_of
from lmcourse.exercises.verdict import Verdict

__all__ = [
    "Case",
    "Exercise",
    "Mistake",
    "NotAttempted",
    "Property",
    "Verdict",
    "check",
    "exercise",
    "hint",
    "of_lesson",
    "progress",
]

_shown: dict[str, int] = {}


def lessons() -> list[int]:
    """The numbers of the lessons that have exercises."""
    return sorted(int(one.name[-2:]) for one in pkgutil.iter_modules(__path__) if one.name.startswith("lesson_"))


def of_lesson(number: int) -> list[Exercise]:
    """The exercises of a lesson, in their order."""
    module = importlib.import_module(f"{__name__}.lesson_{number:02}")
    found = {one.name: one for value in vars(module).values() if (one := exercise_of(value)) is not None}
    return [one for one in found.values() if one.function.__module__ == module.__name__]


def everyone() -> list[Exercise]:
    """The exercises of all lessons."""
    return [one for number in lessons() for one in of_lesson(number)]


def find(name: str) -> Exercise:
    """The exercise of this name."""
    for one in everyone():
        if one.name == name:
            return one
    raise LmcourseError(f"There is no exercise {name!r}; there are: {', '.join(one.name for one in everyone())}.")


class Checks:
    """``lm.check.NAME(answer)``: checks an answer to the exercise of that name."""

    def __getattr__(self, name: str) -> Exercise:
        if name.startswith("_"):
            raise AttributeError(name)
        return find(name)

    def __dir__(self) -> list[str]:
        return [one.name for one in everyone()]


check = Checks()


def hint(name: str, number: int | None = None) -> None:
    """Print the next hint for an exercise (or the one of this number, from 1); the last is nearly the solution."""
    one = find(name)
    at = number if number is not None else min(_shown.get(name, 0) + 1, len(one.hints))
    if not 1 <= at <= len(one.hints):
        raise LmcourseError(f"{name} has {len(one.hints)} hints; ask for one of these.")
    _shown[name] = at
    record.note_hint(one, at)
    after = "That is the last one." if at == len(one.hints) else "Again for the next."
    print(f"Hint {at} of {len(one.hints)}: {one.hints[at - 1]}\n{after}")


def progress(lesson: int | None = None) -> None:
    """Print what is done and what is next, in one lesson or in all."""
    print(record.table(of_lesson(lesson) if lesson is not None else everyone()))
