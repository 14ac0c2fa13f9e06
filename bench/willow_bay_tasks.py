"""What simple methods reach on Willow Bay's tasks: the figures that every trained model has to beat.

    python bench/willow_bay_tasks.py

Each method (lmcourse/tasks/baselines.py) learns from train, its settings are chosen on valid, and it is measured once on
test. Beside it stands what costs nothing at all: the commonest label, no answer to anything, any sentence.
"""

from __future__ import annotations

import argparse
from collections import Counter
from collections.abc import Iterable, Sequence
from itertools import product
from statistics import fmean

from sklearn.metrics import accuracy_score, f1_score

from lmcourse import corpus
from lmcourse.corpus import Document, Question
from lmcourse.corpus.pairs import sides
from lmcourse.metrics import bleu, chrf, exact_match, f1
from lmcourse.tasks.baselines import FEATURES, NearestTranslation, OverlapReader, text_classifier

SPLITS = ("train", "valid", "test")


def documents(part: str, split: str, language: str) -> list[Document]:
    """The part's records of a split in a language."""
    records = corpus.load(f"willow_bay/{part}", split=split)
    return [record for record in records if record.meta.get("language", "en") == language]


def labels(part: str, field: str, language: str) -> str:
    """The best classifier on valid, measured on test."""
    texts, wanted = {}, {}
    for split in SPLITS:
        chosen = documents(part, split, language)
        texts[split], wanted[split] = [one.text for one in chosen], [one.meta[field] for one in chosen]
    trials = [
        text_classifier(penalty, longest, characters).fit(texts["train"], wanted["train"])
        for (longest, characters), penalty in product(FEATURES, (1, 3, 10, 30))
    ]
    best = max(trials, key=lambda model: accuracy_score(wanted["valid"], model.predict(texts["valid"])))
    found, usual = best.predict(texts["test"]), Counter(wanted["train"]).most_common(1)[0][0]
    features, weights = best[0], best[1]
    return (
        f"| {field}, {language} | {len(texts['train'])}, {len(texts['test'])} | {wanted['test'].count(usual) / len(found):.1%} "
        f"| {best.score(texts['valid'], wanted['valid']):.1%} | **{accuracy_score(wanted['test'], found):.1%}** "
        f"| {f1_score(wanted['test'], found, average='macro'):.3f} "
        f"| {features.analyzer} 1-{features.ngram_range[1]}, C {weights.C:g} |"
    )


def answers(questions: Sequence[Question], found: Iterable[str]) -> tuple[float, float]:
    """Mean exact match and mean F1, in per cent."""
    pairs = [(answer, question.answers["text"]) for question, answer in zip(questions, found, strict=True)]
    return 100 * fmean(exact_match(*pair) for pair in pairs), 100 * fmean(f1(*pair) for pair in pairs)


def reading() -> list[str]:
    """The overlap reader: its settings from valid, its figures on test, with and without what has no answer."""
    passages = {text.id: text.text for part in ("stories", "news") for text in corpus.load(f"willow_bay/{part}")}
    questions = {split: list(corpus.load("willow_bay/questions", split=split)) for split in SPLITS}
    train = [passages[id] for id in {question.context_id for question in questions["train"]}]

    def found(reader: OverlapReader, asked: Sequence[Question]) -> list[str]:
        return [reader.answer(question.question, passages[question.context_id]) for question in asked]

    trials = [
        OverlapReader(least, longest).fit(train)
        for least, longest in product((0.0, 0.1, 0.15, 0.2, 0.25, 0.3, 0.4), (2, 3, 4, 5, 6, 8, 10, 15, 25))
    ]
    best = max(trials, key=lambda reader: answers(questions["valid"], found(reader, questions["valid"]))[1])
    rows = []
    kinds = {"all": questions["test"]} | {
        name: [question for question in questions["test"] if question.is_impossible is impossible]
        for name, impossible in (("with an answer", False), ("without an answer", True))
    }
    for name, asked in kinds.items():
        given = found(best, asked)
        nothing, reader = answers(asked, [""] * len(asked)), answers(asked, given)
        whole = answers(asked, [passages[question.context_id] for question in asked])
        rows.append(
            f"| {name} | {len(asked)} | {nothing[0]:.1f}, {nothing[1]:.1f} | {whole[0]:.1f}, {whole[1]:.1f} "
            f"| **{reader[0]:.1f}, {reader[1]:.1f}** |"
        )
    return [*rows, f"\nChosen on valid: least {best.least}, longest {best.longest}."]


def translating() -> list[str]:
    """The nearest known sentence, both ways; and any sentence, for comparison."""
    pairs = {split: list(corpus.load("willow_bay/parallel", split=split)) for split in SPLITS}
    rows = []
    for source, target in (("en", "zh"), ("zh", "en")):
        train, valid, test = (sides(pairs[split], source, target) for split in SPLITS)
        best, score, features = NearestTranslation.chosen(train, valid, target)
        asked, wanted = zip(*test, strict=True)
        found, anything = best.predict(asked), [train[0][1]] * len(wanted)
        rows.append(
            f"| {source} → {target} | {len(wanted)} | {bleu(anything, wanted, target):.1f}, {chrf(anything, wanted):.1f} "
            f"| {score:.1f} | **{bleu(found, wanted, target):.1f}, {chrf(found, wanted):.1f}** | {features} |"
        )
    return rows


def main() -> None:
    argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0]).parse_args()
    print("| labels | train, test | commonest | valid | test | macro-F1 | features |\n|---|---|---|---|---|---|---|")
    for part, field, language in (("intents", "intent", "en"), ("intents", "intent", "zh"), ("posts", "sentiment", "en")):
        print(labels(part, field, language))
    print("\n| questions (exact match, F1) | test | no answer | whole text | overlap |\n|---|---|---|---|---|")
    print("\n".join(reading()))
    print("\n| translation (BLEU, chrF) | test | one sentence | valid, BLEU | nearest | features |\n|---|---|---|---|---|---|")
    print("\n".join(translating()))


if __name__ == "__main__":
    main()
