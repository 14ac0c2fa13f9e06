"""The profile: every operation in a kind, nothing lost, and the kinds that a training step is known to need."""

from __future__ import annotations

import subprocess
import sys

import pytest
import torch

from lmcourse.batching import Streams
from lmcourse.nn import LSTMConfig, LSTMLanguageModel
from lmcourse.profiling import KINDS, OTHER, kind_of, profile
from lmcourse.training import fit


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("aten::addmm", "matrix products"),
        ("aten::mm", "matrix products"),
        ("aten::mkldnn_rnn_layer", "LSTM, forward"),
        ("aten::mkldnn_rnn_layer_backward", "LSTM, backward"),
        ("autograd::engine::evaluate_function: MkldnnRnnLayerBackward0", "LSTM, backward"),
        ("aten::_log_softmax_backward_data", "softmax and loss"),
        ("aten::_fused_adamw_", "optimizer"),
        ("Optimizer.step#AdamW.step", "optimizer"),
        ("aten::bernoulli_", "dropout"),
        ("aten::embedding_dense_backward", "embedding"),
        ("aten::linalg_vector_norm", "clipping"),
        ("aten::copy_", "moving and filling"),
        ("aten::mul", OTHER),
    ],
)
def test_operations_find_their_kind(name, kind):
    """Would notice a pattern that swallows another kind's operations."""
    assert kind_of(name) == kind


def test_a_training_step_is_mostly_lstm_and_products():
    """Would notice seconds counted twice (with those of the operations called), or a kind that PyTorch renamed."""
    torch.manual_seed(0)
    model = LSTMLanguageModel(LSTMConfig(500, 64, 128, dropout=0.1))
    streams = Streams(torch.randint(500, (4000,)), 8, 16, seed=0)
    fit(model, streams, steps=2, seed=0, progress=False)
    found = profile(lambda: fit(model, streams, steps=3, seed=0, progress=False))
    assert set(found.seconds) <= {*KINDS, OTHER}
    assert sum(found.shares.values()) == pytest.approx(1.0)
    assert {"LSTM, forward", "LSTM, backward", "matrix products", "optimizer", "dropout"} <= set(found.seconds)
    assert found.shares["LSTM, forward"] + found.shares["LSTM, backward"] + found.shares["matrix products"] > 0.3
    assert found.calls > 100


def test_the_operations_of_one_product_are_counted():
    """Would notice a count that includes what is no operation."""
    one, two = torch.ones(64, 64), torch.ones(64, 64)
    found = profile(lambda: one @ two)
    assert next(iter(found.seconds)) == "matrix products" and found.calls <= 5


def test_the_profiler_is_silent():
    """Would notice the profiler's greeting on stderr, which would stand in a notebook's stored output."""
    program = "import torch; from lmcourse.profiling import profile; profile(lambda: torch.ones(3).sum())"
    run = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert run.stdout == run.stderr == ""
