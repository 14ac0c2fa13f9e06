"""What is a language model worth to a reader? Questions answered by pointing at words of the passage, on lm-base and without it.

    OMP_NUM_THREADS=1 python bench/studies/questions.py [--rows ROW …] [--seeds SEED …]

A third task for lm-base, on Willow Bay's questions: a reader (the library's own: train_answer) is trained with nothing but vectors of
words; with what lm-base holds at each word, unchanged; and, as a control, with the same network of fresh weights that nobody has trained. Either with all questions of the training part, or with a few that the seed draws, of which a tenth of
the passages is held out to choose the best step by. Beside them the sentence that shares most words with the question, trimmed. The
settings were chosen on the validation questions (bench/LOG.md); the figures are those of the test questions: of all, of those that use
the passage's words, and of those in other words.
"""

from __future__ import annotations

import random
from dataclasses import replace
from typing import Any

from lmcourse import corpus, models
from lmcourse.checkpoint import random_numbers
from lmcourse.corpus.squad import Answered
from lmcourse.nn import LSTMLanguageModel
from lmcourse.studies import Metric, Plan, Row, main
from lmcourse.tasks import answer, train_answer
from lmcourse.tasks.answer import ReadingScores
from lmcourse.tasks.baselines import OverlapReader
from lmcourse.tasks.questions import answered

QUESTIONS = "willow_bay/questions"
FEW = {"questions": 200, "steps": 60}


def unread(seed: int) -> tuple[Any, Any]:
    """The network of lm-base with fresh weights, and its tokenizer."""
    model, tokenizer = models.load("lm-base")
    with random_numbers(seed):
        return LSTMLanguageModel(replace(model.config)).eval(), tokenizer


def measure(seed: int, questions: int | None = None, steps: int | None = None, base: str | None = None, **settings: Any) -> dict[str, Any]:
    """Train on so many questions (None: all), and answer the test questions; ``base`` may also be "fresh". Without steps: shared words."""
    train, valid, test = (answered(corpus.load(QUESTIONS, split=split), QUESTIONS) for split in ("train", "valid", "test"))
    if steps is None:
        plain = OverlapReader.chosen([one.passage for one in train], valid)
        return scored([plain.answer(one.question, one.passage) for one in test], test)
    data = QUESTIONS if questions is None else random.Random(seed).sample(train, questions)
    reader = train_answer(data, steps=steps, seed=seed, base=unread(seed) if base == "fresh" else base, progress=False, **settings)
    found = answer(reader, [one.passage for one in test], [one.question for one in test])
    return {**scored([one.text for one in found], test), "valid_loss": reader.history.best.loss}


def scored(found: list[str], test: list[Answered]) -> dict[str, float]:
    """F1 of all questions and of two kinds of them, and exact match."""
    asked_directly = [record.id.startswith("q1") for record in corpus.load(QUESTIONS, split="test")]
    kinds = {"direct": True, "reworded": False}
    places = {kind: [n for n, one in enumerate(test) if one.answers and asked_directly[n] is direct] for kind, direct in kinds.items()}
    scores = ReadingScores.of(found, test)
    parts = {kind: ReadingScores.of([found[n] for n in some], [test[n] for n in some]).f1 for kind, some in places.items()}
    return {"f1": scores.f1, "exact": scores.exact, **parts}


PLAN = Plan(
    "questions",
    "Reading for answers: F1 and exact match on test questions, with lm-base beneath the reader and without it.",
    metrics={
        "f1": Metric("F1 of the words answered, in per cent", 1.0, "higher", "{:.1f}"),
        "exact": Metric("exact match, in per cent", 1.0, "higher", "{:.1f}"),
        "direct": Metric("F1 of the questions that use the passage's words, in per cent", 1.0, "higher", "{:.1f}"),
        "reworded": Metric("F1 of the questions in other words, in per cent", 1.0, "higher", "{:.1f}"),
    },
    rows={
        "reader, 200": Row("200 questions; the reader alone, with vectors of words that others pretrained", {**FEW}),
        "frozen, 200": Row("200 questions; on lm-base as it is", {**FEW, "base": "lm-base", "method": "frozen"}),
        "fresh, 200": Row("200 questions; on the same network, fresh weights that stay as they are", {**FEW, "base": "fresh", "method": "frozen"}),
        "reader, all": Row("all questions; the reader alone", {"steps": 150}),
        "frozen, all": Row("all questions; on lm-base as it is", {"steps": 150, "base": "lm-base", "method": "frozen"}),
        "fresh, all": Row("all questions; on the same network, fresh weights that stay as they are", {"steps": 150, "base": "fresh", "method": "frozen"}),
        "shared words": Row("the sentence that shares most words with the question, trimmed", {}),
    },
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
        "lmcourse.tasks.baselines": ("OverlapReader",),
        "lmcourse.tasks.classify": ("LabelBatches",),
        "lmcourse.tasks.cloze": (),
        "lmcourse.tokenizers.pieced": (),
        "lmcourse.training": ("fit", "_Run"),
    },
    data=("willow_bay/questions", "willow_bay/stories", "willow_bay/news"),
    files=("models/lm-base/best.safetensors",),
)  # fmt: skip

if __name__ == "__main__":
    main(PLAN)
