"""A check: is an answer right on every input, does it leave its arguments alone, is it quick enough, does it obey the laws?

Only when it is not, :mod:`.reasons` asks why.
"""

from __future__ import annotations

from typing import Any

from lmcourse.exercises import calls, chance, record
from lmcourse.exercises.calls import NotAttempted
from lmcourse.exercises.exercise import Exercise, as_case, being_checked
from lmcourse.exercises.reasons import explained, spoken
from lmcourse.exercises.verdict import Answer, Verdict, alike


def check(exercise: Exercise, target: Any) -> Verdict:
    """Check an answer, say what was found, note it, and return it."""
    verdict = judged(exercise, target)
    record.note(exercise, verdict.state)
    print(verdict.text)
    return verdict


def judged(exercise: Exercise, target: Any) -> Verdict:
    """The verdict on an answer, with its reason."""
    answer = Answer(exercise, target)
    early = _before(answer)
    if early is not None:
        return early
    answer.found = answer.outcomes(exercise.inputs)
    first = answer.found[0]
    if isinstance(first.error, NotAttempted) or _as_given(answer):
        words = f"{exercise.name}: not attempted yet."
        if not isinstance(first.error, NotAttempted):
            words += " It does what it did as it was given, faults included."
        return Verdict(exercise, "not attempted", lines=(words,))
    verdict = explained(answer) if answer.wrong else _behaved(answer) or _lawful(answer)
    if verdict is not None:
        return verdict
    count = len(answer.found)
    says = f"{exercise.name}: right{f', on all of {count} inputs' * (count > 1)}. {_points(exercise.points)}."
    return Verdict(exercise, "right", lines=(says,))


def refused(exercise: Exercise, target: Any) -> bool:
    """Whether a check refuses an object, without asking why."""
    answer = Answer(exercise, target)
    if _before(answer):
        return True
    answer.found = answer.outcomes(exercise.inputs)
    return bool(answer.wrong) or _behaved(answer) is not None or _lawful(answer) is not None


def _points(points: int) -> str:
    return f"{points} point{'s' * (points != 1)}"


def _before(answer: Answer) -> Verdict | None:
    """What can be said before anything is called."""
    exercise, target = answer.exercise, answer.target
    if target is None or target is ...:
        return Verdict(exercise, "not attempted", lines=(f"{exercise.name}: not attempted yet.",))
    if isinstance(target, type) != isinstance(exercise.function, type) or not callable(target):
        what = "a class" if isinstance(exercise.function, type) else "a function"
        said = f"{exercise.name}: check {what}, without calling it: lm.check.{exercise.name}({exercise.name})."
        return Verdict(exercise, "wrong", "free", (said,))
    name = calls.borrowed(target, exercise.forbidden)
    if name is not None or isinstance(target, Exercise):
        words = f"{name} does this exercise by itself" if name else "that is the exercise, not an answer"
        return Verdict(exercise, "wrong", "borrowed", (f"{exercise.name}: write the steps out; {words}.",))
    return None


def _as_given(answer: Answer) -> bool:
    """Whether code that was handed out with mistakes still makes exactly these."""
    exercise = answer.exercise
    if not exercise.given:
        return False
    given = exercise.outcomes(exercise.variant(*exercise.given).target, exercise.inputs)
    return alike(answer.found, given, exercise.tolerance)


def _behaved(answer: Answer) -> Verdict | None:
    """Right results, but arguments changed, a memory between calls, or too much time."""
    exercise, name = answer.exercise, answer.exercise.name
    expected = exercise.expected
    for one, right in zip(answer.found, expected, strict=True):
        if new := [argument for argument in one.changed if argument not in right.changed]:
            said = (
                f"{name}: the result is right, but the call changed its argument {new[0]}. Operations in place (+=, append, "
                "sort, names that end in _) change the caller's data; make a new object."
            )
            return Verdict(exercise, "wrong", "changed", (said,))
    if (said := chance.unsteady(answer, many=2)) is not None:
        return Verdict(exercise, "wrong", "state", (f"{name}: right once. {said}",))
    if exercise.big is not None:
        case = as_case(exercise.big())
        allowed = exercise.slower * max(calls.cpu_time(exercise.function, case, exercise.drive), 1e-4)
        found = answer.outcomes([case], limit=max(calls.LIMIT, allowed))[0]
        right = exercise.outcomes(exercise.function, [case])[0]
        if found.late or calls.cpu_time(answer.target, case, exercise.drive) > allowed:
            # No figure: it would be another one each time.
            said = f"{name}: right, but much too slow on {case.what or 'a large input'}. {exercise.slow}"
            return Verdict(exercise, "wrong", "slow", (said,))
        if not found.answers(right, exercise.tolerance):
            return Verdict(
                exercise,
                "wrong",
                "counterexample",
                (f"{name}: not there yet. It differs on {case.what or 'a large input'}.",),
            )
    return None


def _lawful(answer: Answer) -> Verdict | None:
    """Laws that hold for every input."""
    for law in answer.exercise.properties:
        holds: list[Any] = []
        try:
            with being_checked(), calls.undisturbed():
                in_time = calls.in_time(
                    lambda law=law, holds=holds: holds.append(law.holds(answer.target)), calls.LIMIT
                )
        except Exception as error:  # of the learner's code
            in_time, holds = True, [f"it raises {spoken(error)}"]
        held = holds[0] if in_time and holds else "it does not come to an end"
        if held is not True:
            where = f" Here: {held}." if isinstance(held, str) else ""
            said = f"{answer.exercise.name}: right on all {len(answer.found)} inputs, but this does not hold: {law.name}. {law.hint}{where}"
            return Verdict(answer.exercise, "wrong", "property", (said,))
    return None
