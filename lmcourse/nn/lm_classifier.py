"""A classifier's head on a pretrained language model: what learnt to write is put to work to understand.

The model reads the text; what its LSTM holds at each token is **pooled** into one vector, its last value, its mean and its
maximum side by side (concat pooling; Howard & Ruder 2018, "Universal Language Model Fine-tuning for Text Classification"), and a
linear layer gives each label a score. What comes next is decided by the last words, so an LSTM's outputs know little of which
words a text has in all; the mean of the embeddings does, and stands beside them (that a task may need a lower layer than the
top one: Peters et al. 2018, "Deep Contextualized Word Representations"). Each part is normalised by itself, or the maximum,
whose values are largest, would drown the means.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import torch
from jaxtyping import Float, Int
from torch import Tensor, nn

from lmcourse.batching import mask_of, pad
from lmcourse.errors import LmcourseError
from lmcourse.nn.classifier import checked_labels
from lmcourse.nn.lstm import Counted, LSTMConfig, LSTMLanguageModel
from lmcourse.tokenizers.base import Tokenizer

POOLINGS = ("layers", "concat", "last", "mean", "max")


@dataclass(frozen=True)
class LMClassifierConfig:
    """``lm`` is the language model's configuration, ``start`` the id of the token before a text's first; the model reads
    the first ``longest`` tokens of a text."""

    labels: Sequence[str]
    lm: dict[str, Any] = field(default_factory=dict)
    start: int = 0
    pooling: str = "layers"
    dropout: float = 0.3
    longest: int = 400

    def __post_init__(self) -> None:
        object.__setattr__(self, "labels", checked_labels(self.labels))
        if self.pooling not in POOLINGS:
            raise LmcourseError(f"There is no pooling {self.pooling!r}; choose one of: {', '.join(POOLINGS)}.")
        if not 0 <= self.dropout < 1:
            raise LmcourseError(f"dropout is the share of values to drop, from 0 up to but not including 1, not {self.dropout!r}.")

    @property
    def vocab_size(self) -> int:
        """The language model's."""
        return LSTMConfig(**self.lm).vocab_size


class TokenReading(NamedTuple):
    """Texts as ids, padded on the right, and how many of them are real."""

    ids: Int[Tensor, "batch time"]
    lengths: Int[Tensor, " batch"]


class Tokens:
    """Texts encoded once, to be read in batches many times over."""

    def __init__(self, tokenizer: Tokenizer, texts: Sequence[str], start: int, longest: int) -> None:
        self.ids = [[start, *tokenizer.encode(text.strip())[:longest]] for text in texts]

    def __len__(self) -> int:
        return len(self.ids)

    def of(self, numbers: Sequence[int]) -> TokenReading:
        """The texts with these numbers, padded to the longest of them."""
        ids = [self.ids[number] for number in numbers]
        return TokenReading(pad(ids), torch.tensor([len(row) for row in ids]))


class LanguageModelClassifier(Counted):
    """Tokens → language model → pooling → one score per label."""

    def __init__(self, config: LMClassifierConfig) -> None:
        super().__init__()
        self.config = config
        self.lm = LSTMLanguageModel(LSTMConfig(**config.lm))
        sizes = self.lm.config
        self.widths = [sizes.hidden_size] * (3 if config.pooling in ("concat", "layers") else 1)
        self.widths += [sizes.embedding_size] * (config.pooling == "layers")
        self.norms, self.dropout = nn.ModuleList(map(nn.LayerNorm, self.widths)), nn.Dropout(config.dropout)
        self.head = nn.Linear(sum(self.widths), len(config.labels))
        nn.init.zeros_(self.head.weight)
        nn.init.zeros_(self.head.bias)

    def read(self, tokenizer: Tokenizer, texts: Sequence[str]) -> Tokens:
        """Texts as this model takes them."""
        return Tokens(tokenizer, texts, self.config.start, self.config.longest)

    def features(self, reading: TokenReading) -> Float[Tensor, "batch features"]:
        """What the language model makes of each text, pooled."""
        ids, lengths = reading
        embedded = self.lm.dropout(self.lm.embedding(ids))
        hidden, _ = self.lm.lstm(embedded)
        hidden = self.lm.dropout(hidden)
        real = mask_of(lengths, ids.shape[1])[..., None]
        last = hidden[torch.arange(len(ids)), lengths - 1]
        mean = (hidden * real).sum(1) / lengths[:, None]
        largest = hidden.masked_fill(~real, -torch.inf).amax(1)
        pooled = {"last": last, "mean": mean, "max": largest}
        if self.config.pooling == "layers":
            pooled["embedded"] = (embedded * real).sum(1) / lengths[:, None]
        return torch.cat([*pooled.values()], dim=1) if len(self.widths) > 1 else pooled[self.config.pooling]

    def forward(self, reading: TokenReading | Float[Tensor, "batch features"]) -> Float[Tensor, "batch labels"]:
        """Scores (logits); a label's probability is their softmax. ``reading``: texts, or their :meth:`features`."""
        features = reading if isinstance(reading, Tensor) else self.features(reading)
        parts = [norm(part) for norm, part in zip(self.norms, features.split(self.widths, dim=1), strict=True)]
        return self.head(self.dropout(torch.cat(parts, dim=1)))
