"""Schedules as functions: where they start, peak and end, and that nothing lies outside 0 to 1."""

from __future__ import annotations

from functools import partial

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lmcourse import schedules

FALLING = [schedules.cosine, schedules.linear]


@pytest.mark.parametrize("schedule", FALLING)
@given(steps=st.integers(1, 150), warm=st.integers(0, 40), floor=st.floats(0, 1))
def test_rises_then_falls(schedule, steps, warm, floor):
    """Up during the warm-up, never up again after it, and never outside (0, 1]."""
    values = [schedule(step, steps, warm=warm, floor=floor) for step in range(steps)]
    peak = min(warm, steps // 10)
    assert all(0 <= value <= 1 for value in values)
    assert values[: peak + 1] == sorted(values[: peak + 1])
    assert all(b <= a + 1e-12 for a, b in zip(values[peak:], values[peak + 1 :], strict=False))


@pytest.mark.parametrize("schedule", FALLING)
def test_landmarks(schedule):
    """Worked out by hand: 1/11 at first with ten steps of warm-up, 1 at their end, the floor at the last step."""
    schedule = partial(schedule, warm=10, floor=0.2)
    assert schedule(0, 111) == pytest.approx(1 / 11)
    assert schedule(10, 111) == 1
    assert schedule(60, 111) == pytest.approx(0.6)  # halfway down, both curves are halfway
    assert schedule(110, 111) == pytest.approx(0.2)
    assert schedule(500, 111) == pytest.approx(0.2)


def test_the_shapes_differ():
    """A quarter of the way down: the cosine is still high, the line is not."""
    assert schedules.cosine(25, 101, warm=0, floor=0.0) == pytest.approx(0.8535534, abs=1e-6)
    assert schedules.linear(25, 101, warm=0, floor=0.0) == pytest.approx(0.75)


def test_a_short_run_is_not_all_warm_up():
    assert max(schedules.cosine(step, 50) for step in range(50)) == 1


def test_constant_and_inverse_sqrt():
    assert {schedules.constant(step, 9) for step in range(9)} == {1.0}
    assert schedules.inverse_sqrt(100, 1) == 1
    assert schedules.inverse_sqrt(403, 1) == pytest.approx(0.5)
    assert schedules.inverse_sqrt(49, 1) == pytest.approx(50 / 101)
