"""The LSTM language model: shapes, carried state, sizes, and that it can learn at all."""

from __future__ import annotations

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from lmcourse.errors import LmcourseError
from lmcourse.nn import MODELS, LSTMConfig, LSTMLanguageModel


def model_of(**sizes) -> LSTMLanguageModel:
    torch.manual_seed(0)
    return LSTMLanguageModel(LSTMConfig(**{"vocab_size": 11, "embedding_size": 6, "hidden_size": 8, **sizes}))


@pytest.mark.parametrize("sizes", [{}, {"layers": 2}, {"tied": True}, {"tied": True, "embedding_size": 8}])
def test_shapes(sizes):
    logits, state = model_of(**sizes)(torch.randint(11, (3, 5)))
    assert logits.shape == (3, 5, 11)
    assert [part.shape for part in state] == [(sizes.get("layers", 1), 3, 8)] * 2


@settings(max_examples=25)
@given(st.integers(1, 12), st.data())
def test_reading_in_parts_is_reading_in_one_go(length, data):
    """The carried state holds all that the model knows of the text before: guards against a state that is dropped."""
    cut = data.draw(st.integers(0, length - 1))
    model = model_of(layers=2).eval()
    ids = torch.randint(11, (2, length), generator=torch.Generator().manual_seed(length))
    whole, end = model(ids)
    state, parts = None, []
    for part in (ids[:, :cut], ids[:, cut:]):
        if part.shape[1]:
            logits, state = model(part, state)
            parts.append(logits)
    assert torch.allclose(torch.cat(parts, 1), whole, atol=1e-6)
    assert torch.allclose(state[1], end[1], atol=1e-6)


def test_it_does_not_see_the_future():
    """Scores at a place must not change with the tokens after it, or the loss would be a fraud."""
    model = model_of().eval()
    ids = torch.randint(11, (1, 9))
    other = ids.clone()
    other[0, 5:] = (other[0, 5:] + 1) % 11
    assert torch.equal(model(ids)[0][:, :5], model(other)[0][:, :5])
    assert not torch.allclose(model(ids)[0][:, 5], model(other)[0][:, 5])


def test_it_matches_the_cell_written_out():
    """The formulas of the LSTM, step by step in double precision, against nn.LSTM: the gates' order and the biases."""
    model = model_of().double().eval()
    ids = torch.randint(11, (1, 4))
    h = c = torch.zeros(1, 8, dtype=torch.double)
    lstm = model.lstm
    for id in ids[0]:
        x = model.embedding.weight[id][None]
        gates = x @ lstm.weight_ih_l0.T + lstm.bias_ih_l0 + h @ lstm.weight_hh_l0.T + lstm.bias_hh_l0
        i, f, g, o = gates.chunk(4, dim=1)
        c = f.sigmoid() * c + i.sigmoid() * g.tanh()
        h = o.sigmoid() * c.tanh()
    assert torch.allclose(model(ids)[0][0, -1], model.output(h)[0], atol=1e-12)


def test_initial_weights():
    """Forget gates open, recurrent matrices orthogonal, and an untrained model that is about undecided."""
    model = model_of(vocab_size=50, hidden_size=32)
    bias = model.lstm.bias_ih_l0 + model.lstm.bias_hh_l0
    assert bias[32:64].tolist() == [1.0] * 32 and bias[:32].tolist() + bias[64:].tolist() == [0.0] * 96
    for gate in model.lstm.weight_hh_l0.chunk(4):
        assert torch.allclose(gate @ gate.T, torch.eye(32), atol=1e-5)
    for tied in (False, True):
        model = model_of(vocab_size=50, hidden_size=32, embedding_size=16, tied=tied)
        ids = torch.randint(50, (8, 20))
        loss = torch.nn.functional.cross_entropy(model(ids)[0].flatten(0, 1), ids.flatten())
        assert abs(loss.item() - torch.tensor(50.0).log().item()) < 0.5


def test_counting_and_tying():
    """Worked out by hand: 11·6 + 4·8·(6+8+2) + 8·11+11; tied, the output is the embedding, a projection and a bias."""
    assert model_of().parameters_count == 66 + 512 + 99
    assert model_of(tied=True).parameters_count == 66 + 512 + 48 + 11
    model = model_of(tied=True)
    model(torch.tensor([[1, 2]]))[0].sum().backward()
    assert model.embedding.weight.grad[7].abs().sum() > 0  # an id that was only predicted, never read


def test_dropout_acts_in_training_only():
    model = model_of(dropout=0.5)
    ids = torch.randint(11, (2, 6))
    assert not torch.equal(model(ids)[0], model(ids)[0])
    seen = []
    model.lstm.register_forward_pre_hook(lambda _, arguments: seen.append(arguments[0]))
    model(ids)
    assert (seen[0] == 0).any()  # what goes into the LSTM
    torch.nn.init.zeros_(model.embedding.weight)
    torch.nn.init.ones_(model.lstm.bias_hh_l0)
    assert not torch.equal(model(ids)[0], model(ids)[0])  # what comes out of it
    model.eval()
    assert torch.equal(model(ids)[0], model(ids)[0])


@pytest.mark.parametrize("wrong", [{"vocab_size": 0}, {"hidden_size": -3}, {"layers": 0}, {"dropout": 1.0}, {"dropout": -0.1}])
def test_impossible_sizes_are_refused(wrong):
    with pytest.raises(LmcourseError, match=next(iter(wrong))):
        LSTMConfig(**{"vocab_size": 5, **wrong})


def test_shapes_in_signatures_are_enforced():
    """The annotations are promises: a state for another batch size, or ids without a batch axis, must not get through."""
    model = model_of()
    _, state = model(torch.zeros(2, 3, dtype=torch.long))
    for arguments in ((torch.zeros(3, dtype=torch.long),), (torch.zeros(3, 3, dtype=torch.long), state)):
        with pytest.raises(Exception, match="(?i)type"):
            model(*arguments)


def test_models_that_a_checkpoint_may_name():
    assert all(name == model.__name__ for name, (model, _) in MODELS.items())
