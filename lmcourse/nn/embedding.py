"""Word vectors learnt by guessing neighbours: skip-gram with negative sampling.

"You shall know a word by the company it keeps" (Firth 1957). Skip-gram (Mikolov et al. 2013, "Distributed Representations
of Words and Phrases and their Compositionality") gives each word two vectors, one as a word and one as somebody's
neighbour, and nudges them: the two vectors of a pair that stood together get a larger product, those of a pair drawn at
random, the *negatives*, a smaller one.

Here the work is arranged in blocks of text: a block's words times all neighbours around it are one matrix product, in
which a mask keeps the pairs; and the negatives are drawn once for a whole step and shared by its words (as in Ji et al.
2016, "Parallelizing Word2Vec in Shared and Distributed Memory"), which makes them a second product.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

import torch
from jaxtyping import Bool, Float, Int
from torch import Tensor
from torch.nn.functional import logsigmoid

from lmcourse.errors import LmcourseError
from lmcourse.nn.vectors import WordVectors
from lmcourse.progress import bar, one_thread

BLOCK = 16  # words of text whose pairs make one matrix product
REPEATS = 8  # a step adds up its nudges, so no word may stand in it much more often than this


def one_hot(ids: Int[Tensor, "*shape"], size: int) -> Float[Tensor, "*shape {size}"]:
    """Each id as a row of ``size`` numbers, all 0 but a 1 at the id's place."""
    if ids.numel() and not 0 <= int(ids.min()) <= int(ids.max()) < size:
        raise LmcourseError(f"One-hot rows of {size} numbers stand for the ids 0 to {size - 1}; others have no place.")
    return torch.nn.functional.one_hot(ids.long(), size).float()


def vocabulary(texts: Iterable[Sequence[str]], min_count: int = 5) -> dict[str, int]:
    """The words that occur at least ``min_count`` times with their counts, the most frequent first."""
    if isinstance(texts, str):
        raise LmcourseError("Word vectors learn from lists of words; cut the text with lm.tokenizers.plain_words.")
    counts = Counter(word for text in texts for word in text)
    kept = sorted((word for word in counts if counts[word] >= min_count), key=lambda word: (-counts[word], word))
    if len(kept) < 2:
        raise LmcourseError(
            f"Fewer than two words occur {min_count} times or more; give more text, or a smaller min_count."
        )
    return {word: counts[word] for word in kept}


def numbered(texts: Sequence[Sequence[str]], words: Iterable[str]) -> tuple[Int[Tensor, " n"], Int[Tensor, " n"]]:
    """All texts in one row: the id of each word, and the number of the text that it stands in; others are left out."""
    ids = {word: number for number, word in enumerate(words)}
    found = [(ids[word], number) for number, text in enumerate(texts) for word in text if word in ids]
    pairs = torch.tensor(found, dtype=torch.long).reshape(-1, 2)
    return pairs[:, 0].contiguous(), pairs[:, 1].contiguous()


def loss(
    words: Float[Tensor, "block n size"],
    neighbours: Float[Tensor, "block wide size"],
    pairs: Float[Tensor, "block n wide"],
    noise: Float[Tensor, "shared size"],
    negatives: int | float,
) -> Float[Tensor, ""]:
    """What skip-gram makes small: −log σ(w·c) for each pair, and ``negatives`` times the mean of −log σ(−w·noise)."""
    each = pairs.sum(-1, keepdim=True) * (negatives / len(noise))
    positive = logsigmoid(words @ neighbours.transpose(1, 2)) * pairs
    return -positive.sum() - (logsigmoid(-(words @ noise.T)) * each).sum()


def gradients(
    words: Float[Tensor, "block n size"],
    neighbours: Float[Tensor, "block wide size"],
    pairs: Float[Tensor, "block n wide"],
    noise: Float[Tensor, "shared size"],
    negatives: int | float,
) -> tuple[Float[Tensor, "block n size"], Float[Tensor, "block wide size"], Float[Tensor, "shared size"]]:
    """The gradients of :func:`loss` for its three kinds of vectors, written out: the error times the other vector."""
    each = pairs.sum(-1, keepdim=True) * (negatives / len(noise))
    error = (torch.sigmoid(words @ neighbours.transpose(1, 2)) - 1) * pairs  # of the pairs: how far below certain
    false = torch.sigmoid(words @ noise.T) * each  # of the negatives: how far above impossible
    return (
        torch.baddbmm(false @ noise, error, neighbours),
        error.transpose(1, 2) @ words,
        false.flatten(0, 1).T @ words.flatten(0, 1),
    )


@dataclass
class SkipGram:
    """The settings of a training, and after :meth:`fit` what it has learnt.

    ``window``: how far a neighbour may stand; for each word a distance up to it is drawn, so that near ones count more.
    ``subsample``: a word more frequent than this share is skipped now and then. ``shared``: negatives drawn for a step.
    ``batch``: words in a step; None takes 256, fewer where one word would stand in it too often.
    """

    size: int = 100
    window: int = 5
    negatives: int = 5
    epochs: int = 10
    rate: float = 0.025
    subsample: float = 1e-3
    min_count: int = 5
    shared: int = 64
    batch: int | None = None
    vectors: WordVectors = field(init=False, repr=False)  # of the words
    contexts: Float[Tensor, "words size"] = field(init=False, repr=False)  # of the same words as neighbours
    pairs: int = field(init=False, default=0, repr=False)  # how many were learnt from
    losses: list[float] = field(init=False, default_factory=list, repr=False)  # the mean of a pair, epoch by epoch

    def __post_init__(self) -> None:
        for name in ("size", "window", "negatives", "epochs", "shared", "min_count"):
            if getattr(self, name) < 1:
                raise LmcourseError(f"{name} must be at least 1, not {getattr(self, name)}.")
        if not (self.rate > 0 and self.subsample > 0 and (self.batch is None or self.batch >= 1)):
            raise LmcourseError("rate and subsample must be above 0, and batch, if given, at least 1.")

    @one_thread()
    @torch.no_grad()
    def fit(self, texts: Sequence[Sequence[str]], seed: int = 0, progress: bool = False) -> SkipGram:
        """Learn from ``texts``, each a list of words. Pairs never reach from one text into the next."""
        counts = vocabulary(texts, self.min_count)
        ids, text_of = numbered(texts, counts)
        count = torch.tensor(list(counts.values()), dtype=torch.float64)
        rarity = self.subsample * count.sum() / count
        keep = (rarity.sqrt() + rarity).clamp(max=1)
        noise = (count**0.75).cumsum(0)  # the power lies between the words' frequencies and equal chances
        generator = torch.Generator().manual_seed(seed)
        vectors = (torch.rand(len(counts), self.size, generator=generator) - 0.5) / self.size
        contexts = torch.zeros(len(counts), self.size)
        batch = self.batch or max(1, min(256, int(REPEATS * (keep * count).sum() / (keep * count).max())))
        done, expected = 0, self.epochs * float(keep[ids].sum())
        self.pairs, self.losses = 0, []
        with bar(0, self.epochs, progress) as tell:
            for _ in range(self.epochs):
                stays = torch.rand(len(ids), generator=generator) < keep[ids]
                summed, looked, before = 0.0, 0.0, self.pairs
                for number, (near, mask) in enumerate(self._steps(ids[stays], text_of[stays], batch, generator)):
                    at = torch.rand(self.shared, generator=generator, dtype=torch.float64) * noise[-1]
                    drawn = torch.searchsorted(noise, at).clamp(max=len(noise) - 1)
                    here = near[:, self.window : self.window + mask.shape[1]]
                    parts = (vectors[here], contexts[near], mask, contexts[drawn], self.negatives)
                    rate = self.rate * max(1e-4, 1 - done / expected)  # less and less
                    for table, rows, gradient in zip(
                        (vectors, contexts, contexts), (here, near, drawn), gradients(*parts), strict=True
                    ):
                        table.index_add_(0, rows.flatten(), gradient.flatten(0, -2), alpha=-rate)
                    pairs = float(mask.sum())
                    self.pairs, done = self.pairs + int(pairs), done + here.numel()
                    if number % 20 == 0:  # a look now and then: looking at every step would cost a third of the time
                        summed, looked = summed + float(loss(*parts)), looked + pairs
                self.losses.append(summed / max(1.0, looked))
                if not math.isfinite(self.losses[-1]) or not bool(vectors.isfinite().all()):
                    raise LmcourseError(
                        "The vectors have grown beyond all bounds; take a smaller batch or a lower rate."
                    )
                tell(self.pairs - before, self.losses[-1])
        self.vectors, self.contexts = WordVectors(list(counts), vectors, counts), contexts
        return self

    def _steps(
        self, ids: Int[Tensor, " n"], text_of: Int[Tensor, " n"], batch: int, generator: torch.Generator
    ) -> Iterable[tuple[Int[Tensor, "block wide"], Float[Tensor, "block n wide"]]]:
        """The text in blocks, in random order: the ids in and around each, and a mask with 1 for each pair."""
        high = min(BLOCK, batch)
        blocks = math.ceil(len(ids) / high)
        edges = (self.window, blocks * high - len(ids) + self.window)
        around = torch.nn.functional.pad(ids, edges).unfold(0, high + 2 * self.window, high)
        texts = torch.nn.functional.pad(text_of, edges, value=-1).unfold(0, high + 2 * self.window, high)
        distance = (torch.arange(high + 2 * self.window) - self.window - torch.arange(high)[:, None]).abs()
        for chosen in torch.randperm(blocks, generator=generator).split(max(1, batch // high)):
            reach = torch.randint(1, self.window + 1, (len(chosen), high, 1), generator=generator)
            yield around[chosen], _mask(distance, reach, texts[chosen])


def _mask(
    distance: Int[Tensor, "n wide"], reach: Int[Tensor, "block n 1"], texts: Int[Tensor, "block wide"]
) -> Float[Tensor, "block n wide"]:
    window = (distance.shape[1] - distance.shape[0]) // 2
    own = texts[:, window : window + distance.shape[0], None]
    near: Bool[Tensor, "block n wide"] = (distance > 0) & (distance <= reach) & (own == texts[:, None]) & (own >= 0)
    return near.float()
