"""Byte-pair encoding in its plainest form: count all pairs, merge the commonest, start over (Sennrich et al. 2016).

This is the definition; ``bpe.py`` learns the same merges, and the tests hold the two together. What it lacks is speed:
it reads the whole text again for every merge.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from lmcourse.tokenizers.base import as_texts
from lmcourse.tokenizers.split import PATTERN, splitter


class Merge(NamedTuple):
    """One learnt merge: tokens ``left`` and ``right`` become one, seen side by side ``count`` times at that moment."""

    left: int
    right: int
    count: int


def count_pairs(words: Iterable[Sequence[int]]) -> dict[tuple[int, int], int]:
    """Each pair of neighbours with its count, by first occurrence: ``[[1, 2, 1]]`` → ``{(1, 2): 1, (2, 1): 1}``."""
    counts: dict[tuple[int, int], int] = {}
    for word in words:
        for pair in zip(word, word[1:], strict=False):
            counts[pair] = counts.get(pair, 0) + 1
    return counts


def merge_pair(word: Sequence[int], pair: tuple[int, int], new: int) -> list[int]:
    """``word`` with each ``pair`` replaced by ``new``, from left to right: ``[1, 1, 1], (1, 1), 9`` → ``[9, 1]``."""
    merged: list[int] = []
    i = 0
    while i < len(word):
        if tuple(word[i : i + 2]) == pair:
            merged.append(new)
            i += 2
        else:
            merged.append(word[i])
            i += 1
    return merged


def learn_merges_plainly(texts: Iterable[str], number: int, min_count: int = 2, pattern: str = PATTERN) -> list[Merge]:
    """At most ``number`` merges, each of the pair that occurs most often; of equals, the one that occurs first."""
    words = [list(word.encode()) for text in as_texts(texts) for word in splitter(pattern)(text)]
    merges: list[Merge] = []
    while len(merges) < number:
        counts = count_pairs(words)
        best = max(counts, key=counts.__getitem__, default=None)  # of equals, max takes the first it meets
        if best is None or counts[best] < max(min_count, 1):
            break
        words = [merge_pair(word, best, 256 + len(merges)) for word in words]
        merges.append(Merge(*best, counts[best]))
    return merges
