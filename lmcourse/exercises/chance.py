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


def unsteady(answer: Answer, many: int | None = None) -> str | None:
    """A sentence on why the same arguments give one result now and another then; None if they do not.

    On the first ``many`` inputs, or on all of them: where little is drawn, two calls may agree by chance.
    """
    kept = _changes(answer, many, seed=0)
    if not kept and not (answer.exercise.steady and _changes(answer, many, seed=1)):
        return None
    if kept and not _generators(answer.target) and not any(map(calls.state_of, calls.reach(answer.target))):
        return "Called again with the same arguments, it gives another result: something is kept between calls, outside the function."
    source = _source(answer)
    told = (
        f"its random numbers do not all come from {source}"
        if source
        else "it draws random numbers, and the answer needs none"
    )
    return f"Called again with the same arguments, it gives another result: {told}."


def _changes(answer: Answer, many: int | None, seed: int) -> bool:
    """Whether a second call of any input gives something else."""
    again = answer.outcomes(answer.exercise.inputs[:many], calls.LIMIT / 4, seed)
    pairs = zip(again, answer.found, strict=False)
    return any(not (one.late or two.late or one.like(two, answer.exercise.tolerance)) for one, two in pairs)


def needless(answer: Answer) -> str | None:
    """A sentence on a generator that the code makes, seeded or not, where nothing is to be drawn; None if there is none."""
    made = sorted(_generators(answer.target) - _generators(answer.exercise.function))
    if not made or not answer.exercise.steady or _source(answer):
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


def _source(answer: Answer) -> str | None:
    """The argument from which the random numbers are to come."""
    case = answer.exercise.inputs[0]
    given = [*zip(answer.exercise.arguments, case.arguments, strict=False), *case.keywords.items()]
    drawn = [name for name, value in given if calls.state_of(value) is not None]
    return next(iter([*drawn, *(name for name, _ in given if name in SOURCES)]), None)
