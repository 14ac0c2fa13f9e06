"""What is wrong with an answer, and where: from “not attempted” to the step of the oracle in which it goes another way.

The order is that of how much a finding explains. Does it ask the library to do the work? Does it raise, loop, print? Does it behave as the
oracle does with a known mistake, or with two? Is the shape, the type, the sign, a factor wrong? Does it read a global? Does it behave as
a mutant of the oracle? What was said “as if …” is said only after the variant and the answer agreed on further, random inputs
as well, and always beside the smallest input on which the answer differs.
"""

from __future__ import annotations

import itertools
import textwrap
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from lmcourse.exercises import calls, record
from lmcourse.exercises.calls import Case, NotAttempted, Outcome
from lmcourse.exercises.exercise import Exercise, being_checked
from lmcourse.exercises.values import difference, same, shown
from lmcourse.exercises.variants import Variant, mutants

SEARCH = 1.2  # seconds for pairs of mistakes and for mutants
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
    agree: int = 0

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
    def text(self) -> str:
        """What the learner reads: at most a dozen lines."""
        lines = [
            line
            for said in self.lines
            for line in textwrap.wrap(
                said, WIDTH, subsequent_indent=INDENT if said.startswith("  ") else "  ", break_on_hyphens=False
            )
        ]
        return "\n".join(lines if len(lines) <= MOST_LINES else [*lines[: MOST_LINES - 1], "  …"]).replace(HARD, " ")


@dataclass
class Answer:
    """A learner's object, called on an exercise's inputs."""

    exercise: Exercise
    target: Any
    found: list[Outcome] = field(default_factory=list)

    def outcomes(self, cases: Sequence[Case], limit: float = calls.LIMIT) -> list[Outcome]:
        with being_checked():
            return self.exercise.outcomes(self.target, cases, limit)

    @property
    def wrong(self) -> list[int]:
        """The numbers of the inputs whose answer differs from the oracle's."""
        expected, tolerance = self.exercise.expected, self.exercise.tolerance
        return [at for at, one in enumerate(self.found) if not one.answers(expected[at], tolerance)]


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
        return Verdict(exercise, "not attempted", lines=(words,))
    verdict = _wrong(answer) if answer.wrong else _behaved(answer) or _lawful(answer)
    if verdict is not None:
        return verdict
    count = len(answer.found)
    says = f"{exercise.name}: right, on all of {count} inputs. {_points(exercise.points)}."
    return Verdict(exercise, "right", lines=(says,), agree=count)


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
    return _alike(answer.found, given, exercise.tolerance)


def _alike(found: Sequence[Outcome], other: Sequence[Outcome], tolerance: float) -> bool:
    return len(found) == len(other) and all(one.like(two, tolerance) for one, two in zip(found, other, strict=True))


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
    again = answer.outcomes(exercise.inputs[:2])
    if not _alike(again, answer.found[: len(again)], exercise.tolerance):
        said = f"{name}: the same input gave another result the second time. Something is kept between calls, outside the function."
        return Verdict(exercise, "wrong", "state", (said,))
    if exercise.big is not None:
        from lmcourse.exercises.exercise import as_case

        case = as_case(exercise.big())
        allowed = exercise.slower * max(calls.timed(exercise.function, case, exercise.drive), 1e-4)
        found = answer.outcomes([case], limit=max(2.0, allowed))[0]
        right = exercise.outcomes(exercise.function, [case])[0]
        if found.late or (taken := calls.timed(answer.target, case, exercise.drive)) > allowed:
            times = "" if found.late else f" ({taken / allowed * exercise.slower:.0f} times as long as it need)"
            said = f"{name}: right, but much too slow on {case.what or 'a large input'}{times}. Which work is done again and again inside a loop?"
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
            in_time, holds = True, [f"it raises {_spoken(error)}"]
        held = holds[0] if in_time and holds else "it does not come to an end"
        if held is not True:
            where = f" Here: {held}." if isinstance(held, str) else ""
            said = f"{answer.exercise.name}: right on all {len(answer.found)} inputs, but this does not hold: {law.name}. {law.hint}{where}"
            return Verdict(answer.exercise, "wrong", "property", (said,))
    return None


def _wrong(answer: Answer) -> Verdict:
    """The reason, as specific as can be had, and beside it the smallest input on which the answer differs."""
    exercise, wrong = answer.exercise, answer.wrong
    at = wrong[0]
    case, given, right = exercise.inputs[at], answer.found[at], exercise.expected[at]
    agree = len(answer.found) - len(wrong)
    kind, reason, names = _reason(answer, at)
    what = f" ({case.what})" if case.what else ""
    head = (
        f"{exercise.name}: not there yet. {agree} of {len(exercise.inputs)} inputs agree; the first that differs{what}:"
    )
    lines = [head]
    if not given.late:
        lines.append(f"  given     {_arguments(answer, case)}")
        lines.append(f"  expected  {_result(right)}")
        lines.append(f"  got       {_result(given)}")
    lines.append(reason)
    if exercise.hints and kind in ("counterexample", "step"):
        lines.append(f'A hint: lm.hint("{exercise.name}").')
    return Verdict(exercise, "wrong", kind, tuple(line for line in lines if line), names, agree)


def _arguments(answer: Answer, case: Case) -> str:
    names = calls.parameters(answer.exercise.function) if answer.exercise.drive is calls.directly else []
    given = [*case.arguments, *case.keywords.values()]
    names = [*names[: len(case.arguments)], *case.keywords] if len(names) >= len(case.arguments) else []
    each = max(24, 150 // max(1, len(given)))
    if not names:
        return ", ".join(shown(value, each) for value in given)
    return ", ".join(
        f"{name} = {shown(value, each)}".replace(" ", HARD) for name, value in zip(names, given, strict=True)
    )


def _result(outcome: Outcome) -> str:
    return f"{_spoken(outcome.error)} is raised" if outcome.error is not None else shown(outcome.value)


def _spoken(error: BaseException | None) -> str:
    words = " ".join(str(error).split())
    return f"{type(error).__name__}: {words[:160]}" if words else type(error).__name__


Reason = tuple[str, str, tuple[str, ...]]


def _reason(answer: Answer, at: int) -> Reason:
    exercise, given, right = answer.exercise, answer.found[at], answer.exercise.expected[at]
    if given.late:
        said = (
            f"It was stopped after {calls.LIMIT:.0f} seconds. Does every loop come nearer to its end in every branch?"
        )
        return "late", said, ()
    named = next(_named(answer, 1), None)
    if named is not None:
        return named
    if given.error is not None and right.error is None:
        return _raises(answer, given)
    if given.value is None and right.value is not None:
        return "free", _no_value(given, right), ()
    outside = next((name for name in calls.read_globals(answer.target) if _varies(answer, name)), None)
    if outside is not None:
        return "free", f"It reads {outside}, which is defined outside of it. What it needs comes in as an argument.", ()
    said = _passed_on(answer) or _everywhere(answer)
    if said is not None:
        return "free", f"In all that differ, {said}." if len(answer.wrong) > 1 else f"Here, {said}.", ()
    deadline = time.perf_counter() + SEARCH
    pair = next(_named(answer, 2, deadline), None)
    if pair is not None:
        return pair
    step = _step(answer, deadline)
    if step is not None:
        return "step", f"It goes another way in this step: {step.step}.", ()
    other = next(
        (one for one in answer.found if one.error is not None and not isinstance(one.error, NotAttempted)), None
    )
    if other is not None:
        said = _raises(answer, other)[1]
        return "error", f"On another input, {said[0].lower()}{said[1:]}", ()
    return "counterexample", "", ()


def _raises(answer: Answer, given: Outcome) -> Reason:
    if (
        isinstance(given.error, TypeError)
        and "argument" in str(given.error)
        and not given.error.__traceback__.tb_next.tb_next
    ):  # type: ignore[union-attr]
        wanted = ", ".join(calls.parameters(answer.exercise.function))
        return "error", f"It takes other arguments than it is given; wanted: {answer.exercise.name}({wanted}).", ()
    line = calls.at_line(given.error, answer.target) if given.error is not None else None
    return "error", f"It raises {_spoken(given.error)}" + (f" — {line}" if line else "") + ".", ()


def _no_value(given: Outcome, right: Outcome) -> str:
    printed = given.printed.strip()
    if printed and (printed == str(right.value) or shown(right.value) in printed):
        return "The result is printed, not returned: end with return in place of print."
    if printed:
        return "It prints something and returns None: a result is handed back by return."
    if given.changed:
        return f"It returns None and changes its argument {given.changed[0]}: make a new object, and return that."
    return "It returns None: is there a path that ends without return?"


def _passed_on(answer: Answer) -> str | None:
    """An argument that is returned as it came; one result for all."""
    exercise = answer.exercise
    names = calls.parameters(exercise.function) if exercise.drive is calls.directly else []
    for place, name in enumerate(names):
        if all(
            len(exercise.inputs[at].arguments) > place
            and same(exercise.inputs[at].arguments[place], answer.found[at].value, 0.0)
            for at in answer.wrong
        ):
            return f"the result is the argument {name}, as it came"
    values = [one.value for one in answer.found]
    if len(values) > 2 and all(same(values[0], value, 0.0) for value in values[1:]):
        return "the result is the same whatever comes in"
    return None


def _everywhere(answer: Answer) -> str | None:
    """What is wrong about all the wrong results in the same way (NaN and shapes may come and go)."""
    exercise = answer.exercise
    said = []
    for at in answer.wrong:
        given, right = answer.found[at], exercise.expected[at]
        if given.error is not None or right.error is not None or given.late:
            return None
        said.append(difference(right.value, given.value, exercise.tolerance))
    first = said[0]
    if first is None:
        return None
    alike = sum(one is not None and _form(one) == _form(first) for one in said)
    return first if alike == len(said) or "NaN" in first or "shape" in first else None


def _form(sentence: str) -> str:
    """A sentence without its numbers."""
    return "".join(letter for letter in sentence if not letter.isdigit())


def _varies(answer: Answer, name: str) -> bool:
    """Whether the answer depends on a global being there."""
    space = answer.target.__globals__
    kept = space.pop(name)
    try:
        found = answer.outcomes(answer.exercise.inputs[:1])
    finally:
        space[name] = kept
    return not found[0].like(answer.found[0], answer.exercise.tolerance)


def _named(answer: Answer, many: int, deadline: float = float("inf")) -> Iterator[Reason]:
    """Known mistakes, ``many`` at a time, that make the oracle behave as the answer does."""
    exercise = answer.exercise
    by_name = {mistake.name: mistake for mistake in exercise.mistakes}
    for names in itertools.combinations(by_name, many):
        if time.perf_counter() > deadline:
            return
        try:
            variant = exercise.variant(*names)
        except Exception:  # two patches of one line do not fit together
            continue
        if _confirmed(answer, variant):
            hint = "; and ".join(by_name[name].hint.rstrip(".") for name in names)
            yield "named", f"As if: {variant.what} — {hint}.", names


def _step(answer: Answer, deadline: float) -> Variant | None:
    """A mutant of the oracle that behaves as the answer does."""
    for mutant in mutants(answer.exercise.function):
        if time.perf_counter() > deadline:
            return None
        if mutant.step and _confirmed(answer, mutant):
            return mutant
    return None


def _confirmed(answer: Answer, variant: Variant) -> bool:
    """Whether a variant and the answer agree on every input, and then on fresh ones; the input that differs comes first."""
    exercise, tolerance = answer.exercise, answer.exercise.tolerance
    at = answer.wrong[0]
    limit = 0.3
    if not _alike(exercise.outcomes(variant.target, [exercise.inputs[at]], limit), [answer.found[at]], tolerance):
        return False
    if not _alike(exercise.outcomes(variant.target, exercise.inputs, limit), answer.found, tolerance):
        return False
    fresh = exercise.fresh(FRESH_TO_CONFIRM, seed=1)
    return not fresh or _alike(exercise.outcomes(variant.target, fresh, limit), answer.outcomes(fresh), tolerance)


FRESH_TO_CONFIRM = 6
