"""The learning-rate range test: one short run that says which rates are worth a long one.

Let the rate grow, from step to step by the same factor, from one that is surely too small to one that is surely too
large, and watch the loss (Smith 2017, "Cyclical Learning Rates for Training Neural Networks"). It lies still, then falls,
then comes to the rate that it cannot bear, and explodes. The rate to train with stands well below that border:
the run is short and a long one will meet steeper places, so a tenth of it is a cautious choice and a third a bold one.

The test compares rates for *one* model, batch size and optimizer. It says where not to go; which of the rates that it
leaves over is best at the end of a long run, only such runs say.
"""

from __future__ import annotations

import copy
import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from jaxtyping import Float
from torch import nn

from lmcourse.errors import LmcourseError
from lmcourse.training import Objective, adamw, fit, next_token

MEMORY = 0.8  # of the running mean: about the last five steps count
WORSE = 1.0  # nats above the best so far: that is no noise any more
CAUTION = 10.0  # the rate suggested is so many times below the border


@dataclass(frozen=True)
class RangeTest:
    """What a range test saw: the ``losses`` at ``rates``, as far as it came."""

    rates: Float[np.ndarray, " steps"]
    losses: Float[np.ndarray, " steps"]

    @property
    def smooth(self) -> Float[np.ndarray, " steps"]:
        """The losses as a running mean that forgets, without the bias of its beginning."""
        mean, weight, means = 0.0, 0.0, []
        for loss in self.losses:
            mean, weight = MEMORY * mean + (1 - MEMORY) * loss, MEMORY * weight + (1 - MEMORY)
            means.append(mean / weight)
        return np.array(means)

    @property
    def border(self) -> float:
        """The first rate at which the smoothed loss is a nat above its best so far; the last, if there is none such."""
        smooth = self.smooth
        above = np.flatnonzero(smooth > np.minimum.accumulate(smooth) + WORSE)
        return float(self.rates[above[0] if above.size else -1])

    @property
    def steepest(self) -> float:
        """The rate below the border at which the smoothed loss fell fastest."""
        before = self.rates <= self.border
        slopes = np.gradient(self.smooth[before], np.log(self.rates[before]))
        return float(self.rates[before][slopes.argmin()])

    @property
    def suggestion(self) -> float:
        """A tenth of the border."""
        return self.border / CAUTION


def range_test(
    model: nn.Module,
    batches: Callable[[int], Any],
    objective: Objective = next_token,
    *,
    lowest: int | float = 1e-4,
    highest: int | float = 1.0,
    steps: int = 80,
    clip: int | float = 1.0,
    seed: int = 0,
    optimizer: Callable[[nn.Module, float], Any] = adamw,
) -> RangeTest:
    """Train a copy of ``model`` for ``steps`` steps while the rate grows from ``lowest`` to ``highest``.

    ``batches``, ``objective`` and ``clip`` are those of :func:`lmcourse.fit`; ``optimizer(model, rate)`` makes the optimizer.
    The model itself is not touched. A run whose loss is no longer a number ends there.
    """
    if not 0 < lowest < highest < math.inf:
        raise LmcourseError(f"The rate grows from lowest to highest, both above 0; {lowest} and {highest} do not.")
    if steps < 10:
        raise LmcourseError(f"A range test of {steps} steps sees too few rates; give at least 10.")

    def growing(step: int, steps: int) -> float:
        return (lowest / highest) ** (1 - step / (steps - 1))

    trial = copy.deepcopy(model)
    history = fit(
        trial, batches, objective, steps=steps, optimizer=optimizer(trial, highest), schedule=growing, clip=clip,
        every=steps, seed=seed, progress=False,
    )  # fmt: skip
    if not history.losses:
        raise LmcourseError("The loss is no number at the first step already; mend the model or the data before its rate.")
    rates = np.array([highest * growing(step, steps) for step in range(len(history.losses))])
    return RangeTest(rates, np.array(history.losses))
