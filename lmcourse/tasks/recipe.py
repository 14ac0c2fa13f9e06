"""How a language model is trained, where nobody says so: chosen from the size of the text and the time there is.

Small batches and short windows make many updates of little text, and with the state carried from window to window
nothing is lost by it: on one million characters that counted for more than any other choice. ``bench/LOG.md`` has the
trials behind the figures here.
"""

from __future__ import annotations

import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

from torch import nn

from lmcourse import checkpoint
from lmcourse.batching import Streams
from lmcourse.nn import LSTMConfig, LSTMLanguageModel
from lmcourse.tokenizers.base import Tokenizer
from lmcourse.training import Objective, fit, next_token

PASSES = 40  # through a small text are enough, however many minutes there are
LONG = 600_000  # characters: from here on there is text enough to learn tokens longer than characters
PLENTY = 8_000_000  # tokens: who has time for so many does better with a larger model and fewer
VOCABULARY = {"char": 8192, "word": 10_000}  # at most; for bpe it depends on the text's length


@dataclass(frozen=True)
class Recipe:
    """All that decides how a language model comes out, but for the text, the seed and the number of steps.

    What is None is filled in by :meth:`sized` when the number of steps is known.
    """

    tokenizer: str = "char"
    vocab_size: int = VOCABULARY["char"]
    embedding_size: int = 64
    hidden_size: int | None = None  # None: by how much text the time is enough for
    layers: int = 1
    dropout: float | None = None  # None: by how often the text is read
    tied: bool = False
    batch_size: int = 16
    window: int = 32
    learning_rate: float | None = None  # None: by hidden_size
    precision: str = "float32"
    genres: bool = True  # texts with a genre are marked with it (texts.py)

    def sized(self, tokens: int, steps: int, room: bool = False) -> Recipe:
        """This recipe with nothing left open, for ``steps`` steps on a text of ``tokens`` tokens.

        ``room``: there is time for a larger model. The more often the same text is read, and the smaller it is, the
        more must be done against learning it by heart; longer tokens are learnt by heart sooner than characters.
        """
        passes, large = steps * self.batch_size * self.window / tokens, tokens >= 500_000
        if self.tokenizer == "bpe":
            dropout = 0.1 if passes <= 6 else 0.2 if passes <= 12 else 0.3
        else:
            dropout = 0.0 if passes <= (30 if large else 12) else 0.2 if passes <= 30 or large else 0.3
        hidden = self.hidden_size or (512 if room else 256)
        rate = self.learning_rate or (8e-3 if hidden <= 256 else 6e-3)
        dropout = dropout if self.dropout is None else self.dropout
        return replace(self, hidden_size=hidden, dropout=dropout, learning_rate=rate)


def recipe_for(characters: int, settings: dict[str, Any]) -> Recipe:
    """The recipe for a training text of so many characters; ``settings`` overrule it."""
    kind = settings.get("tokenizer", "char" if characters < LONG else "bpe")
    if kind == "bpe":  # tied: the output layer, most of the work, learns with the embedding
        size = max(512, min(8192, characters // 500))
        recipe = Recipe(kind, size, embedding_size=192, tied=True, learning_rate=6e-3)
    else:
        recipe = Recipe(kind, VOCABULARY[kind], embedding_size=64 if kind == "char" else 128)
    return replace(recipe, **settings)


def build(recipe: Recipe, tokenizer: Tokenizer, seed: int) -> LSTMLanguageModel:
    """An untrained model; its weights follow from the seed."""
    sizes = {name: getattr(recipe, name) for name in ("embedding_size", "hidden_size", "layers", "tied")}
    with checkpoint.random_numbers(seed):
        return LSTMLanguageModel(LSTMConfig(tokenizer.vocab_size, dropout=recipe.dropout or 0.0, **sizes))


def every(steps: int) -> int:
    """How many steps lie between two evaluations: about 25 evaluations in a run, and never long without a checkpoint."""
    return max(10, min(500, steps // 25))


def planned(
    minutes: float, recipe: Recipe, tokenizer: Tokenizer, streams: Streams, validate: Callable[[nn.Module], float]
) -> tuple[Recipe, int]:
    """The recipe for ``minutes`` on this machine, and how many steps they are; a small text is not read for ever."""
    for room in (False, True):
        full = recipe.sized(len(streams.ids), 1, room)
        trial = build(full, tokenizer, 0)  # not the model that is trained afterwards, which the trial must not touch
        steps = min(steps_in(minutes, trial, streams, validate, full.precision), PASSES * len(streams))
        if recipe.hidden_size is not None or steps * recipe.batch_size * recipe.window < PLENTY:
            break
    return replace(recipe, hidden_size=full.hidden_size), steps


def steps_in(
    minutes: float,
    trial: nn.Module,
    batches: Callable[[int], Any],
    validate: Callable[[nn.Module], float],
    precision: str,
    objective: Objective = next_token,
) -> int:
    """How many steps fit into ``minutes`` on this machine, with evaluating and saving; ``trial`` is used up in finding out."""
    budget = 60 * minutes

    def seconds(work: Callable[[], Any]) -> float:
        start = time.perf_counter()
        work()
        return time.perf_counter() - start

    def train(steps: int) -> None:
        history = fit(trial, batches, objective, steps=steps, seed=0, precision=precision, progress=False, every=steps)
        if history.stopped == "interrupted":
            raise KeyboardInterrupt

    train(3)  # the first steps allocate
    count, tried = 0, 0.0
    while tried < min(3.0, budget / 20):
        tried += seconds(lambda: train(10))
        count += 10
    step = tried / count
    with tempfile.TemporaryDirectory() as folder:
        pause = seconds(lambda: validate(trial)) + 4 * seconds(lambda: checkpoint.save(folder, "last", trial))
    # The number of pauses depends on the number of steps, which depends on them: two rounds are enough.
    steps = budget / step
    for _ in range(2):
        steps = budget / (step + pause / every(int(steps)))
    return max(1, int(steps))
