"""`lmcourse.autodiff`: every operation against finite differences and against PyTorch, broadcasting, and what it refuses."""

from __future__ import annotations

import numpy as np
import pytest
import sympy
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from lmcourse import autodiff, descent
from lmcourse.autodiff import Variable, check
from lmcourse.errors import LmcourseError

OPERATIONS = {
    "+": lambda a, b: a + b,
    "-": lambda a, b: a - b,
    "*": lambda a, b: a * b,
    "/": lambda a, b: a / (b * b + 1),
    "number - a": lambda a, b: 2 - a * b,
    "number / a": lambda a, b: 2 / (a * a + 1) + b,
    "power": lambda a, b: (a * a + 1) ** 1.5 + b**3,
    "exp": lambda a, b: (a * b).exp(),
    "log": lambda a, b: (a * a + 1).log() * b,
    "tanh": lambda a, b: (a + b).tanh(),
    "sigmoid": lambda a, b: (a * b).sigmoid(),
    "relu": lambda a, b: (a + 0.3 * b).relu(),
    "used twice": lambda a, b: a * a * b + a,
    "negative": lambda a, b: -a * b,
}


def weighed(result):
    """One number that feels each entry differently, so that no two mistakes cancel."""
    return (result * np.cos(np.arange(result.data.size)).reshape(result.shape)).sum()


@pytest.mark.parametrize("name", OPERATIONS)
@pytest.mark.parametrize("shapes", [((), ()), ((3,), ()), ((2, 3), (3,)), ((2, 1), (1, 3)), ((1,), (4, 2)), ((2, 1, 3), (2, 1))])
def test_the_gradient_check_of_every_operation(name, shapes):
    """In each pair one side is broadcast: its slope must be summed over what was copied."""
    random = np.random.default_rng(0)
    a, b = (random.normal(size=shape) for shape in shapes)
    assert check(lambda x, y: weighed(OPERATIONS[name](x, y)), a, b) < 1e-7


@pytest.mark.parametrize("shapes", [((2, 3), (3, 4)), ((3,), (3, 4)), ((2, 3), (3,)), ((3,), (3,)), ((5, 2, 3), (3, 4)), ((2, 3), (5, 3, 1)), ((3,), (5, 3, 2)), ((5, 2, 3), (3,))])  # fmt: skip
def test_matrix_products(shapes):
    """Vectors on either side and stacks of matrices, against NumPy for the value and nudging for the slopes."""
    random = np.random.default_rng(1)
    a, b = (random.normal(size=shape) for shape in shapes)
    assert np.allclose((Variable(a) @ Variable(b)).data, a @ b)
    assert check(lambda x, y: weighed(x @ y), a, b) < 1e-7


@pytest.mark.parametrize(
    "change",
    [
        lambda a: a.sum(0),
        lambda a: a.sum(1, keepdims=True) * a,
        lambda a: a.sum(-1),
        lambda a: a.mean(1),
        lambda a: a.mean(),
        lambda a: a.reshape(2, 6),
        lambda a: a.T @ a,
        lambda a: a[1],
        lambda a: a[:, 1:3],
        lambda a: a[np.array([0, 2, 0, 0])],
        lambda a: a[np.array([0, 1]), np.array([3, 3])],
        lambda a: autodiff.concatenate([a, a * 2, a[:, :1]], axis=1),
        lambda a: autodiff.concatenate([a[0], a[1]]),
        autodiff.log_softmax,
    ],
)
def test_shapes_and_rows(change):
    """A row that was looked up three times receives three slopes, one that was not, none."""
    assert check(lambda x: weighed(change(x)), np.random.default_rng(2).normal(size=(3, 4))) < 1e-7


@settings(max_examples=50)
@given(st.integers(0, 10**6))
def test_random_computations_agree_with_pytorch(seed):
    """A law rather than cases: any chain of operations has the same slopes here and in PyTorch."""
    random = np.random.default_rng(seed)
    a, b = random.normal(size=(3, 4)), random.normal(size=(1, 4))
    ours, theirs = [Variable(a), Variable(b)], [torch.tensor(a, requires_grad=True), torch.tensor(b, requires_grad=True)]
    x, y = ours[0], theirs[0]
    for step in random.integers(5, size=6):
        x, y = (
            (x * ours[1], y * theirs[1]),
            (x.tanh() + ours[0], y.tanh() + theirs[0]),
            (x - x.mean(0), y - y.mean(0)),
            (x.sigmoid() @ ours[0].T @ ours[0], y.sigmoid() @ theirs[0].T @ theirs[0]),
            (x / (1 + ours[1] ** 2), y / (1 + theirs[1] ** 2)),
        )[step]
    (x**2).mean().backward()
    for mine, slope in zip(ours, torch.autograd.grad((y**2).mean(), theirs, allow_unused=True, materialize_grads=True), strict=True):
        assert np.allclose(mine.grad, slope.numpy(), rtol=1e-9, atol=1e-12)


def test_the_formulas_by_sympy():
    """What the lesson derives: the slopes of σ and tanh, and p - y for softmax with cross-entropy."""
    z = sympy.Symbol("z", real=True)
    sigmoid = 1 / (1 + sympy.exp(-z))
    assert sympy.simplify(sigmoid.diff(z) - sigmoid * (1 - sigmoid)) == 0
    scores = sympy.symbols("s0:3", real=True)
    total = sum(sympy.exp(score) for score in scores)
    loss = -sympy.log(sympy.exp(scores[1]) / total)
    for number, score in enumerate(scores):
        assert sympy.simplify(loss.diff(score) - (sympy.exp(score) / total - int(number == 1))) == 0


def test_backward_adds():
    """Twice backward is twice the slope (as in PyTorch), also where a variable lies between: none is counted again."""
    w = Variable(3.0)
    loss = (w * w).tanh() * w
    loss.backward()
    once = w.grad.copy()
    loss.backward()
    assert np.allclose(w.grad, 2 * once) and once != 0


def test_numpy_on_the_left():
    """Without care, array * variable makes an array of variables."""
    v = Variable([1.0, 2.0])
    for result in (np.ones(2) * v, np.ones(2) - v, np.ones(2) / v, np.ones((3, 2)) @ v, 2 + v):
        assert isinstance(result, Variable)


def test_large_scores_stay_finite(recwarn):
    """exp(1000) is infinite; the loss and its slopes are not."""
    scores = Variable([[1000.0, 0.0, -1000.0]])
    loss = autodiff.cross_entropy(scores, np.array([1]))
    loss.backward()
    assert loss.data == 1000 and scores.grad.tolist() == [[1, -1, 0]] and not recwarn.list
    assert Variable(-800.0).sigmoid().data == 0 and not recwarn.list


def test_a_long_text_is_no_deep_recursion():
    """5,000 steps through time, more than Python's stack allows."""
    h = w = Variable(0.9999)
    for _ in range(5000):
        h = h * w
    h.backward()
    assert w.grad == pytest.approx(5001 * 0.9999**5000)


def test_the_gradient_check_sees_a_wrong_slope():
    """A check that cannot fail would be worse than none: a tanh that forgets its own slope, and an embedding that overwrites."""
    wrong = lambda v: Variable(np.tanh(v.data), [(v, lambda g: g)])  # noqa: E731
    assert check(lambda v: wrong(v).sum(), np.array([0.5, -1.0])) > 0.05


def test_it_trains_a_classifier():
    """Two rings, which no straight line separates: a hidden layer learns them, and not from shuffled labels."""
    random = np.random.default_rng(0)
    labels = random.integers(2, size=200)
    angle = random.uniform(0, 2 * np.pi, 200)
    points = (1 + labels)[:, None] * np.stack([np.cos(angle), np.sin(angle)], 1)

    def accuracy(targets):
        values = [random.normal(size=(2, 16)), np.zeros(16), random.normal(size=(16, 2)) / 4, np.zeros(2)]
        rule = descent.Adam(0.05)
        for _ in range(150):
            w1, b1, w2, b2 = variables = [Variable(value) for value in values]
            scores = (points @ w1 + b1).tanh() @ w2 + b2
            autodiff.cross_entropy(scores, targets).backward()
            rule.step(values, [v.grad for v in variables])
        return (scores.data.argmax(1) == labels).mean()

    assert accuracy(labels) > 0.98 > 0.8 > accuracy(random.permutation(labels))


def test_slopes_of_many_numbers_are_refused():
    """PyTorch's own sentence says 'scalar outputs'; ours says what to do."""
    with pytest.raises(LmcourseError, match="sum"):
        Variable([1.0, 2.0]).backward()


def test_how_it_prints():
    """Rounded, so that a lesson's output is the same everywhere."""
    assert repr(Variable([1 / 3, 2.0])) == "Variable([0.3333 2.    ])"
