"""N-gram models: numbers worked out by hand, the formulas written naively, and the laws of probability."""

from __future__ import annotations

import math
from collections import Counter

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from lmcourse.errors import LmcourseError
from lmcourse.ngram import SMOOTHINGS, NGramLM, discounts

TINY = [0, 1, 0, 1, 0, 2]
THREE_DISCOUNTS = [0, 0, 0, 2, 1, 1, 0, 1, 0, 0, 2, 0, 2, 1, 1, 0, 0]  # its bigrams allow three different ones
SIZE = 4  # of the vocabulary in the property tests: one id more than occurs
TRAINING = st.lists(st.integers(0, 2), min_size=1, max_size=40)
TEXT = st.lists(st.integers(0, 3), min_size=1, max_size=12)


def naive(training: list[int], order: int, smoothing: str, k: float, context: tuple[int, ...], token: int) -> float:
    """P(token | context) straight from the formulas of the module, one probability at a time, with dictionaries."""
    order = min(order, len(training))

    def counts_of(length: int) -> Counter:
        grams = [tuple(training[i : i + length]) for i in range(len(training) - length + 1)]
        if smoothing.endswith("kneser-ney") and length < order:
            longer = {tuple(training[i : i + length + 1]) for i in range(len(training) - length)}
            return Counter(gram[1:] for gram in longer)
        return Counter(grams)

    def p(context: tuple[int, ...], token: int) -> float:
        length = len(context) + 1
        lower = p(context[1:], token) if context else 1 / SIZE
        below = 1 / SIZE if smoothing == "add-k" else lower
        counts = counts_of(length)
        following = {gram[-1]: count for gram, count in counts.items() if gram[:-1] == context}
        total = sum(following.values())
        if not total:
            return below
        count = following.get(token, 0)
        if smoothing == "add-k":
            return (count + k) / (total + k * SIZE)
        if smoothing == "witten-bell":
            return (count + len(following) * below) / (total + len(following))
        taken = discounts(np.array(list(counts.values())), modified=smoothing.startswith("modified"))
        mass = sum(taken[min(c, 3)] for c in following.values())
        return (count - taken[min(count, 3)] + mass * below) / total

    return p(context[-(order - 1) :] if order > 1 else (), token)


@pytest.mark.parametrize("smoothing", SMOOTHINGS)
@given(training=TRAINING, text=TEXT, order=st.integers(1, 4))
@example(training=THREE_DISCOUNTS, text=[0, 0, 1, 1, 0, 2, 2], order=2)
def test_equal_to_the_formulas(smoothing: str, training: list[int], text: list[int], order: int) -> None:
    """The arrays must say what the formulas say, for seen and unseen n-grams and for short texts."""
    model = NGramLM(order, SIZE, smoothing, k=0.3).fit(training)
    p = [naive(training, order, smoothing, 0.3, tuple(text[:i]), token) for i, token in enumerate(text)]
    np.testing.assert_allclose(model.log_prob(text), np.log(p), rtol=1e-9)


@pytest.mark.parametrize("smoothing", SMOOTHINGS)
@given(training=TRAINING, context=st.lists(st.integers(0, 3), max_size=6), order=st.integers(1, 4))
def test_probabilities_sum_to_one(smoothing: str, training: list[int], context: list[int], order: int) -> None:
    """After any context, seen or not; and nothing is impossible."""
    p = NGramLM(order, SIZE, smoothing).fit(training).next(context)
    assert p.shape == (SIZE,) and (p > 0).all()
    assert p.sum() == pytest.approx(1, abs=1e-12)


@pytest.mark.parametrize("smoothing", SMOOTHINGS)
@given(training=TRAINING, text=TEXT, order=st.integers(1, 4))
def test_one_at_a_time_is_all_at_once(smoothing: str, training: list[int], text: list[int], order: int) -> None:
    """next() walks to one context, log_prob() looks up all at once: two roads to the same number."""
    model = NGramLM(order, SIZE, smoothing).fit(training)
    single = [math.log(model.next(text[:i])[token]) for i, token in enumerate(text)]
    np.testing.assert_allclose(model.log_prob(text), single, rtol=1e-12)
    assert model.loss(text) == pytest.approx(-sum(single) / len(text))
    assert model.perplexity(text) == pytest.approx(math.exp(model.loss(text)))


@pytest.mark.parametrize(
    ("smoothing", "expected"),
    [
        ("add-k", [1 / 6, 3 / 6, 2 / 6]),
        ("witten-bell", [8 / 45, 24 / 45, 13 / 45]),
        ("kneser-ney", [2 / 45, 29 / 45, 14 / 45]),
    ],
)
def test_bigrams_by_hand(smoothing: str, expected: list[float]) -> None:
    """The text 0 1 0 1 0 2, V = 3, P(·|0). Bigrams: 01 twice, 10 twice, 02 once; so c(0) = 3 and N1+(0·) = 2.

    Add-one: (0+1)/(3+3), (2+1)/6, (1+1)/6.
    Witten-Bell: below, P(w) = (c(w) + 3/3) / (6 + 3) = 4/9, 3/9, 2/9. Then (0 + 2·4/9)/5 = 8/45,
    (2 + 2·3/9)/5 = 24/45, (1 + 2·2/9)/5 = 13/45.
    Kneser-Ney: one bigram occurs once, two twice: D = 1/(1 + 2·2) = 1/5. Below, each of 0, 1, 2 follows one different
    token, so P(w) = 1/3, although 0 is the most frequent. Lent: D·2/3 · 1/3 = 2/45. Then 0 + 2/45,
    (2 - 1/5)/3 + 2/45 = 27/45 + 2/45, (1 - 1/5)/3 + 2/45 = 12/45 + 2/45.
    """
    model = NGramLM(2, 3, smoothing).fit(TINY)
    np.testing.assert_allclose(model.next([0]), expected, rtol=1e-12)
    np.testing.assert_allclose(model.next([2]), model.next() if smoothing != "add-k" else [1 / 3] * 3)
    assert model.sizes == [3, 3]


def test_discounts_by_hand() -> None:
    """Four n-grams once, two twice, one three times, one four times: D = 4/(4+4) = 1/2.

    Modified: 1 - 2·½·2/4 = 1/2; 2 - 3·½·1/2 = 5/4; 3 - 4·½·1/1 = 1. Without rare n-grams there is no estimate: 1/2.
    """
    counts = np.array([1, 1, 1, 1, 2, 2, 3, 4, 9])
    assert discounts(counts).tolist() == [0, 0.5, 0.5, 0.5]
    assert discounts(counts, modified=True).tolist() == [0, 0.5, 1.25, 1]
    assert discounts(np.array([7, 8, 9]), modified=True).tolist() == [0, 0.5, 0.5, 0.5]
    assert discounts(np.array([1, 1, 1, 5])).tolist() == [0, 0.5, 0.5, 0.5]
    assert discounts(np.array([1, 1, 2, 3, 3, 3, 3, 4])).tolist() == [0, 0.5, 0.5, 0.5]
    # 2 - 3·½·4/1 is below 0, which is no discount: all three are D.
    assert discounts(np.array([1, 1, 2, 3, 3, 3, 3, 4]), modified=True).tolist() == [0, 0.5, 0.5, 0.5]


def test_counts_win_where_there_are_many() -> None:
    """A text in which 1 follows 0 three times in four: every smoothing must find it, and order 3 the exact rule."""
    text = [0, 1, 0, 1, 0, 1, 0, 2] * 500
    for smoothing in SMOOTHINGS:
        assert NGramLM(2, 3, smoothing).fit(text).next([0])[1] == pytest.approx(0.75, abs=0.01)
        assert NGramLM(3, 3, smoothing).fit(text).next([2, 0])[1] > 0.99
        assert NGramLM(7, 3, smoothing).fit(text).loss(text) < 0.05 < NGramLM(1, 3, smoothing).fit(text).loss(text)


def test_large_vocabulary_and_high_order_do_not_overflow() -> None:
    """50,000 to the power of 5 does not fit into 64 bits; two n-grams sharing a key would share a count."""
    size = 50_000
    text = [(i * i * 7919) % size for i in range(400)] * 2
    model = NGramLM(5, size).fit(text)
    assert model.sizes == [len({tuple(text[i : i + n]) for i in range(len(text) - n + 1)}) for n in range(1, 6)]
    assert model.next(text[:4])[text[4]] > 0.3


def test_sampling_follows_the_model() -> None:
    """Same seed, same tokens; the context counts; and 1,000 draws come within 5 standard deviations of P."""
    model = NGramLM(2, 3, "witten-bell").fit(TINY)
    drawn = model.sample(30, seed=1, context=[0])
    assert drawn == model.sample(30, seed=1, context=[0]) and len(drawn) == 30
    assert drawn != model.sample(30, seed=2, context=[0])
    assert model.sample(0) == []
    assert set(model.sample(300)) == {0, 1, 2}
    firsts = np.bincount([model.sample(1, seed, [0])[0] for seed in range(1000)], minlength=3) / 1000
    p = model.next([0])
    assert (abs(firsts - p) < 5 * np.sqrt(p * (1 - p) / 1000)).all()
    pairs = list(zip(long := model.sample(3000), long[1:], strict=False))
    after = np.bincount([b for a, b in pairs if a == 0], minlength=3)
    assert (abs(after / after.sum() - p) < 5 * np.sqrt(p * (1 - p) / after.sum())).all()


def test_arrays_and_lists_are_the_same() -> None:
    """Ids come as lists from a tokenizer and as arrays from elsewhere; fitting again forgets the first text."""
    model = NGramLM(2, 3).fit([1, 1, 1]).fit(np.array(TINY))
    assert model.loss(np.array(TINY, np.int32)) == NGramLM(2, 3).fit(TINY).loss(TINY)


def test_mistakes_get_one_sentence() -> None:
    """An id of another vocabulary would be counted as another n-gram; an empty text would be a division by zero."""
    with pytest.raises(LmcourseError, match="no smoothing 'good-turing'; choose one of: add-k, witten-bell"):
        NGramLM(2, 3, "good-turing")
    for order, size, k in ((0, 3, 1.0), (2, 0, 1.0), (2, 3, 0.0)):
        with pytest.raises(LmcourseError, match="above 0"):
            NGramLM(order, size, k=k)
    model = NGramLM(2, 3)
    for ask in (model.next, lambda: model.loss([1]), lambda: model.sizes, lambda: model.sample(1)):
        with pytest.raises(LmcourseError, match="call fit"):
            ask()
    for wrong in (3, -1):
        with pytest.raises(LmcourseError, match=f"Id {wrong} is not in a vocabulary of 3"):
            model.fit([0, wrong])
    with pytest.raises(LmcourseError, match="An empty text"):
        model.fit([])
    with pytest.raises(LmcourseError, match="An empty text"):
        model.fit([0]).loss([])
