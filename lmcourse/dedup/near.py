"""Texts that are nearly the same: MinHash signatures, banded so that similar ones meet, and an exact comparison.

MinHash (Broder 1997) turns the set of a text's word runs into a short signature; two signatures agree in a place with
the probability of the two sets' Jaccard similarity. Banding (locality-sensitive hashing, Indyk & Motwani 1998) files
signatures so that similar ones meet. What meets is compared exactly, so nothing is called a duplicate by chance.
"""

from __future__ import annotations

import re
import tempfile
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np
from jaxtyping import UInt64

from lmcourse.cleaning.report import StepReport
from lmcourse.corpus.documents import Document
from lmcourse.dedup.exact import spool, stable_hash
from lmcourse.errors import LmcourseError

SHINGLE = 3  # words in a run
SIGNATURE = 128  # hash values in a signature
THRESHOLD = 0.5

# A word is a run of letters or digits; where words are not separated by blanks, each character is one.
_UNSPACED = "\u0e00-\u0e7f\u3040-\u30ff\u3400-\u9fff"
_WORD = re.compile(rf"[{_UNSPACED}]|[^\W_{_UNSPACED}]+")


def shingles(text: str, n: int = SHINGLE) -> UInt64[np.ndarray, " runs"]:
    """The set of all runs of ``n`` words of ``text`` (lower case; each Chinese character is a word), as sorted hashes.

    A text of fewer than ``n`` words is one run. The hashes of words are combined as digits of a number in a large
    odd base, so that the order of the words counts, all runs at once.
    """
    words = _WORD.findall(text.lower())
    codes = np.array([_word_hash(word) for word in words], dtype=np.uint64)
    runs = max(1, len(codes) - n + 1)
    total = np.zeros(runs, dtype=np.uint64)
    for place in range(min(n, len(codes))):
        total = total * np.uint64(0x9E3779B97F4A7C15) + codes[place : place + runs]
    return np.unique(total)


@lru_cache(maxsize=500_000)
def _word_hash(word: str) -> int:
    return stable_hash(word)


def jaccard(one: UInt64[np.ndarray, " a"], other: UInt64[np.ndarray, " b"]) -> float:
    """Shared elements by all elements of two sets of shingles, 0 to 1."""
    shared = len(np.intersect1d(one, other, assume_unique=True))
    return shared / (len(one) + len(other) - shared)


class NearIndex:
    """Files documents so that the ones similar to a new one are found at once.

    In memory stay the signatures (about 0.5 KB and the entries of the bands a document); the shingles, which grow
    with the text, lie in a temporary file and are read back for the few documents that meet.
    """

    def __init__(self, threshold: float = THRESHOLD, size: int = SIGNATURE):
        if not 0 < threshold <= 1:
            raise LmcourseError(
                f"A similarity threshold lies between 0 and 1, not at {threshold}; 0.5 to 0.8 is usual."
            )
        from datasketch import MinHash, MinHashLSH

        self.threshold = threshold
        # Missing a duplicate costs more than one comparison too many: hence the weights.
        self.bands = MinHashLSH(threshold=threshold, num_perm=size, weights=(0.1, 0.9))
        self.empty = MinHash(num_perm=size, hashfunc=lambda value: value)
        self.ids: list[str] = []
        self.places: list[tuple[int, int]] = []
        self.file = tempfile.TemporaryFile()  # noqa: SIM115 - lives as long as the index

    def signature(self, runs: UInt64[np.ndarray, " runs"]) -> Any:
        """The MinHash of a set of shingles."""
        signature = self.empty.copy()
        signature.update_batch((runs >> np.uint64(32)).tolist())
        return signature

    def similar(self, runs: UInt64[np.ndarray, " runs"], signature: Any) -> list[tuple[int, float]]:
        """Number and similarity of every filed document whose Jaccard similarity reaches the threshold, in order."""
        met = sorted(self.bands.query(signature))
        pairs = ((number, jaccard(runs, self._shingles(number))) for number in met)
        return [(number, similarity) for number, similarity in pairs if similarity >= self.threshold]

    def add(self, id: str, runs: UInt64[np.ndarray, " runs"], signature: Any) -> int:
        """File a document; returns its number."""
        number = len(self.ids)
        self.bands.insert(number, signature, check_duplication=False)
        self.places.append((self.file.seek(0, 2), len(runs)))
        spool(self.file, runs.tobytes())
        self.ids.append(id)
        return number

    def _shingles(self, number: int) -> UInt64[np.ndarray, " runs"]:
        offset, count = self.places[number]
        self.file.seek(offset)
        return np.frombuffer(self.file.read(8 * count), dtype=np.uint64)


@dataclass(frozen=True, slots=True)
class NearPair:
    """Two documents (the earlier one first) and their Jaccard similarity."""

    first: str
    second: str
    similarity: float


@dataclass(frozen=True, slots=True)
class NearDuplicates:
    """All similar pairs, and the clusters they form: ids in the order of the documents, the first one to keep."""

    pairs: list[NearPair]
    clusters: list[list[str]]


def near_duplicates(documents: Iterable[Document], threshold: float = THRESHOLD) -> NearDuplicates:
    """Pairs of documents that share at least ``threshold`` of their word runs, and clusters of such pairs.

    A cluster is what is connected by pairs (union-find), so its ends may be less alike than the threshold.
    """
    index, pairs, parents = NearIndex(threshold), [], []
    for document in documents:
        runs = shingles(document.text)
        signature = index.signature(runs)
        number = len(parents)
        parents.append(number)
        for other, similarity in index.similar(runs, signature):
            pairs.append(NearPair(index.ids[other], document.id, similarity))
            one, two = sorted((_root(parents, other), _root(parents, number)))
            parents[two] = one
        index.add(document.id, runs, signature)
    clusters = defaultdict(list)
    for number, id in enumerate(index.ids):
        clusters[_root(parents, number)].append(id)
    return NearDuplicates(pairs, [cluster for cluster in clusters.values() if len(cluster) > 1])


def _root(parents: list[int], number: int) -> int:
    while parents[number] != number:
        parents[number] = parents[parents[number]]
        number = parents[number]
    return number


def drop_near(documents: Iterable[Document], report: StepReport, threshold: float = THRESHOLD) -> Iterator[Document]:
    """Work of a step: drop a document that is similar to one *handed on before*.

    Unlike clusters this can be decided at once, needs no memory of what was dropped, and promises that for every
    document dropped one at least as similar as the threshold is kept.
    """
    index = NearIndex(threshold)
    for document in documents:
        runs = shingles(document.text)
        signature = index.signature(runs)
        alike = index.similar(runs, signature)
        if alike:
            report.remove(document, "near duplicate", index.ids[max(alike, key=lambda pair: (pair[1], -pair[0]))[0]])
        else:
            index.add(document.id, runs, signature)
            yield document
