"""A reader on a pretrained language model: what it holds at each word of the passage is told to the reader as well.

The states of the model's LSTM stand beside the features of :mod:`lmcourse.nn.reading`, as the layers of a language model do in ELMo
(Peters et al. 2018, "Deep Contextualized Word Representations") and in TagLM (Peters et al. 2017). A state is long and the questions are
few, so it is normalised and brought to a few numbers by one linear layer that learns with the reader.

A model that no longer learns makes the same of a text each time, so it reads it once: :meth:`LanguageModelReader.remember`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import torch
from jaxtyping import Float, Int
from torch import Tensor, nn

from lmcourse.batching import buckets, pad
from lmcourse.errors import LmcourseError
from lmcourse.nn.lstm import LSTMConfig, LSTMLanguageModel
from lmcourse.nn.reader import ReaderConfig, SpanReader
from lmcourse.nn.reading import Library, Reading

TOGETHER = 32  # texts are read at a time
ROOM = 100_000_000  # numbers that are kept at most: 400 MB


@dataclass(frozen=True)
class LMReaderConfig(ReaderConfig):
    """The sizes of a :class:`LanguageModelReader`: ``lm`` is the language model's configuration, ``state_size`` to how many
    numbers its states are brought."""

    lm: dict[str, Any] = field(default_factory=dict)
    state_size: int = 48

    def __post_init__(self) -> None:
        super().__post_init__()
        if not isinstance(self.state_size, int) or self.state_size < 1:
            raise LmcourseError(f"state_size must be a whole number of at least 1, not {self.state_size!r}.")


class LanguageModelReader(SpanReader):
    """Tokens → language model → its states at the ends of words → a few numbers more for a :class:`SpanReader`."""

    def __init__(self, config: LMReaderConfig) -> None:
        super().__init__(config, config.state_size)
        self.lm = LSTMLanguageModel(LSTMConfig(**config.lm))
        self.norm = nn.LayerNorm(self.lm.config.hidden_size)
        self.state = nn.Linear(self.lm.config.hidden_size, config.state_size)

    def forward(self, reading: Reading) -> tuple[Float[Tensor, "batch time longest"], Float[Tensor, " batch"]]:
        """The scores of a :class:`SpanReader`."""
        states = self.states(reading.tokens, reading.ends) if reading.states is None else reading.states
        told = self.dropout(self.state(self.norm(states)))
        return super().forward(reading._replace(features=torch.cat([reading.features, told], dim=2)))

    def states(self, tokens: Int[Tensor, "batch tokens"], ends: Int[Tensor, "batch time"]) -> Float[Tensor, "batch time size"]:
        """What the language model holds when it has read each word."""
        hidden, _ = self.lm.lstm(self.lm.dropout(self.lm.embedding(tokens)))
        return self.lm.dropout(hidden).gather(1, ends[..., None].expand(-1, -1, hidden.shape[2]))

    @torch.no_grad()
    def remember(self, library: Library, texts: Sequence[str]) -> None:
        """Note in the library what the language model, as it is now, makes of these passages; of very many it does not."""
        words = [library[text] for text in dict.fromkeys(texts) if library[text].ids]
        if sum(len(one.ids) for one in words) * self.lm.config.hidden_size > ROOM:
            return
        self.eval()
        for numbers in buckets([len(one.tokens) for one in words], TOGETHER):
            chosen = [words[number] for number in numbers]
            states = self.states(pad([one.tokens for one in chosen]), pad([one.ends for one in chosen]))
            for one, rows in zip(chosen, states, strict=True):
                one.states = rows[: len(one.ids)].clone()
