"""Lesson 3's exercises: gates, states and attention, written by hand."""

from __future__ import annotations

from collections.abc import Callable
from random import Random

import torch
from jaxtyping import Bool, Float
from torch import Tensor

from lmcourse.exercises.exercise import Property, exercise

Numbers = Float[Tensor, "..."]


def drawn(random: Random, *shape: int) -> Numbers:
    """Numbers of about 1, rounded, so that they can be read."""
    generator = torch.Generator().manual_seed(random.randrange(1 << 30))
    return (torch.randn(shape, generator=generator) * 10).round() / 10


def gru_inputs(random: Random, batch: int, inputs: int, hidden: int) -> tuple[Numbers, ...]:
    shapes = ((batch, inputs), (batch, hidden), (3 * hidden, inputs), (3 * hidden, hidden), (3 * hidden,))
    return tuple(drawn(random, *shape) for shape in shapes)


@exercise(
    lesson=3,
    title="One step of a GRU",
    stars=2,
    points=4,
    cases=lambda: [gru_inputs(Random(1), 1, 1, 1), gru_inputs(Random(2), 2, 3, 1), gru_inputs(Random(3), 1, 2, 5)],
    fuzz=lambda random: gru_inputs(random, random.randint(1, 4), random.randint(1, 5), random.choice((1, 2, 3, 5, 7))),
    forbidden=("torch.nn.GRUCell", "torch.nn.GRU", "torch.gru_cell"),
    mistakes=[
        (
            "the update gate's rows first",
            ("(W_reset, W_update, W_new), (U_reset, U_update, U_new)", "(W_update, W_reset, W_new), (U_update, U_reset, U_new)"),
            ("b_reset, b_update, b_new", "b_update, b_reset, b_new"),
            "the first third of the rows is the reset gate's, the second the update gate's",
        ),
        ("the new state weighed by the update gate", ("update * h + (1 - update) * candidate", "(1 - update) * h + update * candidate"), "here the update gate says how much of the *old* state stays"),
        ("no reset of the old state", ("reset * (h @ U_new.T)", "h @ U_new.T"), "the reset gate multiplies what the old state gives to the candidate"),
        ("the reset gate on the state before the product", ("reset * (h @ U_new.T)", "(reset * h) @ U_new.T"), "in PyTorch's GRU the reset gate multiplies the product of old state and weights, not the state"),
        ("tanh in a gate", ("torch.sigmoid(x @ W_update.T", "torch.tanh(x @ W_update.T"), "a gate lies between 0 and 1: sigmoid"),
        ("sigmoid for the candidate", ("torch.tanh(x @ W_new.T", "torch.sigmoid(x @ W_new.T"), "the candidate lies between -1 and 1: tanh"),
        ("no bias in the candidate", ("x @ W_new.T + b_new", "x @ W_new.T"), "each of the three sums has its part of b"),
        ("no bias", ("b_reset, b_update, b_new = b.chunk(3)", "b_reset, b_update, b_new = 0 * b.chunk(3)[0], 0, 0"), "each of the three sums has its part of b"),
        ("the reset gate on the bias, too", ("b_new + reset * (h @ U_new.T)", "reset * (h @ U_new.T + b_new)"), "b stands with the input's product; the reset gate multiplies the old state's product alone"),
        ("tanh of the new state", ("return update * h + (1 - update) * candidate", "return torch.tanh(update * h + (1 - update) * candidate)"), "a GRU's state leaves as it is; a squashed one is the LSTM's"),
        ("the old state is forgotten", ("update * h + (1 - update) * candidate", "(1 - update) * candidate"), "what the update gate keeps of the old state is added to the candidate's share"),
    ],
    hints=(
        "W, U and b each hold three blocks of rows, in the order reset, update, new: W.chunk(3) takes them apart.",
        "reset and update are sigmoids of x W^T + h U^T + b; the candidate is a tanh in which only h U^T is multiplied by reset.",
        "The new state is update * h + (1 - update) * candidate.",
    ),
)  # fmt: skip
def gru_step(
    x: Float[Tensor, "batch inputs"],
    h: Float[Tensor, "batch hidden"],
    W: Float[Tensor, "gates inputs"],
    U: Float[Tensor, "gates hidden"],
    b: Float[Tensor, " gates"],
) -> Float[Tensor, "batch hidden"]:
    """One step of a gated recurrent unit (Cho et al. 2014): from an input ``x`` and a state ``h`` to the new state.

    ``W``, ``U`` and ``b`` hold the rows of the reset gate, the update gate and the candidate, one below the other.
    """
    (W_reset, W_update, W_new), (U_reset, U_update, U_new) = W.chunk(3), U.chunk(3)  # the blocks of the weights
    b_reset, b_update, b_new = b.chunk(3)  # the blocks of the bias
    reset = torch.sigmoid(x @ W_reset.T + h @ U_reset.T + b_reset)  # the reset gate
    update = torch.sigmoid(x @ W_update.T + h @ U_update.T + b_update)  # the update gate
    candidate = torch.tanh(x @ W_new.T + b_new + reset * (h @ U_new.T))  # the candidate
    return update * h + (1 - update) * candidate  # the new state


def attention_inputs(random: Random, batch: int, steps: int, places: int, size: int) -> tuple[Tensor, ...]:
    lengths = torch.tensor([random.randint(1, places) for _ in range(batch)])
    lengths[random.randrange(batch)] = places
    real = torch.arange(places) < lengths[:, None]
    return (
        drawn(random, batch, steps, size),
        drawn(random, batch, places, size),
        drawn(random, batch, places, size),
        real,
    )


def filled_is_nothing(attend: Callable[..., Tensor]) -> bool | str:
    queries, keys, values, real = attention_inputs(Random(5), 3, 2, 4, 3)
    for wide in (1.0, 100.0):  # with wide ones, scores of real places are as low as -10,000
        alone = attend(wide * queries, wide * keys, values, real)
        other = attend(wide * queries, wide * keys, values.masked_fill(~real[..., None], 7.0), real)
        if not torch.allclose(alone, other, atol=1e-4):
            return f"other values at filled places change the result when the scores are about {wide**2:,.0f}"
    return True


@exercise(
    lesson=3,
    title="Dot-product attention with a mask",
    stars=2,
    points=4,
    cases=lambda: [attention_inputs(Random(1), 1, 1, 2, 1), attention_inputs(Random(2), 2, 1, 3, 2), attention_inputs(Random(4), 2, 3, 4, 5)],
    fuzz=lambda random: attention_inputs(random, *(random.randint(1, 4) for _ in range(3)), random.choice((1, 2, 3, 5))),
    forbidden=("torch.nn.functional.scaled_dot_product_attention", "torch.nn.MultiheadAttention"),
    properties=(Property("filled places have no influence", filled_is_nothing, "Their scores are -inf before the softmax: a number that is low enough today may be too high tomorrow."),),
    mistakes=[
        ("no mask", (".masked_fill(~real[:, None], -torch.inf)", ""), "filled places get the score -inf before the softmax, so that their weight is 0"),
        ("the mask turned round", ("~real[:, None]", "real[:, None]"), "real is True where there is a word; the others are masked"),
        ("filled places get the score 0", ("-torch.inf", "0.0"), "exp(0) is 1, a weight like any other; only -inf gives the weight 0"),
        ("filled places get the score -10", ("-torch.inf", "-10.0"), "exp(-10) is small and not 0; only -inf gives the weight 0"),
        ("the mask after the softmax", (".masked_fill(~real[:, None], -torch.inf)", ""), ("scores.softmax(-1)", "scores.softmax(-1) * real[:, None]"), "masked before the softmax, the weights of the real places sum to 1; after it, they do not"),
        ("the weights do not sum to 1", ("scores.softmax(-1)", "scores.exp()"), "softmax divides the exponentials by their sum"),
        ("softmax over the queries", ("softmax(-1)", "softmax(1)"), "each query spreads a weight of 1 over the places: the last axis of the scores"),
        ("softmax over the batch", ("softmax(-1)", "softmax(0)"), "each query spreads a weight of 1 over the places: the last axis of the scores"),
        ("scores not divided by the root of the size", (" / queries.shape[-1] ** 0.5", ""), "the scores are divided by the square root of the size of a query"),
        ("scores divided by the size", ("queries.shape[-1] ** 0.5", "queries.shape[-1]"), "the scores are divided by the square root of the size, not by the size"),
        ("keys in place of values", ("weights @ values", "weights @ keys"), "the weights mix the values; the keys only decide the weights"),
    ],
    hints=(
        "queries @ keys.transpose(1, 2) gives a score for each query (rows) and each place (columns).",
        "Divide the scores by the square root of the size, put -inf where real is False (real[:, None] fits the shape), then softmax over the last axis.",
        "scores.masked_fill(~real[:, None], -torch.inf).softmax(-1) @ values",
    ),
    equivalent={
        "the arguments of transpose swapped in: scores = queries @ keys.transpose(1, 2) / queries.shape[-1] ** 0.5": "exchanging two axes has no order"
    },
)  # fmt: skip
def dot_attention(
    queries: Float[Tensor, "batch steps size"],
    keys: Float[Tensor, "batch places size"],
    values: Float[Tensor, "batch places size"],
    real: Bool[Tensor, "batch places"],
) -> Float[Tensor, "batch steps size"]:
    """Scaled dot-product attention (Luong et al. 2015; the scale: Vaswani et al. 2017) that ignores filled places.

    ``real`` is True where there is a word. Each query gets the mean of the values, weighted by how well their keys fit it.
    """
    scores = queries @ keys.transpose(1, 2) / queries.shape[-1] ** 0.5  # the scores
    scores = scores.masked_fill(~real[:, None], -torch.inf)  # the mask
    weights = scores.softmax(-1)  # the weights
    return weights @ values  # the weighted mean
