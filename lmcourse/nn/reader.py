"""A reader: given a passage and a question, point at the words that answer, or say that none do.

**Words** of the passage come in as a vector learnt here beside one that others have trained on far more text, with the
features of :mod:`lmcourse.nn.reading` and a soft image of the question (aligned question embedding; Lee et al. 2017, as in
DrQA, Chen et al. 2017). **Convolutions** let each word see its neighbours (Yu et al. 2018, QANet): with a few thousand questions they
learn sooner than an LSTM does (``bench/LOG.md``). Then each word looks into the question, which is also summed up in one
vector, and is read once more beside what it found there (attention flow; Seo et al. 2017, BiDAF).

**Every span** of at most ``longest`` words within a sentence is a candidate with one score, from its first word, its last word, its length
and the question (Lee et al. 2016, "Learning Recurrent Span Representations", where one softmax over all spans was found better than
two over starts and ends). "No answer" is one more candidate: so the scores become one probability for each possible answer.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from jaxtyping import Bool, Float, Int
from torch import Tensor, nn

from lmcourse.batching import mask_of
from lmcourse.errors import LmcourseError
from lmcourse.nn.lstm import Counted
from lmcourse.nn.pretrained import SIZE
from lmcourse.nn.reading import FEATURES, KINDS, Reading

WIDTH, DEPTH = 5, 2  # words that a convolution sees, and how many stand one above the other
KIND = 16  # numbers for the question word
LOUD = 16  # pretrained vectors have length 1: times this, their numbers are about as large as others


@dataclass(frozen=True)
class ReaderConfig:
    """The sizes of a :class:`SpanReader`; ``longest`` is how many words an answer has at most."""

    vocab_size: int
    embedding_size: int = 32
    projection_size: int = 64
    hidden_size: int = 96
    span_size: int = 96
    longest: int = 12
    dropout: float = 0.4
    word_dropout: float = 0.2

    def __post_init__(self) -> None:
        for name in ("vocab_size", "embedding_size", "projection_size", "hidden_size", "span_size", "longest"):
            if not isinstance(value := getattr(self, name), int) or value < 1:
                raise LmcourseError(f"{name} must be a whole number of at least 1, not {value!r}.")
        for name in ("dropout", "word_dropout"):
            if not 0 <= getattr(self, name) < 1:
                raise LmcourseError(f"{name} is a share from 0 up to but not including 1, not {getattr(self, name)!r}.")


class Neighbours(nn.Module):
    """Each word with those around it: convolutions, each added to what it was given (residual; He et al. 2016)."""

    def __init__(self, inputs: int, hidden: int, dropout: float) -> None:
        super().__init__()
        self.inputs = nn.Linear(inputs, hidden)
        self.layers = nn.ModuleList(nn.Conv1d(hidden, hidden, WIDTH, padding=WIDTH // 2) for _ in range(DEPTH))
        self.dropout = nn.Dropout(dropout)

    def forward(self, x: Float[Tensor, "batch time inputs"], real: Bool[Tensor, "batch time"]) -> Float[Tensor, "batch time hidden"]:
        """What stands at padding is taken for 0, as beyond the edges; what comes out there means nothing."""
        x, real = torch.relu(self.inputs(x)).transpose(1, 2), real[:, None].float()
        for layer in self.layers:
            x = x + torch.relu(layer(self.dropout(x * real)))
        return x.transpose(1, 2)


class SpanReader(Counted):
    """Passage and question → one score for each span of the passage, and one for "no answer"."""

    def __init__(self, config: ReaderConfig, more: int = 0) -> None:
        """``more``: how many numbers a reading tells of each word of the passage beside those of :mod:`lmcourse.nn.reading`."""
        super().__init__()
        self.config = config
        embedding, projection, hidden, span = config.embedding_size, config.projection_size, config.hidden_size, config.span_size
        features = FEATURES + more
        self.register_buffer("rarity", torch.ones(config.vocab_size))  # of each word, for the features
        self.embedding = nn.Embedding(config.vocab_size, embedding)
        self.kind = nn.Embedding(len(KINDS) + 1, KIND)
        self.projection, self.align = (nn.Linear(SIZE, projection) for _ in range(2))
        self.question = Neighbours(embedding + projection + KIND, hidden, config.dropout / 2)
        self.passage = Neighbours(embedding + 2 * projection + KIND + features, hidden, config.dropout / 2)
        self.weigh = nn.Linear(hidden, 1)
        self.look = nn.Linear(hidden, hidden)
        self.mix = nn.Linear(4 * hidden + features, hidden)
        self.again = Neighbours(hidden, hidden, config.dropout / 2)
        word = 2 * hidden + features + KIND  # what stands for a word in the end
        self.first, self.last = (nn.Linear(word, span) for _ in range(2))
        self.asked = nn.Linear(hidden + KIND, span)
        self.length = nn.Embedding(config.longest, span)
        self.score = nn.Linear(span, 1, bias=False)
        self.usual = nn.Linear(KIND, config.longest)  # how long answers to such questions are
        self.nothing = nn.Sequential(nn.Linear(word, span), nn.ReLU(), nn.Dropout(config.dropout), nn.Linear(span, 1))
        self.dropout = nn.Dropout(config.dropout)
        for table, spread in ((self.embedding, 0.3), (self.kind, 0.5), (self.length, 0.1)):
            nn.init.normal_(table.weight, std=spread)

    def forward(self, reading: Reading) -> tuple[Float[Tensor, "batch time longest"], Float[Tensor, " batch"]]:
        """The score of the span that begins at each word and has 1, 2, … words (−∞ where there is none), and that of no answer."""
        time, longest = reading.ids.shape[1], self.config.longest
        real, asked = mask_of(reading.lengths, time), mask_of(reading.asked_lengths.clamp(min=1), reading.asked.shape[1])
        kind = self.kind(reading.kind)
        over = kind[:, None].expand(-1, time, -1)
        own, seen, vectors = self.words(reading.ids, reading.places, reading.table)
        asked_own, asked_seen, asked_vectors = self.words(reading.asked, reading.asked_places, reading.table)
        alike = torch.relu(self.align(vectors)) @ torch.relu(self.align(asked_vectors)).transpose(1, 2) / 4
        aligned = attended(alike, asked, asked_seen)
        p = self.dropout(torch.cat([own, seen, aligned, over], dim=2))
        q = self.dropout(torch.cat([asked_own, asked_seen, kind[:, None].expand(-1, asked.shape[1], -1)], dim=2))
        p, q = self.passage(torch.cat([p, reading.features], dim=2), real), self.question(q, asked)
        p, q = self.dropout(p), self.dropout(q)
        whole = attended(self.weigh(q).transpose(1, 2), asked, q)  # the question in one vector
        found = attended(self.look(p) @ q.transpose(1, 2) / 8, asked, q)
        mixed = torch.relu(self.mix(torch.cat([p, found, p * found, p * whole, reading.features], dim=2)))
        h = torch.cat([self.dropout(self.again(self.dropout(mixed), real)), p, reading.features, over], dim=2)
        first = self.first(h) + self.asked(torch.cat([whole[:, 0], kind], dim=1))[:, None]
        last = nn.functional.pad(self.last(h), (0, 0, 0, longest - 1)).unfold(1, longest, 1)  # of each word: the last words of its spans
        spans = torch.relu(first[..., None] + last + self.length.weight.T)
        scores = torch.einsum("btsl,s->btl", spans, self.score.weight[0]) + self.usual(kind)[:, None]
        ends = nn.functional.pad(reading.sentence, (0, longest - 1), value=-1).unfold(1, longest, 1)
        scores = scores.masked_fill(~real[..., None] | (ends != reading.sentence[..., None]), -torch.inf)
        largest = h.masked_fill(~real[..., None], -torch.inf).amax(1).clamp(min=-10)  # of an empty passage there is none
        return scores, self.nothing(largest)[:, 0]

    def words(
        self, ids: Int[Tensor, "batch time"], places: Int[Tensor, "batch time"], table: Float[Tensor, "words size"]
    ) -> tuple[Float[Tensor, "batch time own"], Float[Tensor, "batch time seen"], Float[Tensor, "batch time size"]]:
        """What stands for each word: the vector learnt here, what is made of the pretrained one, and that one."""
        if self.training and self.config.word_dropout:  # some words lose their own vector, as new words have none
            ids = ids * (torch.rand(ids.shape) >= self.config.word_dropout)
        vectors = LOUD * table[places]
        return self.embedding(ids), self.projection(vectors), vectors


def attended(
    scores: Float[Tensor, "batch rows columns"], real: Bool[Tensor, "batch columns"], values: Float[Tensor, "batch columns size"]
) -> Float[Tensor, "batch rows size"]:
    """For each row the mean of the values, weighted by the softmax of its scores at real columns."""
    return scores.masked_fill(~real[:, None], -1e9).softmax(-1) @ values
