"""One token at a time: the same language model, computed for writing instead of for learning.

In training the whole text is known: it goes through ``nn.LSTM`` in one call of large products, and everything is kept for
the gradient. In writing, each token needs the one before it, and of the time of such a call with a single token the
arithmetic is a small part; the rest prepares and checks what training needs. So here the weights are plain arrays, and

- what a token gives to the gates, W_ih·embedding + b, depends on the token alone: it is computed when the token first
  comes, and kept in a **table** (an LSTM's first layer does not need the embedding's numbers, only its gates);
- what is left of a step is a matrix times a vector, for what the state gives to the gates, and one for the scores.

The scores are those of the model up to rounding. ``bench/decoding.py`` measures what it brings.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import torch
from jaxtyping import Float
from torch import Tensor, nn

from lmcourse.nn.lstm import LSTMLanguageModel, State

PLAIN = (nn.Embedding, nn.LSTM, nn.Linear, nn.Identity, nn.Dropout)
DTYPES = (torch.float32, torch.float64)  # those in which NumPy computes as fast


def stepper(model: nn.Module, state: Any) -> Callable[[int], Float[Tensor, " vocab"]]:
    """A function that reads one more token after ``state`` and gives the scores for the next; it carries the state itself.

    An LSTM language model on the CPU takes the short way; any other model, or one whose layers something was put around,
    is asked as it is, ``model(ids, state)``. The weights must not change meanwhile.
    """
    plain = type(model) is LSTMLanguageModel and all(type(part) in PLAIN for part in model.children())
    if plain and all(p.device.type == "cpu" and p.dtype in DTYPES for p in model.parameters()):
        return LSTMStepper(model, state)
    device = next(model.parameters()).device

    @torch.no_grad()
    def step(id: int) -> Float[Tensor, " vocab"]:
        nonlocal state
        logits, state = model(torch.tensor([[id]], device=device), state)
        return logits[0, -1]

    return step


class LSTMStepper:
    """The steps of an :class:`LSTMLanguageModel` in evaluation, without dropout, for a single text (a batch of 1)."""

    def __init__(self, model: LSTMLanguageModel, state: State) -> None:
        self.embedding = _array(model.embedding.weight)
        weights = [[_array(weight) for weight in layer] for layer in model.lstm.all_weights]
        self.layers = [(w_ih, w_hh, b_ih + b_hh) for w_ih, w_hh, b_ih, b_hh in weights]
        # From the last hidden state to the scores: one matrix, or, tied, a projection and the embedding.
        tied = model.config.tied
        ways = [model.projection, model.embedding] if tied else [model.output]
        self.output = [_array(way.weight) for way in ways if not isinstance(way, nn.Identity)]
        self.bias = _array(model.bias if tied else model.output.bias)
        self.state = list(zip(*(_array(part[:, 0]) for part in state), strict=True))  # of each layer: hidden, cell
        self.table: dict[int, Float[np.ndarray, " gates"]] = {}

    def __call__(self, id: int) -> Float[Tensor, " vocab"]:
        """The scores for the token after ``id``."""
        given = self._given(id)
        for number, (h, c) in enumerate(self.state):
            gates = (given + self.layers[number][1] @ h).reshape(4, -1)  # in nn.LSTM's order: i, f, g, o
            i, f, _, o = 0.5 * (1 + np.tanh(0.5 * gates))  # the logistic function of all, without an overflow
            c = f * c + i * np.tanh(gates[2])
            h = o * np.tanh(c)
            self.state[number] = h, c
            if number + 1 < len(self.layers):
                w_ih, _, bias = self.layers[number + 1]
                given = w_ih @ h + bias
        for matrix in self.output:
            h = matrix @ h
        return torch.from_numpy(h + self.bias)

    def _given(self, id: int) -> Float[np.ndarray, " gates"]:
        """What the token itself gives to the first layer's gates."""
        if id not in self.table:
            w_ih, _, bias = self.layers[0]
            self.table[id] = w_ih @ self.embedding[id] + bias
        return self.table[id]


def _array(tensor: Tensor) -> np.ndarray:
    return tensor.detach().contiguous().numpy()
