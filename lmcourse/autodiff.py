"""Automatic differentiation 自动微分 in reverse: compute forwards, remember how, and hand the slopes back.

A :class:`Variable` is a NumPy array that remembers which variables it was computed from, and for each of them one
function: *if the loss changes by g for a small change of mine, by how much does it change for a small change of yours?*
That function is the chain rule for one operation. Played in reverse order over the whole computation it gives the slope of
one number with respect to everything that led to it, at about the cost of computing the number (Linnainmaa 1970; as
**backpropagation** 反向传播, Rumelhart, Hinton & Williams 1986).

>>> w = Variable([1.0, 2.0])
>>> (w * w).sum().backward()
>>> w.grad
array([2., 4.])
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from jaxtyping import Float, Int

from lmcourse.errors import LmcourseError

Array = Float[np.ndarray, "..."]
Back = Callable[[Array], Any]
RAISED = str.maketrans("-.0123456789", "⁻·⁰¹²³⁴⁵⁶⁷⁸⁹")  # a power as it is written, for pictures: ( )²


class Variable:
    """An array in double precision, its gradient ``grad`` (0 until :meth:`backward`), and where it came from."""

    __array_ufunc__ = None  # so that array * variable asks us, not NumPy

    def __init__(self, data: Any, parents: Sequence[tuple[Variable, Back]] = (), operation: str = "") -> None:
        self.data: Array = np.array(data, dtype=float)
        self.grad: Array = np.zeros_like(self.data)
        self.parents, self.operation = tuple(parents), operation

    def backward(self) -> None:
        """Add the slope of this number with respect to every variable it was computed from to that one's ``grad``."""
        if self.data.size != 1:
            raise LmcourseError(f"Slopes are those of one number, not of shape {self.data.shape}; sum() or mean() it first.")
        slopes = {id(self): np.ones_like(self.data)}
        for node in reversed(self.ancestors()):
            slope = np.asarray(slopes[id(node)])
            node.grad = np.asarray(node.grad + slope)
            for parent, back in node.parents:
                # A variable that was used twice hears from both uses, and adds: the chain rule's sum over all ways.
                slopes[id(parent)] = slopes.get(id(parent), 0.0) + _unbroadcast(np.asarray(back(slope)), parent.data.shape)

    def ancestors(self) -> list[Variable]:
        """All variables that this one depends on and itself, each after those it was computed from."""
        order: list[Variable] = []
        seen: set[int] = set()
        waiting = [(self, False)]  # a list in place of recursion: a text of 1,000 steps is 1,000 levels deep
        while waiting:
            node, ready = waiting.pop()
            if ready:
                order.append(node)
            elif id(node) not in seen:
                seen.add(id(node))
                waiting.append((node, True))
                waiting.extend((parent, False) for parent, _ in node.parents)
        return order

    # Arithmetic. In each: the value, then for each input how the slope g comes back.
    def __add__(self, other: Any) -> Variable:
        other = variable(other)
        return Variable(self.data + other.data, [(self, lambda g: g), (other, lambda g: g)], "+")

    def __mul__(self, other: Any) -> Variable:
        other = variable(other)
        return Variable(self.data * other.data, [(self, lambda g: g * other.data), (other, lambda g: g * self.data)], "×")

    def __pow__(self, power: float | int) -> Variable:
        return Variable(self.data**power, [(self, lambda g: g * power * self.data ** (power - 1))], f"( ){power:g}".translate(RAISED))

    def __matmul__(self, other: Any) -> Variable:
        other = variable(other)
        # A vector is a matrix with one row on the left, with one column on the right.
        a = self.data[None, :] if self.data.ndim == 1 else self.data
        b = other.data[:, None] if other.data.ndim == 1 else other.data
        whole = (*np.broadcast_shapes(a.shape[:-2], b.shape[:-2]), a.shape[-2], b.shape[-1])

        def left(g: Array) -> Array:
            return _unbroadcast(g.reshape(whole) @ b.swapaxes(-1, -2), a.shape).reshape(self.data.shape)

        def right(g: Array) -> Array:
            return _unbroadcast(a.swapaxes(-1, -2) @ g.reshape(whole), b.shape).reshape(other.data.shape)

        return Variable(self.data @ other.data, [(self, left), (other, right)], "@")

    def __neg__(self) -> Variable:
        return Variable(-self.data, [(self, lambda g: -g)], "−")

    def __sub__(self, other: Any) -> Variable:
        other = variable(other)
        return Variable(self.data - other.data, [(self, lambda g: g), (other, lambda g: -g)], "−")

    def __truediv__(self, other: Any) -> Variable:
        return self * variable(other) ** -1.0

    def __rsub__(self, other: Any) -> Variable:
        return variable(other) - self

    def __rtruediv__(self, other: Any) -> Variable:
        return variable(other) / self

    def __rmatmul__(self, other: Any) -> Variable:
        return variable(other) @ self

    __radd__, __rmul__ = __add__, __mul__

    # Functions of each element.
    def exp(self) -> Variable:
        value = np.exp(self.data)
        return Variable(value, [(self, lambda g: g * value)], "exp")

    def log(self) -> Variable:
        return Variable(np.log(self.data), [(self, lambda g: g / self.data)], "ln")

    def tanh(self) -> Variable:
        value = np.tanh(self.data)
        return Variable(value, [(self, lambda g: g * (1 - value**2))], "tanh")

    def sigmoid(self) -> Variable:
        value = 0.5 * (1 + np.tanh(0.5 * self.data))  # 1 / (1 + exp(-x)), without an overflow
        return Variable(value, [(self, lambda g: g * value * (1 - value))], "σ")

    def relu(self) -> Variable:
        return Variable(np.maximum(self.data, 0.0), [(self, lambda g: g * (self.data > 0))], "relu")

    # Shapes.
    def sum(self, axis: int | None = None, keepdims: bool = False) -> Variable:
        def back(g: Array) -> Array:
            spread = g if axis is None or keepdims else np.expand_dims(g, axis)
            return np.broadcast_to(spread, self.data.shape)

        return Variable(self.data.sum(axis=axis, keepdims=keepdims), [(self, back)], "sum")

    def mean(self, axis: int | None = None, keepdims: bool = False) -> Variable:
        count = self.data.size if axis is None else self.data.shape[axis]
        return self.sum(axis, keepdims) * (1 / count)

    def reshape(self, *shape: int) -> Variable:
        return Variable(self.data.reshape(shape), [(self, lambda g: g.reshape(self.data.shape))], "reshape")

    @property
    def T(self) -> Variable:
        return Variable(self.data.T, [(self, lambda g: g.T)], "T")

    def __getitem__(self, index: Any) -> Variable:
        """Entries, slices, or the rows that an array of ids names: an embedding's look-up."""

        def back(g: Array) -> Array:
            whole = np.zeros_like(self.data)
            np.add.at(whole, index, g)  # a row that was asked for twice receives twice
            return whole

        return Variable(self.data[index], [(self, back)], "[]")

    @property
    def shape(self) -> tuple[int, ...]:
        return self.data.shape

    def __repr__(self) -> str:
        return f"Variable({np.array2string(self.data, precision=4, threshold=20)})"


def variable(value: Any) -> Variable:
    """``value`` as a variable; one that is a variable already is itself."""
    return value if isinstance(value, Variable) else Variable(value)


def concatenate(parts: Sequence[Variable], axis: int = -1) -> Variable:
    """The parts end to end along an axis; each gets its own piece of the slope back."""
    ends = np.cumsum([part.data.shape[axis] for part in parts])

    def piece(number: int) -> Back:
        return lambda g: np.split(g, ends[:-1], axis=axis)[number]

    data = np.concatenate([part.data for part in parts], axis=axis)
    return Variable(data, [(part, piece(number)) for number, part in enumerate(parts)], "concatenate")


def log_softmax(scores: Variable) -> Variable:
    """ln of the softmax over the last axis. The largest score is taken off first: the result is the same, and exp stays finite."""
    low = scores - scores.data.max(axis=-1, keepdims=True)
    return low - low.exp().sum(axis=-1, keepdims=True).log()


def cross_entropy(scores: Variable, targets: Int[np.ndarray, " n"]) -> Variable:
    """The mean of -ln p(target) over the rows of ``scores``, which are logits of shape (n, classes)."""
    return -log_softmax(scores)[np.arange(len(targets)), targets].mean()


def numerical(function: Callable[..., Variable], *arrays: Array, step: float = 1e-5) -> list[Array]:
    """The slopes of ``function(*variables)`` by nudging each number up and down: slow, and independent of the chain rule."""
    slopes = []
    for number, array in enumerate(arrays):
        slope = np.zeros_like(array)
        for place in np.ndindex(array.shape):
            ends = []
            for nudge in (step, -step):
                nudged = array.copy()
                nudged[place] += nudge
                ends.append(function(*map(Variable, (*arrays[:number], nudged, *arrays[number + 1 :]))).data.item())
            slope[place] = (ends[0] - ends[1]) / (2 * step)
        slopes.append(slope)
    return slopes


def check(function: Callable[..., Variable], *arrays: Array, step: float = 1e-5) -> float:
    """The gradient check: how far the slopes by the chain rule are from the nudged ones, relative to their size."""
    inputs = [Variable(array) for array in arrays]
    function(*inputs).backward()
    return max(
        float(np.linalg.norm(by_rule.grad - nudged) / max(np.linalg.norm(by_rule.grad) + np.linalg.norm(nudged), 1e-12))
        for by_rule, nudged in zip(inputs, numerical(function, *arrays, step=step), strict=True)
    )


def _unbroadcast(slope: Array, shape: tuple[int, ...]) -> Array:
    """What was copied along an axis on the way there is summed along it on the way back."""
    slope = np.asarray(slope.sum(axis=tuple(range(slope.ndim - len(shape)))))
    stretched = tuple(axis for axis, size in enumerate(shape) if size == 1 and slope.shape[axis] != 1)
    return np.asarray(slope.sum(axis=stretched, keepdims=True))
