"""What simple methods reach on Willow Bay's tasks: the figures that every trained model has to beat.

    python bench/willow_bay_tasks.py

Each method (lmcourse/tasks/baselines.py) learns from train, its settings are chosen on valid, and it is measured once on
test. Beside it stands what costs nothing at all: the commonest label, no answer to anything, any sentence.
"""

from __future__ import annotations

import argparse
from collections import Counter
from itertools import product

from sklearn.metrics import accuracy_score, f1_score

from lmcourse import corpus
from lmcourse.corpus import Document
from lmcourse.corpus.pairs import sides
from lmcourse.metrics import bleu, chrf
from lmcourse.tasks.answer import ReadingScores
from lmcourse.tasks.baselines import FEATURES, NearestTranslation, OverlapReader, text_classifier
from lmcourse.tasks.questions import answered

SPLITS, QUESTIONS = ("train", "valid", "test"), "willow_bay/questions"


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


def reading() -> list[str]:
    """The overlap reader: its settings from valid, its figures on test, with and without what has no answer."""
    train, valid, test = (answered(corpus.load(QUESTIONS, split=split), QUESTIONS) for split in SPLITS)
    best = OverlapReader.chosen([one.passage for one in train], valid)
    rows = []
    kinds = {"all": test} | {name: [one for one in test if bool(one.answers) is there] for name, there in (("with an answer", True), ("without an answer", False))}
    for name, asked in kinds.items():
        ways = [""] * len(asked), [one.passage for one in asked], [best.answer(one.question, one.passage) for one in asked]
        nothing, whole, reader = (ReadingScores.of(found, asked) for found in ways)
        rows.append(
            f"| {name} | {len(asked)} | {nothing.exact:.1f}, {nothing.f1:.1f} | {whole.exact:.1f}, {whole.f1:.1f} "
            f"| **{reader.exact:.1f}, {reader.f1:.1f}** |"
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
