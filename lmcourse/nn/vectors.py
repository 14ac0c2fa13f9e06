"""Words as points: which are near, which lie in the same direction, and where a whole sentence lies.

Nearness is the cosine of the angle between two vectors, so that a long vector is no nearer than a short one. Analogies
by adding and subtracting: Mikolov, Yih & Zweig 2013; why the words of the question are left out of the answers, and what
that hides: Linzen 2016. Sentences as averages in which frequent words count less: Arora, Liang & Ma 2017.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Mapping, Sequence

import torch
from jaxtyping import Float
from torch import Tensor

from lmcourse.errors import LmcourseError


class WordVectors:
    """Words and their vectors, one row each. ``counts``: how often each word was seen, where that is known."""

    def __init__(
        self, words: Sequence[str], matrix: Float[Tensor, "words size"], counts: Mapping[str, int] | None = None
    ) -> None:
        if len(set(words)) < len(words) or len(words) != len(matrix):
            raise LmcourseError(f"{len(matrix)} vectors for {len(set(words))} different words; give each word one.")
        self.words, self.matrix, self.counts = list(words), matrix.detach().float(), dict(counts or {})
        self.ids = {word: number for number, word in enumerate(self.words)}
        self.unit = torch.nn.functional.normalize(self.matrix, dim=1)  # every vector with length 1

    def __len__(self) -> int:
        return len(self.words)

    def __contains__(self, word: str) -> bool:
        return word in self.ids

    def __repr__(self) -> str:
        return f"WordVectors({len(self):,} words, {self.matrix.shape[1]} numbers each)"

    def id(self, word: str) -> int:
        """The row of a word."""
        if word not in self.ids:
            near = difflib.get_close_matches(word, self.words, n=2)
            offer = f"; there is {' and '.join(near)}" if near else ""
            raise LmcourseError(f"There is no vector for {word!r}{offer}. Words seen too seldom have none.")
        return self.ids[word]

    def __getitem__(self, word: str) -> Float[Tensor, " size"]:
        return self.unit[self.id(word)]

    def among(self, words: Iterable[str]) -> WordVectors:
        """Only these words, in this order; those without a vector are left out."""
        known = [word for word in dict.fromkeys(words) if word in self]
        return WordVectors(known, self.matrix[[self.ids[word] for word in known]], self.counts)

    def similarity(self, one: str, other: str) -> float:
        """The cosine of two words: 1 for the same direction, 0 for nothing in common, −1 for opposite directions."""
        return float(self[one] @ self[other])

    def nearest(
        self, word: str | Float[Tensor, " size"], k: int = 10, without: Iterable[str] = ()
    ) -> list[tuple[str, float]]:
        """The ``k`` words nearest to a word (itself left out) or to a vector, each with its cosine."""
        query = self[word] if isinstance(word, str) else torch.nn.functional.normalize(word, dim=0)
        cosines = self.unit @ query
        for other in {*without, *([word] if isinstance(word, str) else [])}:
            if other in self:
                cosines[self.ids[other]] = -torch.inf
        best = cosines.topk(min(k, len(self)))
        return [(self.words[at], float(cosine)) for cosine, at in zip(best.values, best.indices, strict=True) if cosine > -2]

    def analogy(self, a: str, b: str, c: str, k: int = 1, exclude: bool = True) -> list[str]:
        """``a`` is to ``b`` as ``c`` is to …: the words nearest to b − a + c.

        ``exclude=False`` lets the three words of the question be answers, too; then c itself is the usual one.
        """
        without = (a, b, c) if exclude else ()
        return [word for word, _ in self.nearest(self[b] - self[a] + self[c], k, without)]

    def sentences(
        self, texts: Iterable[Iterable[str]], smoothing: float | None = 1e-3
    ) -> Float[Tensor, "texts size"]:
        """A vector of length 1 for each text: the mean of its words' vectors, a zero vector where it knows none.

        A word of relative frequency p counts a / (a + p), where a is ``smoothing``; None counts all words alike.
        """
        weight = torch.ones(len(self))
        if smoothing is not None:
            if not self.counts:
                raise LmcourseError("Nothing is known of how often these words occur; give smoothing=None.")
            total = sum(self.counts.values())
            weight = smoothing / (smoothing + torch.tensor([self.counts.get(word, 0) / total for word in self.words]))
        weighted, means = self.unit * weight[:, None], []
        for text in texts:
            means.append(weighted[[self.ids[word] for word in text if word in self.ids]].sum(0))
        return torch.nn.functional.normalize(torch.stack(means), dim=1)
