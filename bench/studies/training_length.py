"""How long must the translator be trained before it is worth having? The recipe as it stands, for more and more steps.

    OMP_NUM_THREADS=1 python bench/studies/training_length.py [--rows ROW …] [--seeds SEED …]

English to Chinese, Willow Bay; every row is ``train_translate`` with another number of steps, and a schedule that ends
with them. BLEU and chrF are of the *test* pairs, translated greedily, beside what looking up the most similar known
sentence reaches (its kind of features chosen on the validation pairs): the first row that does better is the first
that was worth its training.
"""

from __future__ import annotations

from typing import Any

from lmcourse import corpus
from lmcourse.metrics import bleu, chrf
from lmcourse.studies import Metric, Plan, Row, main
from lmcourse.tasks import train_translate, translate


def measure(seed: int, pairs: str, steps: int, **settings: Any) -> dict[str, Any]:
    """One training, measured on the test pairs."""
    trained = train_translate(pairs, steps=steps, seed=seed, progress=False, **settings)
    sources, wanted = zip(*((pair.en, pair.zh) for pair in corpus.load(pairs).split("test")), strict=True)
    found = translate(trained, sources)
    return {
        "bleu": bleu(found, wanted, "zh"),
        "chrf": chrf(found, wanted),
        "loss": trained.history.best.loss,
        "tokens": trained.history.tokens,
    }


PAIRS = {"pairs": "willow_bay/parallel"}
PLAN = Plan(
    "training_length",
    "The English-Chinese translator after more and more steps of the same recipe, on the test pairs.",
    metrics={
        "bleu": Metric("BLEU of the test pairs, greedy, by characters", 1.0, "higher", "{:.1f}"),
        "chrf": Metric("chrF of the test pairs, greedy", 1.0, "higher", "{:.1f}"),
        "loss": Metric("nats per target token of the validation pairs, with smoothing, at the best evaluation", 0.05),
        "tokens": Metric("target tokens met in training", 0, "neither", "{:,.0f}"),
    },
    rows={
        "900 steps": Row("four and a half passes: what the lesson trains", {**PAIRS, "steps": 900}),
        "250 steps": Row("a pass and a quarter", {**PAIRS, "steps": 250}),
        "500 steps": Row("two and a half passes", {**PAIRS, "steps": 500}),
    },
    measure=measure,
    code={
        "lmcourse.batching": ("Pairs", "pair_batch", "pad", "mask_of"),
        "lmcourse.beam": (),
        "lmcourse.metrics.overlap": ("bleu", "chrf", "TOKENIZE"),
        "lmcourse.nn.lstm": ("fresh_lstm",),
        "lmcourse.nn.seq2seq": (),
        "lmcourse.schedules": ("linear", "warmup", "_shortened", "_progress"),
        "lmcourse.tasks.pairs": ("read_pair_texts", "VALID"),
        "lmcourse.tasks.recipe": ("every",),
        "lmcourse.tasks.translate": ("TranslatorRecipe", "schedule", "encoded", "pair_loss", "translate"),
        "lmcourse.tokenizers.pair": ("PairTokenizer",),
        "lmcourse.training": ("fit", "_Run", "next_target"),
    },
    data=("willow_bay/parallel",),
)

if __name__ == "__main__":
    main(PLAN)
