"""Ways to write compared: the same model and the same beginnings, another rule for choosing the next token.

What is likeliest is not what people write (Holtzman et al. 2020): a person's text surprises a model more than the model's own
greedy or beam text does, repeats itself less and says more different things. So each way is measured four times: how surprised
the model is by it, how varied it is, how much it repeats itself, and how much of it stands in the training text.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from torch import nn

from lmcourse.decoding import start_id
from lmcourse.errors import LmcourseError
from lmcourse.metrics import Overlap, TrainingText, distinct, repetition, token_losses
from lmcourse.metrics.novelty import first_words
from lmcourse.tasks.generate import generate
from lmcourse.tasks.runs import model_of
from lmcourse.tasks.texts import genre_ids
from lmcourse.tokenizers.base import Tokenizer

MOST_WORDS = 40  # of each text are measured: variety can be compared between equal amounts only


@dataclass(frozen=True)
class Written:
    """What one way of writing gave, and its measures: perplexity under the model itself, distinct-2, the share of
    repeated runs of four words, the longest run from the training text, and the share of words in such runs of eight or more."""

    texts: list[str] = field(repr=False)
    perplexity: float
    distinct: float
    repetition: float
    longest: Overlap
    copied: float


def compare(
    model: str | Path | tuple[nn.Module, Tokenizer],
    beginnings: Sequence[str],
    ways: Mapping[str, Mapping[str, Any]],
    known: TrainingText,
    *,
    genre: str | None = None,
    tokens: int = 60,
    seed: int = 0,
) -> dict[str, Written]:
    """Let ``model`` go on from each of ``beginnings`` in each of ``ways`` (name → settings of :func:`generate`)."""
    loaded = model_of(model)
    found = {}
    for name, settings in ways.items():
        texts = [
            generate(loaded, start, tokens=tokens, genre=genre, seed=seed + number, **settings)[len(start) :]
            for number, start in enumerate(beginnings)
        ]
        found[name] = measured(loaded, beginnings, texts, known, genre=genre)
    return found


def measured(
    model: str | Path | tuple[nn.Module, Tokenizer],
    beginnings: Sequence[str],
    texts: Sequence[str],
    known: TrainingText,
    *,
    genre: str | None = None,
) -> Written:
    """The measures of ``texts``, each of which goes on from a beginning: a model's, or a person's."""
    if len(beginnings) != len(texts) or not texts:
        raise LmcourseError(
            f"{len(texts)} texts cannot go on from {len(beginnings)} beginnings; give one for each, at least one."
        )
    network, tokenizer = model_of(model)
    cut = [first_words(text, MOST_WORDS) for text in texts]
    nats, count = 0.0, 0
    mark = [genre_ids(tokenizer)[genre]] if genre else []
    for start, text in zip(beginnings, cut, strict=True):
        before, ids = [*mark, *tokenizer.encode(start)], tokenizer.encode(text)
        losses = token_losses(network, [*before, *ids], start_id(tokenizer))[len(before) :]
        nats, count = nats + float(losses.double().sum()), count + len(ids)
    runs = [known.longest(text) for text in cut]
    copied = sum(known.copied(text) for text in cut) / len(cut)
    most = max(runs, key=lambda run: run.words)
    return Written(list(texts), math.exp(nats / max(1, count)), distinct(cut), repetition(cut), most, copied)
