"""A first real use of Willow Bay: the library's language model on its English text, against counting.

    python bench/willow_bay_lm.py                     5 CPU-minutes of training on one thread, then 10 samples
    python bench/willow_bay_lm.py --minutes 1 --seeds 3

Both kinds of model read the same marked texts (lmcourse/tasks/texts.py): the genre before, ``<eos>`` behind, neither of them
scored. Kneser-Ney models with three discounts, by words, by characters and by byte-pair tokens; orders and sizes of
vocabularies are chosen on valid, and so were the LSTM's settings (bench/LOG.md). Every figure is of the test split. What a
tokenizer does not know costs 8 bits a byte more, so that no vocabulary gains by being small. Perplexities by words and by
characters are the same surprise, shared among the text's words or characters: so they can be compared across tokenizers.
"""

from __future__ import annotations

import argparse
import math
import time
from collections.abc import Sequence

import torch
from jaxtyping import Int
from torch import Tensor, nn

from lmcourse import corpus
from lmcourse.batching import Streams
from lmcourse.decoding import start_id
from lmcourse.metrics import Score, evaluate, token_losses
from lmcourse.ngram import NGramLM
from lmcourse.tasks import generate
from lmcourse.tasks.baselines import counted_score
from lmcourse.tasks.lm import encoded, learn_tokenizer
from lmcourse.tasks.recipe import Recipe, build, every
from lmcourse.tasks.texts import marked, special_tokens
from lmcourse.tokenizers import split_words
from lmcourse.tokenizers.base import Tokenizer
from lmcourse.training import adamw, fit

RECIPE = Recipe("bpe", 2048, embedding_size=192, hidden_size=256, dropout=0.3, tied=True, learning_rate=5e-3)
WEIGHT_DECAY = 0.01
# tokenizer, sizes of vocabulary and orders among which valid chooses
COUNTED = (
    ("word", (20_000, 6_000, 4_000), (3, 5)), ("char", (8192,), (5,)), ("char", (8192,), (6, 7, 8, 9)),
    ("bpe", (512, 1024, 2048, 4096), (3, 4, 5)),
)  # fmt: skip
SAMPLES = ("story", "news", "post", "email", "story", "news", "post", "email", "story", "post")


class Texts:
    """The three splits as marked text, and what they have in common."""

    def __init__(self) -> None:
        documents = corpus.load("willow_bay")
        self.special = special_tokens(documents)
        self.train = list(marked(documents.split("train"), self.special))
        self.valid, self.test = ("".join(marked(documents.split(split), self.special)) for split in ("valid", "test"))

    def plain(self, text: str) -> str:
        """A text without its marks."""
        for token in self.special:
            text = text.replace(token, "\n")
        return text.strip()


def counted(texts: Texts, kind: str, sizes: Sequence[int], orders: Sequence[int]) -> tuple[str, Score]:
    """The Kneser-Ney model that is best on valid, and its score on test."""
    found = []
    for size in sizes:
        tokenizer = learn_tokenizer(texts.train, Recipe(kind, size), texts.special)
        ids = encoded(texts.train, tokenizer, texts.special).numpy()
        for order in orders:
            model = NGramLM(order, len(tokenizer), "modified-kneser-ney").fit(ids)
            found.append((counted_score(model, tokenizer, texts.valid, texts.special), f"{kind}, {order}-gram, {len(tokenizer):,}", model, tokenizer))
    _, name, model, tokenizer = min(found, key=lambda one: one[0].bits_per_byte)
    return name, counted_score(model, tokenizer, texts.test, texts.special)


def trained(texts: Texts, recipe: Recipe, seconds: float, seed: int) -> tuple[str, nn.Module, Tokenizer, float]:
    """The LSTM after ``seconds`` of one processor, and how many it really took."""
    tokenizer = learn_tokenizer(texts.train, recipe, texts.special)
    train, valid = (encoded(part, tokenizer, texts.special) for part in (texts.train, [texts.valid]))
    recipe = recipe.sized(len(train), 1)
    streams = Streams(train, recipe.batch_size, recipe.window, seed)

    def run(steps: int, model: nn.Module, pause: int) -> float:
        start = time.process_time()
        fit(
            model, streams, steps=steps, optimizer=adamw(model, recipe.learning_rate, WEIGHT_DECAY), every=pause,
            evaluate=lambda model: validate(model, valid, tokenizer), seed=seed, progress=False,
        )  # fmt: skip
        return time.process_time() - start

    run(3, build(recipe, tokenizer, seed), 3)  # the first steps allocate
    one, many = (run(steps, build(recipe, tokenizer, seed), steps) for steps in (1, 201))  # each with one evaluation
    per_step = (many - one) / 200
    steps = int((seconds - 25 * one) / per_step)  # every() makes about 25 evaluations
    model = build(recipe, tokenizer, seed)
    took = run(steps, model, every(steps))
    name = f"{recipe.tokenizer}, LSTM {recipe.hidden_size}, {len(tokenizer):,}"
    return name, model, tokenizer, took


def validate(model: nn.Module, valid: Int[Tensor, " time"], tokenizer: Tokenizer) -> float:
    """Nats per token of the validation text."""
    return token_losses(model, valid, start_id(tokenizer)).double().mean().item()


def row(name: str, score: Score, plain: str, seconds: float | None = None) -> str:
    """One line of the table."""
    nats = score.bits_per_byte * score.bytes * math.log(2)
    words = sum(bool(piece.strip()) for piece in split_words(plain))  # words and signs
    cells = (
        name, "" if seconds is None else f"{seconds:.0f}", f"{score.bits_per_byte:.3f}", f"{math.exp(nats / words):.1f}",
        f"{math.exp(nats / len(plain)):.3f}", f"{score.unknown_bytes / score.bytes:.1%}",
    )  # fmt: skip
    return f"| {' | '.join(cells)} |"


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--minutes", type=float, default=5.0, help="CPU time of each training")
    parser.add_argument("--seeds", type=int, default=1, help="how many trainings")
    options = parser.parse_args()
    torch.set_num_threads(1)
    texts = Texts()
    plain = texts.plain(texts.test)
    size = sum(len(texts.plain(text)) for text in texts.train)
    print(f"{size:,} characters to learn from, {len(plain):,} of test; one thread\n")
    print("| model | CPU s | bits/byte | perplexity by words | by characters | unknown |\n|---|---|---|---|---|---|")
    for kind, sizes, orders in COUNTED:
        print(row(*counted(texts, kind, sizes, orders), plain), flush=True)
    for seed in range(options.seeds):
        name, model, tokenizer, seconds = trained(texts, RECIPE, 60 * options.minutes, seed)
        print(row(name, evaluate(model, tokenizer, texts.test, texts.special), plain, seconds), flush=True)
    for number, genre in enumerate(SAMPLES):
        written = generate((model, tokenizer), tokens=260, temperature=0.7, top_p=0.9, seed=number, genre=genre)
        print(f"\n--- {genre}\n{written}")


if __name__ == "__main__":
    main()
