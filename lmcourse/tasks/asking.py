"""Asking a trained reader: about one passage, or about many of which the right one has to be found first.

A long passage is read in pieces, and of many texts the best few are read. Each span's score is then compared with the score of
"no answer" of its own piece, so that all of them share one scale (Clark & Gardner 2018, "Simple and Effective Multi-Paragraph
Reading Comprehension"). Chosen is not the likeliest span but the one that shares most with all likely ones: the highest
expected F1 (minimum Bayes risk; Kumar & Byrne 2004).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple

import torch
from torch import nn

from lmcourse.batching import buckets
from lmcourse.corpus.cutting import cut
from lmcourse.errors import LmcourseError
from lmcourse.nn.lm_reader import LanguageModelReader
from lmcourse.nn.reader import SpanReader
from lmcourse.nn.reading import Asked, Library
from lmcourse.progress import one_thread
from lmcourse.retrieval import Retriever
from lmcourse.tasks.runs import Run, model_of
from lmcourse.tokenizers.base import Tokenizer

TOGETHER = 32  # passages are read at a time
LIKELIEST = 60  # spans of a passage are looked at; the others have hardly any probability
PASSAGES = 5  # are read when many are searched
TRUST = 1.0  # how much a passage's place in the search counts beside what the reader finds in it
Model = str | Path | Run | tuple[nn.Module, Tokenizer]


@dataclass(frozen=True)
class Answer:
    """What a reader says: ``text`` as it stands in the passage from ``start`` on, or "" and None: no answer.

    ``probability`` is that of what it says, ``none`` that of there being no answer, ``others`` are the likeliest spans with
    theirs. ``id`` and ``passage``: the text it was read from.
    """

    text: str
    start: int | None
    probability: float
    none: float
    others: tuple[tuple[str, float], ...] = ()
    id: str | None = None
    passage: str = field(default="", repr=False)

    def __str__(self) -> str:
        said = self.text if self.text else "(no answer)"
        return f"{said} [{self.probability:.0%}]"


class Candidate(NamedTuple):
    """A text that may hold the answer, and how much more likely (in nats) than others it is to."""

    text: str
    id: str | None = None
    prior: float = 0.0


class _Span(NamedTuple):
    source: int  # which of the candidates
    start: int
    end: int
    score: float  # logit, beside that of no answer in the same piece


@one_thread()
def answer(
    model: Model, passage: str | Sequence[str], question: str | Sequence[str], least: int | float = 0.0
) -> Answer | list[Answer]:
    """The answer to a question about a passage; below a probability of ``least``: none.

    ``model`` is the name of a shipped reader, the folder of a trained one, what ``train_answer`` returned, or a model and its
    tokenizer. Several questions about one passage, or as many passages as questions, give a list.
    """
    checked_least(least)
    network, tokenizer = loaded(model)
    questions = [question] if isinstance(question, str) else list(question)
    passages = [passage] * len(questions) if isinstance(passage, str) else list(passage)
    if len(passages) != len(questions):
        raise LmcourseError(f"{len(questions)} questions about {len(passages)} passages; give one passage, or one for each question.")
    found = _answers(network, tokenizer, questions, [[Candidate(text)] for text in passages], least)
    return found[0] if isinstance(question, str) else found


@one_thread()
def ask(
    model: Model, retriever: Retriever, question: str | Sequence[str], k: int = PASSAGES, least: int | float = 0.0
) -> Answer | list[Answer]:
    """The answer to a question, or to each of several, from whichever text has it: the ``k`` best texts of the search are read.

    ``retriever`` is a search over texts (:mod:`lmcourse.retrieval`), for example ``BM25(corpus)``.
    """
    checked_least(least)
    network, tokenizer = loaded(model)
    questions = [question] if isinstance(question, str) else list(question)
    candidates = []
    for one in questions:
        hits = retriever.search(one, k)
        candidates.append([Candidate(hit.text, hit.id, TRUST * (hit.score - hits[0].score)) for hit in hits])
    found = _answers(network, tokenizer, questions, candidates, least)
    return found[0] if isinstance(question, str) else found


def loaded(model: Model) -> tuple[SpanReader, Tokenizer]:
    """A reader's model and its tokenizer, from wherever they are."""
    network, tokenizer = model_of(model)
    if not isinstance(network, SpanReader):
        raise LmcourseError(f"{model} holds no reader; train one: lmcourse train answer --data FILE.json --out DIR")
    return network, tokenizer


def refuse_reader(model: nn.Module) -> None:
    """Complain about a reader where a model is wanted that goes on writing."""
    if isinstance(model, SpanReader):
        raise LmcourseError("This model answers questions and does not go on writing; use lmcourse answer.")


def checked_least(least: int | float) -> None:
    """Complain about a confidence that is none."""
    if not 0 <= least <= 1:
        raise LmcourseError(f"A confidence is a probability from 0 to 1, not {least}; 0.5 is a usual limit.")


def _answers(
    network: SpanReader, tokenizer: Tokenizer, questions: Sequence[str], candidates: Sequence[Sequence[Candidate]], least: int | float
) -> list[Answer]:
    pieces, owners = [], []  # each a piece of a text with a question; whose it is, and where it begins
    for number, (question, texts) in enumerate(zip(questions, candidates, strict=True)):
        for place, candidate in enumerate(texts):
            start = 0
            for piece in cut([candidate.text]) if question.strip() else ():
                if piece.strip():
                    pieces.append((piece, question))
                    owners.append((number, place, start))
                start += len(piece)
    library = Library(tokenizer, network.rarity, [text for pair in pieces for text in pair])
    if isinstance(network, LanguageModelReader):  # several questions about a passage: it is read once
        network.remember(library, [piece for piece, _ in pieces])
    spans: list[list[_Span]] = [[] for _ in questions]
    for (number, place, start), found in zip(owners, read(network, Asked(library, pieces)), strict=True):
        prior = candidates[number][place].prior
        spans[number] += [_Span(place, start + first, start + last, score + prior) for first, last, score in found]
    return [_chosen(found, texts, least) for found, texts in zip(spans, candidates, strict=True)]


@torch.no_grad()
def read(network: SpanReader, asked: Asked) -> list[list[tuple[int, int, float]]]:
    """For each passage with its question the likeliest spans: first and last character, and the score beside that of no answer."""
    network.eval()
    found: list[list[tuple[int, int, float]]] = [[] for _ in range(len(asked))]
    for numbers in buckets([len(ids) for ids in asked.ids], TOGETHER):
        scores, none = network(asked.of(numbers))
        longest = scores.shape[2]
        best = (scores.double() - none.double()[:, None, None]).flatten(1)
        best = best.topk(min(LIKELIEST, best.shape[1]), dim=1)
        for number, values, places in zip(numbers, best.values.tolist(), best.indices.tolist(), strict=True):
            words = asked.library[asked.pairs[number][0]].spans
            for score, place in zip(values, places, strict=True):
                if score > -torch.inf:
                    first, more = divmod(place, longest)
                    found[number].append((words[first][0], words[first + more][1], score))
    return found


def _chosen(spans: Sequence[_Span], candidates: Sequence[Candidate], least: int | float) -> Answer:
    """The span with the highest expected F1, or no answer if that is likelier to be right."""
    scores = torch.tensor([0.0, *(span.score for span in spans)], dtype=torch.double)
    none, *chances = scores.softmax(0).tolist()
    if not spans:
        return Answer("", None, 1.0, 1.0)
    source, start, end = (torch.tensor([span[part] for span in spans]) for part in range(3))
    shared = (torch.minimum(end[:, None], end) - torch.maximum(start[:, None], start)).clamp(min=0) * (source[:, None] == source)
    expected = (2 * shared / ((end - start)[:, None] + (end - start))).double() @ torch.tensor(chances, dtype=torch.double)
    place = int(expected.argmax())
    best = spans[place]
    text = candidates[best.source]
    order = sorted(range(len(spans)), key=lambda number: -chances[number])[:5]
    others = tuple((candidates[spans[number].source].text[spans[number].start : spans[number].end], chances[number]) for number in order)
    if none > float(expected[place]) or chances[place] < least:
        return Answer("", None, none, none, others)
    return Answer(text.text[best.start : best.end], best.start, chances[place], none, others, text.id, text.text)
