"""Training a language model on a text, from the file to the checkpoint: all floors of the course in one call.

**corpus → split → tokenizer → batches → model → fit → checkpoint → score.** What somebody does not say, ``recipe.py``
chooses.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from jaxtyping import Int
from torch import Tensor, nn

from lmcourse import checkpoint
from lmcourse.batching import Streams
from lmcourse.corpus import Document
from lmcourse.decoding import start_id
from lmcourse.errors import LmcourseError
from lmcourse.history import History
from lmcourse.metrics import Score, evaluate, token_losses
from lmcourse.progress import one_thread
from lmcourse.tasks.recipe import Recipe, build, every, planned, recipe_for
from lmcourse.tasks.runs import Run, checked_settings, checked_time, describe_run, ended, planned_steps, stored_run
from lmcourse.tasks.texts import LONGEST, read_texts
from lmcourse.tokenizers import TOKENIZERS, from_dict
from lmcourse.tokenizers.base import Tokenizer
from lmcourse.training import fit, fresh_starts, next_token

MINUTES = 2.0  # when neither minutes nor steps are given
VALID_TOKENS = 32_768  # of the validation text are read at each evaluation; all of it, at the end
PATIENCE = 10  # evaluations without a new best
TOKENIZER_CHARACTERS = 20_000_000  # of the training text are enough to learn a vocabulary from


@dataclass
class Trained(Run):
    """A trained language model: ``score`` is that of the best weights on the whole validation text."""

    model: nn.Module
    tokenizer: Tokenizer
    history: History
    score: Score
    recipe: Recipe
    directory: Path | None = None
    cut_off: bool = False  # there was more text than was read

    def __str__(self) -> str:
        lines = [ended(self.history), f"Validation text: {self.score}."]
        if self.cut_off:
            lines.append(f"Only the first {LONGEST:,} characters of the text were read.")
        if self.directory is not None:
            lines.append(f'The model is in {self.directory}; let it write: lmcourse generate {self.directory} --prompt "The "')
        return "\n".join(lines)


@one_thread()
def train_lm(
    text: str | Path | None = None,
    corpus: str | Iterable[Document] | None = None,
    out: str | Path | None = None,
    minutes: float | None = None,
    steps: int | None = None,
    tokenizer: str | None = None,
    seed: int | None = None,
    resume: bool = False,
    progress: bool = True,
    reading: dict[str, str] | None = None,
    **settings: Any,
) -> Trained:
    """Train a language model on a file or folder of one's own (``text``) or on a ``corpus``; save it in the folder ``out``.

    - ``minutes`` of training (2 when nothing is said) are turned into a number of steps once, by a short trial on this
      machine; from then on only the number counts, so that the schedule does not hang on the clock. Or give ``steps``.
    - ``reading`` says how files of one's own are read: ``{"encoding": "latin-1"}``, ``{"text": "the field's name"}``.
    - Documents that all have a genre teach the model to write in it on demand: :mod:`lmcourse.tasks.texts`; with
      ``genres=False`` they do not.
    - ``tokenizer`` is "char", "word" or "bpe"; ``settings`` are fields of :class:`Recipe`, for example
      ``hidden_size=512``. What is not given is chosen by :func:`recipe_for`. The same ``seed`` (0 when nothing is
      said) gives the same model, on the same machine with the same number of threads.
    - ``resume`` goes on with the run in ``out``, to the number of steps it was meant for and to the same bits as if it
      had never stopped; ``steps`` may name a larger number, or ``minutes`` the time to add. Text, tokenizer, settings
      and seed must be those it began with, and need not be given again.
    """
    settings = settings if tokenizer is None else {**settings, "tokenizer": tokenizer}
    _check(settings)
    checked_time(minutes, steps)
    if text is not None and corpus is not None:
        raise LmcourseError("Give --text or --corpus, not both.")
    source = text if text is not None else corpus
    if resume:
        last, notes = stored_run(out, "lm", steps, seed, settings)
        with checkpoint.well_formed(last.path):
            recipe, tokens = Recipe(**notes["recipe"]), from_dict(last.tokenizer)
        source = notes["source"] if source is None else source
    else:
        last, notes = None, {"known": corpus is not None, "seed": seed or 0, "reading": reading or {}}
        if out is not None:
            checkpoint.refuse_if_used(out)
    if source is None:
        raise LmcourseError("Say what to train on: --text FILE (a file or folder of your own) or --corpus NAME.")
    genres = recipe.genres if resume else settings.get("genres", True)
    texts = read_texts(source, notes["known"], reading=reading or notes.get("reading"), genres=genres)
    if not resume:
        recipe = recipe_for(sum(map(len, texts.train)), settings)
        tokens = learn_tokenizer(texts.train, recipe, texts.special)
    train, valid = (encoded(part, tokens, texts.special) for part in (texts.train, [texts.valid]))
    digest = hashlib.sha256(torch.cat([train, valid]).numpy()).hexdigest()
    if notes.setdefault("text", digest) != digest:
        raise LmcourseError(f"{texts.source} is not the text that {out} was trained on; give that text, or choose another --out.")
    notes["source"] = str(source) if isinstance(source, str | Path) else None
    streams = Streams(train, recipe.batch_size, recipe.window, notes["seed"])

    def validate(model: nn.Module) -> float:
        return token_losses(model, valid[:VALID_TOKENS], start_id(tokens)).double().mean().item()

    def fitting(minutes: float) -> int:
        nonlocal recipe  # the time decides how large the model is, too
        recipe, count = planned(minutes, recipe, tokens, streams, validate)
        return count

    steps = planned_steps(minutes, steps, last, MINUTES, fitting)
    recipe = recipe.sized(len(train), steps)
    notes["recipe"] = asdict(recipe)
    model = build(recipe, tokens, notes["seed"])
    if out is not None:
        describe_run(out, notes, steps, tokens, model)
    objective = fresh_starts(share=recipe.begin_anew) if recipe.begin_anew else next_token
    history = fit(
        model, streams, objective, steps=steps, learning_rate=recipe.learning_rate, precision=recipe.precision, evaluate=validate,
        every=every(steps), patience=PATIENCE, seed=notes["seed"], directory=out, tokenizer=tokens, notes=notes,
        resume=resume, progress=progress,
    )  # fmt: skip
    score = evaluate(model, tokens, texts.valid, texts.special)
    return Trained(model, tokens, history, score, recipe, None if out is None else Path(out), texts.cut_off)


def learn_tokenizer(texts: list[str], recipe: Recipe, special: Sequence[str] = ()) -> Tokenizer:
    """A tokenizer of the recipe's kind and size, learnt from training text only (from its beginning, if it is long)."""
    seen, total = [], 0
    for piece in texts:
        if total > TOKENIZER_CHARACTERS and recipe.tokenizer != "char":
            break
        for token in special:
            piece = piece.replace(token, "")
        seen.append(piece)
        total += len(piece)
    return TOKENIZERS[recipe.tokenizer].train(seen, recipe.vocab_size, special)


def encoded(texts: list[str], tokenizer: Tokenizer, special: Sequence[str] = ()) -> Int[Tensor, " time"]:
    """The ids of all texts, one after the other, in 4 bytes each; a long text goes through Python's lists part by part."""
    parts, waiting, size = [], [], 0
    for number, piece in enumerate(texts):
        waiting.append(piece)
        size += len(piece)
        if size >= 1_000_000 or number == len(texts) - 1:
            parts.append(np.array(tokenizer.encode("".join(waiting), special), dtype=np.int32))
            waiting, size = [], 0
    return torch.from_numpy(np.concatenate(parts))


def _check(settings: dict[str, Any]) -> None:
    checked_settings(settings, Recipe)
    if (kind := settings.get("tokenizer", "char")) not in TOKENIZERS:
        raise LmcourseError(f"There is no tokenizer {kind!r}; choose one of: {', '.join(TOKENIZERS)}.")
