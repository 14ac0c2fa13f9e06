"""What does a language model forget when it is tuned to another kind of text, and what helps? lm-base, to Python's documentation.

    OMP_NUM_THREADS=1 python bench/studies/forgetting.py [--rows ROW …] [--seeds SEED …]

The new domain is the beginning of each of Python's help topics (``pydoc_data.topics``, of the Python that runs this: its figures
belong to that version, and a lesson that runs a row again needs none but its own); the old one is that of the first training,
Willow Bay's stories and e-mails. Every row makes 80 steps on new text; rehearsal makes its steps on old text besides. The figures
are of held-out text of both domains.
"""

from __future__ import annotations

from typing import Any

from lmcourse import corpus
from lmcourse.corpus import Document
from lmcourse.studies import Metric, Plan, Row, main
from lmcourse.tasks import tune_lm

BEGINNING = 2500  # characters of each topic
OLD = 150  # texts of the old domain are enough to measure on, and to rehearse


def topics() -> list[Document]:
    """Technical prose that is on every machine with a Python."""
    return [Document(topic.id, topic.text[:BEGINNING], topic.meta) for topic in corpus.load("python-docs")]


def stories() -> list[Document]:
    """Texts of the old domain, from all over it."""
    texts = list(corpus.load("willow_bay/base"))
    return texts[:: max(1, len(texts) // OLD)]


def measure(seed: int, **settings: Any) -> dict[str, Any]:
    """Tune once, and look at both domains on the way."""
    tuned = tune_lm("lm-base", topics(), old=stories(), seed=seed, progress=False, **settings)
    steps = [one.step for one in tuned.history.evaluations]
    return {
        "new": tuned.new[1].bits_per_byte,
        "old": tuned.old[1].bits_per_byte,
        "new_before": tuned.new[0].bits_per_byte,
        "old_before": tuned.old[0].bits_per_byte,
        "curves": {
            "new": (steps, [one.loss for one in tuned.history.evaluations]),
            "old": (steps, tuned.forgetting),
        },
    }


PLAN = Plan(
    "forgetting",
    "lm-base tuned to Python's documentation: bits per byte of held-out text of the new and of the old domain.",
    metrics={
        "new": Metric("bits per byte of held-out documentation, after", 0.01),
        "old": Metric("bits per byte of held-out stories and e-mails, after", 0.01),
        "new_before": Metric("of the documentation, before", 0.01, "neither"),
        "old_before": Metric("of the stories and e-mails, before", 0.01, "neither"),
    },
    rows={
        "full": Row("everything learns, at the usual rate", {"steps": 80, "learning_rate": 2e-3}),
        "lower rate": Row("everything learns, at an eighth of the rate", {"steps": 80, "learning_rate": 2.5e-4}),
        "rehearsal": Row("a fifth of the steps on old text", {"steps": 100, "learning_rate": 2e-3, "rehearsal": 0.2}),
        "LoRA": Row("low-rank factors of the LSTM learn", {"steps": 80, "method": "lora", "learning_rate": 1e-2}),
        "scratch": Row("fresh weights: what the old domain was worth", {"steps": 80, "method": "scratch", "learning_rate": 6e-3}),
    },
    measure=measure,
    code={
        "lmcourse.batching": ("Streams",),
        "lmcourse.nn.lora": ("LowRank", "add_lora", "MATRICES"),
        "lmcourse.nn.lstm": ("fresh_lstm", "LSTMLanguageModel"),
        "lmcourse.metrics.surprise": (),
        "lmcourse.tasks.domain": ("DomainRecipe", "build", "Mixed", "mixed_loss", "schedule", "OLD_TOKENS"),
        "lmcourse.tasks.finetune": ("layer_groups", "optimizer_for"),
        "lmcourse.tasks.texts": ("read_texts",),
        "lmcourse.training": ("fit", "_Run", "next_token"),
    },
    data=("willow_bay/base",),
    files=("models/lm-base/best.safetensors",),
)

if __name__ == "__main__":
    main(PLAN)
