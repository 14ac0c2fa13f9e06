"""A simple classifier to hold labels against: TF-IDF of words and word pairs, logistic regression, 5-fold.

If it guesses nearly every label, the labels hang on a few words and there is little to learn; if it does no better than
the commonest label, they cannot be seen in the text (tf-idf: Spärck Jones 1972; with a linear model it is the usual
first baseline of text classification).
"""

from __future__ import annotations

import hashlib
import math
import re
from collections import Counter
from collections.abc import Sequence

import torch

from lmcourse.dedup.near import _UNSPACED

TOKEN = re.compile(rf"[{_UNSPACED}]|[^\W_{_UNSPACED}]+(?:['’][^\W_]+)?|[!?]")


def features(text: str) -> Counter[str]:
    """Words (Chinese: characters) and pairs of neighbours, in lower case, with their counts."""
    tokens = TOKEN.findall(text.lower())
    return Counter([*tokens, *(f"{one} {two}" for one, two in zip(tokens, tokens[1:], strict=False))])


class Classifier:
    """Fit on texts and labels; ``predict`` texts."""

    def __init__(self, texts: Sequence[str], labels: Sequence[str], penalty: float = 1.0) -> None:
        counts = [features(text) for text in texts]
        frequency = Counter(name for count in counts for name in count)
        self.columns = {name: place for place, name in enumerate(sorted(frequency))}
        weights = [math.log((1 + len(texts)) / (1 + frequency[name])) + 1 for name in self.columns]
        self.weights = torch.tensor(weights)
        self.labels = sorted(set(labels))
        rows, wanted = self._rows(counts), torch.tensor([self.labels.index(label) for label in labels])
        self.slope = torch.zeros(len(self.columns), len(self.labels), requires_grad=True)
        self.height = torch.zeros(len(self.labels), requires_grad=True)
        optimizer = torch.optim.LBFGS([self.slope, self.height], max_iter=60, line_search_fn="strong_wolfe")

        def closure() -> torch.Tensor:
            optimizer.zero_grad()
            error = torch.nn.functional.cross_entropy(rows @ self.slope + self.height, wanted, reduction="sum")
            loss = error + self.slope.square().sum() / (2 * penalty)
            loss.backward()
            return loss

        optimizer.step(closure)

    def _rows(self, counts: Sequence[Counter[str]]) -> torch.Tensor:
        places, values = [], []
        for row, count in enumerate(counts):
            for name, number in count.items():
                if name in self.columns:
                    places.append((row, self.columns[name]))
                    values.append(1 + math.log(number))
        rows = torch.zeros(len(counts), len(self.columns))
        if places:
            rows[tuple(torch.tensor(places).T)] = torch.tensor(values)
        return torch.nn.functional.normalize(rows * self.weights)

    def predict(self, texts: Sequence[str]) -> list[str]:
        """The likeliest label of each text."""
        with torch.no_grad():
            scores = self._rows([features(text) for text in texts]) @ self.slope + self.height
        return [self.labels[place] for place in scores.argmax(dim=1).tolist()]


def accuracy(texts: Sequence[str], labels: Sequence[str], folds: int = 5) -> float:
    """The share of right labels when each text is labelled by a classifier that has not seen it, 0 to 1."""
    # Each fold has its share of each label; within a label a hash of the text deals them out, the same every time.
    hashed = [hashlib.blake2b(text.encode()).digest() for text in texts]
    order = sorted(range(len(texts)), key=lambda place: (labels[place], hashed[place]))
    right = 0
    for fold in range(folds):
        held = order[fold::folds]
        rest = [place for place in order if place not in set(held)]
        model = Classifier([texts[place] for place in rest], [labels[place] for place in rest])
        guesses = model.predict([texts[place] for place in held])
        right += sum(guess == labels[place] for guess, place in zip(guesses, held, strict=True))
    return right / len(texts)
