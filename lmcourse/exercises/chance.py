"""Does an answer hang on chance, or on what it was called with before? Then no reason but this one is true.

Every call of a check begins with the same random numbers, so that a verdict does not change by itself. Called once more, an answer
with a generator of its own (``np.random.default_rng()``), or with a memory, gives another result; called with other random numbers,
one that draws from those which belong to nobody (``random.random()``, ``torch.rand(3)``) does.
"""

from __future__ import annotations

from lmcourse.exercises import calls
from lmcourse.exercises.verdict import Answer

SOURCES = ("seed", "rng", "generator", "random")  # what an argument from which random numbers come is called
OWN = {"default_rng", "Generator", "Random", "RandomState", "SystemRandom", "seed", "manual_seed", "urandom"}


def unsteady(answer: Answer, at: int) -> str | None:
    """A sentence on why input number ``at`` gives one result now and another then; None if it does not."""
    exercise, first = answer.exercise, answer.found[at]
    again = answer.outcomes([exercise.inputs[at]])[0]
    kept = not again.like(first, exercise.tolerance) and not again.late
    if not kept:
        other = answer.outcomes([exercise.inputs[at]], seed=1)[0] if exercise.steady else first
        if other.late or other.like(first, exercise.tolerance):
            return None
    elif not _generators(answer.target) and not any(calls.state_of(value) for value in calls.reach(answer.target)):
        return "Called again with the same arguments, it gives another result: something is kept between calls, outside the function."
    source = _source(answer, at)
    told = (
        f"its random numbers do not all come from {source}"
        if source
        else "it draws random numbers, and the answer needs none"
    )
    return f"Called again with the same arguments, it gives another result: {told}."


def needless(answer: Answer, at: int) -> str | None:
    """A sentence on a generator that the code makes, seeded or not, where nothing is to be drawn; None if there is none."""
    made = sorted(_generators(answer.target) - _generators(answer.exercise.function))
    if not made or not answer.exercise.steady or _source(answer, at):
        return None
    return f"It draws random numbers ({made[0]}), and the answer needs none: with others it would be another one."


def _generators(target: object) -> set[str]:
    """What the code names that makes or seeds a generator."""
    return OWN & set().union(*map(calls.names_in, calls.codes(target)))


def unused(answer: Answer, at: int) -> str | None:
    """A sentence on a generator that is given and never drawn from; None if there is none."""
    drawn = {place for one in answer.found for place in one.drew}
    left = [place for place in answer.exercise.expected[at].drew if place not in drawn]
    return (
        f"Nothing is drawn from {answer.exercise.arguments[left[0]]}, and the random numbers of the result come from there."
        if left
        else None
    )


def _source(answer: Answer, at: int) -> str | None:
    """The argument from which the random numbers are to come."""
    case = answer.exercise.inputs[at]
    given = [*zip(answer.exercise.arguments, case.arguments, strict=False), *case.keywords.items()]
    drawn = [name for name, value in given if calls.state_of(value) is not None]
    return next(iter([*drawn, *(name for name, _ in given if name in SOURCES)]), None)
