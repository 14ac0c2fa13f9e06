"""`lmcourse.descent`: the rules are PyTorch's, the borders are where the formula says, and paths are what they claim to be."""

from __future__ import annotations

import numpy as np
import pytest
import sympy
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from lmcourse import descent
from lmcourse.errors import LmcourseError

RULES = {
    "plain": (descent.GradientDescent(0.05), lambda p: torch.optim.SGD(p, lr=0.05)),
    "momentum": (descent.Momentum(0.01, 0.9), lambda p: torch.optim.SGD(p, lr=0.01, momentum=0.9)),
    "RMSProp": (descent.RMSProp(0.01), lambda p: torch.optim.RMSprop(p, lr=0.01)),
    "Adam": (descent.Adam(0.05, (0.8, 0.99)), lambda p: torch.optim.Adam(p, lr=0.05, betas=(0.8, 0.99))),
    "AdamW": (descent.AdamW(0.05, decay=0.1), lambda p: torch.optim.AdamW(p, lr=0.05, weight_decay=0.1)),
}


def bowl(parameters):
    """A loss of two parameters that depend on each other: neither quadratic nor symmetric."""
    matrix, vector = parameters
    return ((matrix @ vector - 1) ** 2).sum() + 0.1 * (matrix**4).sum() + (vector**2).mean()


@pytest.mark.parametrize("name", RULES)
def test_each_rule_takes_pytorch_s_steps(name):
    """A bias correction left out, ε inside the root, decay inside Adam's averages: each differs within 100 steps."""
    rule, theirs = RULES[name]
    random = np.random.default_rng(0)
    ours = [random.normal(size=(3, 2)), random.normal(size=2)]
    parameters = [torch.tensor(array, requires_grad=True) for array in ours]
    optimizer = theirs(parameters)
    for _ in range(100):
        copies = [torch.tensor(array, requires_grad=True) for array in ours]
        rule.step(ours, [slope.numpy() for slope in torch.autograd.grad(bowl(copies), copies)])
        optimizer.zero_grad()
        bowl(parameters).backward()
        optimizer.step()
    assert max(abs(a - p.detach().numpy()).max() for a, p in zip(ours, parameters, strict=True)) < 1e-6
    assert abs(ours[0] - np.random.default_rng(0).normal(size=(3, 2))).max() > 0.05, "something moved"


@settings(max_examples=30)
@given(st.floats(0.01, 100), st.floats(0, 0.95), st.booleans())
def test_the_border_of_the_rates(curvature, momentum, above):
    """2(1+β)/λ for any curvature and momentum: just below it a path comes back, just above it leaves."""
    rate = descent.largest_rate(curvature, momentum) * (1.02 if above else 0.98)
    end = descent.path(lambda theta: curvature * theta, 1.0, rate, 600, momentum)[-1]
    assert (not abs(end) < 1) == above  # a path that left may have ended in NaN


def test_the_border_follows_from_one_step():
    """At the border a step of the heavy ball changes the sign and nothing else; sympy solves that for the rate."""
    rate, curvature, beta = sympy.symbols("alpha lambda beta", positive=True)
    # θ' = θ - αλθ + β(θ - θ°), with θ° = -θ before and θ' = -θ after
    (found,) = sympy.solve(sympy.Eq(-1, 1 - rate * curvature + beta * (1 + 1)), rate)
    assert sympy.simplify(found - 2 * (1 + beta) / curvature) == 0


def test_a_path_holds_every_place():
    """The start is the first, no entry is a view of a later one, and the start itself is left alone."""
    start = np.array([1.0, 2.0])
    way = descent.path(lambda theta: 2 * theta, start, rate=0.25, steps=3)
    assert way.tolist() == [[1, 2], [0.5, 1], [0.25, 0.5], [0.125, 0.25]]
    assert start.tolist() == [1, 2]
    assert descent.path(lambda theta: 2 * theta, 1.0, rate=0.25, steps=2).tolist() == [1, 0.5, 0.25]


def test_an_exploding_path_is_a_path(recwarn):
    """A lesson shows explosions: no warning on the page, and infinity at the end."""
    way = descent.path(lambda theta: 10 * theta**3, 3.0, rate=1.0, steps=50)
    assert not np.isfinite(way[-1]) and not recwarn.list and descent.grows(way[:5])


def test_arrival_and_growth():
    """Passing by is not arriving; a path that never comes, or ends in NaN, arrives at no step."""
    assert descent.arrival(np.array([1, 0, 0.5, 0.001, 0])) == 3
    assert descent.arrival(np.array([0.0, 0.0])) == 0
    assert descent.arrival(np.array([1, 0.5])) is None
    assert descent.arrival(np.array([0, np.nan])) is None
    assert descent.arrival(np.array([[3.0, 1], [1, 1]]), goal=[1, 1]) == 1
    assert descent.grows(np.array([1.0, -2, 3])) and not descent.grows(np.array([1.0, 2, -2]))


def test_a_stochastic_gradient_is_right_on_average_and_repeats():
    """Another batch at every call, the same ones for the same seed, and their mean the whole gradient."""
    data = np.arange(100.0)
    noisy = descent.stochastic(lambda theta, rows: theta - data[rows].mean(), 100, batch=4, seed=3)
    again = descent.stochastic(lambda theta, rows: theta - data[rows].mean(), 100, batch=4, seed=3)
    draws = [float(noisy(np.array(0.0))) for _ in range(2000)]
    assert draws[:5] == [float(again(np.array(0.0))) for _ in range(5)] and len(set(draws[:5])) > 1
    # the mean of 2000 batches has a standard error of 28.9 / 2 / √2000 = 0.32; five of them
    assert abs(np.mean(draws) + data.mean()) < 1.6


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        (lambda: descent.GradientDescent(0), "above 0, not 0"),
        (lambda: descent.Momentum(0.1, 1.0), "momentum is a share"),
        (lambda: descent.Adam(0.1, (0.9, 1.5)), "β₂ is a share"),
        (lambda: descent.path(lambda theta: theta, 1.0, 0.1, 0), "at least one step"),
        (lambda: descent.largest_rate(-1.0), "curves the other way"),
        (lambda: descent.stochastic(lambda theta, rows: theta, 5, 0), "at least one example"),
        (lambda: descent.GradientDescent(0.1).step([np.zeros(3)], [np.zeros((5, 3))]), "sum over what was broadcast"),
        (lambda: descent.GradientDescent(0.1).step([np.zeros(3)], []), "one gradient for each"),
    ],
)
def test_what_cannot_be_is_refused_in_words(wrong, words):
    """Each of these would otherwise run, or fail somewhere deep inside."""
    with pytest.raises(LmcourseError) as caught:
        wrong()
    assert words in str(caught.value)
