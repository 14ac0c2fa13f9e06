"""Count language models: the next token depends on the last few; its probability is counted, then smoothed.

An n-gram model (Shannon 1948) of order 3 asks: after these two tokens, how often did each token follow? Most
n-grams never occur, so what did occur must lend some of its probability to what did not. The ways to lend are those
that Chen and Goodman (1998) compared (h: the context; h': h without its first token; c: counts; N1+(h·): how many
different tokens follow h; V: vocabulary size):

* ``add-k``:        P(w|h) = (c(hw) + k) / (c(h) + kV). Shorter contexts are not asked.
* ``witten-bell``:  P(w|h) = (c(hw) + N1+(h·) P(w|h')) / (c(h) + N1+(h·)).
* ``kneser-ney``:   P(w|h) = (max(c(hw) - D, 0) + D N1+(h·) P(w|h')) / c(h). Below the highest order, c does not count
  how often an n-gram occurs but after how many different tokens: "Francisco" is frequent, yet follows only "San".
* ``modified-kneser-ney``: the same with three discounts D, for n-grams counted once, twice, and more often.

Below the single token stands 1/V, so that nothing is impossible. A context that never occurred has nothing to say:
P(w|h) is then P(w|h'), and with add-k 1/V.

The n-grams of an order are one sorted array. The key of an n-gram is (index of its first n-1 tokens) x V + (its last
token): so the continuations of a context stand together, and keys stay small, however high the order.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple, TypeAlias

import numpy as np
from jaxtyping import Float, Int

from lmcourse.errors import LmcourseError

Ids: TypeAlias = Sequence[int] | Int[np.ndarray, " n"]
SMOOTHINGS = ("add-k", "witten-bell", "kneser-ney", "modified-kneser-ney")


class NGramLM:
    """P(token | the ``order`` - 1 tokens before it), for ids below ``vocab_size``.

    Where fewer tokens stand before, at the start of a text, the lower order that fits is used. ``k`` is for ``add-k``.
    """

    def __init__(self, order: int, vocab_size: int, smoothing: str = "kneser-ney", k: float = 1.0) -> None:
        if smoothing not in SMOOTHINGS:
            raise LmcourseError(f"There is no smoothing {smoothing!r}; choose one of: {', '.join(SMOOTHINGS)}.")
        if order < 1 or vocab_size < 1 or k <= 0:
            raise LmcourseError("An n-gram model needs order, vocab_size and k above 0; choose larger ones.")
        self.order = order
        self.vocab_size = vocab_size
        self.smoothing = smoothing
        self.k = k
        self._tables: list[_Table] = []

    def fit(self, ids: Ids) -> NGramLM:
        """Count the n-grams of one text, and forget any before. Documents: join them with a special token between."""
        tokens = self._checked(ids)
        grams = np.zeros(len(tokens), np.int64)  # which gram ends at each position; of length 0 there is one
        contexts = 1  # how many different grams of that length there are
        counted: list[tuple[Int[np.ndarray, " grams"], int, Int[np.ndarray, " grams"]]] = []
        for order in range(1, min(self.order, len(tokens)) + 1):
            keys = grams[: len(tokens) - order + 1] * self.vocab_size + tokens[order - 1 :]
            keys, first, longer, counts = np.unique(keys, return_index=True, return_inverse=True, return_counts=True)
            if order > 1 and self.smoothing.endswith("kneser-ney"):
                # Each different gram counts once for the gram without its first token, which ends at the same place.
                counted[-1] = (*counted[-1][:2], np.bincount(grams[first + 1], minlength=contexts))
            counted.append((keys, contexts, counts))
            grams, contexts = longer, len(keys)
        self._tables = [self._smoothed(*table) for table in counted]
        return self

    def log_prob(self, ids: Ids) -> Float[np.ndarray, " n"]:
        """ln P of each token given the tokens before it."""
        tokens = self._checked(ids)
        p = np.full(len(tokens), 1 / self.vocab_size)
        grams = np.zeros(len(tokens), np.int64)
        for order, table in enumerate(self._fitted()[: len(tokens)], start=1):
            contexts = grams[: len(tokens) - order + 1]
            grams = table.find(contexts * self.vocab_size + tokens[order - 1 :])
            p[order - 1 :] = table.share[grams] + table.lent[contexts] * self._below(p[order - 1 :])
        return np.log(p)

    def loss(self, ids: Ids) -> float:
        """Mean of -ln P over all tokens: nats per token."""
        return -float(self.log_prob(ids).mean())

    def perplexity(self, ids: Ids) -> float:
        """exp(loss): among how many equally likely tokens the model might as well be choosing."""
        return float(np.exp(self.loss(ids)))

    def next(self, context: Ids = ()) -> Float[np.ndarray, " vocab_size"]:
        """The probability of each token after ``context``; they sum to 1."""
        tables = self._fitted()
        tokens = self._checked(context, least=0)
        p = np.full(self.vocab_size, 1 / self.vocab_size)
        for order in range(1, min(len(tables), len(tokens) + 1) + 1):
            table, gram = tables[order - 1], np.zeros(1, np.int64)
            for shorter, token in zip(tables, tokens[len(tokens) - order + 1 :], strict=False):
                gram = shorter.find(gram * self.vocab_size + token)
            start = gram.item() * self.vocab_size  # negative, like all keys with a part not seen: finds nothing
            here = slice(*np.searchsorted(table.keys, [start, start + self.vocab_size]))
            p = table.lent[gram] * self._below(p)
            p[table.keys[here] - start] += table.share[here]
        return p

    def sample(self, n: int, seed: int = 0, context: Ids = ()) -> list[int]:
        """``n`` tokens, each drawn from :meth:`next` after ``context`` and the tokens drawn before it."""
        random = np.random.default_rng(seed)
        tokens = [int(token) for token in context]
        for _ in range(n):
            cumulative = np.cumsum(self.next(tokens[max(0, len(tokens) - self.order + 1) :]))
            tokens.append(int(np.searchsorted(cumulative, random.random() * cumulative[-1], side="right")))
        return tokens[len(tokens) - n :]

    @property
    def sizes(self) -> list[int]:
        """How many different n-grams of each length were seen, from single tokens up."""
        return [len(table.keys) for table in self._fitted()]

    def _smoothed(self, keys: Int[np.ndarray, " grams"], contexts: int, counts: Int[np.ndarray, " grams"]) -> _Table:
        context = keys // self.vocab_size
        total = np.bincount(context, counts, contexts)
        if self.smoothing == "add-k":
            lent = np.full(contexts, self.k * self.vocab_size)
            total = total + lent
            kept = counts
        elif self.smoothing == "witten-bell":
            lent = np.bincount(context, minlength=contexts)
            total = total + lent
            kept = counts
        else:
            discount = discounts(counts, modified=self.smoothing.startswith("modified"))[np.minimum(counts, 3)]
            lent = np.bincount(context, discount, contexts)
            kept = counts - discount
        # A context at the very end of the text has no continuation: it lends everything.
        lent = np.divide(lent, total, out=np.ones(contexts), where=total > 0)
        share = np.divide(kept, total[context], out=np.zeros(len(keys)), where=total[context] > 0)
        return _Table(keys, np.append(share, 0.0), np.append(lent, 1.0))

    def _below(self, p: Float[np.ndarray, " n"]) -> Float[np.ndarray, " n"]:
        # What an order is mixed with: the order below it, or for add-k, which is a mixture with 1/V in disguise, that.
        return np.full_like(p, 1 / self.vocab_size) if self.smoothing == "add-k" else p

    def _fitted(self) -> list[_Table]:
        if not self._tables:
            raise LmcourseError("This n-gram model has counted nothing yet; call fit(ids) first.")
        return self._tables

    def _checked(self, ids: Ids, least: int = 1) -> Int[np.ndarray, " n"]:
        tokens = np.asarray(ids, np.int64)
        if len(tokens) < least:
            raise LmcourseError("An empty text has no n-grams; give at least one token.")
        if len(tokens) and not 0 <= tokens.min() <= tokens.max() < self.vocab_size:
            wrong = tokens.min() if tokens.min() < 0 else tokens.max()
            raise LmcourseError(
                f"Id {wrong} is not in a vocabulary of {self.vocab_size}; give vocab_size the tokenizer's vocab_size."
            )
        return tokens


class _Table(NamedTuple):
    """The n-grams of one length: P(w|h) = share[hw] + lent[h] P(w|h'). Index -1, not seen, finds 0 and 1 there."""

    keys: Int[np.ndarray, " grams"]  # ascending
    share: Float[np.ndarray, " grams+1"]
    lent: Float[np.ndarray, " contexts+1"]

    def find(self, keys: Int[np.ndarray, " n"]) -> Int[np.ndarray, " n"]:
        """The index of each key, or -1."""
        at = np.minimum(np.searchsorted(self.keys, keys), len(self.keys) - 1)
        return np.where(self.keys[at] == keys, at, -1)


def discounts(counts: Int[np.ndarray, " grams"], modified: bool = False) -> Float[np.ndarray, " 4"]:
    """How much to take from a count of 0, 1, 2, and 3 or more, estimated from how many n-grams are that rare.

    With n1 n-grams counted once, n2 twice …: D = n1 / (n1 + 2 n2); modified: 1 - 2D n2/n1, 2 - 3D n3/n2, 3 - 4D n4/n3.
    Where too few n-grams are rare for that (few characters, much text), D is 1/2, or the three are D.
    """
    n1, n2, n3, n4 = (int(np.count_nonzero(counts == rare)) for rare in (1, 2, 3, 4))
    one = n1 / (n1 + 2 * n2) if n1 and n2 else 0.5
    if modified and n1 and n2 and n3 and n4:
        three = np.array([0, 1 - 2 * one * n2 / n1, 2 - 3 * one * n3 / n2, 3 - 4 * one * n4 / n3])
        if (three[1:] > 0).all():
            return three
    return np.array([0, one, one, one])
