"""Questions for training and for validation, from whatever somebody has: a corpus by name, a file, a list.

A known corpus is split as ``Corpus.split`` does it, and its test split stays unread. In what is one's own a hash of the passage
decides, so that no passage is learnt from and measured on.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from lmcourse import corpus
from lmcourse.corpus import Corpus, Document, Question, split_of
from lmcourse.corpus.catalogue import sources
from lmcourse.corpus.squad import Answered, read_questions
from lmcourse.errors import LmcourseError

FEWEST = 10  # questions
VALID = 500  # of one's own questions are enough to measure with

Source = str | Path | Corpus | Iterable[Answered | tuple]


@dataclass(frozen=True)
class QuestionTexts:
    """Questions to learn from and to measure with. ``bad``: what was wrong with the entries that were left out."""

    train: list[Answered]
    valid: list[Answered]
    name: str
    bad: list[str] = field(default_factory=list)

    @property
    def digest(self) -> str:
        """The same for the same questions in the same order."""
        return hashlib.sha256(repr([*self.train, *self.valid]).encode("utf-8", "surrogatepass")).hexdigest()


def read_question_texts(given: Source, encoding: str | None = None, skip_bad: bool = False) -> QuestionTexts:
    """Read and split ``given``: a corpus of questions, a file (:mod:`lmcourse.corpus.squad`), or a list of
    (passage, question, [(answer, start), …])."""
    bad: list[str] = []
    if isinstance(given, Corpus) or (isinstance(given, str) and given in sources()):
        records = given if isinstance(given, Corpus) else corpus.load(given)
        train, valid = (answered(records.split(split), records.name) for split in ("train", "valid"))
        name = records.name
    else:
        if isinstance(given, str | Path):
            if isinstance(given, str) and not Path(given).suffix and not Path(given).exists():
                corpus.load(given)  # no path, and no corpus: this says which names there are
            file, name = read_questions(given, encoding, skip_bad), str(given)
            questions, bad = file.questions, file.bad
        else:
            questions, name = [Answered(passage, question, tuple(answers)) for passage, question, answers in given], "the list"
        train, valid = _split(questions)
    if len(train) + len(valid) < FEWEST or not train or not valid:
        raise LmcourseError(
            f"{name} has {len(train) + len(valid)} questions, on too few passages or too few at all; give at least {FEWEST} questions "
            "on two passages, better some thousands."
        )
    return QuestionTexts(train, valid, name, bad)


def answered(records: Iterable[Any], name: str = "the questions") -> list[Answered]:
    """Records of a corpus with their passages, which its documents hold."""
    records = list(records)
    if not all(isinstance(record, Question) for record in records):
        raise LmcourseError(f"{name} holds no questions; lmcourse data list shows which corpora do.")
    if not records:
        return []
    passages = passages_of(name)
    if missing := [record for record in records if record.context_id not in passages]:
        raise LmcourseError(f"The text {missing[0].context_id} that the question {missing[0].id} of {name} is about is not there; restore it.")
    return [
        Answered(passages[one.context_id], one.question, tuple(zip(one.answers["text"], one.answers["answer_start"], strict=True))) for one in records
    ]


def passages_of(name: str) -> dict[str, str]:
    """The texts, by id, that the questions of a corpus are about: the documents of the same corpus."""
    return {record.id: record.text for record in corpus.load(name.partition("/")[0]) if isinstance(record, Document)}


def _split(questions: Sequence[Answered]) -> tuple[list[Answered], list[Answered]]:
    share = min(0.1, VALID / max(1, len(questions)))
    parts: dict[str, list[Answered]] = {"train": [], "valid": []}
    for one in questions:
        parts[split_of(one.passage, share, 0.0)].append(one)
    if parts["train"] and not parts["valid"]:  # few passages, and none fell on this side
        last = parts["train"][-1].passage
        parts = {name: [one for one in parts["train"] if (one.passage == last) is (name == "valid")] for name in parts}
    return parts["train"], parts["valid"]
