"""What a check found, and what it found it on: the verdict that a learner reads, and the answer called on every input."""

from __future__ import annotations

import functools
import textwrap
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from lmcourse.exercises import calls
from lmcourse.exercises.calls import Case, Outcome
from lmcourse.exercises.exercise import Exercise, being_checked

MOST_LINES = 12
WIDTH = 98
INDENT = " " * 12  # of an input or a result that takes several lines
HARD = "\xa0"  # a space at which no line ends


@dataclass
class Verdict:
    """What a check found. It stands for its points: nbgrader reads the number that a cell ends with."""

    exercise: Exercise
    state: str  # right, wrong, not attempted
    kind: str = ""  # of reason: named, step, free, error, late, property, counterexample …
    lines: tuple[str, ...] = ()
    names: tuple[str, ...] = ()  # the mistakes that were recognised

    @property
    def points(self) -> int:
        return self.exercise.points if self.state == "right" else 0

    def __float__(self) -> float:
        return float(self.points)

    def __repr__(self) -> str:
        return str(self.points)

    def _repr_html_(self) -> str:
        return f"{self.points} of {self.exercise.points} points"

    @property
    def wrapped(self) -> list[str]:
        """All lines, none wider than a page."""
        return [
            line
            for said in self.lines
            for line in textwrap.wrap(
                said, WIDTH, subsequent_indent=INDENT if said.startswith("  ") else "  ", break_on_hyphens=False
            )
        ]

    @property
    def text(self) -> str:
        """What the learner reads: at most a dozen lines."""
        lines = self.wrapped
        return "\n".join(lines if len(lines) <= MOST_LINES else [*lines[: MOST_LINES - 1], "  …"]).replace(HARD, " ")


@dataclass
class Answer:
    """A learner's object, called on an exercise's inputs."""

    exercise: Exercise
    target: Any
    found: list[Outcome] = field(default_factory=list)

    def outcomes(self, cases: Sequence[Case], limit: float = calls.LIMIT, seed: int = 0) -> list[Outcome]:
        with being_checked():
            return self.exercise.outcomes(self.target, cases, limit, seed)

    @functools.cached_property
    def wrong(self) -> list[int]:
        """The numbers of the inputs whose answer differs from the oracle's; to be asked for when ``found`` is complete."""
        expected, tolerance = self.exercise.expected, self.exercise.tolerance
        return [at for at, one in enumerate(self.found) if not one.answers(expected[at], tolerance)]


def alike(found: Sequence[Outcome], other: Sequence[Outcome], tolerance: float) -> bool:
    return len(found) == len(other) and all(one.like(two, tolerance) for one, two in zip(found, other, strict=True))
