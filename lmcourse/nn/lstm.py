"""A language model on long short-term memory (LSTM 长短期记忆): read a token, update a state, predict the next token.

The LSTM keeps a cell that is changed by adding to it rather than by multiplying it, so that what happened long ago can
still be felt (Hochreiter & Schmidhuber 1997; with the forget gate of Gers, Schmidhuber & Cummins 2000). As a language
model: Mikolov et al. 2010 (recurrent networks), Zaremba, Sutskever & Vinyals 2014 (LSTM, and where dropout belongs).

The recurrence itself is PyTorch's fused ``nn.LSTM``, many times faster than a loop over time written in Python.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from jaxtyping import Float, Int
from torch import Tensor, nn

from lmcourse.errors import LmcourseError

State = tuple[Float[Tensor, "layers batch hidden"], Float[Tensor, "layers batch hidden"]]
"""What the model remembers of the text so far: the hidden state and the cell of each layer."""


@dataclass(frozen=True)
class LSTMConfig:
    """The sizes of an :class:`LSTMLanguageModel`. ``tied``: the output layer uses the embedding's weights again
    (Press & Wolf 2017), which saves parameters when the vocabulary is large."""

    vocab_size: int
    embedding_size: int = 64
    hidden_size: int = 256
    layers: int = 1
    dropout: float = 0.0
    tied: bool = False

    def __post_init__(self) -> None:
        for name in ("vocab_size", "embedding_size", "hidden_size", "layers"):
            if not isinstance(value := getattr(self, name), int) or value < 1:
                raise LmcourseError(f"{name} must be a whole number of at least 1, not {value!r}.")
        if not 0 <= self.dropout < 1:
            raise LmcourseError(f"dropout is the share of values to drop, from 0 up to but not including 1, not {self.dropout!r}.")


class Counted(nn.Module):
    """A network that knows its size."""

    @property
    def parameters_count(self) -> int:
        """How many numbers training adjusts."""
        return sum(parameter.numel() for parameter in self.parameters())


def fresh_lstm(lstm: nn.LSTM) -> None:
    """Fresh weights for an LSTM of any number of layers and directions, drawn from PyTorch's generator.

    Recurrent matrices orthogonal: they neither shrink nor stretch what they carry through time (Saxe et al. 2014).
    The forget gate's bias 1: at first the cell forgets little (Jozefowicz, Zaremba & Sutskever 2015).
    """
    hidden = lstm.hidden_size
    for name, parameter in lstm.named_parameters():
        if name.startswith("bias"):
            nn.init.zeros_(parameter)
            if name.startswith("bias_ih"):
                nn.init.ones_(parameter.data[hidden : 2 * hidden])  # the gates stand in the order i, f, g, o
            continue
        for gate in parameter.data.chunk(4):
            (nn.init.orthogonal_ if name.startswith("weight_hh") else nn.init.xavier_uniform_)(gate)


class LSTMLanguageModel(Counted):
    """Embedding → LSTM → one score per token of the vocabulary, for the token that comes next."""

    def __init__(self, config: LSTMConfig) -> None:
        super().__init__()
        self.config = config
        self.embedding = nn.Embedding(config.vocab_size, config.embedding_size)
        self.lstm = nn.LSTM(
            config.embedding_size,
            config.hidden_size,
            config.layers,
            dropout=config.dropout if config.layers > 1 else 0.0,  # nn.LSTM drops between its layers only
            batch_first=True,
        )
        self.dropout = nn.Dropout(config.dropout)
        if config.tied:
            # The output must be as wide as the embedding whose weights it shares.
            same = config.hidden_size == config.embedding_size
            self.projection = nn.Identity() if same else nn.Linear(config.hidden_size, config.embedding_size, bias=False)
            self.bias = nn.Parameter(torch.zeros(config.vocab_size))
        else:
            self.output = nn.Linear(config.hidden_size, config.vocab_size)
        self.initialise()

    def initialise(self) -> None:
        """Fresh weights, drawn from PyTorch's generator."""
        fresh_lstm(self.lstm)
        # Tied, the embedding is also the output layer, where large weights would mean a confident wrong answer.
        nn.init.normal_(self.embedding.weight, std=self.config.embedding_size**-0.5 if self.config.tied else 2.0)
        if not self.config.tied:
            nn.init.zeros_(self.output.bias)

    def forward(
        self, ids: Int[Tensor, "batch time"], state: State | None = None
    ) -> tuple[Float[Tensor, "batch time vocab"], State]:
        """Scores (logits) for the token after each of ``ids``, and the state after the last of them.

        ``state`` is what an earlier call returned for the text before ``ids``; None means the text begins here. A text
        read in one go or in several, handing the state on, gives the same scores.
        """
        x = self.dropout(self.embedding(ids))  # batch time embedding
        h, state = self.lstm(x, state)  # batch time hidden
        h = self.dropout(h)
        if self.config.tied:
            return nn.functional.linear(self.projection(h), self.embedding.weight, self.bias), state
        return self.output(h), state
