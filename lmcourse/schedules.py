"""How the learning rate moves during training: plain functions of the step.

A **schedule** 学习率调度 answers with a factor between 0 and 1 by which the peak learning rate is multiplied. It rises
from nearly nothing (**warm-up** 预热: in the first steps Adam's averages rest on few gradients, and one explanation is
that they vary too much to be trusted, Liu et al. 2020), then falls (large steps find the valley, small ones its floor; along a cosine: Loshchilov & Hutter 2017).

A schedule is a function of the step and of the number of steps, and of nothing else: no hidden counter that a resumed
run would have to restore, and one can plot it before training. Settings are fixed with ``functools.partial``.
"""

from __future__ import annotations

import math
from collections.abc import Callable

Schedule = Callable[[int, int], float]
"""``schedule(step, steps)`` for ``step`` 0 … ``steps`` - 1 gives the factor for that step."""


def constant(step: int, steps: int) -> float:
    """The peak rate throughout."""
    return 1.0


def warmup(step: int, length: int) -> float:
    """The rising part: 1/(length+1), 2/(length+1), …, and 1 once ``length`` steps are over."""
    return min(1.0, (step + 1) / (length + 1))


def cosine(step: int, steps: int, warm: int = 100, floor: float = 0.05) -> float:
    """Rise for ``warm`` steps, then fall along half a cosine to ``floor``, which the last step reaches."""
    warm = _shortened(warm, steps)
    return warmup(step, warm) * (floor + (1 - floor) * (1 + math.cos(math.pi * _progress(step, steps, warm))) / 2)


def linear(step: int, steps: int, warm: int = 100, floor: float = 0.0) -> float:
    """Rise for ``warm`` steps, then fall on a straight line to ``floor``, which the last step reaches."""
    warm = _shortened(warm, steps)
    return warmup(step, warm) * (1 - (1 - floor) * _progress(step, steps, warm))


def inverse_sqrt(step: int, steps: int, warm: int = 100) -> float:
    """Rise for ``warm`` steps, then fall as 1/√step: needs no number of steps (Vaswani et al. 2017)."""
    return warmup(step, warm) * min(1.0, math.sqrt((warm + 1) / (step + 1)))


def _shortened(warm: int, steps: int) -> int:
    # A run of 50 steps must not spend all of them on warming up.
    return min(warm, steps // 10)


def _progress(step: int, steps: int, warm: int) -> float:
    """How much of the falling part is over at ``step``: 0 as it begins, 1 at the last step and after it."""
    return min(1.0, max(0, step - warm) / max(1, steps - 1 - warm))
