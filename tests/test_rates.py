"""The range test: it finds the border that can be calculated, touches nothing, and says when it cannot be made."""

from __future__ import annotations

import math

import numpy as np
import pytest
import torch
from torch import nn

from lmcourse.batching import Streams
from lmcourse.errors import LmcourseError
from lmcourse.nn import LSTMConfig, LSTMLanguageModel
from lmcourse.rates import RangeTest, range_test
from lmcourse.tokenizers import CharTokenizer

CURVATURE = 8.0


class Valley(nn.Module):
    """One number in a valley of known curvature: plain descent explodes above 2 / curvature."""

    def __init__(self) -> None:
        super().__init__()
        self.place = nn.Parameter(torch.ones(1, 1))


def height(model, batch, state):
    return (CURVATURE / 2 * (model.place - batch) ** 2).sum(), 1, ()


def sides(step):
    """The bottom lies now on one side, now on the other: so descent never comes to rest on it."""
    return 0.1 * (-1.0) ** (step // 3)


def plain(model, rate):
    return torch.optim.SGD(model.parameters(), rate)


def test_the_border_is_the_calculated_one():
    """Would notice rates that are put beside the losses of other steps, or a border read off at the wrong place."""
    found = range_test(Valley(), sides, height, lowest=1e-3, highest=2.0, steps=400, clip=math.inf, optimizer=plain)
    assert 2 / CURVATURE < found.border < 1.6 * 2 / CURVATURE  # it takes some steps above it to be a nat worse
    assert found.suggestion == pytest.approx(found.border / 10)
    assert found.steepest < found.border


def test_rates_grow_by_the_same_factor_from_lowest_to_highest():
    """Would notice a schedule that grows in equal steps, or one that misses its ends."""
    rates = range_test(Valley(), sides, height, lowest=1e-4, highest=1e-2, steps=21, optimizer=plain).rates
    assert rates[0] == pytest.approx(1e-4) and rates[-1] == pytest.approx(1e-2)
    assert np.allclose(rates[1:] / rates[:-1], rates[1] / rates[0])


def test_the_model_stays_as_it_was_and_the_run_repeats():
    """Would notice a test that trains the model that is to be trained afterwards."""
    text = "the cat sat on the mat. " * 30
    tokenizer = CharTokenizer.train([text])
    torch.manual_seed(0)
    model = LSTMLanguageModel(LSTMConfig(tokenizer.vocab_size, 4, 8))
    before = {name: tensor.clone() for name, tensor in model.state_dict().items()}
    streams = Streams(torch.tensor(tokenizer.encode(text)), 4, 8, seed=0)
    one, two = (range_test(model, streams, steps=12, highest=0.1) for _ in range(2))
    assert all(torch.equal(before[name], tensor) for name, tensor in model.state_dict().items())
    assert np.array_equal(one.losses, two.losses) and model.training


def test_the_smooth_curve_is_a_mean_of_what_was():
    """Would notice the bias of a running mean that begins at zero."""
    flat = RangeTest(np.logspace(-3, 0, 20), np.full(20, 4.0))
    assert np.allclose(flat.smooth, 4.0)
    assert flat.border == 1.0  # never worse: the last rate


def test_a_run_that_explodes_ends_there():
    """Would notice losses that are no numbers in the picture."""
    found = range_test(Valley(), sides, height, lowest=1.0, highest=1e6, steps=60, clip=math.inf, optimizer=plain)
    assert len(found.losses) == len(found.rates) < 60 and np.isfinite(found.losses).all()


def test_wrong_ranges_are_refused():
    """Would notice a range that runs backwards, from nothing, or in too few steps, or a model that has no loss."""
    for low, high in ((0.0, 1.0), (1.0, 0.1), (0.1, math.inf)):
        with pytest.raises(LmcourseError, match="lowest"):
            range_test(Valley(), sides, height, lowest=low, highest=high)
    with pytest.raises(LmcourseError, match="at least 10"):
        range_test(Valley(), sides, height, steps=5)
    with pytest.raises(LmcourseError, match="first step"):
        range_test(Valley(), sides, lambda model, batch, state: (model.place.sum() * math.nan, 1, ()), optimizer=plain)
