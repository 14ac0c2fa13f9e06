"""Is it writing or reciting? How much of a text repeats itself, is like the other texts, or stands in the training text.

**distinct-n** (Li et al. 2016): of all runs of n words, how many are different; low where a model always says the same.
**Repetition** (Welleck et al. 2020): of the runs of n words in one text, how many it had said before. **Copying**: the longest
run of words that also stands, word for word, in the text that a model learnt from (as Lee et al. 2022 and Carlini et al. 2023
measure memorisation). People quote, too: so beside a model belongs what a person wrote about the same things.

Finding the longest run needs an index. All the places of the training text are sorted by what follows them, a **suffix
array** 后缀数组 (Manber & Myers 1993); of everything that was read, the longest match of a beginning then stands next to
where that beginning would be sorted in.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from lmcourse.errors import LmcourseError

# Words with what is inside them, Chinese characters, and marks, each by itself; case tells them apart.
_WORD = re.compile(r"[^\W_\u3400-\u9fff]+(?:['’\-:.][^\W_\u3400-\u9fff]+)*|[\u3400-\u9fff]|[^\w\s]|_")
LONGEST = 400  # words of a run are looked at; who copies more has copied


@dataclass(frozen=True)
class Overlap:
    """A run of ``words`` words, from number ``start`` on, that stands in the training text; ``text`` is the run."""

    words: int
    start: int
    text: str


class TrainingText:
    """The words of the texts that a model learnt from, sorted so that copies of them are found quickly."""

    def __init__(self, texts: Iterable[str]) -> None:
        read = [words(text) for text in texts]
        if not any(read):
            raise LmcourseError("Copying is looked for in training text; give at least one text with a word in it.")
        # A mark that no text has stands between two texts, so that no run goes from one into the next.
        self.words = [word for text in read for word in (*text, "\0")]
        numbers = {word: number for number, word in enumerate(sorted(set(self.words)))}
        self.order = _sorted_suffixes(np.array([numbers[word] for word in self.words]))

    def overlaps(self, text: str) -> list[int]:
        """For each word of ``text``: how long the run is that begins there and stands in the training text."""
        return self._runs(words(text))

    def longest(self, text: str) -> Overlap:
        """The longest run that ``text`` shares with the training text; of equals, the first."""
        found = words(text)
        runs = self._runs(found) or [0]
        start = max(range(len(runs)), key=runs.__getitem__)
        return Overlap(runs[start], start, " ".join(found[start : start + runs[start]]))

    def copied(self, text: str, least: int = 8) -> float:
        """Which share of the words stands in runs of at least ``least`` that were in the training text."""
        runs = self.overlaps(text)
        inside = {place for start, run in enumerate(runs) if run >= least for place in range(start, start + run)}
        return len(inside) / len(runs) if runs else 0.0

    def _runs(self, found: Sequence[str]) -> list[int]:
        runs: list[int] = []
        for start in range(len(found)):
            wanted = list(found[start : start + LONGEST])
            place = bisect_left(self.order, wanted, key=lambda at: self.words[at : at + LONGEST])
            beside = self.order[max(0, place - 1) : place + 1]
            runs.append(max(_shared(wanted, self.words[at : at + LONGEST]) for at in beside))
        return runs


def words(text: str) -> list[str]:
    """The words and marks of a text, in order."""
    return _WORD.findall(text)


def first_words(text: str, most: int) -> str:
    """The first ``most`` words of a text, as it stands."""
    ends = [match.end() for match in _WORD.finditer(text)]
    return text if len(ends) <= most else text[: ends[most - 1]]


def distinct(texts: Sequence[str], n: int = 2) -> float:
    """distinct-n: the share of different ones among all runs of ``n`` words in all ``texts`` together, 0 to 1.

    It falls with the amount of text: compare equal amounts.
    """
    runs = [run for text in texts for run in _ngrams(text, n)]
    return len(set(runs)) / len(runs) if runs else 0.0


def repetition(texts: Sequence[str], n: int = 4) -> float:
    """The mean share of runs of ``n`` words that a text has had before, 0 to 1; texts shorter than that are left out."""
    runs = [run for text in texts if (run := _ngrams(text, n))]
    return sum(1 - len(set(run)) / len(run) for run in runs) / len(runs) if runs else 0.0


def _ngrams(text: str, n: int) -> list[tuple[str, ...]]:
    if n < 1:
        raise LmcourseError(f"A run has at least one word, not {n}; 2 and 4 are usual.")
    found = words(text)
    return list(zip(*(found[start:] for start in range(n)), strict=False))


def _shared(one: Sequence[str], other: Sequence[str]) -> int:
    """How many words two runs have in common from their beginnings on."""
    return next((at for at, (a, b) in enumerate(zip(one, other, strict=False)) if a != b), min(len(one), len(other)))


def _sorted_suffixes(numbers: np.ndarray) -> list[int]:
    """The places of ``numbers``, sorted by what follows them, by prefix doubling: first by one number, then by two, four, …"""
    ranks, size = numbers.astype(np.int64), 1
    while True:
        behind = np.concatenate([ranks[size:] + 1, np.zeros(min(size, len(ranks)), dtype=np.int64)])
        keys = ranks * (ranks.max() + 2) + behind
        different, ranks = np.unique(keys, return_inverse=True)
        size *= 2
        if len(different) == len(keys) or size > LONGEST:
            return np.argsort(ranks, kind="stable").tolist()
