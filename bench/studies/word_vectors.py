"""What word vectors owe to the text, its order and its size, and to their own settings: skip-gram on Willow Bay's English.

    OMP_NUM_THREADS=1 python bench/studies/word_vectors.py [--rows ROW …] [--seeds SEED …]

The base is ``lm.SkipGram(epochs=15)`` on running text and the English of the sentence pairs, as lesson 2 trains it; each other
row differs in one thing. Shuffled text has the same words in the same number and no company; it is the control, with the same
epochs. A part of the text is drawn by the seed and read as often, so it makes fewer pairs: more text is here also more
work. Parts have fewer words that occur five times; groups and questions are asked of those that are known. The last row
counts instead of learning: positive pointwise mutual information and its truncated SVD, where the seed decides next to nothing.
"""

from __future__ import annotations

import json
import random
from collections.abc import Sequence
from typing import Any

import numpy as np

import lmcourse as lm
from lmcourse.corpus.owned import data_folder
from lmcourse.progress import one_thread
from lmcourse.studies import Metric, Plan, Row, main

COMMON = 50  # times that each word of a question occurs in the text, for the questions of common words


def measure(seed: int, share: float = 1.0, shuffled: bool = False, counted: bool = False, **settings: Any) -> dict[str, Any]:
    """Train once, and ask all exams."""
    texts = [document.text for document in lm.corpus.load("willow_bay")]
    texts += [pair.en for pair in lm.corpus.load("willow_bay/parallel")]
    words = [lm.tokenizers.plain_words(text) for text in texts]
    if share < 1:
        words = random.Random(seed).sample(words, round(share * len(words)))
    return exams(counting(words, seed) if counted else learning(words, seed, shuffled, **settings))


def counting(texts: Sequence[Sequence[str]], seed: int) -> lm.WordVectors:
    """A hundred numbers by counting."""
    counts, table = lm.nn.cooccurrences(texts)
    return lm.nn.svd_vectors(counts, lm.nn.ppmi(table), seed=seed)


@one_thread()
def learning(texts: Sequence[Sequence[str]], seed: int, shuffled: bool, **settings: Any) -> lm.WordVectors:
    """Skip-gram; ``shuffled`` deals out the same words to the same places at random."""
    if shuffled:
        bag = [word for text in texts for word in text]
        random.Random(seed).shuffle(bag)
        dealt = iter(bag)
        texts = [[next(dealt) for _ in text] for text in texts]
    return lm.SkipGram(**settings).fit(texts, seed=seed).vectors


def exams(vectors: lm.WordVectors) -> dict[str, float]:
    """Every score of the vectors."""
    groups = {name: [word for word in words if word in vectors] for name, words in lm.metrics.GROUPS.items()}
    questions = lm.corpus.load("analogies")
    asked = [question for question in questions if all(word in vectors for word in question.text.lower().split())]
    common = [one for one in asked if min(vectors.counts[word] for word in one.text.lower().split()) >= COMMON]
    plan = json.loads((data_folder() / "willow_bay" / "world.json").read_text(encoding="utf-8"))["bias"]["jobs"]
    ratio = {job: np.log(row["planned_she"] / row["planned_he"]) for job, row in plan.items() if job in vectors}
    lean = lm.metrics.leaning(vectors, ratio)
    return {
        "groups": lm.metrics.group_score(vectors, groups),
        "analogies": _right(vectors, asked),
        "of_common_words": _right(vectors, common),
        "questions": len(asked),
        "common_questions": len(common),
        "wordsim": lm.metrics.rating_score(vectors, lm.corpus.load("wordsim-353"))[0],
        "simlex": lm.metrics.rating_score(vectors, lm.corpus.load("simlex-999"))[0],
        "bias": lm.metrics.rank_correlation(list(lean.values()), list(ratio.values())),
    }


def _right(vectors: lm.WordVectors, questions: Sequence[lm.Document]) -> float:
    scores = lm.metrics.analogy_scores(vectors, questions).values()
    return sum(right for right, _ in scores) / max(1, sum(of for _, of in scores))


BASE = {"epochs": 15}
PLAN = Plan(
    "word_vectors",
    "Word vectors of Willow Bay: groups, analogies, people's ratings and the planted bias, by text and settings.",
    metrics={
        "groups": Metric("a word is nearer to its own group: 0.5 is chance", 0.005, "higher"),
        "analogies": Metric("share of the questions answered right", 0.005, "higher"),
        "of_common_words": Metric(f"the same, where every word of the question occurs {COMMON} times", 0.01, "higher"),
        "questions": Metric("questions whose words are known", 0, "neither", "{:.0f}"),
        "common_questions": Metric("questions of common words", 0, "neither", "{:.0f}"),
        "wordsim": Metric("rank correlation with people's ratings of relatedness", 0.02, "higher"),
        "simlex": Metric("rank correlation with people's ratings of likeness", 0.02, "higher"),
        "bias": Metric("rank correlation with the planted ratio of she to he", 0.02, "neither"),
    },
    rows={
        "skip-gram": Row("the base: 100 numbers, window 5, 5 negatives, 15 epochs", BASE),
        "shuffled text": Row("the same words in random order", {**BASE, "shuffled": True}),
        "half of the text": Row("texts drawn at random", {**BASE, "share": 0.5}),
        "a quarter": Row("texts drawn at random", {**BASE, "share": 0.25}),
        "an eighth": Row("texts drawn at random", {**BASE, "share": 0.125}),
        "5 epochs": Row("a third of the work", {"epochs": 5}),
        "window 2": Row("neighbours up to two words away", {**BASE, "window": 2}),
        "window 10": Row("neighbours up to ten words away", {**BASE, "window": 10}),
        "25 numbers": Row("a quarter of the numbers", {**BASE, "size": 25}),
        "PPMI, SVD": Row("counted, 100 numbers", {"counted": True}),
    },
    measure=measure,
    code={
        "lmcourse.metrics.similarity": (),
        "lmcourse.nn.cooccurrence": (),
        "lmcourse.nn.embedding": (),
        "lmcourse.nn.vectors": (),
        "lmcourse.tokenizers.word": ("plain_words", "split_words"),
    },
    data=("willow_bay", "willow_bay/parallel"),
)  # fmt: skip

if __name__ == "__main__":
    main(PLAN)
