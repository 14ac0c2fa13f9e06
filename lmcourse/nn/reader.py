"""A reader: given a passage and a question, point at the words that answer, or say that none do.

**Words** of the passage come in as a vector learnt here beside one that others have trained on far more text, with the
features of :mod:`lmcourse.nn.reading` and a soft image of the question (aligned question embedding; Lee et al. 2017, as in
DrQA, Chen et al. 2017). An LSTM in both directions reads them, a second one reads the question, which is then summed up in one
vector; and a last one reads the passage again, each word beside what it found in the question (attention flow; Seo et al. 2017, BiDAF).

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
from lmcourse.nn.lstm import Counted, fresh_lstm
from lmcourse.nn.pretrained import SIZE
from lmcourse.nn.reading import FEATURES, KINDS, Reading


@dataclass(frozen=True)
class ReaderConfig:
    """The sizes of a :class:`SpanReader`; ``longest`` is how many words an answer has at most."""

    vocab_size: int
    embedding_size: int = 32
    projection_size: int = 64
    hidden_size: int = 64
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


class Both(nn.Module):
    """An LSTM in both directions over sequences of different lengths: padding is never read."""

    def __init__(self, inputs: int, hidden: int) -> None:
        super().__init__()
        self.onward, self.back = (nn.LSTM(inputs, hidden, batch_first=True) for _ in range(2))
        for lstm in (self.onward, self.back):
            fresh_lstm(lstm)

    def forward(self, x: Float[Tensor, "batch time inputs"], lengths: Int[Tensor, " batch"]) -> Float[Tensor, "batch time both"]:
        """The hidden states of both directions at each word; what stands at padding means nothing."""
        # Backwards from each sequence's own end: one LSTM of two directions would begin in the padding of the shorter ones.
        place = torch.arange(x.shape[1])
        turned = (lengths[:, None] - 1 - place).clamp(min=0)[..., None]
        back = self.back(x.gather(1, turned.expand_as(x)))[0]
        return torch.cat([self.onward(x)[0], back.gather(1, turned.expand_as(back))], dim=2)


class SpanReader(Counted):
    """Passage and question → one score for each span of the passage, and one for "no answer"."""

    def __init__(self, config: ReaderConfig) -> None:
        super().__init__()
        self.config = config
        embedding, projection, hidden, span = config.embedding_size, config.projection_size, config.hidden_size, config.span_size
        self.register_buffer("rarity", torch.ones(config.vocab_size))  # of each word, for the features
        self.embedding = nn.Embedding(config.vocab_size, embedding)
        self.kind = nn.Embedding(len(KINDS) + 1, 16)
        self.projection = nn.Linear(SIZE, projection)
        self.align = nn.Linear(SIZE, projection)
        word = embedding + projection
        self.question = Both(word + 16, hidden)
        self.passage = Both(word + projection + FEATURES + 16, hidden)
        self.weigh = nn.Linear(2 * hidden, 1)
        self.look = nn.Linear(2 * hidden, 2 * hidden)
        self.mix = nn.Linear(8 * hidden + FEATURES, 2 * hidden)
        self.again = Both(2 * hidden, hidden)
        self.first, self.last = (nn.Linear(4 * hidden + FEATURES + 16, span) for _ in range(2))
        self.asked = nn.Linear(2 * hidden + 16, span)
        self.length = nn.Embedding(config.longest, span)
        self.score = nn.Linear(span, 1, bias=False)
        self.bias = nn.Linear(16, config.longest)
        self.nothing = nn.Sequential(nn.Linear(4 * hidden + FEATURES + 16, span), nn.ReLU(), nn.Dropout(config.dropout), nn.Linear(span, 1))
        self.dropout = nn.Dropout(config.dropout)
        nn.init.normal_(self.embedding.weight, std=0.3)
        nn.init.normal_(self.kind.weight, std=0.5)
        nn.init.normal_(self.length.weight, std=0.1)

    def words(self, ids: Int[Tensor, "batch time"], places: Int[Tensor, "batch time"], table: Float[Tensor, "words size"]) -> tuple[Float[Tensor, "batch time word"], Float[Tensor, "batch time size"]]:
        """What stands for each word, and its pretrained vector."""
        if self.training and self.config.word_dropout:  # some words lose their own vector, as new words have none
            ids = ids * (torch.rand(ids.shape) >= self.config.word_dropout)
        vectors = table[places]
        return torch.cat([self.embedding(ids), self.projection(16 * vectors)], dim=2), vectors

    def forward(self, reading: Reading) -> tuple[Float[Tensor, "batch time longest"], Float[Tensor, " batch"]]:
        """The score of the span that begins at each word and has 1, 2, … words (−∞ where there is none), and that of no answer."""
        time = reading.ids.shape[1]
        real, asked = mask_of(reading.lengths, time), mask_of(reading.asked_lengths.clamp(min=1), reading.asked.shape[1])
        passage, vectors = self.words(reading.ids, reading.places, reading.table)
        question, asked_vectors = self.words(reading.asked, reading.asked_places, reading.table)
        kind = self.kind(reading.kind)
        over = kind[:, None].expand(-1, time, -1)
        # Aligned question embedding: each word of the passage sees the question's words, the likest most.
        alike = torch.relu(self.align(16 * vectors)) @ torch.relu(self.align(16 * asked_vectors)).transpose(1, 2)
        aligned = attended(alike / 4, asked, question[..., self.config.embedding_size :])
        q = self.question(self.dropout(torch.cat([question, kind[:, None].expand(-1, question.shape[1], -1)], 2)), reading.asked_lengths)
        p = self.passage(torch.cat([self.dropout(torch.cat([passage, aligned, over], 2)), reading.features], 2), reading.lengths)
        q, p = self.dropout(q), self.dropout(p)
        whole = attended(self.weigh(q).transpose(1, 2), asked, q)[:, 0]  # the question in one vector
        found = attended(self.look(p) @ q.transpose(1, 2) / 8, asked, q)
        mixed = torch.cat([p, found, p * found, p * whole[:, None], reading.features], dim=2)
        h = self.dropout(self.again(self.dropout(torch.relu(self.mix(mixed))), reading.lengths))
        h = torch.cat([h, p, reading.features, over], dim=2)
        about = self.asked(torch.cat([whole, kind], dim=1))[:, None]
        first, last = self.first(h) + about, self.last(h)
        longest = self.config.longest
        ends = nn.functional.pad(last, (0, 0, 0, longest - 1)).unfold(1, longest, 1)  # of each word: the last words of its spans
        spans = torch.relu(first[..., None] + ends + self.length.weight.T)
        scores = torch.einsum("btsl,s->btl", spans, self.score.weight[0]) + self.bias(kind)[:, None]
        ends = nn.functional.pad(reading.sentence, (0, longest - 1), value=-1).unfold(1, longest, 1)
        scores = scores.masked_fill(~real[..., None] | (ends != reading.sentence[..., None]), -torch.inf)
        pooled = h.masked_fill(~real[..., None], -torch.inf).amax(1).clamp(min=-10)
        return scores, self.nothing(pooled)[:, 0]


def attended(scores: Float[Tensor, "batch rows columns"], real: Bool[Tensor, "batch columns"], values: Float[Tensor, "batch columns size"]) -> Float[Tensor, "batch rows size"]:
    """For each row the mean of the values, weighted by the softmax of its scores at real columns."""
    return scores.masked_fill(~real[:, None], -1e9).softmax(-1) @ values
