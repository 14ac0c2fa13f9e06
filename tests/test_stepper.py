"""Single steps for writing: the scores and the ids are those of the model, and no other model is taken for one it is not."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from lmcourse.decoding import adjusted, draw, greedy, sample
from lmcourse.nn import LSTMConfig, LSTMLanguageModel
from lmcourse.nn.stepper import LSTMStepper, stepper


def model_of(seed: int = 0, **sizes) -> LSTMLanguageModel:
    """A small model that has opinions: untrained weights, three times as large."""
    torch.manual_seed(seed)
    model = LSTMLanguageModel(LSTMConfig(**{"vocab_size": 23, "embedding_size": 6, "hidden_size": 8, **sizes}))
    with torch.no_grad():
        for parameter in model.parameters():
            parameter.mul_(3).add_(0.1 * torch.randn_like(parameter))
    return model.eval()


@settings(max_examples=40)
@given(st.lists(st.integers(0, 22), min_size=2, max_size=12), st.integers(1, 3), st.booleans(), st.sampled_from([6, 8]), st.data())
def test_scores_are_the_model_s(ids, layers, tied, embedding, data):
    """In double precision, where only rounding is left: guards against gates in another order, a bias forgotten or
    counted twice, layers that take each other's state, and a table that gives one token's row for another's."""
    model = model_of(layers=layers, tied=tied, embedding_size=embedding, dropout=0.5).double().eval()
    with torch.no_grad():
        whole = model(torch.tensor([ids]))[0][0]
        cut = data.draw(st.integers(1, len(ids) - 1))
        step = stepper(model, model(torch.tensor([ids[:cut]]))[1])
    assert isinstance(step, LSTMStepper)
    for place in range(cut, len(ids)):
        assert torch.allclose(step(ids[place]), whole[place], atol=1e-10)


@pytest.mark.parametrize("options", [{"heat": 0.0}, {}, {"heat": 0.7}, {"k": 4}, {"p": 0.8}, {"heat": 1.3, "k": 9, "p": 0.9}])
@pytest.mark.parametrize("sizes", [{}, {"layers": 2, "tied": True}])
def test_the_ids_are_those_of_the_model(options, sizes):
    """Greedy, and drawn with a seed: 80 ids one by one through the module, without any of the short cuts."""
    model, generator = model_of(**sizes), torch.Generator().manual_seed(5)
    expected, last, state = [], [3, 1, 4], None
    for _ in range(80):
        with torch.no_grad():
            logits, state = model(torch.tensor([last]), state)
        logits = adjusted(logits[0, -1], *(options.get(name, default) for name, default in (("heat", 1.0), ("k", None), ("p", None))))
        last = [int(greedy(logits) if options.get("heat") == 0 else draw(logits, generator))]
        expected += last
    assert list(sample(model, [3, 1, 4], 80, seed=5, **options)) == expected
    assert len(set(expected)) > 3  # not the same id over and over, which any state would give


def test_a_token_s_gates_are_computed_once():
    """What makes it fast: a row of the table for each different token that came, and none for others."""
    model = model_of()
    step = stepper(model, model(torch.tensor([[0]]))[1])
    for id in (5, 7, 5, 5, 7):
        step(id)
    assert set(step.table) == {5, 7}


def test_large_scores_are_no_trouble():
    """A saturated gate is 0 or 1, without a warning of an overflow on the way."""
    model = model_of().requires_grad_(False)
    model.lstm.weight_hh_l0.mul_(1e4)
    model.lstm.weight_ih_l0.mul_(1e4)
    ids = torch.tensor([[1, 2, 3]])
    with np.errstate(all="raise"):
        step = stepper(model, model(ids[:, :2])[1])
        assert torch.allclose(step(3), model(ids)[0][0, -1], atol=1e-4)


class Louder(torch.nn.Linear):
    """Something put in a layer's place, as an adapter is."""

    def forward(self, x):
        return 2 * super().forward(x)


class Mirrored(LSTMLanguageModel):
    """A model that computes something else with the same parts."""

    def forward(self, ids, state=None):
        logits, state = super().forward(ids, state)
        return -logits, state


def changed(how: str) -> LSTMLanguageModel:
    model = model_of()
    if how == "adapter":
        model.output = Louder(8, 23)
    elif how == "parametrized":
        torch.nn.utils.parametrizations.weight_norm(model.output)
    elif how == "subclass":
        model = Mirrored(model.config)
    elif how == "half":
        model.bfloat16()
    return model.eval()


@pytest.mark.parametrize("how", ["adapter", "parametrized", "subclass", "half"])
def test_what_is_no_plain_lstm_is_asked_itself(how):
    """The short way knows only plain layers: it must not pass by what somebody put around one of them."""
    model = changed(how)
    with torch.no_grad():
        expected, end = model(torch.tensor([[1, 2, 3, 4]]))
        step = stepper(model, model(torch.tensor([[1, 2]]))[1])
        for place, id in ((2, 3), (3, 4)):
            assert torch.allclose(step(id), expected[0, place], atol=1e-2 if how == "half" else 1e-6)
    assert not isinstance(step, LSTMStepper)
