"""What makes the course's translator learn fast: its recipe with one part taken away at a time.

    OMP_NUM_THREADS=1 python bench/studies/translator_ablation.py [--rows ROW …] [--seeds SEED …]

English to Chinese, Willow Bay. The base is ``train_translate`` as it stands, three passes through the pairs (a test holds
that what is assembled here gives the same losses). Each other row differs from it in one thing and meets the same
target tokens: where batches are larger, there are fewer steps. The recipe's rate is 5e-3; PyTorch's Adam has
1e-3 and betas (0.9, 0.999). The last row takes all of it away at once. Losses are those of the weights that did best on
the validation pairs, which also give BLEU and chrF (greedy): a figure to compare rows with, not one to boast of.
"""

from __future__ import annotations

import math
import random
import time
from collections.abc import Sequence
from functools import partial
from typing import Any

import torch
from jaxtyping import Float, Int
from torch import Tensor, nn

from lmcourse.batching import PairBatch, Pairs, mask_of, pad
from lmcourse.checkpoint import random_numbers
from lmcourse.metrics import bleu, chrf
from lmcourse.nn import Seq2Seq, Seq2SeqConfig
from lmcourse.progress import one_thread
from lmcourse.schedules import constant
from lmcourse.studies import Metric, Plan, Row, main
from lmcourse.tasks.pairs import VALID, Source, read_pair_texts
from lmcourse.tasks.recipe import every
from lmcourse.tasks.translate import TranslatorRecipe, encoded, pair_loss, schedule, translate
from lmcourse.tokenizers import PairTokenizer
from lmcourse.training import fit, next_target


class RandomPairs:
    """Batches of ``rows`` pairs in random company: both sides are padded, and the sources' lengths come along."""

    def __init__(self, pairs: Sequence[tuple[list[int], list[int]]], rows: int, seed: int) -> None:
        self.pairs, self.rows, self.seed = pairs, rows, seed
        self._epoch, self._order = -1, list(range(len(pairs)))

    def __len__(self) -> int:
        return math.ceil(len(self.pairs) / self.rows)

    def __call__(self, step: int) -> tuple[PairBatch, Int[Tensor, " batch"]]:
        epoch, number = divmod(step, len(self))
        if epoch != self._epoch:
            self._epoch, self._order = epoch, list(range(len(self.pairs)))
            random.Random(f"{self.seed} {epoch}").shuffle(self._order)
        chosen = [self.pairs[index] for index in self._order[number * self.rows : (number + 1) * self.rows]]
        sources, targets = [source for source, _ in chosen], [target for _, target in chosen]
        real = mask_of([len(target) - 1 for target in targets])
        batch = PairBatch(pad(sources), pad([target[:-1] for target in targets]), pad([target[1:] for target in targets]), real)
        return batch, torch.tensor([len(source) for source in sources])


class Untied(Seq2Seq):
    """With an output layer of its own."""

    def __init__(self, config: Seq2SeqConfig) -> None:
        super().__init__(config)
        self.output = nn.Parameter(0.1 * torch.randn(len(self.bias), config.embedding_size))

    def logits(self, features: Float[Tensor, "*place embedding"]) -> Float[Tensor, "*place outputs"]:
        return nn.functional.linear(features, self.output, self.bias)


def packed(
    model: Seq2Seq, given: tuple[PairBatch, Int[Tensor, " batch"]], state: Any, smoothing: float
) -> tuple[Float[Tensor, ""], int, Any]:
    """``next_target`` for padded sources: the encoder reads them packed."""
    (source, inputs, targets, real), lengths = given
    features, _ = model.decode(inputs, *model.encode(source, lengths))
    targets = targets[real]
    return nn.functional.cross_entropy(model.logits(features[real]), targets, label_smoothing=smoothing), len(targets), None


def everywhere(model: Seq2Seq, batch: PairBatch, state: Any, smoothing: float) -> tuple[Float[Tensor, ""], int, Any]:
    """``next_target`` with scores at filled places too, which the loss then leaves out."""
    features, _ = model.decode(batch.inputs, *model.encode(batch.source))
    targets = batch.targets.masked_fill(~batch.real, -100)
    loss = nn.functional.cross_entropy(model.logits(features).flatten(0, 1), targets.flatten(), label_smoothing=smoothing)
    return loss, int(batch.real.sum()), None


@one_thread()
def measure(
    seed: int,
    pairs: Source,
    steps: int,
    equal_lengths: bool = True,
    real_places: bool = True,
    frequencies: bool = True,
    embedding: float | None = None,
    betas: Sequence[float] = (0.9, 0.98),
    rate_moves: bool = True,
    clip: float | None = 1.0,
    tied: bool = True,
    **settings: Any,
) -> dict[str, Any]:
    """One training. ``settings`` are the recipe's; the rest is what ``train_translate`` does and no setting changes."""
    texts = read_pair_texts(pairs)
    recipe = TranslatorRecipe(**settings).sized(texts)
    tokens = PairTokenizer.train(
        texts.train, recipe.vocab_size, kinds=(recipe.source_tokens, recipe.target_tokens), lower=recipe.lower
    )
    train, valid = (encoded(part, tokens) for part in (texts.train, texts.valid[:VALID]))
    batches, objective = Pairs(train, recipe.batch_tokens, seed), next_target if real_places else everywhere
    if not equal_lengths:
        mean = sum(len(source) for source, _ in train) / len(train)
        batches, objective = RandomPairs(train, round(recipe.batch_tokens / mean), seed), packed
    model = recipe.build(tokens, seed)
    with random_numbers(seed):
        if not tied:
            model = Untied(model.config)
        if embedding is not None:
            nn.init.normal_(model.embedding.weight, std=embedding)
    if frequencies:
        model.expect(torch.bincount(torch.tensor([id for _, target in train for id in target[1:]]), minlength=tokens.targets))
    optimizer = torch.optim.Adam(model.parameters(), recipe.learning_rate, betas=tuple(betas), fused=True)
    aside = 0.0

    def validate(model: nn.Module) -> float:
        nonlocal aside
        start = time.process_time()
        loss = pair_loss(model, valid, recipe.smoothing)
        aside += time.process_time() - start
        return loss

    start = time.process_time()
    history = fit(
        model, batches, partial(objective, smoothing=recipe.smoothing), steps=steps, optimizer=optimizer,
        schedule=schedule if rate_moves else constant, clip=math.inf if clip is None else clip,
        evaluate=validate, every=every(steps), seed=seed, progress=False,
    )  # fmt: skip
    spent = time.process_time() - start - aside
    sources, references = zip(*texts.valid[:VALID], strict=True)
    found = translate((model, tokens), sources)
    evaluations = history.evaluations
    return {
        "loss": pair_loss(model, valid),
        "bleu": bleu(found, references, "zh"),
        "chrf": chrf(found, references),
        "first_loss": history.losses[0],
        "clipped": sum(norm > 1 for norm in history.norms) / len(history.norms),
        "tokens_per_second": history.tokens / spent,
        "tokens": history.tokens,
        "curves": {
            "valid": ([one.step for one in evaluations], [one.loss for one in evaluations]),
            "train": ([one.step for one in evaluations], [one.train_loss for one in evaluations]),
        },
    }


BASE = {"pairs": "willow_bay/parallel", "steps": 597}
PLAN = Plan(
    "translator_ablation",
    "The recipe of the English-Chinese translator with one part taken away at a time, after the same number of target tokens.",
    metrics={
        "loss": Metric("nats per target token of the validation pairs, no smoothing", 0.05),
        "bleu": Metric("BLEU of the validation pairs, greedy, by characters", 1.0, "higher", "{:.1f}"),
        "chrf": Metric("chrF of the validation pairs, greedy", 1.0, "higher", "{:.1f}"),
        "first_loss": Metric("the training loss of the first step, as it is trained", 0.05, "neither", "{:.2f}"),
        "clipped": Metric("the share of steps whose gradient was longer than 1", 0.02, "neither", "{:.2f}"),
        "tokens_per_second": Metric("target tokens in a CPU-second of training; of this machine, busy as it was", 300, "higher", "{:,.0f}"),
        "tokens": Metric("target tokens met in training", 0, "neither", "{:,.0f}"),
    },
    rows={
        "base": Row("train_translate as it stands", BASE),
        "random batches": Row("pairs in random company, padded and packed, as many to a batch", {**BASE, "steps": 561, "equal_lengths": False}),
        "batches x 4": Row("2,000 source tokens to a batch, a quarter of the steps", {**BASE, "steps": 177, "batch_tokens": 2000}),
        "bias at zero": Row("the output's bias not at the logarithms of the frequencies", {**BASE, "frequencies": False}),
        "embeddings N(0, 1)": Row("PyTorch's fresh embeddings instead of a tenth of them", {**BASE, "embedding": 1.0}),
        "Adam as it comes": Row("rate 1e-3 and betas (0.9, 0.999)", {**BASE, "learning_rate": 1e-3, "betas": [0.9, 0.999]}),
        "constant rate": Row("neither warm-up nor decay", {**BASE, "rate_moves": False}),
        "no dropout": Row("dropout 0 instead of 0.3", {**BASE, "dropout": 0.0}),
        "no smoothing": Row("label smoothing 0 instead of 0.1", {**BASE, "smoothing": 0.0}),
        "no clipping": Row("gradients as long as they come", {**BASE, "clip": None}),
        "no residual path": Row("the words reach the output only through the LSTMs", {**BASE, "residual": False}),
        "untied": Row("an output layer of its own", {**BASE, "tied": False}),
        "scores everywhere": Row("scores also where the target is filled up: the same loss, more work", {**BASE, "real_places": False}),
        "all of it": Row(
            "all of the above taken away, but for tied weights",
            {**BASE, "steps": 141, "batch_tokens": 2000, "equal_lengths": False, "frequencies": False, "embedding": 1.0,
             "learning_rate": 1e-3, "betas": [0.9, 0.999], "rate_moves": False, "dropout": 0.0, "smoothing": 0.0,
             "clip": None, "residual": False},
        ),
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
)  # fmt: skip

if __name__ == "__main__":
    main(PLAN)
