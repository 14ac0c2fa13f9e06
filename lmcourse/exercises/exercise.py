"""An exercise: the right answer as readable code (the **oracle**), inputs to try it on, and what people get wrong in it.

An author writes a function and decorates it::

    @exercise(lesson=4, stars=2, points=3, cases=…, fuzz=…, mistakes=[…], hints=[…])
    def nesterov(theta, velocity, gradient, rate, momentum):
        '''One step of Nesterov's accelerated gradient (1983) …'''
        ahead = theta + momentum * velocity  # the look ahead
        …

The lines' comments name the steps; a mistake is a patch of one line. Everything else — shapes, types, changed arguments, printing in
place of returning, reading a global, endless loops, which step goes wrong — the engine finds by itself (:mod:`.reasons`).
"""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from lmcourse.errors import LmcourseError
from lmcourse.exercises.calls import Case, Drive, Outcome, directly, outcomes, parameters
from lmcourse.exercises.variants import Patch, Variant, built, patched

FRESH = 12  # random inputs of a check
SEED = 20_260  # the random inputs are the same at every check, so that a verdict does not change by itself

_checking: list[bool] = []  # as deep as checks are nested; calls run in threads of their own, so it is no thread's own


@dataclass(frozen=True)
class Mistake:
    """A mistake that people make: a name, how the oracle looks with it, and a sentence on what is right.

    ``patches``: one or more ``(old, new)``. ``hint`` is said after “as if …: ”, where ``name`` stands.
    """

    name: str
    patches: tuple[Patch, ...]
    hint: str

    @classmethod
    def of(cls, given: Mistake | tuple[Any, ...]) -> Mistake:
        """From ``(name, (old, new), hint)``, or with several patches ``(name, (old, new), (old, new), hint)``."""
        if isinstance(given, Mistake):
            return given
        name, *patches, hint = given
        return cls(name, tuple(tuple(patch) for patch in patches), hint)


@dataclass(frozen=True)
class Property:
    """A law that a right answer obeys on every input, for mistakes that no patch describes: “padding changes nothing”.

    ``holds`` gets the learner's object and returns whether it does, or a sentence on where it does not.
    """

    name: str
    holds: Callable[[Any], bool | str]
    hint: str


@dataclass
class Exercise:
    """All that a check needs to know; calling it checks a learner's object and returns a verdict.

    - ``cases``: fixed inputs, the smallest first. ``fuzz(random)`` makes a further one from a ``random.Random``.
    - ``drive(target, *arguments)``: how the object is used, if not by calling it (a class: its methods in turn).
    - ``given``: the mistakes that the code handed out has, where the task is to find them.
    - ``forbidden``: dotted names of what would do the exercise by itself.
    - ``parts``: what the items of the result are called, if it has several.
    - ``big`` with ``slower``: an input on which an answer may take at most so many times as long as the oracle;
      ``slow``: what is said where it takes longer.
    """

    function: Any
    lesson: int
    title: str
    stars: int
    points: int
    cases: Callable[[], Sequence[Case]]
    fuzz: Callable[[Any], Case] | None = None
    mistakes: tuple[Mistake, ...] = ()
    hints: tuple[str, ...] = ()
    properties: tuple[Property, ...] = ()
    drive: Drive = directly
    given: tuple[str, ...] = ()
    forbidden: tuple[str, ...] = ()
    tolerance: float = 1e-5
    parts: tuple[str, ...] = ()
    big: Callable[[], Case] | None = None
    slower: float = 50.0
    slow: str = "Which work is done again and again inside a loop?"
    equivalent: dict[str, str] = field(default_factory=dict)  # mutants that behave alike, and why

    @property
    def name(self) -> str:
        """How it is called: ``lm.check.NAME``."""
        return self.function.__name__

    @property
    def arguments(self) -> list[str]:
        """What the inputs are called."""
        driven = self.drive is not directly
        return parameters(self.drive if driven else self.function, skip=int(driven))

    @property
    def task(self) -> str:
        """The oracle's docstring."""
        return inspect.getdoc(self.function) or ""

    def oracle(self, *arguments: Any, **keywords: Any) -> Any:
        """The right answer, for tests and solutions; while an answer is being checked it is not to be had."""
        if _checking:
            raise LmcourseError(f"{self.name} is asked for, not called: write its steps out.")
        return self.drive(self.function, *arguments, **keywords)

    def __call__(self, answer: Any) -> Any:
        """Check an answer: prints what is to be said, and returns a verdict that counts as its points."""
        from lmcourse.exercises.diagnosis import check

        return check(self, answer)

    @functools.cached_property
    def inputs(self) -> list[Case]:
        """The fixed cases, and after them random ones."""
        return [*map(as_case, self.cases()), *self.fresh(FRESH)]

    def fresh(self, count: int, seed: int = SEED) -> list[Case]:
        """Random inputs."""
        from random import Random

        random = Random(seed)
        return [as_case(self.fuzz(random)) for _ in range(count)] if self.fuzz else []

    @functools.cached_property
    def expected(self) -> list[Outcome]:
        """What the oracle answers to each of the inputs."""
        return self.outcomes(self.function, self.inputs, limit=60.0)  # it is known to end, on a busy machine too

    @functools.cached_property
    def steady(self) -> bool:
        """Whether the oracle's answers are the same whatever is drawn at random (a model with dropout's are not)."""
        cases = self.inputs[:2]
        again = self.outcomes(self.function, cases, limit=60.0, seed=1)
        return all(one.like(two, self.tolerance) for one, two in zip(again, self.expected, strict=False))

    def outcomes(self, target: Any, cases: Iterable[Case], limit: float = 2.0, seed: int = 0) -> list[Outcome]:
        """What an object makes of some inputs; see :func:`lmcourse.exercises.calls.outcomes`."""
        return outcomes(target, list(cases), self.drive, limit, seed)

    def variant(self, *names: str) -> Variant:
        """The oracle with these mistakes made."""
        chosen = [mistake for mistake in self.mistakes if mistake.name in names]
        if len(chosen) != len(names):
            raise LmcourseError(f"{self.name} has no mistake {', '.join(set(names) - {one.name for one in chosen})}.")
        source = patched(self.function, [patch for mistake in chosen for patch in mistake.patches])
        return Variant(" and ".join(names), "", built(self.function, source))


def as_case(given: Case | tuple[Any, ...]) -> Case:
    """A case from the arguments alone."""
    return given if isinstance(given, Case) else Case(tuple(given))


@contextmanager
def being_checked() -> Iterator[None]:
    """While a learner's object is called, no exercise gives its oracle away."""
    _checking.append(True)
    try:
        yield
    finally:
        _checking.pop()


def exercise(**settings: Any) -> Callable[[Any], Any]:
    """Make an exercise of the function or class below; ``settings`` are the fields of :class:`Exercise`.

    The function's name then stands for the exercise. A class stays a class, which the tests' type checks, put above all other
    decorators, can read; its exercise is found beside it (:func:`exercise_of`).
    """

    def made(function: Any) -> Any:
        mistakes = tuple(map(Mistake.of, settings.pop("mistakes", ())))
        tuples = {
            name: tuple(settings[name])
            for name in ("hints", "properties", "given", "forbidden", "parts")
            if name in settings
        }
        one = Exercise(function, mistakes=mistakes, **{**settings, **tuples})
        if not isinstance(function, type):
            return one
        function.__exercise__ = one
        return function

    return made


def exercise_of(value: Any) -> Exercise | None:
    """The exercise that a name stands for: itself, or that of a class."""
    return (
        value if isinstance(value, Exercise) else vars(value).get("__exercise__") if isinstance(value, type) else None
    )
