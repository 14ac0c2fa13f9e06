"""Reading: the reader beside shared words, beside what it could reach at best, and over the whole town, on Willow Bay's questions.

    python bench/answer.py --seeds 3 --part test

Settings are chosen on valid (--part valid), test is measured once. "Right sentence" reads nothing but the sentence that answers, so
that finding it costs nothing; "best span" is the best that could be pointed at with spans of the model's length.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Sequence
from statistics import fmean, stdev
from typing import Any

from lmcourse import corpus
from lmcourse.corpus.squad import Answered
from lmcourse.metrics import f1, recall_at_k
from lmcourse.retrieval import BM25, Fused, Retriever, VectorSearch
from lmcourse.tasks.answer import STEPS, AnswerRecipe, ReadingScores, train_answer
from lmcourse.tasks.asking import PASSAGES, answer, ask, loaded
from lmcourse.tasks.baselines import OverlapReader
from lmcourse.tasks.questions import answered, passages_of
from lmcourse.tasks.runs import settings_from
from lmcourse.tokenizers.placed import placed_words, sentence_numbers

QUESTIONS = "willow_bay/questions"
KS = (1, 5, 10)


def sentence_of(one: Answered) -> Answered:
    """The question about nothing but the sentence with its answer."""
    if not one.answers:
        return one
    (text, start), words = one.answers[0], placed_words(one.passage)
    numbers = sentence_numbers(one.passage, words)
    here = next(number for word, number in zip(words, numbers, strict=True) if word.end > start)
    inside = [word for word, number in zip(words, numbers, strict=True) if number == here]
    return Answered(one.passage[inside[0].start : inside[-1].end], one.question, ((text, start - inside[0].start),))


def best_span(one: Answered, longest: int) -> str:
    """The span of at most ``longest`` words that has the highest F1."""
    if not one.answers:
        return ""
    text, start = one.answers[0]
    words = [word for word in placed_words(one.passage) if word.end > start and word.start < start + len(text)]
    spans = (one.passage[words[0].start : word.end] for word in words[:longest])
    return max(spans, key=lambda span: f1(span, [text]))


def kinds(asked: Sequence[Answered], ids: Sequence[str]) -> dict[str, list[int]]:
    """The numbers of all questions, of the direct ones, of those in other words than the text's, and of those without an answer."""
    direct = [id[:2] == "q1" for id in ids]
    return {
        "all": [*range(len(asked))],
        "direct": [number for number, one in enumerate(asked) if one.answers and direct[number]],
        "other words": [number for number, one in enumerate(asked) if one.answers and not direct[number]],
        "no answer": [number for number, one in enumerate(asked) if not one.answers],
    }


def row(name: str, found: Sequence[str], asked: Sequence[Answered], parts: dict[str, list[int]]) -> float:
    """Print exact match and F1 of each kind of question; returns the F1 of all."""
    scores = {kind: ReadingScores.of([found[n] for n in numbers], [asked[n] for n in numbers]) for kind, numbers in parts.items()}
    print(f"| {name} | " + " | ".join(f"{one.exact:.1f}, {one.f1:.1f}" for one in scores.values()) + " |", flush=True)
    return scores["all"].f1


def main() -> None:
    options = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    options.add_argument("--seeds", type=int, default=3)
    options.add_argument("--steps", type=int, default=None)
    options.add_argument("--models", nargs="+", default=[], metavar="MODEL", help="measure these instead of training")
    options.add_argument("--part", default="test", choices=("valid", "test"))
    options.add_argument("--set", action="append", default=[], metavar="NAME=VALUE")
    given = options.parse_args()
    settings = settings_from(given.set, AnswerRecipe)
    records = corpus.load(QUESTIONS, split=given.part)
    asked, ids = answered(records, QUESTIONS), [record.id for record in records]
    train, valid = (answered(corpus.load(QUESTIONS, split=split), QUESTIONS) for split in ("train", "valid"))
    questions, passages, parts = [one.question for one in asked], [one.passage for one in asked], kinds(asked, ids)
    print(f"| {given.part}: exact match, F1 | " + " | ".join(f"{kind} ({len(numbers)})" for kind, numbers in parts.items()) + " |")
    print("|---" * (1 + len(parts)) + "|")
    row("no answer to anything", [""] * len(asked), asked, parts)
    plain = OverlapReader.chosen([one.passage for one in train], valid)
    row("shared words", [plain.answer(one.question, one.passage) for one in asked], asked, parts)
    scores: list[float] = []
    reader: Any = None
    for number in range(len(given.models) or given.seeds):
        start = time.process_time()
        if given.models:
            one, name = loaded(given.models[number]), given.models[number]
        else:
            one = train_answer(QUESTIONS, steps=given.steps or STEPS, seed=number, progress=False, **settings)
            name = f"reader, seed {number} ({time.process_time() - start:.0f} CPU-seconds)"
        found = answer(one, passages, questions)
        scores.append(row(name, [one.text for one in found], asked, parts))
        reader = reader or one
    network, _ = loaded(reader)
    near = [sentence_of(one) for one in asked]
    found = answer(reader, [one.passage for one in near], questions)
    row("the first of them, given the right sentence", [one.text for one in found], asked, parts)
    row("shared words, given the right sentence", [plain.answer(one.question, one.passage) for one in near], asked, parts)
    row("best span", [best_span(one, network.config.longest) for one in asked], asked, parts)
    texts = {id: text for id, text in passages_of(QUESTIONS).items() if id in {record.context_id for record in corpus.load(QUESTIONS)}}
    words, vectors = BM25(texts), VectorSearch(texts)
    searches: dict[str, Retriever] = {"BM25": words, "vectors": vectors, "both": Fused([words, vectors])}
    for name in ("BM25", "both"):
        found = ask(reader, searches[name], questions)
        row(f"over the whole town: {name}, {PASSAGES} of {len(texts)} texts read", [one.text for one in found], asked, parts)
    print(f"\nReader, F1 of all: {fmean(scores):.1f} ± {stdev(scores) if len(scores) > 1 else 0:.1f}; a third above shared words is the bar.")
    print("\n| search | " + " | ".join(f"recall at {k}" for k in KS) + " |\n" + "|---" * (1 + len(KS)) + "|")
    wanted = [record.context_id for record in records]
    for name, search in searches.items():
        hits = [[hit.id for hit in search.search(question, max(KS))] for question in questions]
        print(f"| {name} | " + " | ".join(f"{recall_at_k(hits, wanted, k):.1%}" for k in KS) + " |")


if __name__ == "__main__":
    main()
