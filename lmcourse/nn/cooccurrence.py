"""Word vectors by counting: who stands beside whom, what of it is more than chance, and the few numbers that keep it.

Counts of neighbours as vectors: Schütze 1993; what is more than chance, pointwise mutual information (PMI): Church &
Hanks 1990, its positive part (PPMI): Bullinaria & Levy 2007, the smoothing of its neighbours: Levy, Goldberg & Dagan
2015; the singular value decomposition that keeps the main
directions: Deerwester et al. 1990. Skip-gram with negative sampling does nearly the same (Levy & Goldberg 2014).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import torch

from lmcourse.errors import LmcourseError
from lmcourse.nn.embedding import numbered, vocabulary
from lmcourse.nn.vectors import WordVectors

if TYPE_CHECKING:
    from scipy.sparse import csr_matrix


def cooccurrences(
    texts: Sequence[Sequence[str]], window: int = 5, min_count: int = 5
) -> tuple[dict[str, int], csr_matrix]:
    """The words with their counts, and how often each stands near each other one, as a symmetric sparse matrix.

    A neighbour at distance d counts (window + 1 − d) / window: what skip-gram's drawn windows do on average.
    """
    import numpy as np
    from scipy import sparse

    if window < 1:
        raise LmcourseError(f"A window reaches at least 1 word, not {window}.")
    counts = vocabulary(texts, min_count)
    ids, text_of = (column.numpy() for column in numbered(texts, counts))
    table = sparse.csr_matrix((len(counts), len(counts)))
    for distance in range(1, window + 1):
        together = text_of[distance:] == text_of[:-distance]
        rows, columns = ids[:-distance][together], ids[distance:][together]
        share = np.full(len(rows), (window + 1 - distance) / window)
        table = table + sparse.csr_matrix((share, (rows, columns)), shape=table.shape)
    return counts, (table + table.T).tocsr()


def ppmi(counts: csr_matrix, smoothing: float = 0.75) -> csr_matrix:
    """log of (how often two words met) / (how often they would have by chance), with 0 for all that is less than chance.

    ``smoothing`` raises the neighbours' frequencies to this power, so that a rare word's chance meeting says less.
    """
    import numpy as np
    from scipy import sparse

    met = counts.tocoo()
    row, column = np.asarray(counts.sum(1)).ravel(), np.asarray(counts.sum(0)).ravel() ** smoothing
    chance = row[met.row] * column[met.col] / column.sum()
    more = np.maximum(np.log(met.data / chance), 0)
    kept = sparse.csr_matrix((more, (met.row, met.col)), shape=counts.shape)
    kept.eliminate_zeros()
    return kept


def svd_vectors(words: Mapping[str, int], table: csr_matrix, size: int = 100, seed: int = 0) -> WordVectors:
    """Vectors of ``size`` numbers that keep as much of the table's rows as so few can (truncated SVD, randomised)."""
    from sklearn.utils.extmath import randomized_svd

    if not 1 <= size < len(words):
        raise LmcourseError(f"{len(words)} words have at most {len(words) - 1} directions; {size} is out of range.")
    left, strength, _ = randomized_svd(table, size, random_state=seed)
    return WordVectors(list(words), torch.tensor(left * strength), words)
