"""A text classifier of two parts that see different things, and a weight for the word of each.

**The linear part** is TF-IDF (Spärck Jones 1972) with logistic regression: words and pairs of neighbours are counted, rare ones
count more, and each label has a number for each of them. Its weights are the exact solution of a convex problem, so with few
examples nothing is surer. **The network** reads the words in their order: a vector learnt here beside one that
others have trained on far more text (:mod:`lmcourse.nn.pretrained`), an LSTM in both directions, of its outputs the largest
value in each place (Conneau et al. 2017), and the mean of the pretrained vectors (Iyyer et al. 2015). It knows words that the
examples lack, and what "not the first, the second" means.

The probabilities are softmax(a · linear + b · network): a logarithmic pool (Genest & Zidek 1986), whose two weights are found
on examples that neither part has learnt from. So the better part leads, and the confidence is mended on the way, as
by one temperature in Guo et al. 2017.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import torch
from jaxtyping import Float, Int
from torch import Tensor, nn

from lmcourse.batching import mask_of, pad
from lmcourse.errors import LmcourseError
from lmcourse.nn.lstm import Counted, fresh_lstm
from lmcourse.nn.pretrained import SIZE, pretrained_rows
from lmcourse.tokenizers.bag import BagTokenizer, bag_words

TRUST = (1.0, 0.5)  # in the linear part and in the network, before anything has been measured


def checked_labels(labels: Sequence[str]) -> tuple[str, ...]:
    """The labels as a tuple, if they are two or more different strings."""
    labels = tuple(labels)
    if len(labels) < 2 or len(set(labels)) < len(labels) or not all(isinstance(label, str) for label in labels):
        raise LmcourseError(f"A classifier needs two or more different labels, not {', '.join(map(repr, labels[:5])) or 'none'}.")
    return labels


@dataclass(frozen=True)
class ClassifierConfig:
    """The sizes of a :class:`TextClassifier`: ``pairs`` is how many pairs of neighbours its tokenizer knows; it reads the
    first ``longest`` words in order (the linear part counts all)."""

    labels: Sequence[str]
    vocab_size: int
    pairs: int
    embedding_size: int = 64
    hidden_size: int = 64
    dropout: float = 0.5
    word_dropout: float = 0.1
    longest: int = 200

    def __post_init__(self) -> None:
        object.__setattr__(self, "labels", checked_labels(self.labels))
        for name in ("vocab_size", "embedding_size", "hidden_size", "longest"):
            if not isinstance(value := getattr(self, name), int) or value < 1:
                raise LmcourseError(f"{name} must be a whole number of at least 1, not {value!r}.")
        for name in ("dropout", "word_dropout"):
            if not 0 <= getattr(self, name) < 1:
                raise LmcourseError(f"{name} is a share from 0 up to but not including 1, not {getattr(self, name)!r}.")


class Reading(NamedTuple):
    """Texts as a :class:`TextClassifier` takes them: the ids of their words, known words and pairs as they are counted (0
    where there are no more), and where each word's vector stands in ``table``."""

    ids: Int[Tensor, "batch time"]
    lengths: Int[Tensor, " batch"]
    features: Int[Tensor, "batch features"]
    places: Int[Tensor, "batch time"]
    table: Float[Tensor, "words size"]


class Words:
    """Texts cut into words once and looked up in the pretrained table once, to be read in batches many times over."""

    def __init__(self, tokenizer: BagTokenizer, texts: Sequence[str]) -> None:
        cut = [bag_words(text.lower()) for text in texts]
        different = {word: place for place, word in enumerate(sorted({word for words in cut for word in words}), start=1)}
        self.ids = [tokenizer.encode(text) or [0] for text in texts]
        self.features = [tokenizer.features(text) for text in texts]
        self.places = [[different[word] for word in words] or [0] for words in cut]
        rows = nn.functional.normalize(pretrained_rows(list(different)), dim=1)
        self.table = torch.cat([torch.zeros(1, SIZE), rows])  # row 0: no word at all

    def __len__(self) -> int:
        return len(self.ids)

    def of(self, numbers: Sequence[int]) -> Reading:
        """The texts with these numbers, padded to the longest of them."""
        ids, features, places = ([rows[number] for number in numbers] for rows in (self.ids, self.features, self.places))
        return Reading(pad(ids), torch.tensor([len(row) for row in ids]), pad(features), pad(places), self.table)


class TextClassifier(Counted):
    """Words → TF-IDF → one score per label; words → vectors → LSTM → one score per label; and the two pooled."""

    def __init__(self, config: ClassifierConfig) -> None:
        super().__init__()
        self.config = config
        features, labels = config.vocab_size + config.pairs, len(config.labels)
        for name, value in {
            "idf": torch.ones(features),
            "weight": torch.zeros(features, labels),
            "bias": torch.zeros(labels),
            "trust": torch.tensor(TRUST),
        }.items():
            self.register_buffer(name, value)
        self.embedding = nn.Embedding(config.vocab_size, config.embedding_size)
        self.projection = nn.Linear(SIZE, config.embedding_size)
        self.onward, self.back = (
            nn.LSTM(2 * config.embedding_size, config.hidden_size, batch_first=True) for _ in range(2)
        )
        self.mean = nn.Linear(SIZE, config.hidden_size)
        self.output = nn.Linear(3 * config.hidden_size, labels)
        self.dropout = nn.Dropout(config.dropout)
        for lstm in (self.onward, self.back):
            fresh_lstm(lstm)
        nn.init.normal_(self.embedding.weight, std=0.5)
        nn.init.zeros_(self.output.weight)
        nn.init.zeros_(self.output.bias)

    def forward(self, reading: Reading) -> Float[Tensor, "batch labels"]:
        """Scores (logits) of the pool; a label's probability is their softmax."""
        return self.trust[0] * self.linear(reading) + self.trust[1] * self.network(reading)

    def read(self, tokenizer: BagTokenizer, texts: Sequence[str]) -> Words:
        """Texts as this model takes them."""
        return Words(tokenizer, texts)

    def linear(self, reading: Reading) -> Float[Tensor, "batch labels"]:
        """The linear part's logits."""
        features, size = reading.features, len(self.idf)
        row, place = features.nonzero(as_tuple=True)
        keys, counts = torch.unique(row * size + features[row, place], return_counts=True)
        row, feature = keys // size, keys % size
        value = (1 + counts.float().log()) * self.idf[feature]
        length = torch.zeros(len(features)).index_add_(0, row, value * value).sqrt()
        starts = torch.searchsorted(row, torch.arange(len(features)))
        value = value / length[row]
        return self.bias + nn.functional.embedding_bag(feature, self.weight, starts, mode="sum", per_sample_weights=value)

    def network(self, reading: Reading) -> Float[Tensor, "batch labels"]:
        """The network's logits."""
        longest = self.config.longest
        ids, places = reading.ids[:, :longest], reading.places[:, :longest]
        if self.training and self.config.word_dropout:  # some words lose their own vector, some both: new words will lack the first
            kept = torch.rand(ids.shape) >= self.config.word_dropout
            ids = ids * (torch.rand(ids.shape) >= self.config.word_dropout) * kept
            places = places * kept
        vectors = reading.table[places]
        inputs = torch.cat([self.embedding(ids), self.projection(vectors)], dim=2)
        inputs, lengths = self.dropout(inputs), reading.lengths.clamp(max=longest)
        real = mask_of(lengths, ids.shape[1])
        # Backwards from each text's own end: one LSTM of two directions would begin in the padding of the shorter ones.
        turned = torch.where(real, lengths[:, None] - 1 - torch.arange(ids.shape[1]), 0)
        reverse = inputs.gather(1, turned[..., None].expand_as(inputs))
        hidden = torch.cat([self.onward(inputs)[0], self.back(reverse)[0]], dim=2)
        largest = hidden.masked_fill(~real[..., None], -2.0).amax(1)  # an LSTM's outputs are above -1
        mean = nn.functional.normalize(vectors.sum(1), dim=1)
        features = torch.cat([largest, torch.tanh(8 * self.mean(mean))], dim=1)
        return self.output(self.dropout(features))

    def set_linear(
        self, idf: Float[Tensor, " features"], weight: Float[Tensor, "features labels"], bias: Float[Tensor, " labels"]
    ) -> None:
        """Put in a solved linear part: words by their ids, then the tokenizer's pairs."""
        for own, value in ((self.idf, idf), (self.weight, weight), (self.bias, bias)):
            own.copy_(value)
