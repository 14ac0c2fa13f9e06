"""What the recipe of the course's language model is worth, one setting at a time; and a small text learnt by heart.

    OMP_NUM_THREADS=1 python bench/studies/language_model_ablation.py [--rows ROW …] [--seeds SEED …]

Willow Bay's English text. The base is the model of ``train_lm`` for 300 steps of 512 tokens, half a pass, with a twentieth of
the streams begun anew at each step: without that, states can run away (lesson 5), and the validation loss in the middle of
training is a matter of luck; at its end, when the rate has fallen, the row "always carried" is none the worse. Each
other row differs in one thing and meets the same tokens: larger batches make fewer steps. Figures are those of the last step's weights. In half a pass nothing can be learnt by heart, so what helps
against that (dropout, weight decay) can only cost here. The last rows show the other end: a sixteenth of the training text
(which, the seed says), read 13 times, with the curves of training and validation; their ``bits_per_byte`` is of the best
weights, as early stopping keeps them, and ``last_loss`` beside ``best_loss`` is what going on to the end costs.
"""

from __future__ import annotations

import math
import statistics
import time
from typing import Any

from torch import nn

from lmcourse import corpus
from lmcourse.batching import Streams
from lmcourse.decoding import start_id
from lmcourse.metrics import evaluate, token_losses
from lmcourse.progress import one_thread
from lmcourse.schedules import constant, cosine
from lmcourse.studies import Metric, Plan, Row, main
from lmcourse.tasks.lm import VALID_TOKENS, encoded, learn_tokenizer
from lmcourse.tasks.recipe import build, every, recipe_for
from lmcourse.tasks.texts import part_of, read_texts
from lmcourse.training import adamw, fit, fresh_starts, next_token


@one_thread()
def measure(
    seed: int,
    corpus: Any,
    steps: int,
    share: float = 1.0,
    weight_decay: float = 0.01,
    clip: float | None = 1.0,
    rate_moves: bool = True,
    curves: bool = False,
    **settings: Any,
) -> dict[str, Any]:
    """One training. ``settings`` are the recipe's; the rest is what ``train_lm`` does and no setting changes.

    With ``curves`` it is evaluated on the way, and the best weights count.
    """
    texts = read_texts(loaded(corpus, share, seed), known=True)
    recipe = recipe_for(sum(map(len, texts.train)), settings)
    tokens = learn_tokenizer(texts.train, recipe, texts.special)
    train, valid = (encoded(part, tokens, texts.special) for part in (texts.train, [texts.valid]))
    recipe = recipe.sized(len(train), steps)
    model, aside = build(recipe, tokens, seed), 0.0

    def validate(model: nn.Module) -> float:
        nonlocal aside
        start = time.process_time()
        loss = token_losses(model, valid[:VALID_TOKENS], start_id(tokens)).double().mean().item()
        aside += time.process_time() - start
        return loss

    start = time.process_time()
    history = fit(
        model, Streams(train, recipe.batch_size, recipe.window, seed),
        fresh_starts(share=recipe.begin_anew) if recipe.begin_anew else next_token, steps=steps,
        optimizer=adamw(model, recipe.learning_rate, weight_decay), schedule=cosine if rate_moves else constant,
        clip=math.inf if clip is None else clip, evaluate=validate if curves else None, every=every(steps), seed=seed,
        progress=False,
    )  # fmt: skip
    spent = time.process_time() - start - aside
    found = {
        "bits_per_byte": evaluate(model, tokens, texts.valid, texts.special).bits_per_byte,
        "train_loss": statistics.fmean(history.losses[-every(steps) :]),
        "clipped": sum(norm > 1 for norm in history.norms) / len(history.norms),
        "tokens_per_second": history.tokens / spent,
        "tokens": history.tokens,
    }
    if curves:
        steps_at, seen = [one.step for one in history.evaluations], history.evaluations
        found |= {"best_loss": history.best.loss, "best_step": history.best.step, "last_loss": seen[-1].loss}
        found["curves"] = {
            "valid": (steps_at, [one.loss for one in seen]),
            "train": (steps_at, [one.train_loss for one in seen]),
        }
    return found


def loaded(given: Any, share: float, seed: int) -> Any:
    """The corpus, or a part of it."""
    documents = corpus.load(given) if isinstance(given, str) else given
    return part_of(documents, share, seed) if share < 1 else documents


BASE = {"corpus": "willow_bay", "steps": 300, "begin_anew": 0.05}
SMALL = {**BASE, "steps": 500, "share": 1 / 16, "tokenizer": "bpe", "curves": True}
PLAN = Plan(
    "language_model_ablation",
    "The recipe of the language model with one setting changed, after the same number of tokens; and a small text learnt by heart.",
    metrics={
        "bits_per_byte": Metric("of the whole validation text", 0.01),
        "train_loss": Metric("nats per token of the last steps of training, with dropout", 0.02, "neither"),
        "clipped": Metric("the share of steps whose gradient was longer than 1", 0.02, "neither", "{:.2f}"),
        "tokens_per_second": Metric("tokens in a CPU-second of training; of this machine, busy as it was", 300, "higher", "{:,.0f}"),
        "tokens": Metric("tokens met in training", 0, "neither", "{:,.0f}"),
    },
    rows={
        "base": Row("dropout 0.1, AdamW 6e-3, cosine, clip 1, a twentieth of the streams begun anew", BASE),
        "no dropout": Row("dropout 0", {**BASE, "dropout": 0.0}),
        "dropout 0.3": Row("dropout 0.3", {**BASE, "dropout": 0.3}),
        "no weight decay": Row("0 instead of 0.01", {**BASE, "weight_decay": 0.0}),
        "weight decay 0.3": Row("0.3 instead of 0.01", {**BASE, "weight_decay": 0.3}),
        "no clipping": Row("gradients as long as they come", {**BASE, "clip": None}),
        "constant rate": Row("neither warm-up nor decay", {**BASE, "rate_moves": False}),
        "batches x 4": Row("64 streams instead of 16, a quarter of the steps", {**BASE, "steps": 75, "batch_size": 64}),
        "always carried": Row("no stream ever begins anew: train_lm as it stands", {**BASE, "begin_anew": 0.0}),
        "never carried": Row("every window of 32 tokens begins from nothing", {**BASE, "begin_anew": 1.0}),
        "rate 1e-3": Row("AdamW's usual rate instead of 6e-3", {**BASE, "learning_rate": 1e-3}),
        "small text": Row("a sixteenth of the text, 13 times, no dropout", {**SMALL, "dropout": 0.0}),
        "small text, dropout 0.5": Row("the same with dropout 0.5", {**SMALL, "dropout": 0.5}),
    },
    measure=measure,
    code={
        "lmcourse.batching": ("Streams",),
        "lmcourse.metrics.surprise": (),
        "lmcourse.nn.lstm": (),
        "lmcourse.schedules": ("cosine", "warmup", "_shortened", "_progress"),
        "lmcourse.tasks.lm": ("encoded", "learn_tokenizer", "VALID_TOKENS"),
        "lmcourse.tasks.recipe": ("Recipe", "recipe_for", "build", "every"),
        "lmcourse.tasks.texts": ("part_of", "read_texts", "marked", "special_tokens"),
        "lmcourse.training": ("fit", "_Run", "next_token", "fresh_starts", "adamw"),
    },
    data=("willow_bay",),
)  # fmt: skip

if __name__ == "__main__":
    main(PLAN)
