"""Filters keep what they say they keep, sampling follows the probabilities, and text comes out whole."""

from __future__ import annotations

import math

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from lmcourse import decoding
from lmcourse.decoding import adjusted, as_text, draw, greedy, sample, start_id, temperature, top_k, top_p
from lmcourse.errors import LmcourseError
from lmcourse.nn import LSTMConfig, LSTMLanguageModel
from lmcourse.tokenizers import BPETokenizer, CharTokenizer, WordTokenizer

# Few different values, so that ties are common.
vectors = st.lists(st.integers(-6, 6).map(lambda n: n / 2), min_size=1, max_size=9).map(torch.tensor)


def kept(logits) -> list[int]:
    return (logits > -torch.inf).nonzero().flatten().tolist()


@given(vectors, st.integers(1, 12))
def test_top_k_keeps_k(logits, k):
    """Exactly k, also when the border runs through equals, and none that is left out is likelier than one kept."""
    logits = logits.float()
    result = top_k(logits, k)
    chosen = kept(result)
    assert len(chosen) == min(k, len(logits))
    assert torch.equal(result[chosen], logits[chosen])
    left = [i for i in range(len(logits)) if i not in chosen]
    assert not left or logits[left].max() <= logits[chosen].min()


@given(vectors, st.floats(0, 1))
def test_top_p_keeps_the_smallest_set_that_reaches_p(logits, p):
    """Its probabilities reach p; without its least likely member they would not; it holds the likeliest ones."""
    logits = logits.float()
    probabilities = logits.double().softmax(-1)
    chosen = kept(top_p(logits, p))
    together = probabilities[chosen].sum().item()
    assert chosen and together >= p - 1e-9
    assert len(chosen) == 1 or together - probabilities[chosen].min().item() < p + 1e-9
    left = [i for i in range(len(logits)) if i not in chosen]
    assert not left or probabilities[left].max() <= probabilities[chosen].min() + 1e-12


def test_top_p_by_hand():
    """Probabilities ½, ¼, ⅛, ⅛: p = 0.7 needs two, 0.75 exactly two, 0.76 three, 0 one, 1 all."""
    logits = torch.tensor([0.125, 0.5, 0.125, 0.25]).log()
    sizes = {p: kept(top_p(logits, p)) for p in (0.0, 0.5, 0.7, 0.74, 0.76, 1.0)}
    assert sizes == {0.0: [1], 0.5: [1], 0.7: [1, 3], 0.74: [1, 3], 0.76: [0, 1, 3], 1.0: [0, 1, 2, 3]}
    assert kept(top_p(torch.zeros(4), 0.5)) == [0, 1]  # reached exactly: nothing more


@given(vectors, st.floats(0.1, 5))
def test_temperature(logits, value):
    """Probabilities become p^(1/T), made to sum to one again."""
    logits = logits.float()
    expected = logits.double().softmax(-1) ** (1 / value)
    assert torch.allclose(temperature(logits, value).double().softmax(-1), expected / expected.sum(), atol=1e-5)


@given(vectors)
def test_temperature_towards_zero_is_greedy(logits):
    """Down to numbers by which one cannot divide; at 0 exactly one token is left, the one that greedy takes."""
    logits = logits.float()
    best = int(greedy(logits))
    assert best == logits.tolist().index(max(logits.tolist()))
    assert kept(temperature(logits, 0.0)) == [best]
    for cold in (1e-30, 1e-300):
        probabilities = temperature(1e9 * logits, cold).softmax(-1)
        assert probabilities[best].item() == pytest.approx(1 / logits.tolist().count(max(logits.tolist())))


@given(st.lists(st.tuples(*[st.integers(-6, 6)] * 4), min_size=1, max_size=3))
def test_batches_are_filtered_row_by_row(rows):
    batch = torch.tensor(rows) / 2
    for change in (lambda x: top_k(x, 2), lambda x: top_p(x, 0.6), lambda x: temperature(x, 0.5), greedy):
        assert torch.equal(change(batch), torch.stack([change(row) for row in batch]))


def test_frequencies_follow_the_probabilities():
    """20,000 draws: each count within 5 standard deviations (a false alarm once in 300,000 runs, and the seed is fixed)."""
    probabilities = torch.tensor([0.5, 0.0, 0.25, 0.2, 0.05])
    n = 20_000
    drawn = draw(probabilities.log().expand(n, -1), torch.Generator().manual_seed(1))
    for id, p in enumerate(probabilities.tolist()):
        assert abs((drawn == id).sum().item() - n * p) <= 5 * math.sqrt(n * p * (1 - p))


def test_what_is_ruled_out_is_never_drawn():
    logits = torch.full((10_000, 4), -torch.inf)
    logits[:, 2] = 0.0
    assert set(draw(logits, torch.Generator().manual_seed(0)).tolist()) == {2}


def test_filters_are_applied_in_the_usual_order():
    """Heat first: at T = 100 all are about equal, so that p = 0.9 keeps all three of top-3; p first would keep one."""
    logits = torch.tensor([9.0, 1.0, 0.5, 0.0])
    assert kept(adjusted(logits, 100.0, 3, 0.9)) == [0, 1, 2]
    assert torch.equal(adjusted(logits).softmax(-1), logits.softmax(-1))


@pytest.mark.parametrize("filter, value", [(temperature, -1.0), (temperature, math.nan), (top_k, 0), (top_p, 1.5), (top_p, -0.1)])
def test_impossible_settings(filter, value):
    with pytest.raises(LmcourseError, match=filter.__name__ if filter is not temperature else "temperature"):
        filter(torch.zeros(3), value)


class Counting(torch.nn.Module):
    """A stand-in model that always expects the id after the one it read, and counts how much it has read."""

    def __init__(self, size: int = 6) -> None:
        super().__init__()
        self.size, self.weight, self.read = size, torch.nn.Parameter(torch.zeros(1)), []

    def forward(self, ids, state=None):
        self.read.append((ids.tolist(), state, self.training))
        return 20.0 * torch.nn.functional.one_hot((ids + 1) % self.size, self.size), len(self.read)


def test_sampling_reads_each_token_once_and_carries_the_state():
    """Guards against reading the whole text anew for each token, and against a state that is not handed on."""
    model = Counting()
    assert list(sample(model, [1, 2], 4, heat=0.0)) == [3, 4, 5, 0]
    assert model.read == [([[1, 2]], None, False), ([[3]], 1, False), ([[4]], 2, False), ([[5]], 3, False)]
    assert model.training  # put back


def test_stop_and_forbidden():
    assert list(sample(Counting(), [1], 9, heat=0.0, stop=4)) == [2, 3]
    assert list(sample(Counting(), [1], 2, heat=0.0, forbidden=[2])) == [0, 1]


def test_seeds():
    """The same seed gives the same ids, whatever the global generator does, and leaves it alone."""
    torch.manual_seed(0)
    model = LSTMLanguageModel(LSTMConfig(20))
    torch.manual_seed(1)
    expected = torch.rand(1)
    torch.manual_seed(1)
    first = list(sample(model, [3], 30, seed=7))
    assert torch.equal(torch.rand(1), expected)
    assert first == list(sample(model, [3], 30, seed=7)) != list(sample(model, [3], 30, seed=8))
    assert len(first) == 30 and list(sample(model, [3], 0)) == []


def test_ids_come_one_by_one():
    model = Counting()
    ids = sample(model, [0], 1000, heat=0.0)
    next(ids)
    assert len(model.read) == 1


@pytest.mark.parametrize("arguments, options", [(([], 5), {}), (([1], -1), {}), (([1], 5), {"k": 0}), (([1], 5), {"heat": -1.0})])
def test_bad_settings_are_refused_at_once(arguments, options):
    """Not only when the first token is asked for: a stream would fail far from the mistake."""
    with pytest.raises(LmcourseError):
        sample(Counting(), *arguments, **options)


BPE = BPETokenizer.train(["the cat sat on the mat, 柳湾 is a bay; naïve café 🙂 🙂 🙂"], 270)
WORDS = WordTokenizer.train(['He said: "the cat (a cat) sat, then left."\n\n  Two  spaces – 柳湾。'])
CHARS = CharTokenizer("abc \n")


@given(st.text(max_size=12), st.text(max_size=20))
def test_streamed_bytes_are_whole_characters(before, text):
    """What is printed piece by piece is the text; no half of 柳 or 🙂 is ever shown as a replacement character."""
    ids = BPE.encode(text)
    pieces = list(as_text(ids, BPE, before=BPE.encode(before)))
    assert "".join(pieces) == text
    assert all("\N{REPLACEMENT CHARACTER}" not in piece for piece in pieces) or "\N{REPLACEMENT CHARACTER}" in text


@given(st.lists(st.integers(0, BPE.vocab_size - 1), max_size=12))
def test_any_ids_stream_as_they_decode(ids):
    """A model may well write bytes that are no UTF-8: nothing is lost and nothing waits for ever."""
    assert "".join(as_text(ids, BPE)) == BPE.decode(ids)


@given(st.lists(st.integers(0, WORDS.vocab_size - 1), max_size=10), st.integers(0, 10))
def test_spaces_between_words_depend_on_the_word_before(ids, cut):
    """Continuing "the" with "cat" must print " cat", and "(" with "a" just "a"."""
    cut = min(cut, len(ids))
    rest = "".join(as_text(ids[cut:], WORDS, before=ids[:cut]))
    assert WORDS.decode(ids[:cut]) + rest == WORDS.decode(ids)


def test_a_character_is_held_back_no_longer_than_needed():
    ids = [*"🙂".encode(), ord("a")]
    plain = BPETokenizer.train([""], 256)
    assert [plain.decode([id]) for id in ids][-1] == "a"
    seen = []
    for id, piece in zip(range(9), as_text(iter(ids), plain), strict=False):
        seen.append((id, piece))
    assert [piece for _, piece in seen] == ["🙂", "a"]


def test_where_a_text_starts():
    """A line break where there is one, else a space, else what there is; a special token goes before."""
    assert start_id(CHARS) == CHARS.encode("\n")[0]
    assert start_id(CharTokenizer("ab ")) == 3
    assert start_id(CharTokenizer("ab")) == 0
    assert start_id(CharTokenizer("ab\n", ["<eos>"])) == 1
    assert BPE.decode([start_id(BPE)]) == "\n" == WORDS.decode([start_id(WORDS)])


def test_the_module_names_what_it_offers():
    assert {"greedy", "temperature", "top_k", "top_p", "sample", "as_text"} <= set(vars(decoding))
