"""Gradient descent 梯度下降: follow the slope downhill, and the rules that make better use of the same slopes.

The idea is Cauchy's (1847): θ ← θ - α∇L(θ), with the learning rate α. The rules, each in the form in which PyTorch has it,
for one array θ, its gradient g, and what the rule remembers of earlier gradients (all squares and roots element by element):

* ``GradientDescent``: θ ← θ - αg. With the gradient of a random batch it is **stochastic** (SGD; Robbins & Monro 1951).
* ``Momentum``:   m ← βm + g; θ ← θ - αm (the heavy ball; Polyak 1964).
* ``RMSProp``:    v ← ρv + (1-ρ)g²; θ ← θ - αg / (√v + ε) (Tieleman & Hinton 2012).
* ``Adam``:       m ← β₁m + (1-β₁)g; v ← β₂v + (1-β₂)g²; θ ← θ - α m̂ / (√v̂ + ε), where m̂ = m/(1-β₁ᵗ) and v̂ = v/(1-β₂ᵗ)
  undo that m and v began at 0 (Kingma & Ba 2015).
* ``AdamW``:      first θ ← θ - αλθ, then Adam (Loshchilov & Hutter 2019).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from jaxtyping import Float

from lmcourse.errors import LmcourseError

Array = Float[np.ndarray, "..."]
Memory = dict[str, Any]
Number = float | int


class Rule:
    """How a gradient becomes a step. ``step`` changes the arrays in place and keeps a memory for each of them."""

    def __init__(self, rate: Number) -> None:
        if not rate > 0:
            raise LmcourseError(f"A learning rate is above 0, not {rate}; 0.01 is a common first guess.")
        self.rate = rate
        self.memories: list[Memory] = []

    def step(self, parameters: Sequence[Array], gradients: Sequence[Array]) -> None:
        """One step for all ``parameters``, which must be the same ones, in the same order, at every call."""
        self.memories = self.memories or [{} for _ in parameters]
        if not len(parameters) == len(gradients) == len(self.memories):
            raise LmcourseError(
                f"This rule was given {len(parameters)} parameters and {len(gradients)} gradients, and remembers "
                f"{len(self.memories)}; give one gradient for each parameter, and a new rule for other parameters."
            )
        for theta, gradient, memory in zip(parameters, gradients, self.memories, strict=True):
            if theta.shape != gradient.shape:
                raise LmcourseError(
                    f"A gradient has the shape of its parameter: {theta.shape}, not {gradient.shape}; sum over what was broadcast."
                )
            theta[...] = self.moved(theta, gradient, memory)

    def moved(self, theta: Array, gradient: Array, memory: Memory) -> Array | np.float64:
        """Where ``theta`` is after the step; ``memory`` is this array's own, empty before the first step."""
        raise NotImplementedError


class GradientDescent(Rule):
    """θ ← θ - αg."""

    def moved(self, theta: Array, gradient: Array, memory: Memory) -> Array | np.float64:
        return theta - self.rate * gradient


class Momentum(Rule):
    """m ← βm + g; θ ← θ - αm."""

    def __init__(self, rate: Number, momentum: Number = 0.9) -> None:
        super().__init__(rate)
        self.momentum = _share(momentum, "momentum")

    def moved(self, theta: Array, gradient: Array, memory: Memory) -> Array | np.float64:
        memory["m"] = self.momentum * memory.get("m", 0.0) + gradient
        return theta - self.rate * memory["m"]


class RMSProp(Rule):
    """v ← ρv + (1-ρ)g²; θ ← θ - αg / (√v + ε)."""

    def __init__(self, rate: Number, decay: Number = 0.99, epsilon: Number = 1e-8) -> None:
        super().__init__(rate)
        self.decay, self.epsilon = _share(decay, "decay"), epsilon

    def moved(self, theta: Array, gradient: Array, memory: Memory) -> Array | np.float64:
        memory["v"] = self.decay * memory.get("v", 0.0) + (1 - self.decay) * gradient**2
        return theta - self.rate * gradient / (np.sqrt(memory["v"]) + self.epsilon)


class Adam(Rule):
    """Momentum's direction, RMSProp's scale, and both corrected for having begun at 0."""

    def __init__(self, rate: Number, betas: tuple[Number, Number] = (0.9, 0.999), epsilon: Number = 1e-8) -> None:
        super().__init__(rate)
        self.betas, self.epsilon = (_share(betas[0], "β₁"), _share(betas[1], "β₂")), epsilon

    def moved(self, theta: Array, gradient: Array, memory: Memory) -> Array | np.float64:
        first, second = self.betas
        memory["t"] = memory.get("t", 0) + 1
        memory["m"] = first * memory.get("m", 0.0) + (1 - first) * gradient
        memory["v"] = second * memory.get("v", 0.0) + (1 - second) * gradient**2
        mean = memory["m"] / (1 - first ** memory["t"])
        square = memory["v"] / (1 - second ** memory["t"])
        return theta - self.rate * mean / (np.sqrt(square) + self.epsilon)


class AdamW(Adam):
    """Adam, after each parameter was pulled towards 0 by its own size: weight decay outside of the averages."""

    def __init__(
        self, rate: Number, betas: tuple[Number, Number] = (0.9, 0.999), epsilon: Number = 1e-8, decay: Number = 0.01
    ) -> None:
        super().__init__(rate, betas, epsilon)
        self.weight_decay = decay

    def moved(self, theta: Array, gradient: Array, memory: Memory) -> Array | np.float64:
        return super().moved(np.asarray(theta * (1 - self.rate * self.weight_decay)), gradient, memory)


def descend(gradient: Callable[[Array], Any], start: Any, rule: Rule, steps: int) -> Array:
    """Every θ on the way, the start first: ``steps`` + 1 of them, along the first axis. A path may leave for infinity."""
    if steps < 1:
        raise LmcourseError(f"A path has at least one step, not {steps}.")
    theta = np.array(start, dtype=float)
    places = [theta.copy()]
    with np.errstate(over="ignore", invalid="ignore"):
        for _ in range(steps):
            rule.step([theta], [np.asarray(gradient(theta.copy()), dtype=float)])
            places.append(theta.copy())
    return np.stack(places)


def path(gradient: Callable[[Array], Any], start: Any, rate: Number, steps: int, momentum: Number = 0.0) -> Array:
    """The path of plain descent, or of the heavy ball: ``path(lambda θ: 2 * θ, 1.0, rate=0.25, steps=2)`` is 1, 0.5, 0.25."""
    return descend(gradient, start, Momentum(rate, momentum) if momentum else GradientDescent(rate), steps)


def stochastic(
    gradient: Callable[[Array, np.ndarray], Any], examples: int, batch: int, seed: int = 0
) -> Callable[[Array], Any]:
    """The gradient of a random batch, another one at every call: from ``gradient(θ, rows)``, make a function of θ alone."""
    if not 1 <= batch:
        raise LmcourseError(f"A batch holds at least one example, not {batch}.")
    random = np.random.default_rng(seed)
    return lambda theta: gradient(theta, random.integers(examples, size=batch))


def largest_rate(curvature: Number, momentum: Number = 0.0) -> float:
    """The border of the rates: on a valley of this curvature λ, descent arrives below 2(1+β)/λ and explodes above."""
    if not curvature > 0:
        raise LmcourseError(f"Only a valley, of curvature above 0, has a largest rate; {curvature} curves the other way.")
    return 2 * (1 + _share(momentum, "momentum")) / curvature


def grows(path: Array) -> bool:
    """Whether every step leads further away from 0 than the one before."""
    sizes = np.linalg.norm(path.reshape(len(path), -1), axis=1)
    return bool((sizes[1:] > sizes[:-1]).all())


def arrival(path: Array, goal: Any = 0.0, within: Number = 0.01) -> int | None:
    """The first step from which on the path stays within this distance of ``goal``; None if it does not."""
    away = np.linalg.norm((path - np.asarray(goal)).reshape(len(path), -1), axis=1)
    outside = np.flatnonzero(~(away <= within))
    first = int(outside[-1]) + 1 if outside.size else 0
    return first if first < len(path) else None


def _share(value: Number, name: str) -> Number:
    if not 0 <= value < 1:
        raise LmcourseError(f"{name} is a share, from 0 up to but not including 1, not {value}.")
    return value
