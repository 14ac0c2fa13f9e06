"""Lesson 4's exercises: how far a step goes, rules with a memory, and slopes handed back by hand."""

from __future__ import annotations

import math
from collections.abc import Callable
from random import Random

import numpy as np
from jaxtyping import Float, Int

from lmcourse.autodiff import Array, Variable
from lmcourse.exercises.calls import Case, Unfit
from lmcourse.exercises.exercise import exercise

Ids = Int[np.ndarray, " count"]


def drawn_array(random: Random, *shape: int) -> Array:
    """Numbers of about 1, rounded, so that they can be read."""
    return np.asarray(np.random.default_rng(random.randrange(1 << 30)).normal(size=shape).round(1))


def valley_inputs(random: Random) -> tuple[list[float], float, float]:
    """Curvatures, a rate, and a share; none so that rounding decides about the number of steps."""
    while True:
        curvatures = [round(random.uniform(0.2, 20), 1) for _ in range(random.randint(1, 4))]
        if random.random() < 0.15:
            curvatures.append(-round(random.uniform(0.2, 2), 1))
        rate, within = round(random.uniform(0.1, 2.3) / max(curvatures), 3), random.choice((0.5, 0.1, 0.05, 0.01))
        slowest = max(abs(1 - rate * curvature) for curvature in curvatures)
        if 0.02 < slowest < 0.995 and 0.05 < math.log(within) / math.log(slowest) % 1 < 0.95 or slowest > 1.001:
            return curvatures, rate, within


@exercise(
    lesson=4,
    title="How many steps will it take?",
    stars=1,
    points=2,
    cases=lambda: [
        ([1.0], 0.5, 0.25),
        ([1.0, 25.0], 0.02, 0.1),
        ([1.0, 25.0], 0.077, 0.1),
        ([3.0], 0.6, 0.1),
        ([8.0, 0.5, 3.0], 0.26, 0.1),
        ([4.0], 0.5, 0.1),
        ([6.0, -0.5], 0.2, 0.1),
        ([5.0, 6.0], 0.3, 0.05),
    ],
    fuzz=valley_inputs,
    mistakes=[
        ("the steepest direction sets the time", ("max(multipliers)", "abs(1 - rate * max(curvatures))"), "every direction has its own multiplier, and the one whose size is closest to 1 is the last to arrive"),
        ("the flattest direction sets the time", ("max(multipliers)", "abs(1 - rate * min(curvatures))"), ("slowest >= 1", "rate >= 2 / max(curvatures)"), "close to the border it is the steepest direction that is slow: compare all multipliers by size"),
        ("a sign kept", ("abs(1 - rate * curvature)", "1 - rate * curvature"), "a multiplier of -0.9 shrinks as slowly as one of 0.9: take its size"),
        ("the mean curvature sets the time", ("max(multipliers)", "abs(1 - rate * sum(curvatures) / len(curvatures))"), "every direction has its own multiplier, and the slowest is the last to arrive"),
        ("the ratio of the steepest and the flattest curvature", ("    multipliers = [", "    return math.ceil(max(curvatures) / min(curvatures))\n    multipliers = ["), "that ratio says how hard a valley is; how many steps it takes depends on the rate and on the share as well: take the multipliers"),
        (
            "the distance over all directions together",
            ("return math.ceil(math.log(within) / math.log(slowest))", "return next(n for n in range(1 << 20) if sum(one ** (2 * n) for one in multipliers) <= len(multipliers) * within**2)"),
            "each direction must have come so near by itself; a sum hides the slowest behind the others",
        ),
        (
            "the distances of all directions added",
            ("return math.ceil(math.log(within) / math.log(slowest))", "return next(n for n in range(1 << 20) if sum(one**n for one in multipliers) <= len(multipliers) * within)"),
            "each direction must have come so near by itself; a sum hides the slowest behind the others",
        ),
        ("the fastest direction", ("max(multipliers)", "min(multipliers)"), "all directions must have arrived, so the slowest one counts"),
        ("rounded down", ("math.ceil(", "math.floor("), "part of a step does not suffice: round up"),
        ("rounded to the nearest", ("math.ceil(", "round("), "part of a step does not suffice: round up"),
        ("a fraction of a step", ("math.ceil(", "float("), "steps are whole: round up"),
        ("no look at whether it arrives", ("slowest >= 1", "False"), "with a multiplier of size 1 or more it never arrives: None"),
        ("the border arrives", ("slowest >= 1", "slowest > 1"), "with a multiplier of size 1 it swings for ever, so that is None as well"),
        ("only steep directions can lead away", ("slowest >= 1", "rate >= 2 / max(curvatures)"), "a direction of negative curvature leads away at every rate, as beside a saddle"),
        ("one step too many", ("math.ceil(math.log(within) / math.log(slowest))", "math.floor(math.log(within) / math.log(slowest)) + 1"), "the distance may be exactly the share that is asked for: at most, not below"),
        ("the loss, not the distance", ("math.log(slowest))", "math.log(slowest**2))"), "the distance shrinks by the multiplier; its square is what the loss shrinks by"),
        ("the quotient turned round", ("math.log(within) / math.log(slowest)", "math.log(slowest) / math.log(within)"), "multiplier to the power n is the share, so n is ln(share) / ln(multiplier)"),
        ("the share that is gone", ("math.log(within)", "math.log(1 - within)"), "within is the share of the distance that may be left"),
        ("infinity for never", ("return None", "return math.inf"), "where it never arrives, None is asked for"),
        ("-1 for never", ("return None", "return -1"), "where it never arrives, None is asked for"),
    ],
    hints=(
        "In a direction of curvature λ each step multiplies the distance by 1 - αλ (section 4.3). Compute this for every curvature.",
        "The direction whose multiplier is largest in size is the last to arrive. After n steps, multiplier to the power n is left of the distance; take logarithms.",
        "slowest = max(abs(1 - rate * λ) for λ in curvatures); None if slowest >= 1, else math.ceil(math.log(within) / math.log(slowest)).",
    ),
    equivalent={
        "only the left side in: def steps_needed(curvatures: list[float], rate: float, within: float) -> int | None:": "a type is said, not used",
        "sides swapped in: multipliers = [abs(1 - rate * curvature) for curvature in curvatures]": "a size has no sign",
    },
)  # fmt: skip
def steps_needed(curvatures: list[float], rate: float, within: float) -> int | None:
    """How many steps of descent at ``rate`` until each direction's distance from 0 is at most ``within`` times what it was.

    None if that never happens. A curvature may be negative: there the ground falls away.
    """
    multipliers = [abs(1 - rate * curvature) for curvature in curvatures]  # what a step multiplies each direction by
    slowest = max(multipliers)  # the slowest direction
    if slowest >= 1:  # whether it arrives at all
        return None
    return math.ceil(math.log(within) / math.log(slowest))  # how many factors make the share


def path_inputs(random: Random, size: int, steps: int) -> tuple[Array, Array, float, float, int]:
    root = drawn_array(random, size, size)
    start = drawn_array(random, size)
    return root + root.T, start, round(random.uniform(0.02, 0.3), 2), round(random.uniform(0.1, 0.95), 2), steps


@exercise(
    lesson=4,
    title="Nesterov: look where you are about to be",
    stars=2,
    points=3,
    cases=lambda: [
        (np.array([[4.0]]), np.array([1.0]), 0.1, 0.5, 2),
        (np.diag([1.0, 25.0]), np.array([-4.5, 1.5]), 0.03, 0.7, 3),
        path_inputs(Random(3), 3, 5),
    ],
    fuzz=lambda random: path_inputs(random, random.choice((1, 2, 3, 5)), random.randint(2, 6)),
    mistakes=[
        ("the slope at the place itself", ("A @ ahead", "A @ theta"), "that is the heavy ball; Nesterov takes the slope at the place ahead"),
        ("no memory", ("momentum * m + A @ ahead", "A @ ahead"), "m keeps momentum times what it was, and adds the new slope"),
        ("plain descent", ("momentum * m + A @ ahead", "A @ theta"), "m keeps momentum times what it was, and the slope is taken at the place ahead"),
        ("a look ahead without the rate", ("rate * momentum * m  #", "momentum * m  #"), "the ball is about to move by rate times momentum times m"),
        ("a look ahead without the momentum", ("rate * momentum * m  #", "rate * m  #"), "of the last move only the share momentum is about to be repeated"),
        ("a look back", ("theta - rate * momentum", "theta + rate * momentum"), "the ball moves against m: the place ahead is θ - αβm"),
        ("the step begins at the place ahead", ("theta = theta - rate * m", "theta = ahead - rate * m"), "only the slope is taken ahead; the step begins at θ (m brings the old move along already)"),
        ("A's diagonal alone", ("A @ ahead", "A.diagonal() * ahead"), "½ θᵀAθ slopes by the product of matrix and vector: A @ θ"),
        ("half of the slope", ("A @ ahead", "0.5 * (A @ ahead)"), "½ θᵀAθ slopes by Aθ: the ½ and the 2 of the square cancel"),
        ("twice the slope", ("A @ ahead", "2 * (A @ ahead)"), "½ θᵀAθ slopes by Aθ: the ½ and the 2 of the square cancel"),
        ("the rate in m and in the step", ("theta - rate * momentum * m  #", "theta - momentum * m  #"), ("+ A @ ahead", "+ rate * (A @ ahead)"), "the rate multiplies once: in the step, or in m and then not in the step"),
        ("a mean in place of a sum", ("+ A @ ahead", "+ (1 - momentum) * (A @ ahead)"), "momentum adds the whole new slope; the factor 1 - β is Adam's"),
        (
            "the places ahead are kept",
            ("path = [theta]", "path = [theta - rate * momentum * m]"), ("path.append(theta)", "path.append(theta - rate * momentum * m)"),
            "the path is that of θ; PyTorch is the one that keeps the place ahead",
        ),
        ("uphill", ("theta = theta - rate * m", "theta = theta + rate * m"), "a step goes against m"),
        ("the start is missing", ("path = [theta]", "path = []"), "the path begins with the start: one place more than steps"),
        ("a step too few", ("range(steps)", "range(steps - 1)"), "so many steps, and one place more: the start"),
        ("the last place alone", ("np.stack(path)", "path[-1]"), "every place on the way is asked for, the start first"),
        ("all places are the last one", ("np.stack(path)", "np.stack([theta] * len(path))"), "an array that is changed in place stands in the list many times, and all show its last values; make a new array in each step"),
    ],
    hints=(
        "It is the heavy ball of section 4.5 with one change: at which place is the slope taken?",
        "The slope of L = ½ θᵀAθ is A @ θ. Take it at ahead = θ - rate * momentum * m.",
        "In each step: m = momentum * m + A @ (theta - rate * momentum * m); theta = theta - rate * m; append. Begin with m = 0 and the start in the list.",
    ),
    equivalent={"sides swapped in: m = momentum * m + A @ ahead": "A is symmetric"},
)  # fmt: skip
def nesterov_path(
    A: Float[np.ndarray, "size size"], start: Float[np.ndarray, " size"], rate: float, momentum: float, steps: int
) -> Float[np.ndarray, "places size"]:
    """Every place on the path of Nesterov's accelerated gradient (1983) on L = ½ θᵀAθ, with A symmetric; the start first.

    Momentum, but the slope is taken at the place to which the old move is about to carry θ: θ - αβm.
    """
    theta, m = start, np.zeros_like(start)  # the start
    path = [theta]
    for _ in range(steps):  # the number of steps
        ahead = theta - rate * momentum * m  # the place ahead
        m = momentum * m + A @ ahead  # the memory
        theta = theta - rate * m  # the step
        path.append(theta)  # the path
    return np.stack(path)


def adamw_inputs(random: Random, size: int, t: int) -> tuple[Array, Array, Array, Array, int, float, float]:
    theta, gradient, m = (drawn_array(random, size) for _ in range(3))
    v = drawn_array(random, size) ** 2
    if t == 1:
        m, v = 0 * m, 0 * v
    gradient[-1] = gradient[-1] if size == 1 else random.choice((1e-7, -3e-8))
    m[-1], v[-1] = (m[-1], v[-1]) if size == 1 or t == 1 else (2e-7, 4e-14)
    return theta, gradient, m, v, t, round(random.uniform(0.05, 0.3), 2), round(random.uniform(0.1, 0.9), 1)


@exercise(
    lesson=4,
    title="Find the faults: an AdamW that is none",
    stars=2,
    points=4,
    cases=lambda: [
        (np.array([2.0]), np.array([5.0]), np.array([0.0]), np.array([0.0]), 1, 0.1, 0.5),
        adamw_inputs(Random(2), 2, 1),
        adamw_inputs(Random(4), 3, 7),
        (np.array([1.0, 0.0, -3.0]), np.array([0.0, 1.0, 1000.0]), np.zeros(3), np.zeros(3), 1, 0.1, 0.1),
    ],
    fuzz=lambda random: adamw_inputs(random, random.choice((1, 2, 3, 5)), random.choice((1, 2, 3, 20))),
    given=("the decay goes into the gradient", "v is not corrected"),
    parts=("theta", "m", "v"),
    mistakes=[
        (
            "the decay goes into the gradient",
            ("    m = 0.9", "    gradient = gradient + decay * theta\n    m = 0.9"), ("theta - rate * decay * theta", "theta + 0"),
            "in AdamW the decay acts on θ alone; in the gradient it is averaged and divided by the root of v like everything else",
        ),
        ("v is not corrected", ("v / (1 - 0.999**t)", "v"), "v began at 0 as well, and is divided by 1 - 0.999 to the power t; without that, the first step is some thirty times too long"),
        ("m is not corrected", ("m / (1 - 0.9**t)", "m"), "m began at 0 and is divided by 1 - 0.9 to the power t"),
        ("nothing is corrected", ("m / (1 - 0.9**t), v / (1 - 0.999**t)", "m, v"), "both m and v began at 0; each is divided by 1 - β to the power t"),
        ("t counted from 0", ("(1 - 0.9**t), v / (1 - 0.999**t)", "(1 - 0.9**(t - 1)), v / (1 - 0.999**(t - 1))"), "the first step has t = 1, and t is the exponent as it comes"),
        ("t one too large", ("(1 - 0.9**t), v / (1 - 0.999**t)", "(1 - 0.9**(t + 1)), v / (1 - 0.999**(t + 1))"), "the first step has t = 1, and t is the exponent as it comes"),
        ("the difference to the power of t", ("(1 - 0.9**t), v / (1 - 0.999**t)", "(1 - 0.9)**t, v / (1 - 0.999)**t"), "β to the power t is taken off 1: 1 - 0.9**t, without brackets around 1 - 0.9"),
        ("new slopes in full", ("(1 - 0.9) * gradient", "gradient"), ("(1 - 0.999) * gradient**2", "gradient**2"), "m and v are running means: the new slope gets the share that the old mean gives up, 1 - β"),
        ("a decay that does not depend on θ", ("rate * decay * theta", "rate * decay"), "the decay takes rate times decay times θ off"),
        ("t as a factor", ("(1 - 0.9**t), v / (1 - 0.999**t)", "(1 - 0.9 * t), v / (1 - 0.999 * t)"), "the corrections hold β to the power t"),
        ("both corrected with 0.9", ("v / (1 - 0.999**t)", "v / (1 - 0.9**t)"), "v fades with 0.999 and is corrected with 0.999"),
        (
            "the two β exchanged",
            ("m = 0.9 * m + (1 - 0.9)", "m = 0.999 * m + (1 - 0.999)"), ("v = 0.999 * v + (1 - 0.999)", "v = 0.9 * v + (1 - 0.9)"),
            ("m / (1 - 0.9**t), v / (1 - 0.999**t)", "m / (1 - 0.999**t), v / (1 - 0.9**t)"),
            "m fades with 0.9, v with 0.999",
        ),
        ("the decay without the rate", ("rate * decay * theta", "decay * theta"), "the decay takes rate times decay times θ off"),
        ("the decay upwards", ("theta - rate * decay", "theta + rate * decay"), "the decay pulls towards 0"),
        ("no decay", ("theta - rate * decay * theta", "theta + 0"), "before Adam's step, rate times decay times θ is taken off θ"),
        ("the decay after the step", ("theta - rate * decay * theta", "theta + 0"), ("return theta - rate * step, m, v", "return (theta - rate * step) * (1 - rate * decay), m, v"), "the decay is taken of θ as it was before the step"),
        ("the decay by a fixed amount", ("rate * decay * theta", "rate * decay * np.sign(theta)"), "the decay is a share of θ, not the same for all sizes"),
        ("no root", ("np.sqrt(square)", "square"), "the step is divided by the root of the mean square"),
        ("ε under the root", ("(np.sqrt(square) + 1e-8)", "np.sqrt(square + 1e-8)"), "ε is added to the root, not under it: for small slopes that is a great difference"),
        ("no ε", (" + 1e-8", ""), "where every slope was 0 so far, only ε prevents 0 divided by 0"),
        ("ε beside the root of v uncorrected", ("(np.sqrt(square) + 1e-8)", "((np.sqrt(v) + 1e-8) / np.sqrt(1 - 0.999**t))"), "ε is added to the root of the *corrected* v: for small slopes that is a difference"),
        ("the square of m", ("gradient**2", "m**2"), "v is a mean of the squared slopes"),
        ("no square", ("gradient**2", "abs(gradient)"), "v is a mean of the squared slopes"),
        ("the corrected m and v are kept", ("return theta - rate * step, m, v", "return theta - rate * step, mean, square"), "the corrections are for this step; m and v are remembered as they are"),
        ("the old m and v are returned", ("return theta", "m, v = (m - (1 - 0.9) * gradient) / 0.9, (v - (1 - 0.999) * gradient**2) / 0.999\n    return theta"), "the new m and v are returned: the next step goes on from them"),
    ],
    hints=(
        "Try the first step, with m = v = 0 and t = 1 and without decay: section 4.7 says how long it is in every coordinate, whatever the slopes.",
        "Then try a decay with slopes of 1 and with slopes of 1,000. In AdamW what the decay takes off θ does not depend on the slopes.",
        "m and v are made of the gradient alone; both are corrected: m / (1 - 0.9**t) and v / (1 - 0.999**t); θ loses rate * decay * θ, and then Adam's step.",
    ),
)  # fmt: skip
def adamw_step(
    theta: Float[np.ndarray, " size"],
    gradient: Float[np.ndarray, " size"],
    m: Float[np.ndarray, " size"],
    v: Float[np.ndarray, " size"],
    t: int,
    rate: float,
    decay: float,
) -> tuple[Float[np.ndarray, " size"], Float[np.ndarray, " size"], Float[np.ndarray, " size"]]:
    """Step number ``t`` (from 1) of AdamW (Loshchilov & Hutter 2019) with β₁ = 0.9, β₂ = 0.999, ε = 1e-8: the new θ, m and v."""
    m = 0.9 * m + (1 - 0.9) * gradient  # the mean of the slopes
    v = 0.999 * v + (1 - 0.999) * gradient**2  # the mean of their squares
    mean, square = m / (1 - 0.9**t), v / (1 - 0.999**t)  # the corrections for having begun at 0
    step = mean / (np.sqrt(square) + 1e-8)  # Adam's step
    theta = theta - rate * decay * theta  # the decay
    return theta - rate * step, m, v  # the new place


def score_inputs(random: Random, *shape: int) -> tuple[Array, Array]:
    return drawn_array(random, *shape), drawn_array(random, *shape[:-1])


def handed_back(operation: Callable[[Variable], Variable], scores: Array, g: Array) -> tuple[Array, Array]:
    """The values, and the slopes of the scores if the slopes ``g`` arrive at the result."""
    given = Variable(scores)
    result = operation(given)
    if not isinstance(result, Variable):
        raise Unfit(
            "It returns a Variable made of the values and of where they come from: Variable(values, [(scores, back)])"
        )
    if not np.array_equal(given.data, scores):
        raise Unfit("It changes scores.data, which the operations before and after it rely on; make a new array")
    if not result.parents:
        raise Unfit(
            "Its result does not know where it comes from: the second argument of Variable is [(scores, back)], "
            "and back(g) turns the slopes that arrive into those of the scores"
        )
    if [id(parent) for parent, _ in result.parents] != [id(given)]:
        raise Unfit(
            "It is put together from other operations, and they bring their own rules along. Here the values come from "
            "scores.data by NumPy, and the rule is written by hand: Variable(values, [(scores, back)])"
        )
    if result.shape == g.shape:
        (result * g).sum().backward()
    return result.data, given.grad


@exercise(
    lesson=4,
    title="A new operation for the engine: log-sum-exp",
    stars=2,
    points=4,
    cases=lambda: [
        (np.array([0.0, 0.0]), np.array(1.0)),
        (np.array([[1.0, 2.0, 0.0], [0.0, 0.5, 1.0]]), np.array([1.0, -2.0])),
        (np.array([[1000.0, 0.0, 999.0], [-1000.0, -1000.0, -1001.0]]), np.array([0.5, 3.0])),
        score_inputs(Random(3), 3, 3),
        score_inputs(Random(4), 2, 5, 3),
    ],
    fuzz=lambda random: score_inputs(random, *(random.randint(1, 4) for _ in range(random.randint(0, 2))), random.choice((2, 3, 5))),
    drive=handed_back,
    parts=("the value", "the slope"),
    mistakes=[
        ("the largest score is not taken off", ("scores.data - top", "scores.data"), ("np.log(total) + top", "np.log(total)"), "exp of 1000 is infinite; take the largest score of the row off first, and add it to the logarithm again"),
        ("the largest score is not added again", ("np.log(total) + top", "np.log(total)"), "what was taken off the scores is missing in the logarithm: add it again"),
        ("one largest score for all rows", ("scores.data.max(axis=-1, keepdims=True)", "scores.data.max()"), "each row has a largest score of its own; with one for all, the exponentials of a low row all become 0"),
        ("g is forgotten", ("np.expand_dims(g, -1) * powers", "powers"), "the slope that arrives, g, multiplies the operation's own slope"),
        ("g is handed on unchanged", ("np.expand_dims(g, -1) * powers / total", "np.expand_dims(g, -1) + 0 * powers"), "each score gets its share of g: its softmax probability"),
        ("g without its axis", ("np.expand_dims(g, -1)", "g"), "g lacks the last axis: give it one of length 1 (g[..., None]), so that it spreads along its own row"),
        ("not divided by the sum", ("* powers / total", "* powers"), "the slope is a probability: the exponential divided by the row's sum"),
        ("one over the sum", ("* powers / total", "/ total + 0 * powers"), "the chain rule: 1/u for the logarithm, *times* the exponential's own slope"),
        ("the slope of softmax", ("* powers / total", "* powers / total * (1 - powers / total)"), "p (1 - p) is how p itself slopes; log-sum-exp slopes by p"),
        ("the largest score gets all", ("* powers / total", "* (powers == 1)"), "that is the slope of a maximum; here every score gets its softmax probability"),
        ("the first axis", ("max(axis=-1", "max(axis=0"), ("sum(axis=-1", "sum(axis=0"), ("squeeze(-1)", "squeeze(0)"), ("expand_dims(g, -1)", "expand_dims(g, 0)"), "the scores of one row stand along the last axis"),
        ("over all rows at once", ("max(axis=-1, keepdims=True)", "max(keepdims=True)"), ("sum(axis=-1, keepdims=True)", "sum(keepdims=True)"), ("squeeze(-1)", "squeeze()"), "every row has a value of its own: axis=-1"),
        ("the last axis is kept", (".squeeze(-1)", ""), "the values have one axis less than the scores"),
        ("a mean of the exponentials", ("np.log(total)", "np.log(total / scores.data.shape[-1])"), "the exponentials are added up, not averaged"),
        ("a logarithm to base 2", ("np.log(total) + top", "(np.log(total) + top) / np.log(2)"), ("* powers / total", "* powers / total / np.log(2)"), "ln is the natural logarithm: np.log"),
        ("a logarithm to base 2 in the value alone", ("np.log(total) + top", "np.log2(total) + top"), "ln is the natural logarithm: np.log"),
    ],
    hints=(
        "Section 4.8: nudge one score by h, and ln of the sum of exponentials changes by the score's softmax probability times h. So back(g) is g times softmax.",
        "g has one axis less than the scores: g[..., None]. For the value take the largest score of each row off (keepdims=True), and add it to the logarithm again.",
        "top = s.max(-1, keepdims=True); e = np.exp(s - top); total = e.sum(-1, keepdims=True); Variable((np.log(total) + top)[..., 0], [(scores, lambda g: g[..., None] * e / total)])",
    ),
)  # fmt: skip
def log_sum_exp(scores: Variable) -> Variable:
    """ln of the sum of the exponentials along the last axis, without overflow, as one operation of the engine with its own rule back."""
    top = scores.data.max(axis=-1, keepdims=True)  # the largest score of each row
    powers = np.exp(scores.data - top)  # the exponentials
    total = powers.sum(axis=-1, keepdims=True)  # their sum
    value = (np.log(total) + top).squeeze(-1)  # the value

    def back(g: Array) -> Array:
        return np.expand_dims(g, -1) * powers / total  # the slopes handed back

    return Variable(value, [(scores, back)], "logsumexp")  # where the value comes from


def word_inputs(random: Random, size: int, vocabulary: int, count: int) -> tuple[Array, Array, Array, Ids, Ids]:
    words, targets = (np.array([random.randrange(vocabulary) for _ in range(count)]) for _ in range(2))
    words[-1] = words[0]  # a word that occurs twice
    return (
        drawn_array(random, vocabulary, size),
        drawn_array(random, size, vocabulary),
        drawn_array(random, vocabulary),
        words,
        targets,
    )


@exercise(
    lesson=4,
    title="Find the faults: slopes by hand that nearly fit",
    stars=2,
    points=4,
    cases=lambda: [
        (np.array([[0.5], [-1.0]]), np.array([[1.0, -0.5]]), np.array([0.0, 0.2]), np.array([0, 1]), np.array([1, 0])),
        (np.array([[0.5], [-1.0]]), np.array([[1.0, -0.5]]), np.array([0.0, 0.2]), np.array([0, 0]), np.array([1, 0])),
        word_inputs(Random(3), 2, 3, 3),
        word_inputs(Random(4), 3, 5, 7),
        (np.array([[1.0], [-1.0]]), np.array([[1000.0, 0.0]]), np.array([0.0, 0.2]), np.array([0, 1]), np.array([1, 0])),
    ],
    fuzz=lambda random: word_inputs(random, random.randint(1, 4), random.choice((3, 4, 5)), random.randint(2, 7)),
    forbidden=("lmcourse.autodiff.Variable", "torch.Tensor.backward"),
    given=("a word that occurs twice learns once", "tanh of what is tanh already"),
    parts=("d_table", "d_W", "d_b"),
    mistakes=[
        ("a word that occurs twice learns once", ("np.add.at(d_table, words, back)", "d_table[words] += back"), "two uses are two slopes, which are added; d_table[words] += … keeps only one of them, np.add.at keeps both"),
        ("tanh of what is tanh already", ("(1 - h**2)", "(1 - np.tanh(h) ** 2)"), "h is the tanh already, so its slope is 1 - h²"),
        ("the first use is kept", ("np.add.at(d_table, words, back)", "d_table[words[::-1]] = back[::-1]"), "two uses of a word are two slopes, and they are added"),
        ("no slope of tanh", (" * (1 - h**2)", ""), "on the way to the table the slope passes tanh: times 1 - h²"),
        ("the square of 1 - h", ("(1 - h**2)", "(1 - h) ** 2"), "tanh slopes by 1 - h²"),
        ("the slope of a sigmoid", ("(1 - h**2)", "h * (1 - h)"), "h (1 - h) is a sigmoid's slope; tanh slopes by 1 - h²"),
        ("the slope at the score of the table", ("(1 - h**2)", "(1 - table[words] ** 2)"), "1 - h² is of the value after tanh"),
        ("a mean for the bias", ("d.sum(0)", "d.mean(0)"), "b was copied to every word of the batch, so its slopes are added; d holds the division by their number already"),
        ("nothing divided by the number of words", (") / len(words)", ")"), "the loss is a mean over the words"),
        ("divided by the size of the vocabulary", ("/ len(words)", "/ len(b)"), "the loss is a mean over the words of the batch"),
        ("the other sign", ("(p - np.eye(len(b))[targets])", "(np.eye(len(b))[targets] - p)"), "scores slope by p - y: what was said minus what is true"),
        ("the targets' columns taken in every row", ("np.eye(len(b))[targets]", "np.eye(len(b))[targets].max(0)"), "p[:, targets] means these columns in all rows; each row has one target: p[np.arange(len(words)), targets]"),
        ("the slope of softmax once more", ("d = (p - np.eye(len(b))[targets])", "d = p * (1 - p) * (p - np.eye(len(b))[targets])"), "p - y is the slope of softmax and cross-entropy together; nothing more is multiplied"),
        ("rows of the targets in the table", ("np.add.at(d_table, words, back)", "np.add.at(d_table, targets, back)"), "the rows that were looked up learn: those of words"),
        ("W's slopes before tanh", ("h.T @ d,", "table[words].T @ d,"), "W meets the words' vectors after tanh: h"),
        ("the targets left out", ("(p - np.eye(len(b))[targets])", "p"), "scores slope by p - y, with 1 in y at the target"),
        ("probabilities over the whole batch", ("scores.max(1, keepdims=True)", "scores.max()"), ("p / p.sum(1, keepdims=True)", "p / p.sum()"), "softmax is taken for each word by itself: the sum along the last axis"),
        ("an overflow", ("np.exp(scores - scores.max(1, keepdims=True))", "np.exp(scores)"), "take the largest score of each row off before the exponential"),
        ("slopes of the words in place of the table", ("return d_table,", "return back,"), "d_table has a row for every word of the vocabulary, 0 for those that do not occur"),
        ("d_W in front of d_table", ("return d_table, h.T @ d, d.sum(0)", "return h.T @ d, d_table, d.sum(0)"), "the slopes come in the order of the arguments: table, W, b"),
        ("W's slopes divided twice", ("h.T @ d,", "h.T @ d / len(words),"), "d holds the division by the number of words already"),
    ],
    hints=(
        "Let lm.autodiff.numerical find the slopes by nudging (section 4.11), and compare each of the three arrays. Which one does not fit?",
        "Two steps lead from d to d_table. Compare once with a batch in which each word occurs once, and once with a word that occurs twice.",
        "h is a tanh already: its slope is 1 - h**2. And d_table[words] += … reads, adds and writes once for each *different* word: np.add.at(d_table, words, back).",
    ),
)  # fmt: skip
def word_gradients(
    table: Float[np.ndarray, "vocabulary size"],
    W: Float[np.ndarray, "size vocabulary"],
    b: Float[np.ndarray, " vocabulary"],
    words: Ids,
    targets: Ids,
) -> tuple[
    Float[np.ndarray, "vocabulary size"], Float[np.ndarray, "size vocabulary"], Float[np.ndarray, " vocabulary"]
]:
    """The slopes of the mean cross-entropy of ``targets`` for each weight of the network tanh(table[words]) @ W + b."""
    h = np.tanh(table[words])  # the words' vectors
    scores = h @ W + b  # the scores
    p = np.exp(scores - scores.max(1, keepdims=True))  # the exponentials
    p = p / p.sum(1, keepdims=True)  # the probabilities
    d = (p - np.eye(len(b))[targets]) / len(words)  # the slopes of the scores
    back = d @ W.T * (1 - h**2)  # the slopes before tanh
    d_table = np.zeros_like(table)
    np.add.at(d_table, words, back)  # the table's rows
    return d_table, h.T @ d, d.sum(0)  # the slopes of W and b


def chain_inputs(random: Random, count: int, k: int) -> tuple[Array, Array, float, int]:
    return drawn_array(random, count), drawn_array(random, count), round(random.uniform(0.4, 1.6), 1), k


@exercise(
    lesson=4,
    title="Backpropagation through time, truncated",
    stars=3,
    points=5,
    cases=lambda: [
        (np.array([0.5, 0.2]), np.array([1.0, 0.0]), 0.5, 2),
        (np.array([0.5, 0.2, -0.4, 0.3]), np.array([1.0, 0.0, 0.5, 0.0]), 0.5, 2),
        (np.array([0.5, 0.2, -0.4, 0.3]), np.array([1.0, 0.0, 0.5, 0.0]), 0.5, 1),
        chain_inputs(Random(1), 3, 3),
        chain_inputs(Random(2), 7, 3),
        chain_inputs(Random(5), 9, 4),
    ],
    fuzz=lambda random: chain_inputs(random, random.randint(3, 12), random.randint(2, 5)),
    forbidden=("lmcourse.autodiff.Variable", "torch.Tensor.backward"),
    big=lambda: Case(chain_inputs(Random(3), 2000, 2000), "2,000 steps without a cut"),
    slower=150.0,
    slow="One walk back is enough: the slope that is carried from step to step holds what all later losses say.",
    mistakes=[
        ("nothing is cut", ("if place % k == 0:", "if place == 0:"), "at every k-th step the walk back ends, and begins anew before it"),
        ("the state is forgotten as well", ("math.tanh(x + u * states[-1])", "math.tanh(x + u * (states[-1] if (len(states) - 1) % k else 0.0))"), ("into * states[place]", "into * (states[place] if place % k else 0.0)"), "a cut ends the walk back only; the state itself goes on from window to window"),
        ("the cut comes a step too early on the way back", ("if place % k == 0:", "if (place + 1) % k == 0:"), "steps 0 to k - 1 make the first window: what is cut is the way from step k to the state before it"),
        ("the cut comes behind a window's first step, not before it", ("if place % k == 0:", "if (place - 1) % k == 0:"), "steps 0 to k - 1 make the first window: what is cut is the way from step k to the state before it"),
        ("the cut comes a step too late on the way back", ("if place % k == 0:", "if place % k == 1:"), "steps 0 to k - 1 make the first window: what is cut is the way from step k to the state before it"),
        (
            "every loss reaches k steps back",
            ("    slope = carried = 0.0\n", "    slope = 0.0\n    for last in range(len(inputs)):\n        back = states[last + 1] - targets[last]\n        for at in range(last, max(-1, last - k), -1):\n"
             "            back *= 1 - states[at + 1] ** 2\n            slope += back * states[at]\n            back *= u\n    return slope\n    carried = 0.0\n"),
            "the windows stand still: no walk goes back beyond the first step of its window, and a loss in the first step of one reaches one step back alone",
        ),
        ("the last k steps alone", ("reversed(range(len(inputs)))", "reversed(range(max(0, len(inputs) - k), len(inputs)))"), ("        if place % k == 0:  # the cut\n            carried = 0.0\n", ""), "every window has its own walk back, the early ones too"),
        ("windows counted from the end", ("if place % k == 0:", "if (len(inputs) - place) % k == 0:"), "the windows begin at the first input: steps 0 to k - 1, k to 2k - 1, and so on"),
        ("every step is cut", ("if place % k == 0:", "if True:"), "within a window the slope is carried from step to step, and added to that of each step's own loss"),
        ("no slope of tanh", ("carried * (1 - h**2)", "carried"), "the slope passes tanh: times 1 - h²"),
        ("tanh of what is tanh already", ("(1 - h**2)", "(1 - math.tanh(h) ** 2)"), "h is the tanh already, so its slope is 1 - h²"),
        ("u is not passed", ("carried = u * into", "carried = into"), "the state before went in as u · h, so it gets u times what arrives"),
        ("the last loss alone", ("carried += h - targets[place]", "carried += (h - targets[place]) * (place == len(inputs) - 1)"), "every state has a loss of its own"),
        ("a mean of the losses", ("return slope", "return slope / len(inputs)"), "the loss is a sum over the steps"),
        ("the half forgotten", ("h - targets[place]", "2 * (h - targets[place])"), "½ (h - y)² slopes by h - y"),
        ("the other sign", ("h - targets[place]", "targets[place] - h"), "½ (h - y)² slopes by h - y"),
        ("no share from the first step of a window", ("slope += into * states[place]", "slope += into * states[place] * (place % k > 0)"), "u is used in the first step of a window as well: there the old state is a number like any other"),
        ("u's share with the new state", ("into * states[place]  #", "into * h  #"), "u multiplies the state *before* the step"),
        ("the slope for the inputs", ("into * states[place]  #", "into  #"), "u multiplies the old state, so its share is what arrives times the old state"),
    ],
    hints=(
        "Walk there first and keep every state, the 0 at the beginning too. Then walk back with one number: what all later losses, of this window, say to the state.",
        "At each step back: add h - y; times 1 - h² for tanh; u's share is that times the state before; handed on is that times u.",
        "After u's share has been added: carried = 0.0 if place % k == 0 else u * into.",
    ),
)  # fmt: skip
def truncated_slope(
    inputs: Float[np.ndarray, " steps"], targets: Float[np.ndarray, " steps"], u: float, k: int
) -> float:
    """The slope for u of Σ ½ (h - y)² in the network h ← tanh(x + u h), h = 0 at first, with the walk back cut before every k-th step.

    The windows are the steps 0 to k - 1, k to 2k - 1 and so on. States go on from one to the next, slopes do not go back.
    """
    states = [0.0]
    for x in inputs:
        states.append(math.tanh(x + u * states[-1]))  # the walk there
    slope = carried = 0.0
    for place in reversed(range(len(inputs))):
        h = states[place + 1]
        carried += h - targets[place]  # what the step's own loss says to its state
        into = carried * (1 - h**2)  # back through tanh
        slope += into * states[place]  # u's share
        carried = u * into  # back to the state before
        if place % k == 0:  # the cut
            carried = 0.0
    return slope
