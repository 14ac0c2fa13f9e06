"""What the card of a shipped classifier says, measured: right labels, whether its confidence can be believed, and abstaining.

A classifier of one language that has learnt from the labels of another has ``measured`` in its card: which texts are its own, such as
language=zh. Of these it has learnt nothing, so all but valid, by which it was chosen, measure it; the baseline
has learnt from labels of that language, which it did not have.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from torch import nn

from lmcourse import corpus
from lmcourse.corpus.labelled import has_values, spelled
from lmcourse.metrics import accuracy, calibration_error, limit_for, macro_f1, when_sure
from lmcourse.models import ModelCard
from lmcourse.tasks.classify import classify, counted, numbers, over
from lmcourse.tasks.labels import LabelledTexts
from lmcourse.tokenizers.base import Tokenizer

WANTED = 0.95  # of the answers that it gives are to be right: the limit for that is chosen on valid
Metrics = dict[str, Any]


def examples(card: ModelCard, *splits: str) -> list[tuple[str, str]]:
    """The texts that the card is about, with their labels."""
    field, where = card.option("--label-field"), card.measured or card.option("--where", missing="")
    wanted = dict([where.split("=", 1)]) if where else None
    records = corpus.load(card.option("--data"))
    chosen = [record for split in splits for record in records.split(split)]
    return [(record.text, spelled(record.meta[field])) for record in chosen if has_values(record.meta, wanted)]


def valid_loss(card: ModelCard, model: nn.Module, tokenizer: Tokenizer) -> float:
    """Nats per text of valid."""
    texts, labels = zip(*examples(card, "valid"), strict=True)
    logits = over(model.read(tokenizer, texts), model)
    return float(nn.functional.cross_entropy(logits, numbers(labels, model.config.labels)))


def scored(card: ModelCard, model: nn.Module, tokenizer: Tokenizer, *splits: str) -> Metrics:
    """Accuracy, macro-F1 and calibration error, rounded as the card has them."""
    texts, labels = zip(*examples(card, *splits), strict=True)
    found = classify((model, tokenizer), texts)
    return _scores([one.label for one in found], labels, [one.probability for one in found])


def _scores(found: Sequence[str | None], wanted: Sequence[str], sure: Sequence[float]) -> Metrics:
    right = [one == other for one, other in zip(found, wanted, strict=True)]
    figures = {"accuracy": accuracy(found, wanted), "macro-F1": macro_f1(found, wanted), "calibration_error": calibration_error(sure, right)}
    return {name: round(value, 3) for name, value in figures.items()} | {"texts": len(wanted)}


def more(card: ModelCard, model: nn.Module, tokenizer: Tokenizer) -> Metrics:
    """Abstaining, and, where nothing of these texts was learnt, what all of them say but those of valid."""
    held, new = examples(card, "valid"), examples(card, *(("train", "test") if card.measured else ("test",)))
    judged = []
    for part in (held, new):
        found = classify((model, tokenizer), [text for text, _ in part])
        judged.append(([one.probability for one in found], [one.label == label for one, (_, label) in zip(found, part, strict=True)]))
    limit = limit_for(*judged[0], WANTED)
    coverage, right = when_sure(*judged[1], limit)
    told: Metrics = {"abstaining": {"limit": round(limit, 3), "answered": round(coverage, 3), "right": round(right, 3)}}
    if card.measured:
        told["train and test"] = scored(card, model, tokenizer, "train", "test")
    told["settings"] = f"texts without a word count as wrong; the limit is for {WANTED:.0%} right answers on valid"
    return told


def baseline(card: ModelCard) -> Metrics:
    """TF-IDF and logistic regression, with the labels of train, on test."""
    train, test = (examples(card, split) for split in ("train", "test"))
    texts, labels = zip(*test, strict=True)
    pipeline = counted(LabelledTexts(train, [], card.option("--data")))
    chances = pipeline.predict_proba(texts)
    found, sure = pipeline.classes_[chances.argmax(1)].tolist(), chances.max(1).tolist()
    others = f" of {card.measured}, which the model did not have" if card.measured else ""
    return {"what": f"TF-IDF and logistic regression with {len(train)} labels{others}", "test": _scores(found, labels, sure)}
