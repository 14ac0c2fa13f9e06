"""What is a language model worth to a reader? Questions answered by pointing at words of the passage, on lm-base and without it.

    OMP_NUM_THREADS=1 python bench/studies/questions.py [--rows ROW …] [--seeds SEED …]

A third task for lm-base, on Willow Bay's questions: a reader (the library's own: train_answer) is trained with nothing but vectors of
words; with what lm-base holds at each word, unchanged; with lm-base learning along; and, as a control, with the same network of fresh
weights that nobody has trained. Either with all questions of the training part, or with a few that the seed draws, of which a tenth of
the passages is held out to choose the best step by. The settings were chosen on the validation questions (bench/LOG.md); the figures are
those of the test questions, beside which shared words alone (the overlap baseline) reach 16.5.
"""

from __future__ import annotations

import random
from dataclasses import replace
from typing import Any

import torch

from lmcourse import corpus, models
from lmcourse.checkpoint import random_numbers
from lmcourse.nn import LSTMLanguageModel
from lmcourse.studies import Metric, Plan, Row, main
from lmcourse.tasks import answer, train_answer
from lmcourse.tasks.answer import ReadingScores
from lmcourse.tasks.questions import answered

QUESTIONS = "willow_bay/questions"


def unread(seed: int) -> tuple[Any, Any]:
    """The network of lm-base with fresh weights, and its tokenizer."""
    model, tokenizer = models.load("lm-base")
    with random_numbers(seed):
        return LSTMLanguageModel(replace(model.config)).eval(), tokenizer


def measure(seed: int, steps: int, questions: int | None = None, base: str | None = None, method: str | None = None) -> dict[str, Any]:
    """Train on so many questions (None: all), and answer the test questions; ``base`` may also be "fresh"."""
    train, test = (answered(corpus.load(QUESTIONS, split=split), QUESTIONS) for split in ("train", "test"))
    data = QUESTIONS if questions is None else random.Random(seed).sample(train, questions)
    beneath = unread(seed) if base == "fresh" else base
    reader = train_answer(data, steps=steps, seed=seed, base=beneath, method=method, progress=False)
    found = answer(reader, [one.passage for one in test], [one.question for one in test])
    scores = ReadingScores.of([one.text for one in found], test)
    return {"f1": scores.f1, "exact": scores.exact, "valid_loss": reader.history.best.loss}


WAYS = {
    "reader": ("the reader alone, with vectors of words that others pretrained", {}),
    "fresh": ("on the network of lm-base with fresh weights, which stay as they are", {"base": "fresh", "method": "frozen"}),
    "frozen": ("on lm-base as it is", {"base": "lm-base", "method": "frozen"}),
    "full": ("on lm-base, which learns along at a lower rate", {"base": "lm-base", "method": "full"}),
}
FEW, STEPS = 200, {"few": 60, "all": 150}


def rows() -> dict[str, Row]:
    """A row for each way and number of questions."""
    found = {f"{way}, all": Row(what, {"steps": STEPS["all"], **settings}) for way, (what, settings) in WAYS.items()}
    few = {way: WAYS[way] for way in ("reader", "fresh", "frozen")}
    found |= {f"{way}, {FEW}": Row(f"{what}; {FEW} questions", {"questions": FEW, "steps": STEPS["few"], **settings}) for way, (what, settings) in few.items()}
    return found


PLAN = Plan(
    "questions",
    "Reading for answers: F1 and exact match on test questions, with lm-base beneath the reader and without it.",
    metrics={
        "f1": Metric("F1 of the words answered, in per cent", 1.0, "higher", "{:.1f}"),
        "exact": Metric("exact match, in per cent", 1.0, "higher", "{:.1f}"),
        "valid_loss": Metric("nats per held-out question", 0.02),
    },
    rows=rows(),
    measure=measure,
    code={
        "lmcourse.nn.lm_reader": (),
        "lmcourse.nn.lstm": ("fresh_lstm", "LSTMLanguageModel"),
        "lmcourse.nn.pretrained": (),
        "lmcourse.nn.reader": (),
        "lmcourse.nn.reading": (),
        "lmcourse.tasks.answer": (
            "AnswerRecipe", "Mixed", "Validation", "batches_of", "clozes_of", "frequent_words", "pieced", "schedule", "sized", "span_loss",
            "strangers_of", "target_of",
        ),
        "lmcourse.tasks.asking": ("_chosen", "read"),
        "lmcourse.tasks.classify": ("LabelBatches",),
        "lmcourse.tasks.cloze": (),
        "lmcourse.tokenizers.pieced": (),
        "lmcourse.training": ("fit", "_Run"),
    },
    data=(),
    files=("models/lm-base/best.safetensors", "willow_bay/questions.jsonl"),
)  # fmt: skip

if __name__ == "__main__":
    main(PLAN)
