"""What the card of a shipped reader says, measured: exact match and F1 on a passage, "no answer", and answers from the whole town."""

from __future__ import annotations

from typing import Any

from torch import nn

from lmcourse import corpus
from lmcourse.corpus.squad import Answered
from lmcourse.metrics import recall_at_k
from lmcourse.models import ModelCard
from lmcourse.nn.reading import Library
from lmcourse.retrieval import BM25
from lmcourse.tasks.answer import ReadingScores, Validation
from lmcourse.tasks.asking import PASSAGES, answer, ask
from lmcourse.tasks.baselines import OverlapReader
from lmcourse.tasks.questions import answered, passages_of
from lmcourse.tokenizers.base import Tokenizer

Metrics = dict[str, Any]


def questions(card: ModelCard, split: str) -> list[Answered]:
    """The questions that the card is about, with their passages."""
    name = card.option("--data")
    return answered(corpus.load(name, split=split), name)


def valid_loss(card: ModelCard, model: nn.Module, tokenizer: Tokenizer) -> float:
    """Nats per question of valid."""
    asked = questions(card, "valid")
    library = Library(tokenizer, model.rarity, dict.fromkeys(text for one in asked for text in one[:2]))
    return Validation(library, asked, model.config.longest)(model)


def scored(card: ModelCard, model: nn.Module, tokenizer: Tokenizer, split: str) -> Metrics:
    """Exact match, F1 and the share of unanswerable questions that are found to be so, in per cent."""
    asked = questions(card, split)
    found = answer((model, tokenizer), [one.passage for one in asked], [one.question for one in asked])
    return _rounded(ReadingScores.of([one.text for one in found], asked))


def _rounded(scores: ReadingScores) -> Metrics:
    return {"exact_match": round(scores.exact, 1), "F1": round(scores.f1, 1), "no_answer": round(scores.none or 0.0, 1)}


def more(card: ModelCard, model: nn.Module, tokenizer: Tokenizer) -> Metrics:
    """The same questions of test without their passages: the passage is looked for among all that questions are asked about."""
    name = card.option("--data")
    records, passages = corpus.load(name), passages_of(name)
    search = BM25({id: passages[id] for id in dict.fromkeys(record.context_id for record in records)})
    asked, wanted = questions(card, "test"), [record.context_id for record in records.split("test")]
    found = ask((model, tokenizer), search, [one.question for one in asked])
    hits = [[hit.id for hit in search.search(one.question, PASSAGES)] for one in asked]
    told = _rounded(ReadingScores.of([one.text for one in found], asked))
    told |= {"texts": len(search), "recall at 1": round(100 * recall_at_k(hits, wanted, 1), 1)}
    told[f"recall at {PASSAGES}"] = round(100 * recall_at_k(hits, wanted, PASSAGES), 1)
    return {"whole_town": told, "settings": f"in per cent, as SQuAD 2.0 measures; whole town: BM25, {PASSAGES} texts are read"}


def baseline(card: ModelCard) -> Metrics:
    """The sentence that shares most words with the question, trimmed; its settings chosen on valid."""
    train, valid, test = (questions(card, split) for split in ("train", "valid", "test"))
    reader = OverlapReader.chosen([one.passage for one in train], valid)
    found = [reader.answer(one.question, one.passage) for one in test]
    what = f"the sentence with most of the question's words, trimmed to {reader.longest} (chosen on valid)"
    return {"what": what, "test": _rounded(ReadingScores.of(found, test))}
