"""The engine under the exercises: calling a learner's code, comparing values, diagnosing, keeping what is done."""

from __future__ import annotations

import json
import random
import sys
import time
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from lmcourse import exercises
from lmcourse.errors import LmcourseError
from lmcourse.exercises import Case, NotAttempted, exercise, record
from lmcourse.exercises.calls import Unfit, outcomes, undisturbed
from lmcourse.exercises.diagnosis import judged, refused
from lmcourse.exercises.exercise import exercise_of
from lmcourse.exercises.values import brief, difference, same, told_apart
from lmcourse.exercises.variants import mutants


@pytest.fixture(autouse=True)
def nothing_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LMCOURSE_PROGRESS", "off")


@exercise(
    lesson=0,
    title="Running sums",
    stars=1,
    points=2,
    cases=lambda: [([1],), ([1, 2],), ([],), ([3, -1, 4, 4],)],
    fuzz=lambda random: ([random.randint(-9, 9) for _ in range(random.randint(0, 6))],),
    big=lambda: Case((list(range(3000)),), "3,000 numbers"),
    forbidden=("itertools.accumulate",),
    mistakes=[
        ("begins at 1", ("total = 0", "total = 1"), "the sum of nothing is 0"),
        (
            "the number before it is added",
            ("sums.append(total)", "sums.append(total - value)"),
            "a running sum includes the number itself",
        ),
    ],
    hints=("Keep a total.", "Append it after each number."),
)
def running_sums(values):
    """For each number, the sum up to and including it."""
    total = 0  # the beginning
    sums = []
    for value in values:
        total += value  # the sum grows
        sums.append(total)  # it is noted
    return sums


def right(values):
    return [sum(values[: n + 1]) for n in range(len(values))]


def fast(values):
    return np.cumsum(values).tolist() if values else []


def verdict(answer: Any) -> tuple[str, str]:
    found = judged(running_sums, answer)
    return found.state, found.kind


def test_what_is_said_of_ways_to_be_wrong() -> None:
    def off(values):
        return fast([1, *values])[1:]

    def off_twice(values):
        return [1 + total - value for total, value in zip(fast(values), values, strict=True)]

    def reverse(values):
        return fast(values)[::-1]

    def prints(values):
        print(fast(values))

    def nothing(values):
        fast(values)

    def constant(values):
        return [1]

    def hard_coded(values):
        return {(1,): [1], (1, 2): [1, 3], (): [], (3, -1, 4, 4): [3, 2, 6, 10]}.get(tuple(values), [])

    def given_back(values):
        return values

    def raises(values):
        return values[99]

    def changes(values):
        for at in range(1, len(values)):
            values[at] += values[at - 1]
        return values

    def loops(values):
        while values is not None:
            pass

    def leaves(values):
        sys.exit("bye")

    def asks(values):
        return [int(input())]

    said = {
        off: "named", off_twice: "named", reverse: "free", prints: "free", nothing: "free", constant: "free", given_back: "free",
        raises: "error", changes: "changed", loops: "late", leaves: "error", asks: "error",
    }  # fmt: skip
    assert {one.__name__: verdict(one) for one in said} == {one.__name__: ("wrong", kind) for one, kind in said.items()}
    assert verdict(hard_coded)[0] == "wrong"
    assert verdict(fast) == ("right", "")


def test_what_was_stopped_shows_its_input() -> None:
    """An endless loop is found by following the input that does not come to an end."""

    def loops(values):
        while len(values) == 2:
            pass
        return fast(values)

    text = judged(running_sums, loops).text
    assert "1 of 2 inputs" not in text and "1 of 16 inputs agree; the first that did not come to an end:" in text
    assert "given     values = [1, 2]" in text and "expected  [1, 3]" in text and "got" not in text
    assert "Does every loop come nearer to its end" in text


def test_what_was_stopped_after_many_slow_inputs_is_not_called_endless() -> None:
    def slow(values):
        start = time.process_time()
        while time.process_time() - start < 0.4:
            pass
        return fast(values)

    text = judged(running_sums, slow).text
    assert "which it needed for this input and those before it" in text and "come nearer" not in text


def test_what_is_too_slow_is_said_to_be_right_and_slow() -> None:
    found = judged(running_sums, right)
    assert (found.state, found.kind) == ("wrong", "slow") and "right, but much too slow on 3,000 numbers" in found.text


def test_a_mistake_names_what_is_right() -> None:
    found = judged(running_sums, lambda values: [1 + total for total in fast(values)])
    assert found.names == ("begins at 1",)
    assert "As if: begins at 1 — the sum of nothing is 0." in found.text
    pair = judged(
        running_sums, lambda values: [1 + total - value for total, value in zip(fast(values), values, strict=True)]
    )
    assert pair.names == ("begins at 1", "the number before it is added")


def test_an_error_is_shown_at_the_learners_line_and_without_the_engine() -> None:
    def raises(values):
        wanted = {}
        return wanted["total"]

    text = judged(running_sums, raises).text
    assert "It raises KeyError: 'total' — in line" in text and 'return wanted["total"].' in text
    assert "calls.py" not in text and "Traceback" not in text


def test_what_a_drive_cannot_use_is_said_once_and_its_inputs_have_names() -> None:
    """A drive's sentence must not stand there a second time, as an error that was raised."""

    def summed(answer, first, second):
        if not isinstance(given := answer(), list):
            raise Unfit("A list is asked for")
        return sum(given) + first * second

    @exercise(lesson=0, title="", stars=1, points=1, cases=lambda: [(1, 2), (3, 4)], drive=summed)
    def numbers():
        """Two numbers."""
        return [1, 2]  # the numbers

    unfit = judged(numbers, lambda: 7).text
    assert unfit.count("A list is asked for") == 1 and "Unfit" not in unfit
    assert "given     first = 1, second = 2" in judged(numbers, lambda: [5, 5]).text


def test_what_a_drive_cannot_use_on_another_input_is_said_in_its_own_words() -> None:
    """“It raises Unfit” names a class that no learner has written."""

    def doubled(answer, number):
        if (found := answer(number)) > 5:
            raise Unfit("Nothing above 5 is asked for")
        return found

    @exercise(lesson=0, title="", stars=1, points=1, cases=lambda: [(1,), (2,)], drive=doubled)
    def twice(number):
        """Two times a number."""
        return number + number  # the double

    text = judged(twice, lambda number: 5 * number**3 - number - 1).text
    assert "On another input: Nothing above 5 is asked for." in text and "Unfit" not in text


def test_the_parts_that_a_drive_found_have_names() -> None:
    """Four values in a row of brackets say nothing to a reader who never called anything that returns them."""

    @exercise(
        lesson=0, title="", stars=1, points=1, cases=lambda: [(1,), (2,)], parts=("the sum", "the list"),
        drive=lambda answer, number: (sum(answer(number)), answer(number)),
    )  # fmt: skip
    def counted(number):
        """The numbers up to this one."""
        return list(range(number))  # the numbers

    text = judged(counted, lambda number: [0] + [0] * (number - 1)).text
    assert "expected  the sum 1; the list [0, 1]" in text and "got       the sum 0; the list [0, 0]" in text


def test_infinity_that_is_written_is_not_called_a_division() -> None:
    """``return math.inf`` in a loop divides nothing by 0."""

    @exercise(lesson=0, title="", stars=1, points=1, cases=lambda: [([3, 1],), ([1, 4, 3],), ([5, 2],)])
    def largest(values):
        """The largest of the values."""
        return max(values)  # the largest

    def divided(values):
        return np.float64(values[0]) / np.float64(0) if values[0] > 1 else max(values)

    def written(values):
        return np.inf if values[0] > 1 else max(values)

    assert "divided by 0" in judged(largest, divided).text
    for answer in (written, lambda values: float("-inf") if values[0] > 1 else max(values)):
        assert "Here, the result is infinite, and a finite one is expected." in judged(largest, answer).text


def test_a_patch_that_does_not_fit_is_an_error() -> None:
    """A line that was laid out anew would take its mistakes out of the table without a word."""

    @exercise(
        lesson=0, title="", stars=1, points=1, cases=lambda: [(1,)], mistakes=[("no one", ("number + 2", "number"), "add 1")]
    )  # fmt: skip
    def after(number):
        """The next number."""
        return number + 1  # the next

    with pytest.raises(LmcourseError, match="must fit once"):
        after.variant("no one")


def test_the_library_and_the_oracle_do_not_count_as_answers() -> None:
    import itertools
    from itertools import accumulate as adding

    def borrows(values):
        return list(itertools.accumulate(values))

    def renamed(values):
        return list(adding(values))

    def helper(values):
        return list(itertools.accumulate(values))

    def through(values):
        return helper(values)

    def asks_the_oracle(values):
        return running_sums.oracle(values)

    for answer in (borrows, renamed, through, running_sums):
        assert verdict(answer) == ("wrong", "borrowed"), answer
    assert verdict(asks_the_oracle) == ("wrong", "error")
    assert running_sums.oracle([1, 2]) == [1, 3]  # afterwards it is there again


def test_a_memory_between_calls_is_noticed() -> None:
    seen: list[int] = []

    def remembers(values):
        seen.append(1)
        return fast(values) if len(seen) < 17 else []

    assert verdict(remembers) == ("wrong", "state")


def test_a_result_by_chance_is_named_as_that() -> None:
    """Would notice a bare counterexample, or a reason that is true of one call and not of the next."""
    dice, kept = np.random.default_rng(1), []

    def own(values):
        return np.random.default_rng().random(len(values)).tolist()

    def of_nobody(values):
        return [random.random() for _ in values]

    def of_the_notebook(values):
        return dice.random(len(values)).tolist()

    def seeded(values):
        random.seed(7)
        return [random.randint(0, 9) for _ in values]

    def remembers(values):
        kept.extend(values)
        return fast(kept)

    again = "Called again with the same arguments, it gives another result: "
    for answer in (own, of_nobody, of_the_notebook):
        assert again + "it draws random numbers, and the answer needs none." in judged(
            running_sums, answer
        ).text.replace("\n  ", " ")
    assert "It draws random numbers (seed), and the answer needs none" in judged(running_sums, seeded).text
    assert again + "something is kept between calls" in judged(running_sums, remembers).text.replace("\n  ", " ")


@exercise(
    lesson=0,
    title="Shuffled",
    stars=1,
    points=1,
    cases=lambda: [([1, 2, 3, 4, 5], np.random.default_rng(0)), ([7, 8, 9], random.Random(2))],
    hints=("shuffle",),
)
def shuffled(values, rng):
    """The values in an order that ``rng`` draws."""
    rng.shuffle(values := list(values))  # the order
    return values


def test_a_generator_that_was_given_is_to_be_used() -> None:
    def forgets(values, rng):
        return random.sample(values, len(values))

    def sorts(values, rng):
        return sorted(values)

    assert "its random numbers do not all come from rng." in judged(shuffled, forgets).text.replace("\n  ", " ")
    assert "Nothing is drawn from rng" in judged(shuffled, sorts).text
    turned = judged(shuffled, lambda values, dice: [*(dice.shuffle(values := list(values)) or values)][::-1])
    assert turned.kind == "free" and "reverse order" in turned.text  # it draws, whatever it calls its arguments
    assert judged(shuffled, lambda values, rng: rng.shuffle(values := list(values)) or values).state == "right"


def test_an_oracle_with_dropout_accuses_nobody_of_chance() -> None:
    @exercise(lesson=0, title="", stars=1, points=1, cases=lambda: [(torch.ones(40),), (torch.ones(30),)])
    def dropped(x):
        """Half of the numbers dropped."""
        return torch.nn.functional.dropout(x, 0.5)  # dropout

    assert not dropped.steady and running_sums.steady
    assert judged(dropped, lambda x: torch.nn.functional.dropout(x)).state == "right"
    assert "Called again" not in judged(dropped, lambda x: torch.nn.functional.dropout(x, 0.2)).text


def test_a_global_read_in_place_of_an_argument_is_named() -> None:
    space: dict[str, Any] = {"values_0": [3, 4], "fast": fast}
    exec("def mine(values):\n    return fast(values_0)\n", space)
    found = judged(running_sums, space["mine"])
    assert found.kind == "free" and "It reads values_0, which is defined outside of it" in found.text
    assert space["values_0"] == [3, 4]


def test_a_step_is_named_when_a_mutant_behaves_alike() -> None:
    def subtracts(values):
        return [-total for total in fast(values)]

    def starts_late(values):
        return [total + 1 if n else total for n, total in enumerate(fast(values))]

    assert judged(running_sums, subtracts).kind in ("step", "free")
    assert judged(running_sums, starts_late).kind == "reached"
    assert {mutant.step for mutant in mutants(running_sums.function)} >= {
        "the beginning",
        "the sum grows",
        "it is noted",
    }


def test_a_step_says_which_sign_it_is_about() -> None:
    @exercise(lesson=0, title="", stars=1, points=1, cases=lambda: [([1, 2],), ([5],), ([1, 2, 5],)], hints=("divide",))
    def mean(values):
        """The mean."""
        total = sum(values)  # the sum
        return total / len(values)  # the division

    found = judged(mean, lambda values: float(sum(values) // len(values)))
    assert (found.kind, found.lines[-2]) == (
        "step",
        "It goes another way in this step: the division — as if // stood in place of /.",
    )
    found = judged(mean, lambda values: sum(values) / (len(values) * len(values)))
    assert found.kind == "counterexample"
    assert "  steps     the sum 3\n  expected  1.5" in found.text  # where no reason is found, what to compare with


def test_the_steps_give_no_solution_away_and_push_nothing_out() -> None:
    """The steps of a drive's exercise are its solution, and those of a loop have many values."""
    weights = judged(
        exercises.find("counting_cell"),
        lambda: (torch.tensor([[20.0, 0], [20, 20], [20, -20], [0, 0]]), torch.zeros(4)),
    )
    assert weights.kind == "counterexample" and "steps" not in weights.text
    found = judged(running_sums, lambda values: [len(values)] * len(values))
    assert (
        found.kind == "counterexample"
        and "steps     the beginning 0" in found.text
        and "the sum grows" not in found.text
    )
    large = judged(exercises.find("gru_step"), lambda x, h, W, U, b: h / 3)
    assert len(large.text.splitlines()) <= 12 and "lm.hint" in large.text


@exercise(
    lesson=0, title="", stars=1, points=1, hints=("one after the other",), cases=lambda: [([3, 8],), ([2, 9, 5],), ([7, 6, 1, 4],)],
)  # fmt: skip
def spread(values):
    """The root of the mean square of the distances to the mean."""
    mean = sum(values) / len(values)  # the mean
    squares = [(value - mean) ** 2 for value in values]  # the squared distances
    return (sum(squares) / len(values)) ** 0.5  # the root of their mean


def test_how_far_an_answer_is_right_is_said_however_it_is_written() -> None:
    """By values, not by names or lines: in one line, in a loop, with NumPy."""
    wanted = "It is right up to this step: the squared distances (here [6.25, 6.25]). The next one does not come up: the root of their mean (here 2.5)."

    def in_a_loop(values):
        n, total = len(values), 0
        for value in values:
            total += (value - sum(values) / n) ** 2
        return total**0.5 / n**0.25

    def with_numpy(values):
        distances = [float(d) for d in (np.array(values) - np.mean(values)) ** 2]
        return max(distances) - min(distances) / 3

    for answer in (in_a_loop, with_numpy):
        found = judged(spread, answer)
        assert (found.kind, found.lines[-1]) == ("reached", wanted), found.text

    def of_the_mean_only(values):
        return abs(values[0] - sum(values) / len(values)) * 1.1

    assert "right up to this step: the mean (here 5.5). The next one does not come up: the squared" in judged(spread, of_the_mean_only).text


def test_a_right_result_that_is_not_returned_is_pointed_at() -> None:
    def goes_on(values):
        mean = sum(values) / len(values)
        root = (sum((value - mean) ** 2 for value in values) / len(values)) ** 0.5
        return root * 1.5 - 0.2

    said = judged(spread, goes_on).lines[-1]
    assert said.startswith("The right result comes up on the way, in this line: root = (sum("), said


def test_how_far_is_not_said_on_no_evidence() -> None:
    """Zeros and ones, arguments and what a lambda hides are none; nor is what comes up on one input only."""

    def nothing(values):
        return values[0] / 2 - len(values)

    def once(values):
        mean = 5.5  # of the first input
        return mean * values[0]

    for answer in (nothing, once, lambda values: max(values) - sum(values) / 7):
        assert judged(spread, answer).kind == "counterexample"

    @exercise(lesson=0, title="", stars=1, points=1, hints=("add",), cases=lambda: [([(2.5, 3)],), ([(0.7, 9), (4.1, 6)],)])
    def surest(pairs):
        """Twice the largest first number, and 3."""
        largest = max(sure for sure, _ in pairs)  # the largest
        return 2 * largest + 3  # twice, and 3

    def of_the_first(pairs):
        return [sure for sure, _ in pairs][-1] / 7

    assert judged(surest, of_the_first).kind == "counterexample"  # a number inside of an argument comes up by itself


def test_how_far_gives_no_solution_away() -> None:
    def cell():
        gates, bias = torch.tensor([[20.0, 0], [20, 20], [20, -20], [0, 0]]), torch.zeros(4)
        return gates, bias

    found = judged(exercises.find("counting_cell"), cell)
    assert "here" not in found.lines[-1] and "comes up on the way" not in found.text


def test_every_mutant_of_the_oracle_is_refused() -> None:
    assert [one.what for one in mutants(running_sums.function) if not refused(running_sums, one.target)] == []


def test_a_check_that_is_stopped_leaves_the_notebook_as_it_was(capsys: pytest.CaptureFixture[str]) -> None:
    """Would notice random numbers used up, a changed input(), output on stderr."""
    import builtins
    import warnings

    def noisy(values):
        print("here", file=sys.stderr)
        warnings.warn("there", stacklevel=1)
        random.random(), np.random.rand(), torch.rand(1)
        return fast(values)

    np.random.seed(1), torch.manual_seed(1)
    expected = np.random.rand(), torch.rand(1).item()
    np.random.seed(1), torch.manual_seed(1)
    asks = builtins.input
    before = random.getstate()
    with undisturbed():  # alone, for beartype draws from Python's own generator at every call that it checks
        random.random()
    assert random.getstate() == before
    assert judged(running_sums, noisy).state == "right"
    assert (np.random.rand(), torch.rand(1).item()) == expected
    assert builtins.input is asks and capsys.readouterr().err == ""


def test_an_endless_loop_is_stopped_and_does_not_go_on() -> None:
    turns = [0]

    def loops(value):
        while True:
            turns[0] += 1

    found = outcomes(loops, [Case((1,)), Case((2,))], limit=0.1)
    assert [one.late for one in found] == [True]
    after = turns[0]
    time.sleep(0.05)
    assert turns[0] == after


def test_stopping_gets_through_a_bare_except() -> None:
    def stubborn(value):
        while True:
            try:
                while True:
                    pass
            except Exception:  # noqa: BLE001 - what learners write
                pass

    assert outcomes(stubborn, [Case((1,))], limit=0.1)[0].late


def test_what_cannot_be_stopped_at_once_does_not_keep_what_is_printed(capsys: pytest.CaptureFixture[str]) -> None:
    """Would notice a verdict that nobody sees, because the stopped thread still catches what is printed."""
    ends = time.monotonic() + 1.5

    def stubborn(value):
        while time.monotonic() < ends:
            try:
                time.sleep(0.01)
            except BaseException:  # noqa: BLE001, B036 - what learners write
                pass

    assert outcomes(stubborn, [Case((1,))], limit=0.01)[0].late
    print("seen")
    assert "seen" in capsys.readouterr().out
    time.sleep(max(0.0, ends + 0.1 - time.monotonic()))  # for the tests after this one


def test_a_verdict_is_a_number_for_nbgrader() -> None:
    found = judged(running_sums, fast)
    assert repr(found) == "2" and float(found) == 2.0 and found._repr_html_() == "2 of 2 points"
    assert repr(judged(running_sums, None)) == "0"


def test_not_attempted_is_one_calm_line() -> None:
    assert len(NotAttempted()._render_traceback_()) == 1
    for relative in (NotImplementedError("x"), RuntimeError("x")):

        def raises(values, relative=relative):
            raise relative

        assert verdict(raises)[0] == "wrong"


VALUES = [
    (1.0, 1.0, True), (1, 1.0, True), (True, 1, False), ([1, 2], (1, 2), True), ([1], [1, 2], False), ("a", "a", True), ("a", "b", False),
    (torch.ones(2), torch.ones(2) + 1e-7, True), (torch.ones(2), torch.ones(2) + 1e-3, False), (torch.ones(2), np.ones(2), True),
    (torch.ones(2), torch.ones(2, 1), False), (torch.ones(2), torch.ones(2, dtype=torch.int64), False), (torch.ones(2), [1.0, 1.0], False),
    (torch.tensor([1.0, torch.nan]), torch.tensor([1.0, torch.nan]), True), (torch.tensor([torch.inf]), torch.tensor([-torch.inf]), False),
    ({"a": 1}, {"a": 1}, True), ({"a": 1}, {"b": 1}, False), (None, None, True), (None, 0, False), (1.5, torch.tensor(1.5), True),
]  # fmt: skip


@pytest.mark.parametrize(("one", "other", "alike"), VALUES)
def test_values_are_compared(one: Any, other: Any, alike: bool) -> None:
    assert same(one, other) is alike


def test_a_list_within_itself_ends() -> None:
    nest: list[Any] = []
    nest.append(nest)
    assert same(nest, nest) is False


DIFFERENCES = [
    (2.0, None, "is None, and a number is expected"),
    (2.0, float("nan"), "is NaN"),
    (2.0, -2.0, "opposite sign"),
    (2.0, 2.0 / np.log(2), "a logarithm to base 2"),
    (torch.arange(6.0).reshape(2, 3), torch.arange(6.0).reshape(2, 3).T, "transposed"),
    (torch.ones(2, 3), torch.ones(1, 2, 3), "an axis of length 1 too many"),
    (torch.arange(5.0), torch.arange(5.0) / 5, "0.2 times what is expected"),
    (torch.arange(5.0), torch.arange(5.0).flip(0), "in reverse order"),
    (torch.arange(5.0), torch.tensor([7.0, 0, 1, 2, 3]), "shifted by one place along axis 0"),
    (torch.ones(2), torch.ones(2).long(), "holds whole numbers, and floating-point numbers are expected"),
    ([1, 2, 3], [1, 2], "the last one is missing"),
    ([1, 2, 3], [0, 1, 2, 3], "without its first one it would be right"),
    ([1, 2, 3], [3, 2, 1], "reverse order"),
    ([1, 2, 3], [2, 1, 3], "the right items in another order"),
    ([1.0, 0.0], [1.0, False], "[1] is a truth value, and a number is expected"),
    (torch.arange(5.0), torch.arange(5.0) * 1.3, "everywhere the same factor"),
    (["a", "b"], ["a", "B"], "[1] differs in upper and lower case alone"),
    ({"a": 1}, {}, "lacks 'a'"),
    ("a", " a", "white space at its ends"),
    (["a"], "a", "is a string, and a list of 1 is expected"),
]


@pytest.mark.parametrize(("expected", "given", "said"), DIFFERENCES)
def test_differences_are_said(expected: Any, given: Any, said: str) -> None:
    assert said in (difference(expected, given) or "")


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ((0.25, 3), "the results come in another order; wanted: word, probability"),
        ((3, 0.5), None),  # the probability is another number: half of anything is no reason
        ((3,), "the result has 1 items, and 2 are wanted: word, probability"),
        (3, "the result is a number, and a tuple of 2 is expected: word, probability"),
        (None, "the result is None, and a tuple of 2 is expected"),
    ],
)
def test_results_that_have_names_are_named(given: Any, said: str | None) -> None:
    """Would notice an exchange, and a missing one, that only look like wrong values."""
    found = difference((3, 0.25), given, parts=("word", "probability"))
    assert found == said if said else "order" not in (found or "")


def test_other_numbers_are_only_other_numbers() -> None:
    assert difference(torch.tensor([1.0, 2.0, 3.0]), torch.tensor([1.0, 2.0, 4.0])) is None
    assert "mean" not in str(
        difference(torch.arange(5.0), torch.arange(5.0) * 1.3)
    )  # no whole number divides a mean so


def test_values_are_shown_short() -> None:
    assert brief(torch.tensor([[1.23456, 2.0]])) == "[[1.2346, 2. ]]"
    assert brief([0.1234567, "a"]) == "[0.123457, 'a']"
    assert brief(np.random.default_rng(0)) == "Generator(PCG64)"
    assert len(brief(torch.zeros(100, 100))) <= 160 and len(brief("a" * 1000)) <= 160


def test_values_that_differ_look_different() -> None:
    """Would notice an expected and a given value that are the same four decimals, or that differ in what is left out."""
    assert told_apart(torch.tensor([1.0, 2.0]), torch.tensor([1.0, 2.00002])) == ("[1., 2.]", "[1. , 2.00002]")
    assert told_apart(0.75, 0.75000012) == ("0.75", "0.75000012")
    assert told_apart([0.5], [0.25]) == ("[0.5]", "[0.25]")
    large = torch.zeros(20, 20)
    other = large.clone()
    other[7, 9] = 0.5
    one, two = told_apart(large, other)
    assert one.endswith("; at [7, 9]: 0") and two.endswith("; at [7, 9]: 0.5")
    one, two = told_apart([*range(200)], [*range(199), 0])
    assert one.endswith("; at [199]: 199") and two.endswith("; at [199]: 0")
    assert "shape=" not in brief(large)


def test_a_class_may_be_decorated() -> None:
    """The tests' type checks stand above a class's decorators and must meet a class."""

    @exercise(
        lesson=0, title="", stars=1, points=1, cases=lambda: [(1,)], drive=lambda kind, number: kind().twice(number)
    )
    class Doubles:
        """Doubles."""

        def twice(self, number):
            return 2 * number  # the factor

    one = exercise_of(Doubles)
    assert (
        isinstance(Doubles, type)
        and one is not None
        and one.name == "Doubles"
        and judged(one, Doubles).state == "right"
    )
    assert exercise_of(type("Inherits", (Doubles,), {})) is None and exercise_of(running_sums) is running_sums
    assert [one.name for one in exercises.of_lesson(5)].count("WeightAverage") == 1
    assert isinstance(exercises.find("WeightAverage").function, type)


def test_what_is_done_is_kept(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "deep" / "progress.json"
    monkeypatch.setenv("LMCOURSE_PROGRESS", str(path))
    running_sums(lambda values: values)
    running_sums(fast)
    running_sums(lambda values: values)  # what was right stays right
    held = json.loads(path.read_text())
    assert held["running_sums"]["state"] == "right" and held["running_sums"]["tries"] == 2
    assert "✓ running_sums" in record.table([running_sums]) and "1 of 1 done." in record.table([running_sums])
    path.write_text("{broken")
    capsys.readouterr()
    running_sums(fast)
    assert "cannot be read; move it away" in capsys.readouterr().out
    assert path.read_text() == "{broken"
    with pytest.raises(LmcourseError, match="cannot be read"):
        record.table([running_sums])


def test_hints_come_one_after_the_other(capsys: pytest.CaptureFixture[str]) -> None:
    first = exercises.of_lesson(3)[0]
    exercises.hint(first.name)
    exercises.hint(first.name)
    out = capsys.readouterr().out
    assert f"Hint 1 of {len(first.hints)}" in out and f"Hint 2 of {len(first.hints)}" in out
    with pytest.raises(LmcourseError, match="ask for one of these"):
        exercises.hint(first.name, 99)
    with pytest.raises(LmcourseError, match="There is no exercise 'gru'"):
        exercises.hint("gru")
