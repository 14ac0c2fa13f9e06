"""Why an answer is wrong, and where: from an error at the learner's line to the step of the oracle in which it goes another way.

The order is that of how much a finding explains. Does it loop, raise, print? Does it behave as the oracle does with a known mistake, or with
two? Does it read a global? Is the shape, the type, the sign, a factor wrong? Does it behave as a mutant of the oracle? “As if …” is
said only after the variant and the answer agreed on further, random inputs as well, and always beside the smallest input
on which the answer differs.
"""

from __future__ import annotations

import itertools
import re
import time
from collections.abc import Iterator
from dataclasses import replace

from lmcourse.exercises import calls, chance, trace
from lmcourse.exercises.calls import Case, NotAttempted, Outcome, Unfit
from lmcourse.exercises.exercise import Exercise
from lmcourse.exercises.reached import how_far
from lmcourse.exercises.values import brief, difference, same, sequence, told_apart
from lmcourse.exercises.variants import Variant, mutants
from lmcourse.exercises.verdict import HARD, MOST_LINES, Answer, Verdict, alike

SEARCH = 1.2  # CPU-seconds for pairs of mistakes and for mutants
PAIRS = 0.6  # of that, at most so much for pairs
REACHED = 0.4  # CPU-seconds for how far it is right
FRESH_TO_CONFIRM = 6
PARTS = 200  # letters for all parts of a result together

# What difference() says when it has seen that something is wrong and not what: a mistake or a step says more.
VAGUE = re.compile(
    r"(items, and \d+ are|shape \([^)]*\), and \([^)]*\) is) expected$|a finite one is expected$|differs?, and the rest is right$"
)


def explained(answer: Answer) -> Verdict:
    """The reason, as specific as can be had, and beside it the smallest input on which the answer differs."""
    exercise, wrong = answer.exercise, answer.wrong
    at = wrong[0]
    case, given, right = exercise.inputs[at], answer.found[at], exercise.expected[at]
    agree = len(answer.found) - len(wrong)
    kind, reason, names = _reason(answer, at)
    what = f" ({case.what})" if case.what else ""
    head = f"{exercise.name}: not there yet."
    if len(exercise.inputs) > 1:
        first = "the first that did not come to an end" if given.late else "the first that differs"
        head += f" {agree} of {len(exercise.inputs)} inputs agree; {first}{what}:"
    lines = [head]
    if case.arguments or case.keywords:
        lines.append(f"  given     {_arguments(answer, case)}")
    expected, got = _results(exercise, right, given)
    lines.append(f"  expected  {expected}")
    if not isinstance(given.error, Unfit) and not given.late:  # its sentence is the reason
        lines.append(f"  got       {got}")
    lines.append(reason)
    if exercise.hints and kind in ("counterexample", "step"):
        lines.append(f'A hint: lm.hint("{exercise.name}").')
    verdict = Verdict(exercise, "wrong", kind, tuple(filter(None, lines)), names)
    if kind in ("counterexample", "step") or VAGUE.search(reason.rstrip(".")):
        return _with_steps(verdict, case)
    return verdict


def _with_steps(verdict: Verdict, case: Case) -> Verdict:
    """What the oracle computes on the way, above what is expected, if there is room."""
    steps = trace.in_words(verdict.exercise, case, HARD)
    at = next((at for at, line in enumerate(verdict.lines) if line.startswith("  expected")), 0)
    more = replace(verdict, lines=(*verdict.lines[:at], f"  steps     {steps}", *verdict.lines[at:]))
    return more if steps and at and len(more.wrapped) <= MOST_LINES else verdict


def _arguments(answer: Answer, case: Case) -> str:
    names = answer.exercise.arguments
    given = [*case.arguments, *case.keywords.values()]
    names = [*names[: len(case.arguments)], *case.keywords] if len(names) >= len(case.arguments) else []
    each = max(24, 150 // max(1, len(given)))
    if not names:
        return ", ".join(brief(value, each) for value in given)
    return ", ".join(
        f"{name} = {brief(value, each)}".replace(" ", HARD) for name, value in zip(names, given, strict=True)
    )


def _results(exercise: Exercise, right: Outcome, given: Outcome) -> tuple[str, str]:
    """What is expected and what came; of what a ``drive`` found, the parts that differ, each with its name."""
    parts = exercise.parts if exercise.drive is not calls.directly else ()
    if right.error is None and given.error is None:
        if not parts or not all(sequence(one.value) and len(one.value) == len(parts) for one in (right, given)):
            return told_apart(right.value, given.value)
        both = [
            [f"{name} {text}" for text in told_apart(one, other, PARTS // len(parts))]
            for name, one, other in zip(parts, right.value, given.value, strict=True)
            if not same(one, other, exercise.tolerance)
        ]
        return "; ".join(one for one, _ in both), "; ".join(other for _, other in both)
    texts = [f"{spoken(one.error)} is raised" if one.error is not None else brief(one.value) for one in (right, given)]
    if parts and right.error is None:
        each = zip(parts, right.value, strict=True)
        texts[0] = "; ".join(f"{name} {brief(value, PARTS // len(parts))}" for name, value in each)
    return texts[0], texts[1]


def spoken(error: BaseException | None) -> str:
    words = " ".join(str(error).split())
    return f"{type(error).__name__}: {words[:160]}" if words else type(error).__name__


Reason = tuple[str, str, tuple[str, ...]]


def _reason(answer: Answer, at: int) -> Reason:
    given, right = answer.found[at], answer.exercise.expected[at]
    if given.late:
        said = f"It was stopped after {calls.LIMIT:.0f} seconds"
        if given.spent < calls.LIMIT / 2:
            said += ", which it needed for this input and those before it. Which work is done again and again?"
        else:
            said += ". Does every loop come nearer to its end in every branch?"
        return "late", said, ()
    named = next(_named(answer, 1), None)
    if named is not None:
        return named
    if isinstance(given.error, Unfit):
        return "free", f"{given.error}.", ()
    if given.error is not None and right.error is None:
        return _raises(answer, given)
    if given.value is None and right.value is not None:
        return "free", _no_value(given, right), ()
    by_chance = chance.unsteady(answer) or chance.unused(answer, at)
    if by_chance is not None:
        return "free", by_chance, ()
    outside = next((name for name in calls.read_globals(answer.target) if _varies(answer, name)), None)
    if outside is not None:
        return "free", f"It reads {outside}, which is defined outside of it. What it needs comes in as an argument.", ()
    said = _passed_on(answer) or _everywhere(answer)
    if said is not None and not VAGUE.search(said):
        return "free", f"{said}.", ()
    begun = time.process_time()
    pair = next(_named(answer, 2, begun + SEARCH * PAIRS), None)
    if pair is not None:
        return pair
    step = _step(answer, begun + SEARCH)
    if step is not None:
        as_if = step.exchanged
        return (
            "step",
            f"It goes another way in this step: {step.step}{f' — as if {as_if[1]} stood in place of {as_if[0]}' if as_if else ''}.",
            (),
        )
    other = next(
        (one for one in answer.found if one.error is not None and not isinstance(one.error, NotAttempted)), None
    )
    if said is None and other is not None:
        if isinstance(other.error, Unfit):
            return "free", f"On another input: {other.error}.", ()
        said = _raises(answer, other)[1]
        return "error", f"On another input, {said[0].lower()}{said[1:]}", ()
    reached = how_far(answer, at, time.process_time() + REACHED)
    if said is not None:
        return "free", " ".join(filter(None, (f"{said}.", reached))), ()
    if reached is not None:
        return "reached", reached, ()
    drawn = chance.needless(answer)
    return ("free", drawn, ()) if drawn is not None else ("counterexample", "", ())


def _raises(answer: Answer, given: Outcome) -> Reason:
    if (
        isinstance(given.error, TypeError)
        and "argument" in str(given.error)
        and not given.error.__traceback__.tb_next.tb_next
    ):  # type: ignore[union-attr]
        wanted = ", ".join(calls.parameters(answer.exercise.function))
        return "error", f"It takes other arguments than it is given; wanted: {answer.exercise.name}({wanted}).", ()
    line = calls.at_line(given.error, answer.target) if given.error is not None else None
    return "error", f"It raises {spoken(given.error)}" + (f" — {line}" if line else "") + ".", ()


def _no_value(given: Outcome, right: Outcome) -> str:
    printed = given.printed.strip()
    if printed and (printed == str(right.value) or brief(right.value) in printed):
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
            and isinstance(answer.found[at].value, str) == isinstance(exercise.expected[at].value, str)
            for at in answer.wrong
        ):
            return f"In all that differ, the result is the argument {name}, as it came"
    values = [one.value for one in answer.found]
    if len(values) > 2 and all(same(values[0], value, 0.0) for value in values[1:]):
        return "The result is the same whatever comes in"
    return None


def _everywhere(answer: Answer) -> str | None:
    """What is wrong about all the wrong results in the same way (NaN and shapes may come and go)."""
    exercise = answer.exercise
    said = []
    for at in answer.wrong:
        given, right = answer.found[at], exercise.expected[at]
        if given.error is not None or right.error is not None or given.late:
            return None
        said.append(difference(right.value, given.value, exercise.tolerance, exercise.parts))
    first = said[0]
    if first is None:
        return None
    if "is infinite" in first and _writes_infinity(answer):
        return "Here, " + first.split(":")[0] + ", and a finite one is expected"
    if len(said) > 1 and all(one == first for one in said):
        return f"In all that differ, {first}"
    agreeing = all(one is not None and _form(one) == _form(first) for one in said)
    return f"Here, {first}" if agreeing or "NaN" in first or "shape" in first else None


def _writes_infinity(answer: Answer) -> bool:
    """Whether the code names infinity itself (``math.inf``, ``float("inf")``): then a division by 0 is not the likeliest reason."""
    found = calls.codes(answer.target)
    written = {const.lower().lstrip("+-") for code in found for const in code.co_consts if isinstance(const, str)}
    return "inf" in set().union(written, *map(calls.names_in, found)) or "infinity" in written


def _form(sentence: str) -> str:
    """A sentence without its numbers and places."""
    return re.sub(r"\[\d+\]|\d", "", sentence)


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
    # Where code with mistakes was handed out, some of these are the likeliest to be left.
    likeliest = sorted(exercise.mistakes, key=lambda mistake: mistake.name not in exercise.given)
    by_name = {mistake.name: mistake for mistake in likeliest}
    for names in itertools.combinations(by_name, many):
        if time.process_time() > deadline:
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
        if time.process_time() > deadline:
            return None
        if mutant.step and _confirmed(answer, mutant):
            return mutant
    return None


def _confirmed(answer: Answer, variant: Variant) -> bool:
    """Whether a variant and the answer agree on every input, and then on fresh ones; the input that differs comes first."""
    exercise, tolerance = answer.exercise, answer.exercise.tolerance
    at = answer.wrong[0]
    # Who loops for ever is found out by the first input; a pause of the machine afterwards is no reason to say no.
    quick, patient = 0.3, calls.LIMIT
    if not alike(exercise.outcomes(variant.target, [exercise.inputs[at]], quick), [answer.found[at]], tolerance):
        return False
    if not alike(exercise.outcomes(variant.target, exercise.inputs, patient), answer.found, tolerance):
        return False
    fresh = exercise.fresh(FRESH_TO_CONFIRM, seed=1)
    return not fresh or alike(exercise.outcomes(variant.target, fresh, patient), answer.outcomes(fresh), tolerance)
