"""What are labels worth? Accuracy against how many there are, for the ways of tuning lm-base, and for two small baselines.

    OMP_NUM_THREADS=1 python bench/studies/label_curve.py [--rows ROW …] [--seeds SEED …]

Two tasks on Willow Bay's English: the intent of a message to the town hall (12 labels), the sentiment of a post (3). Labels are
counted in all, not for each class; the seed draws them, every label once before any comes twice, so of 8 messages 8 intents are
known and no method can find the other four. Nothing chooses among steps, for who has 8 labels has none to spare: each
row's number of steps is fixed, and the weights are the last. The settings are the library's own, chosen on the validation texts; the
accuracy is that of the test texts.

"messages first" is the middle stage of ULMFiT: the language model is tuned to all 945 messages of the training part *without* their labels
before the labels come. The baselines: TF-IDF with logistic regression, and the mean of WordLlama's vectors of a
text's words, pretrained by others on far more text, with logistic regression.
"""

from __future__ import annotations

from functools import cache
from typing import Any

from lmcourse import corpus
from lmcourse.corpus import Document
from lmcourse.metrics import accuracy, calibration_error
from lmcourse.nn import pretrained_vectors
from lmcourse.studies import Metric, Plan, Row, main
from lmcourse.tasks import classify, finetune, tune_lm
from lmcourse.tasks.baselines import text_classifier
from lmcourse.tasks.labels import Example, LabelledTexts, few_of
from lmcourse.tokenizers import plain_words

FIELDS = {"intents": "intent", "posts": "sentiment"}


def examples(task: str, split: str) -> list[Example]:
    """The English texts of a part, with their labels."""
    records = corpus.load(f"willow_bay/{task}").split(split)
    return [(record.text, record.meta[FIELDS[task]]) for record in records if record.meta.get("language", "en") == "en"]


@cache
def tuned_first(task: str, seed: int, steps: int) -> Any:
    """lm-base, tuned to the training texts of a task without their labels."""
    texts = [Document(str(number), text) for number, (text, _) in enumerate(examples(task, "train"))]
    return tune_lm("lm-base", texts, steps=steps, seed=seed, progress=False)


def vectors_and_regression(train: list[Example], texts: list[str]) -> tuple[list[str], list[float]]:
    """Labels, and how sure, by the mean of pretrained vectors and logistic regression."""
    from sklearn.linear_model import LogisticRegression

    known, asked = [plain_words(text) for text, _ in train], [plain_words(text) for text in texts]
    vectors = pretrained_vectors(word for text in known + asked for word in text)
    model = LogisticRegression(C=100, max_iter=1000).fit(vectors.sentences(known, None).numpy(), [label for _, label in train])
    rows = vectors.sentences(asked, None).numpy()
    return model.predict(rows).tolist(), model.predict_proba(rows).max(1).tolist()


def measure(seed: int, task: str, way: str, labels: int, steps: int | None = None, first: int = 0) -> dict[str, Any]:
    """Learn from so many labels, and label the test texts; ``first``: steps of tuning to texts without labels before."""
    train, (texts, truth) = few_of(examples(task, "train"), labels, seed), zip(*examples(task, "test"), strict=True)
    if way == "counted":
        model = text_classifier(10.0).fit(*zip(*train, strict=True))
        found, sure = model.predict(texts).tolist(), model.predict_proba(texts).max(1).tolist()
    elif way == "vectors":
        found, sure = vectors_and_regression(train, list(texts))
    else:
        base = tuned_first(task, seed, first) if first else "lm-base"
        model = finetune(base, LabelledTexts(train, [], task), method=way, steps=steps, seed=seed, progress=False)
        answers = classify(model, texts)
        found, sure = [one.label for one in answers], [one.probability for one in answers]
    right = [one == other for one, other in zip(found, truth, strict=True)]
    return {"accuracy": accuracy(found, truth), "calibration": calibration_error(sure, right), "sure": sum(sure) / len(sure)}


ALL = {"intents": 945, "posts": 936}
STEPS = {8: 40, 32: 60, 128: 60, 512: 100}  # and 120 for all
WAYS = {
    "TF-IDF": ("counted words and logistic regression", {"way": "counted"}),
    "vectors": ("mean of WordLlama's word vectors, and logistic regression", {"way": "vectors"}),
    "scratch": ("the network of lm-base with fresh weights", {"way": "scratch"}),
    "frozen": ("lm-base as it is; only the head learns", {"way": "frozen"}),
    "full": ("lm-base; everything learns", {"way": "full"}),
    "gradual": ("lm-base; from the top down, deeper layers at lower rates", {"way": "gradual"}),
    "lora": ("lm-base; head and low-rank factors of the LSTM learn", {"way": "lora"}),
    "messages first": ("lm-base, tuned to the messages without labels; then everything learns", {"way": "full", "first": 240}),
}
SENTIMENT = ("TF-IDF", "vectors", "scratch", "full")  # the other ways are compared on intents alone


def rows(task: str, ways: tuple[str, ...]) -> dict[str, Row]:
    """A row for each way and number of labels."""
    found = {}
    for way in ways:
        what, settings = WAYS[way]
        for labels in (*STEPS, ALL[task]):
            network = settings["way"] not in ("counted", "vectors")
            steps = {"steps": STEPS.get(labels, 120) * (3 if way == "frozen" else 1)} if network else {}
            found[f"{task}, {way}, {labels}"] = Row(what, {"task": task, **settings, "labels": labels, **steps})
    return found


PLAN = Plan(
    "label_curve",
    "Accuracy on test texts against the number of labels: ways of tuning lm-base, beside TF-IDF and pretrained vectors.",
    metrics={
        "accuracy": Metric("share of the test texts labelled right", 0.03, "higher"),
        "calibration": Metric("expected calibration error, ten bins", 0.03),
        "sure": Metric("mean probability of the answer", 0.03, "neither"),
    },
    rows={**rows("intents", tuple(WAYS)), **rows("posts", SENTIMENT)},
    measure=measure,
    code={
        "lmcourse.nn.lm_classifier": (),
        "lmcourse.nn.lora": ("LowRank", "add_lora", "MATRICES"),
        "lmcourse.nn.lstm": ("fresh_lstm", "LSTMLanguageModel"),
        "lmcourse.nn.pretrained": (),
        "lmcourse.nn.vectors": ("WordVectors",),
        "lmcourse.tasks.baselines": ("text_classifier",),
        "lmcourse.tasks.classify": ("LabelBatches",),
        "lmcourse.tasks.domain": ("DomainRecipe", "RATES", "build", "mixed_loss", "schedule"),
        "lmcourse.tasks.finetune": (
            "TuningRecipe", "RATES", "build", "label_loss", "layer_groups", "optimizer_for", "unfreezing", "Gradual", "schedule",
        ),
        "lmcourse.tasks.labels": ("few_of",),
        "lmcourse.training": ("fit", "_Run"),
    },
    data=(),
    files=("models/lm-base/best.safetensors", "willow_bay/intents.jsonl", "willow_bay/posts.jsonl"),
)  # fmt: skip

if __name__ == "__main__":
    main(PLAN)
