"""Finding the passage before reading it: which of many texts have what a question is about?

**BM25** (Robertson & Walker 1994; Robertson & Zaragoza 2009, "The Probabilistic Relevance Framework") counts the words that
a question and a text share: rare words count more, a word said again counts ever less, and long texts are not favoured
for being long. **Vectors** find texts that say the same in other words: the cosine of two averages of word vectors, rare
words weighing more (Arora, Liang & Ma 2017). **Both** can be heard: their scores, brought to one scale, are added up (Bruch, Gai &
Ingber 2023, where that is better than adding up reciprocal ranks).
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

import numpy as np
from jaxtyping import Float

from lmcourse.corpus import Document
from lmcourse.errors import LmcourseError
from lmcourse.nn.pretrained import pretrained_vectors
from lmcourse.nn.vectors import WordVectors
from lmcourse.tokenizers.english import COMMON, stem
from lmcourse.tokenizers.placed import placed_words

Texts = Mapping[str, str] | Iterable[str | Document]


class Hit(NamedTuple):
    """A text that was found: its id, its score, the text."""

    id: str
    score: float
    text: str


class Retriever(ABC):
    """Texts that can be searched: a mapping from id to text, documents, or texts (whose ids are then their numbers)."""

    def __init__(self, texts: Texts) -> None:
        if isinstance(texts, str):
            raise LmcourseError("Give many texts to search in, not a single string.")
        if not isinstance(texts, Mapping):
            texts = dict((one.id, one.text) if isinstance(one, Document) else (str(number), one) for number, one in enumerate(texts))
        if not texts:
            raise LmcourseError("There is nothing to search in; give at least one text.")
        self.ids, self.texts = list(texts), list(texts.values())

    def __len__(self) -> int:
        return len(self.ids)

    @abstractmethod
    def scores(self, query: str) -> Float[np.ndarray, " texts"]:
        """How well each text fits."""

    def search(self, query: str, k: int = 5) -> list[Hit]:
        """The ``k`` best texts, the best first; of equals, the earlier one."""
        if k < 1:
            raise LmcourseError(f"At least one text is looked for, not {k}.")
        scores = self.scores(query)
        best = np.argsort(-scores, kind="stable")[:k]
        return [Hit(self.ids[place], float(scores[place]), self.texts[place]) for place in best]


def terms(text: str) -> list[str]:
    """The words of a text as a search knows them: stems, without the commonest words and without signs."""
    found = (stem(place.word) for place in placed_words(text) if place.word[0].isalnum())
    return [word for word in found if word not in COMMON]


class BM25(Retriever):
    """BM25. ``k1``: how soon repetition stops counting; ``b``: how much a long text must have more, from 0 (nothing) to 1."""

    def __init__(self, texts: Texts, k1: float = 1.2, b: float = 0.5) -> None:
        super().__init__(texts)
        counts = [Counter(terms(text)) for text in self.texts]
        lengths = np.array([count.total() for count in counts], dtype=float)
        relative = 1 - b + b * lengths / max(1e-9, lengths.mean())
        postings: dict[str, list[tuple[int, float]]] = defaultdict(list)  # of each word: the texts that have it, and what it is worth there
        for place, count in enumerate(counts):
            for word, times in count.items():
                postings[word].append((place, times * (k1 + 1) / (times + k1 * relative[place])))
        self.postings = {}
        for word, rows in postings.items():
            places, worth = zip(*rows, strict=True)
            rarity = np.log(1 + (len(self) - len(rows) + 0.5) / (len(rows) + 0.5))  # never negative
            self.postings[word] = np.array(places), rarity * np.array(worth)

    def scores(self, query: str) -> Float[np.ndarray, " texts"]:
        """The sum over the query's words."""
        total = np.zeros(len(self))
        for word in terms(query):
            if word in self.postings:
                places, worth = self.postings[word]
                total[places] += worth
        return total


class VectorSearch(Retriever):
    """The cosine of averaged word vectors, WordLlama's unless others are given."""

    def __init__(self, texts: Texts, vectors: WordVectors | None = None, smoothing: float = 1e-3) -> None:
        super().__init__(texts)
        cut = [_plain(text) for text in self.texts]
        counts = Counter(word for words in cut for word in words)
        self.smoothing, self.counts, self.given = smoothing, counts, vectors
        self.matrix = self._vectors_of(cut)

    def _vectors_of(self, cut: Sequence[Sequence[str]]) -> Float[np.ndarray, "texts size"]:
        vectors = self.given or pretrained_vectors({word: 0 for words in cut for word in words}, self.counts)
        if not vectors.counts:
            vectors = WordVectors(vectors.words, vectors.matrix, self.counts)
        return vectors.sentences(cut, self.smoothing).numpy()

    def scores(self, query: str) -> Float[np.ndarray, " texts"]:
        """The cosines."""
        words = _plain(query)
        return (self.matrix @ self._vectors_of([words])[0]).astype(float) if words else np.zeros(len(self))


class Fused(Retriever):
    """Several searches over the same texts, heard together: the weighted sum of their scores, each brought to mean 0 and spread 1.

    The first weighs 1, the others ``weight``.
    """

    def __init__(self, searches: Sequence[Retriever], weight: float = 0.3) -> None:
        first = searches[0]
        if any(one.ids != first.ids for one in searches):
            raise LmcourseError("Searches that are fused must search the same texts; build them from the same ones.")
        super().__init__(dict(zip(first.ids, first.texts, strict=True)))
        self.searches, self.weights = list(searches), [1.0] + [weight] * (len(searches) - 1)

    def scores(self, query: str) -> Float[np.ndarray, " texts"]:
        """The sum."""
        found = [one.scores(query) for one in self.searches]
        return sum(weight * (score - score.mean()) / (score.std() + 1e-9) for weight, score in zip(self.weights, found, strict=True))


def _plain(text: str) -> list[str]:
    return [place.word.lower() for place in placed_words(text) if place.word[0].isalnum()]
