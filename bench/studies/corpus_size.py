"""More text, better model: the language model and the best count model on 1/16 to all of Willow Bay's training text.

    OMP_NUM_THREADS=1 python bench/studies/corpus_size.py [--rows ROW …] [--seeds SEED …]

What is fair here? Every model is what ``train_lm`` makes of that much text and no more: its tokens are learnt from the
part alone, in the number that the recipe has for so many characters, and bits per byte do not depend on them. Each gets
800 steps, the same work, but the smallest 500, some 13 passes, for it is learnt by heart sooner; dropout grows with the
passes, and the weights that did best on the validation text are kept, which is the same for all. A twentieth of the
streams begins anew at each step, against states that run away (lesson 5). So the large parts are limited by the work (the
whole text is read one and a half times) and the small ones by the text: with more work the line would be steeper at its
right end. Beside each LSTM stand modified Kneser-Ney models of the same tokens, of the order that is best
on the validation text. The seed decides which documents are in the part, too; a smaller part lies within a larger one.
"""

from __future__ import annotations

from typing import Any

from lmcourse import corpus
from lmcourse.decoding import start_id
from lmcourse.metrics import score_of
from lmcourse.ngram import NGramLM
from lmcourse.studies import Metric, Plan, Row, main
from lmcourse.tasks import train_lm
from lmcourse.tasks.lm import encoded, learn_tokenizer
from lmcourse.tasks.recipe import recipe_for
from lmcourse.tasks.texts import part_of, read_texts

ORDERS = (2, 3, 4, 5)


def measure(seed: int, corpus_name: str, share: float, steps: int | None = None, **settings: Any) -> dict[str, Any]:
    """One model on a part of the corpus: with ``steps`` the LSTM, without the best count model."""
    part = part_of(corpus.load(corpus_name), share, seed)
    texts = read_texts(part, known=True)
    size = {"characters": sum(map(len, texts.train))}
    if steps is not None:
        trained = train_lm(corpus=part, steps=steps, seed=seed, progress=False, **settings)
        best = trained.history.best
        return {**size, "bits_per_byte": trained.score.bits_per_byte, "best": best.step}
    tokens = learn_tokenizer(texts.train, recipe_for(size["characters"], settings), texts.special)
    train, valid = encoded(texts.train, tokens, texts.special).numpy(), tokens.encode(texts.valid, texts.special)
    found = []
    for order in ORDERS:
        model = NGramLM(order, len(tokens), "modified-kneser-ney").fit(train)
        losses = -model.log_prob([start_id(tokens), *valid])[1:]
        found.append((score_of(losses, valid, tokens, texts.valid).bits_per_byte, order))
    bits, order = min(found)
    return {**size, "bits_per_byte": bits, "best": order}


WHOLE = {"corpus_name": "willow_bay", "tokenizer": "bpe"}
PARTS = {"1": 1.0, "1/2": 1 / 2, "1/4": 1 / 4, "1/8": 1 / 8, "1/16": 1 / 16}
STEPS = {"1": 800, "1/2": 800, "1/4": 800, "1/8": 800, "1/16": 500}
PLAN = Plan(
    "corpus_size",
    "Bits per byte of the validation text against how much text the model has learnt from: LSTM and modified Kneser-Ney.",
    metrics={
        "bits_per_byte": Metric("of the validation text", 0.01),
        "characters": Metric("of training text", 0, "neither", "{:,.0f}"),
        "best": Metric("the LSTM's best step, the count model's order", 0, "neither", "{:.0f}"),
    },
    rows={
        **{f"LSTM {name}": Row(f"{name} of the training text", {**WHOLE, "share": share, "steps": STEPS[name], "begin_anew": 0.05}) for name, share in PARTS.items()},
        **{f"Kneser-Ney {name}": Row(f"{name} of the training text", {**WHOLE, "share": share}) for name, share in PARTS.items()},
    },
    measure=measure,
    code={
        "lmcourse.batching": ("Streams",),
        "lmcourse.metrics.surprise": (),
        "lmcourse.ngram": (),
        "lmcourse.nn.lstm": (),
        "lmcourse.schedules": ("cosine", "warmup", "_shortened", "_progress"),
        "lmcourse.tasks.lm": ("encoded", "learn_tokenizer", "VALID_TOKENS", "PATIENCE"),
        "lmcourse.tasks.recipe": ("Recipe", "recipe_for", "build", "every"),
        "lmcourse.tasks.texts": ("part_of", "read_texts", "marked", "special_tokens"),
        "lmcourse.training": ("fit", "_Run", "next_token", "fresh_starts", "adamw"),
    },
    data=("willow_bay",),
)  # fmt: skip

if __name__ == "__main__":
    main(PLAN)
