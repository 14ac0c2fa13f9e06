"""The arithmetic of cost, held against PyTorch's own count of operations and against published figures."""

from __future__ import annotations

import pytest
import torch
from torch.utils.flop_counter import FlopCounterMode

from lmcourse import cost
from lmcourse.errors import LmcourseError
from lmcourse.nn import LSTMConfig, LSTMLanguageModel, Seq2Seq, Seq2SeqConfig

pytestmark = pytest.mark.filterwarnings("ignore:TF32 acceleration")  # PyTorch's, when oneDNN is switched off


def counted(work) -> tuple[int, int]:
    """Operations that PyTorch counts for ``work``'s forward pass, and for it with the backward pass."""
    with torch.backends.mkldnn.flags(enabled=False):  # a fused LSTM is one call, whose products nobody sees
        with FlopCounterMode(display=False) as forward:
            result = work()
        with FlopCounterMode(display=False) as backward:
            result.sum().backward()
    return forward.get_total_flops(), forward.get_total_flops() + backward.get_total_flops()


@pytest.mark.parametrize("tied", [False, True])
@pytest.mark.parametrize("layers", [1, 2])
def test_a_language_model_costs_what_pytorch_counts(tied, layers):
    """Would notice a forgotten gate, layer or projection, or a product counted once instead of as two operations."""
    config = LSTMConfig(50, 12, 20, layers=layers, tied=tied)
    model, batch, time = LSTMLanguageModel(config), 3, 7
    forward, both = counted(lambda: model(torch.randint(50, (batch, time)))[0])
    assert forward == 2 * cost.products(config, target=batch * time)
    # The first state is zero and needs no gradient: PyTorch saves a little there.
    assert 0.9 * cost.training_flops(config, target=batch * time) < both <= cost.training_flops(config, target=batch * time)


@pytest.mark.parametrize(
    "sizes",
    [
        {},
        {"residual": False},
        {"attention": False},
        {"bidirectional": False, "layers": 3, "decoder_size": 16, "context": "summary"},
        {"context": "feeding", "layers": 2},
        {"decoder_size": 16},
    ],
)
def test_a_translator_costs_what_pytorch_counts(sizes):
    """Would notice a projection, the bridge or the attention left out, in any of the model's forms."""
    config = Seq2SeqConfig(60, 40, **{"embedding_size": 16, "encoder_size": 24, "decoder_size": 20, **sizes})
    model, batch, source, target = Seq2Seq(config), 2, 5, 6
    forward, both = counted(lambda: model(torch.randint(60, (batch, source)), torch.randint(40, (batch, target))))
    assert forward == 2 * batch * cost.products(config, source, target)
    assert 0.85 * batch * cost.training_flops(config, source, target) < both <= batch * cost.training_flops(config, source, target)


def test_published_runs_cost_what_was_published():
    """Would notice a factor that is lost: GPT-3's paper says 3.14e23 operations, Llama 3's 3.8e25."""
    assert cost.PUBLISHED["GPT-3"].flops == pytest.approx(3.14e23, rel=0.01)
    assert cost.PUBLISHED["Llama 3 405B"].flops == pytest.approx(3.8e25, rel=0.01)


def test_time_is_work_by_speed():
    """Would notice utilisation multiplied instead of divided by."""
    assert cost.seconds(1e15, 1e12, machines=10, utilisation=0.5) == pytest.approx(200)
    for wrong in ({"flops": 0, "peak": 1}, {"flops": 1, "peak": 1, "utilisation": 1.5}, {"flops": 1, "peak": -1}):
        with pytest.raises(LmcourseError, match="utilisation"):
            cost.seconds(**wrong)
    with pytest.raises(LmcourseError, match="at least one token"):
        cost.products(Seq2SeqConfig(60))


@pytest.mark.parametrize(
    ("seconds", "words"),
    [(0.003, "under 0.1 seconds"), (1, "1 second"), (59.7, "60 seconds"), (90, "1.5 minutes"), (7200, "2 hours"), (86400, "1 day"),
     (86400 * 400, "1.1 years"), (3.2e12, "101,402 years")],
)  # fmt: skip
def test_times_as_people_say_them(seconds, words):
    """Would notice the wrong unit, or "1 days"."""
    assert cost.spoken(seconds) == words
