"""Chinese intents from English labels only: three ways across, beside what Chinese labels themselves bring.

    python bench/understanding.py --seeds 3

945 English messages to Willow Bay's town hall have labels for training. The ways across were chosen on the 40 Chinese messages
of valid; here they are measured on the 368 others, none of whose labels anything has learnt from. What learns from Chinese
labels is measured on the same 368 by five-fold cross-validation. Coverage: which share is answered with a confidence of 0.6 or more.
"""

from __future__ import annotations

import argparse
import random
import time
from collections import Counter
from collections.abc import Callable, Sequence
from typing import Any

from lmcourse import corpus
from lmcourse.metrics import accuracy, calibration_error, macro_f1, when_sure
from lmcourse.tasks import classify, classify_through, train_classify, train_joint
from lmcourse.tasks.classify import Labelled, counted
from lmcourse.tasks.crosslingual import translated
from lmcourse.tasks.labels import LabelledTexts, read_labelled_texts
from lmcourse.tasks.pairs import read_pair_texts

Example = tuple[str, str]
FOLDS = 5
WHERE = {"label_field": "intent", "where": {"language": "en"}}


def messages(language: str, *splits: str) -> list[Example]:
    """Messages and their intents."""
    records = corpus.load("willow_bay/intents")
    chosen = [record for split in splits for record in records.split(split)]
    return [(record.text, record.meta["intent"]) for record in chosen if record.meta["language"] == language]


def row(name: str, seed: int | str, found: Sequence[Labelled], wanted: Sequence[str], seconds: float) -> None:
    """One line of the table."""
    labels = [one.label for one in found]
    right = [one == other for one, other in zip(labels, wanted, strict=True)]
    sure = [one.probability for one in found]
    covered, correct = when_sure(sure, right, 0.6)
    print(
        f"| {name} | {seed} | **{accuracy(labels, wanted):.1%}**, {macro_f1(labels, wanted):.3f} | {calibration_error(sure, right):.3f} "
        f"| {covered:.0%}, {correct:.1%} | {seconds:.0f} |",
        flush=True,
    )


def counting(texts: LabelledTexts) -> Callable[[Sequence[str]], list[Labelled]]:
    """TF-IDF and logistic regression: what labels texts."""
    pipeline = counted(texts)
    return lambda asked: [
        Labelled(pipeline.classes_[chances.argmax()], float(chances.max()), {}) for chances in pipeline.predict_proba(asked)
    ]


def folds(examples: Sequence[Example], learnt: Callable[[list[Example]], Callable[[Sequence[str]], Any]]) -> list[Labelled]:
    """The labels of all examples, each from a model that has learnt from the other folds."""
    found: dict[int, Labelled] = {}
    for fold in range(FOLDS):
        numbers = range(fold, len(examples), FOLDS)
        model = learnt([one for number, one in enumerate(examples) if number % FOLDS != fold])
        found |= dict(zip(numbers, model([examples[number][0] for number in numbers]), strict=True))
    return [found[number] for number in range(len(examples))]


def main() -> None:
    options = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    options.add_argument("--seeds", type=int, default=3)
    options.add_argument("--steps", type=int, default=600, help="of each network (600 are 20 passes)")
    options.add_argument("--valid", action="store_true", help="measure on the 40 messages of valid, to choose by")
    given = options.parse_args()
    english = {split: messages("en", split) for split in ("train", "valid")}
    asked = messages("zh", "valid") if given.valid else messages("zh", "train", "test")
    texts, wanted = zip(*asked, strict=True)
    usual = Counter(label for _, label in english["train"]).most_common(1)[0][0]
    print("| way | seed | accuracy, macro-F1 | calibration error | sure (0.6): share, right | CPU-seconds |\n|---|---|---|---|---|---|")
    print(f"| any label; the commonest in English | | {1 / len(set(wanted)):.1%}; {wanted.count(usual) / len(wanted):.1%} | | | |")

    def timed(name: str, seed: int | str, call: Callable[[], Sequence[Labelled]]) -> None:
        start = time.process_time()
        found = call()
        row(name, seed, found, wanted, time.process_time() - start)

    split = LabelledTexts(english["train"], english["valid"], "messages")
    timed("TF-IDF, English, on the Chinese as it is", "", lambda: counting(split)(texts))
    timed("TF-IDF, English, question translated", "", lambda: counting(split)([text for text, _ in translated(asked, "translate-zh-en")]))
    there = LabelledTexts(*(translated(part, "translate-en-zh") for part in (split.train, split.valid)), "translated")
    timed("TF-IDF, examples translated", "", lambda: counting(there)(texts))
    if not given.valid:
        timed("TF-IDF, Chinese labels", "", lambda: folds(asked, lambda some: counting(read_labelled_texts(some))))
    run = {"steps": given.steps, "progress": False}
    for seed in range(given.seeds):
        first = train_classify("willow_bay/intents", seed=seed, **WHERE, **run)
        for beam in (1, 5):
            timed(
                f"question translated (beam {beam})", seed,
                lambda first=first, beam=beam: classify_through(first, texts, "translate-zh-en", beam=beam),
            )  # fmt: skip
        timed(
            "examples translated", seed,
            lambda seed=seed: classify(train_classify(there.train + there.valid, seed=seed, **run), texts),
        )  # fmt: skip
        timed("joint vectors", seed, lambda seed=seed: classify(train_joint("willow_bay/intents", seed=seed, **WHERE), texts))
        if not given.valid:
            timed(
                "Chinese labels", seed,
                lambda seed=seed: folds(asked, lambda some: lambda new: classify(train_classify(some, seed=seed, **run), new)),
            )  # fmt: skip
    pairs = read_pair_texts("willow_bay/parallel").train
    mixed = random.Random(0).sample([target for _, target in pairs], len(pairs))
    wrong = [(source, target) for (source, _), target in zip(pairs, mixed, strict=True)]
    timed("joint vectors, pairs dealt out at random", 0, lambda: classify(train_joint("willow_bay/intents", wrong, **WHERE), texts))


if __name__ == "__main__":
    main()
