"""A classifier in two languages at once: every word of either has a score for each label, and a text has their sum.

The scores come from joint vectors, in which a word stands near its translations (:mod:`lmcourse.tasks.crosslingual`): a linear
classifier of a sum of vectors is the sum of a linear classifier of each, so the vectors need not be kept.
Of n words the sum is divided by √n: a text of many words may be surer than one of few, but not n times as sure.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from jaxtyping import Float, Int
from torch import Tensor, nn

from lmcourse.batching import pad
from lmcourse.errors import LmcourseError
from lmcourse.nn.classifier import checked_labels
from lmcourse.nn.lstm import Counted
from lmcourse.tokenizers.bag import BagTokenizer


@dataclass(frozen=True)
class JointConfig:
    """The sizes of a :class:`JointClassifier`: ``pairs`` is how many pairs of neighbours its tokenizer knows."""

    labels: Sequence[str]
    vocab_size: int
    pairs: int

    def __post_init__(self) -> None:
        object.__setattr__(self, "labels", checked_labels(self.labels))
        if self.vocab_size < 1 or self.pairs < 0:
            raise LmcourseError(f"{self.vocab_size} words and {self.pairs} pairs are no vocabulary; train the model again.")


class Bags:
    """Texts as the numbers of the words and pairs that are known of them."""

    def __init__(self, tokenizer: BagTokenizer, texts: Sequence[str]) -> None:
        self.ids = [tokenizer.features(text) for text in texts]

    def __len__(self) -> int:
        return len(self.ids)

    def of(self, numbers: Sequence[int]) -> Int[Tensor, "batch features"]:
        """The texts with these numbers, filled up with 0."""
        return pad([self.ids[number] for number in numbers])


class JointClassifier(Counted):
    """Words and pairs → the scores of each → their sum over √n."""

    def __init__(self, config: JointConfig) -> None:
        super().__init__()
        self.config = config
        self.scores = nn.Embedding(config.vocab_size + config.pairs, len(config.labels), padding_idx=0)
        self.bias = nn.Parameter(torch.zeros(len(config.labels)))
        nn.init.zeros_(self.scores.weight)

    def read(self, tokenizer: BagTokenizer, texts: Sequence[str]) -> Bags:
        """Texts as this model takes them."""
        return Bags(tokenizer, texts)

    def forward(self, features: Int[Tensor, "batch features"]) -> Float[Tensor, "batch labels"]:
        """Scores (logits); a label's probability is their softmax."""
        known = (features > 0).sum(1, keepdim=True).clamp(min=1)
        return self.bias + self.scores(features).sum(1) / known.sqrt()
