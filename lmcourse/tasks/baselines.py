"""What a task costs without a neural network: the simple methods that a trained model has to beat.

A score says little by itself. Beside it belongs that of the cheapest method that a sensible person would try first:
counted words and a linear model for labels, the most similar known sentence for a translation, the sentence that shares
most words with the question for an answer. ``bench/willow_bay_tasks.py`` tunes all three and prints what they reach.
"""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from itertools import product
from typing import TYPE_CHECKING

from lmcourse.corpus.squad import Answered
from lmcourse.decoding import start_id
from lmcourse.errors import LmcourseError
from lmcourse.metrics import Score, bleu, f1, score_of
from lmcourse.ngram import NGramLM
from lmcourse.tokenizers.bag import TOKEN
from lmcourse.tokenizers.base import Tokenizer
from lmcourse.tokenizers.english import COMMON, NUMBER, PLACE, TIME, stem

if TYPE_CHECKING:
    from sklearn.pipeline import Pipeline

# Runs of words up to 1 or 2, of characters up to 4 or 5: among these, valid chooses.
FEATURES = ((1, False), (2, False), (4, True), (5, True))


def text_classifier(penalty: float = 1.0, longest: int = 2, characters: bool = False) -> Pipeline:
    """TF-IDF (Spärck Jones 1972) and logistic regression, untrained: scikit-learn's ``fit(texts, labels)``, ``predict``.

    Features are runs of 1 to ``longest`` words, or, with ``characters``, of 2 to ``longest`` characters within words;
    the smaller ``penalty`` (scikit-learn's C) is, the smaller the weights are kept.
    """
    from sklearn.feature_extraction.text import TfidfVectorizer
    from sklearn.linear_model import LogisticRegression
    from sklearn.pipeline import make_pipeline

    runs = {"analyzer": "char_wb", "ngram_range": (2, longest)} if characters else {"ngram_range": (1, longest)}
    features = TfidfVectorizer(token_pattern=None if characters else TOKEN, sublinear_tf=True, **runs)
    return make_pipeline(features, LogisticRegression(C=penalty, max_iter=1000))


class NearestTranslation:
    """Translate by looking up: the translation of the known sentence that is most similar to the one asked for.

    Similar is what shares many and rare runs of 1 to ``longest`` tokens (with ``characters``: of 2 to ``longest``
    characters): the cosine of TF-IDF vectors.
    """

    def __init__(self, longest: int = 2, characters: bool = False) -> None:
        self.features = text_classifier(longest=longest, characters=characters)[0]

    def fit(self, sources: Sequence[str], targets: Sequence[str]) -> NearestTranslation:
        """Remember sentences and their translations."""
        self.targets = list(targets)
        self.known = self.features.fit_transform(sources)
        return self

    def predict(self, sources: Sequence[str]) -> list[str]:
        """For each source the target of its nearest known sentence; of equals, the first."""
        near = self.features.transform(sources) @ self.known.T
        return [self.targets[place] for place in near.toarray().argmax(axis=1)]

    @classmethod
    def chosen(
        cls, train: Sequence[tuple[str, str]], valid: Sequence[tuple[str, str]], language: str
    ) -> tuple[NearestTranslation, float, str]:
        """The one with the best BLEU on ``valid``, that BLEU, and its features in words. ``language``: the targets'."""
        sources, wanted = zip(*valid, strict=True)
        trials = [cls(*features).fit(*zip(*train, strict=True)) for features in FEATURES]
        scores = [bleu(trial.predict(sources), wanted, language) for trial in trials]
        best = scores.index(max(scores))
        longest, characters = FEATURES[best]
        return trials[best], scores[best], f"{'characters' if characters else 'words'}, runs up to {longest}"


def counted_score(model: NGramLM, tokenizer: Tokenizer, text: str, special: Iterable[str] = ()) -> Score:
    """A count model's surprise at each token of ``text``, read from its beginning."""
    ids = [start_id(tokenizer), *tokenizer.encode(text, special)]
    return score_of((-model.log_prob(ids)[1:]).tolist(), ids[1:], tokenizer, text)


# --- answers ------------------------------------------------------------------------------------------------------

_WORD = re.compile(r"[^\W_]+(?:[:.'’\-][^\W_]+)*")
_SENTENCE = re.compile(r"[^.!?\n]+(?:[.!?](?=\d)[^.!?\n]*)*[.!?]*[\"')]*")


@dataclass
class OverlapReader:
    """Answer from a passage without understanding it: the sentence that shares most with the question, cut to its news.

    Words count by their rarity in the passages given to :meth:`fit`. Of the chosen sentence, the runs of words that are
    not in the question are candidates, and the question word picks one: "when" wants a run with a word of time, "who"
    one with a name. Below a share of ``least`` of the question's weight, there is no answer. ``longest`` is in words.
    """

    least: float = 0.0
    longest: int = 8
    rarity: dict[str, float] = field(default_factory=dict, repr=False)

    def fit(self, passages: Iterable[str]) -> OverlapReader:
        """Count in how many passages each word stands."""
        passages = [set(map(stem, _WORD.findall(passage))) for passage in passages]
        if not passages:
            raise LmcourseError("Rarity is counted in passages; give at least one.")
        counts = Counter(word for passage in passages for word in passage)
        self.rarity = {word: math.log(len(passages) / count) for word, count in counts.items()}
        return self

    @classmethod
    def chosen(cls, passages: Iterable[str], valid: Sequence[Answered]) -> OverlapReader:
        """The one with the best F1 on ``valid``; ``passages`` are counted, each once."""
        passages = dict.fromkeys(passages)
        trials = [
            cls(least, longest).fit(passages)
            for least, longest in product((0.0, 0.1, 0.15, 0.2, 0.25, 0.3, 0.4), (2, 3, 4, 5, 6, 8, 10, 15, 25))
        ]

        def score(reader: OverlapReader) -> float:
            return sum(f1(reader.answer(one.question, one.passage), [text for text, _ in one.answers]) for one in valid)

        return max(trials, key=score)

    def answer(self, question: str, passage: str) -> str:
        """A span of the passage, or the empty string."""
        asked = {root for word in _WORD.findall(question) if (root := stem(word)) not in COMMON}
        rarest = max(self.rarity.values(), default=1.0)
        weight = {word: self.rarity.get(word, rarest) + 1 for word in asked}

        def shared(sentence: str) -> float:
            return sum((weight[word] for word in asked & set(map(stem, _WORD.findall(sentence)))), start=0.0)

        sentences = [sentence.strip() for sentence in _SENTENCE.findall(passage) if _WORD.search(sentence)]
        best = max(sentences, key=shared, default="")
        if not best or shared(best) < self.least * sum(weight.values()):
            return ""
        return self._trimmed(best, question, asked)

    def _trimmed(self, sentence: str, question: str, asked: set[str]) -> str:
        """The run of words that says what is asked for."""
        runs: list[list[re.Match[str]]] = [[]]
        for word in _WORD.finditer(sentence):
            between = sentence[runs[-1][-1].end() : word.start()].strip() if runs[-1] else ""
            if between or stem(word[0]) in asked:
                runs.append([])
            if stem(word[0]) not in asked:
                runs[-1].append(word)
        runs = [run for run in runs if any(stem(word[0]) not in COMMON for word in run)]
        if not runs:
            return sentence
        kind, fits = _wanted(question)
        found = max(runs, key=lambda run: (any(map(fits, run)), len(run)))
        if kind in ("who", "how many"):  # from the first word that fits on: names go on, a number takes its noun
            start = next((place for place, word in enumerate(found) if fits(word)), 0)
            found = found[start : start + 2]
            found = found if kind != "who" or fits(found[-1]) else found[:1]
        elif kind in ("when", "where") and any(map(fits, found)):
            found = found[next(place for place, word in enumerate(found) if fits(word)) :]
        while kind == "what" and len(found) > 1 and stem(found[0][0]) in COMMON - {"a", "an", "the"}:
            found = found[1:]
        found = found[: self.longest]
        return sentence[found[0].start() : found[-1].end()]


def _wanted(question: str) -> tuple[str, Callable[[re.Match[str]], bool]]:
    """What the question asks for, and a test of whether a word (a match in its sentence) is of that sort."""
    first = re.search(r"\b(who|whose|whom|when|where|why|how many|how much|how long)\b", question.lower())
    kind = {"whose": "who", "whom": "who", "how much": "how many", "how long": "how many"}.get(
        first[1] if first else "", first[1] if first else "what"
    )
    tests = {
        "who": lambda word: word[0][0].isupper() and word.start() > 0 and word[0].lower() not in TIME,
        "when": lambda word: word[0].lower() in TIME or word[0][0].isdigit(),
        "where": lambda word: word[0].lower() in PLACE,
        "why": lambda word: word[0].lower() in ("because", "since", "so", "for"),
        "how many": lambda word: word[0].lower().split("-")[0] in NUMBER or word[0][0].isdigit(),
    }
    return kind, tests.get(kind, lambda word: False)
