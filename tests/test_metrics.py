"""Loss, perplexity and bits per byte: every token once, worked out by hand, whatever way the text is read; measures of labels."""

from __future__ import annotations

import math
import random

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from lmcourse import metrics
from lmcourse.errors import LmcourseError
from lmcourse.metrics import Score, evaluate, token_losses
from lmcourse.nn import LSTMConfig, LSTMLanguageModel
from lmcourse.tokenizers import BPETokenizer, CharTokenizer, WordTokenizer


def model_of(vocab_size: int, hidden_size: int = 8) -> LSTMLanguageModel:
    torch.manual_seed(0)
    return LSTMLanguageModel(LSTMConfig(vocab_size, 4, hidden_size))


class Uniform(torch.nn.Module):
    """Knows nothing: each of n tokens is as likely as any other."""

    def __init__(self, n: int) -> None:
        super().__init__()
        self.config, self.weight = LSTMConfig(n), torch.nn.Parameter(torch.zeros(1))

    def forward(self, ids, state=None):
        return torch.zeros(*ids.shape, self.config.vocab_size), state


class Bigram(Uniform):
    """Expects each id to be followed by the next one: it needs no more than the token before."""

    def forward(self, ids, state=None):
        return 3.0 * torch.nn.functional.one_hot((ids + 1) % self.config.vocab_size, self.config.vocab_size), state


def step_by_step(model, ids: list[int], start: int) -> torch.Tensor:
    """The definition itself: one token at a time, from the very beginning."""
    state, losses, before = None, [], start
    model.eval()
    with torch.no_grad():
        for id in ids:
            logits, state = model(torch.tensor([[before]]), state)
            losses.append(-logits[0, -1].log_softmax(-1)[id])
            before = id
    return torch.stack(losses)


@settings(max_examples=25)
@given(st.lists(st.integers(0, 8), min_size=1, max_size=40), st.integers(1, 9))
def test_one_stream_is_the_definition(ids, window):
    """Carried state, the first token, the shift by one: all against the plainest loop; windows change nothing."""
    model = model_of(9)
    assert torch.allclose(token_losses(model, ids, start=2, window=window), step_by_step(model, ids, 2), atol=1e-5)


@given(st.integers(1, 60), st.integers(1, 7), st.integers(1, 8), st.integers(1, 9))
def test_every_token_is_scored_once_in_its_place(n, streams, window, warm_up):
    """For a model that looks one token back no arrangement may change anything: guards against tokens that are lost,
    scored twice or put elsewhere where streams meet, and against a wrong filling of the last stream."""
    ids = [(i * i) % 11 for i in range(n)]
    expected = [-(math.log(math.exp(3 * (b == (a + 1) % 11)) / (math.exp(3) + 10))) for a, b in zip([4, *ids], ids, strict=False)]
    losses = token_losses(Bigram(11), ids, 4, streams, window, warm_up)
    assert losses.tolist() == pytest.approx(expected, abs=1e-5)


def test_streams_come_close_to_one_stream():
    """After the warm-up a model with memory has nearly the state it would have had."""
    model = model_of(9, hidden_size=16)
    ids = torch.randint(9, (6000,), generator=torch.Generator().manual_seed(0))
    one, several = token_losses(model, ids, 0, streams=1), token_losses(model, ids, 0, streams=10)
    assert several.mean().item() == pytest.approx(one.mean().item(), abs=1e-4)
    assert torch.equal(token_losses(model, ids, 0), token_losses(model, ids, 0))
    cold = token_losses(model, ids, 0, streams=600, warm_up=1)
    assert (cold - one).abs().mean() > 10 * (several - one).abs().mean()  # the warm-up is what does it


def test_the_model_is_left_as_it_was():
    """Dropout is off while measuring and on again afterwards; no gradients are kept."""
    model = LSTMLanguageModel(LSTMConfig(9, dropout=0.5)).train()
    first = token_losses(model, [1, 2, 3], 0)
    assert torch.equal(first, token_losses(model, [1, 2, 3], 0)) and model.training and not first.requires_grad


def test_score_by_hand():
    """A model that knows nothing among 8 tokens: 3 bits per character, perplexity 8; é has two bytes."""
    tokenizer = CharTokenizer("abcdeé\n")  # 8 with <unk>
    score = evaluate(Uniform(8), tokenizer, "abé")
    assert score.loss == pytest.approx(math.log(8)) and score.perplexity == pytest.approx(8)
    assert (score.tokens, score.bytes, score.unknown_bytes) == (3, 4, 0)
    assert score.bits_per_byte == pytest.approx(9 / 4)
    assert str(score) == "2.250 bits per byte, loss 2.079 nats per token, perplexity 8.00 (3 tokens, 4 bytes)"
    assert metrics.loss(Uniform(8), tokenizer, "abé") == score.loss
    assert metrics.perplexity(Uniform(8), tokenizer, "abé") == score.perplexity
    assert metrics.bits_per_byte(Uniform(8), tokenizer, "abé") == score.bits_per_byte


def test_unknown_pieces_cost_their_bytes():
    """Calling everything <unk> must not be a way to win: 柳 has 3 bytes, 24 bits, besides its token's 3."""
    score = evaluate(Uniform(8), CharTokenizer("abcdeé\n"), "a柳柳b")
    assert score.unknown_bytes == 6
    assert score.bits_per_byte == pytest.approx((4 * 3 + 6 * 8) / 8)
    words = WordTokenizer.train(["the cat sat"])
    score = evaluate(Uniform(words.vocab_size), words, "the elephant sat")
    assert score.tokens == 3 and score.unknown_bytes == len("elephant")


def test_bits_per_byte_do_not_depend_on_the_tokenizer():
    """A model that knows nothing of bytes needs 8 bits for each, whether a token is one byte or two."""
    text = "aab" * 20
    plain, pairs = BPETokenizer.train([""], 256), BPETokenizer.train([text], 257)
    assert len(pairs.encode(text)) < len(plain.encode(text))
    assert evaluate(Uniform(256), plain, text).bits_per_byte == pytest.approx(8)
    score = evaluate(Uniform(257), pairs, text)
    assert score.bits_per_byte == pytest.approx(score.tokens * math.log2(257) / len(text))


def test_hopeless_models_have_a_perplexity():
    assert Score(nats=5000.0, tokens=1, bytes=1).perplexity > 1e300


def test_what_cannot_be_measured():
    tokenizer = CharTokenizer("abc\n")
    with pytest.raises(LmcourseError, match="empty"):
        evaluate(Uniform(5), tokenizer, "")
    with pytest.raises(LmcourseError, match="tokenizer"):
        evaluate(Uniform(3), tokenizer, "abc")
    assert token_losses(Uniform(3), [], 0).tolist() == []


def test_special_tokens_are_read_and_not_scored():
    """Guards the score of text with marks in it: their bytes and their surprise are left out, what follows is not."""
    tokenizer = CharTokenizer.train(["abc"], special_tokens=["<eos>", "<x>"])
    score = evaluate(Uniform(6), tokenizer, "<x>ab<eos><x>c", ["<eos>", "<x>"])
    assert (score.tokens, score.bytes, score.unknown_bytes) == (3, 3, 0) and score.loss == pytest.approx(math.log(6))
    lost = evaluate(Uniform(6), tokenizer, "<x>aé<eos>", ["<eos>", "<x>"])
    assert (lost.tokens, lost.bytes, lost.unknown_bytes) == (2, 3, 2)
    words = WordTokenizer.train(["one two"], special_tokens=["<eos>"])
    assert evaluate(Uniform(len(words)), words, "one six<eos>two", ["<eos>"]).unknown_bytes == 3


# --- labels ---------------------------------------------------------------------------------------------------------


def test_accuracy_and_macro_f1_are_the_usual_ones():
    """Equal to scikit-learn's, labels found in vain and never found included; an abstention is wrong, and no label."""
    from sklearn.metrics import accuracy_score, f1_score

    rng = random.Random(0)
    wanted, found = rng.choices("aaabbc", k=60), rng.choices("abbcd", k=60)
    assert metrics.accuracy(found, wanted) == pytest.approx(accuracy_score(wanted, found))
    assert metrics.macro_f1(found, wanted) == pytest.approx(f1_score(wanted, found, average="macro"))
    assert metrics.accuracy(["a", None], ["a", "b"]) == 0.5
    assert metrics.macro_f1(["a", None], ["a", "b"]) == 0.5


def test_a_confusion_matrix_counts_rows_of_truth():
    """Would notice rows and columns that are exchanged, and abstentions that vanish."""
    columns, matrix = metrics.confusion(["b", "a", "b", None], ["a", "a", "b", "b"])
    assert columns == ["a", "b", "none"] and matrix.tolist() == [[1, 1, 0], [0, 1, 1]]
    assert metrics.confusion(["x"], ["y"], ["y", "x"])[1].tolist() == [[0, 1], [0, 0]]
    with pytest.raises(LmcourseError, match="'x'"):
        metrics.confusion(["x"], ["y"], ["y"])


def test_calibration_is_measured_in_bins():
    """Ten answers at 0.95 with nine right are calibrated to 0.05; the edges belong to the bin below them."""
    bins = metrics.reliability([0.95] * 10 + [0.3], [True] * 9 + [False, True])
    assert [(one.low, one.high, one.count) for one in bins] == [(0.2, 0.3, 1), (0.9, 1.0, 10)]
    assert bins[1].accuracy == pytest.approx(0.9) and bins[1].confidence == pytest.approx(0.95)
    assert metrics.calibration_error([0.95] * 10, [True] * 9 + [False]) == pytest.approx(0.05)
    assert metrics.calibration_error([0.0, 1.0], [False, True]) == 0.0
    assert metrics.calibration_error([1.0, 1.0], [False, True]) == pytest.approx(0.5)
    assert metrics.when_sure([0.9, 0.5, 0.7], [True, False, False], 0.7) == pytest.approx((2 / 3, 0.5))
    assert metrics.when_sure([0.1], [False], 0.5) == (0.0, 1.0)


def test_a_temperature_mends_a_confidence_and_changes_no_answer():
    """Would notice a temperature that is inverted, or found on something else than the right labels' probability."""
    said = [{"a": 0.95, "b": 0.04, "c": 0.01}] * 10
    wanted = ["a"] * 6 + ["b"] * 3 + ["c"]
    hotter = metrics.temperature_for(said, wanted)
    assert hotter > 1.5
    milder = metrics.cooled(said, hotter)
    assert list(milder[0]) == list(said[0]) and sum(milder[0].values()) == pytest.approx(1)
    assert milder[0]["a"] == pytest.approx(0.6, abs=0.05) and max(milder[0], key=milder[0].get) == "a"
    assert metrics.temperature_for([{"a": 0.6, "b": 0.4}] * 10, ["a"] * 10) < 0.5
    assert metrics.cooled(said, 1.0)[0] == pytest.approx(said[0])
    logits = np.log([0.95, 0.04, 0.01]) / 2
    assert list(metrics.cooled(said, 2.0)[0].values()) == pytest.approx(np.exp(logits) / np.exp(logits).sum())
    assert metrics.cooled([{"a": 1.0, "b": 0.0}], 2.0)[0]["b"] < 1e-10
    with pytest.raises(LmcourseError, match="more than 0"):
        metrics.cooled(said, 0.0)
    with pytest.raises(LmcourseError, match="no probability"):
        metrics.temperature_for(said, ["d"] * 10)
    for confidences, right in [([1.1], [True]), ([], []), ([0.5], [True, False])]:
        with pytest.raises(LmcourseError):
            metrics.calibration_error(confidences, right)


def test_fewer_answers_more_of_them_right():
    """The surest first, equals together, and the lowest limit that keeps the promise; the whole curve ends at the error rate."""
    sure, right = [0.5, 0.9, 0.7, 0.7, 0.2], [False, True, True, False, True]
    coverage, risk = metrics.risk_coverage(sure, right)
    assert coverage.tolist() == pytest.approx([0.2, 0.6, 0.8, 1.0]) and risk.tolist() == pytest.approx([0, 1 / 3, 1 / 2, 2 / 5])
    for wanted, limit in ((1.0, 0.9), (0.6, 0.2), (0.65, 0.7), (0.1, 0.2)):
        assert metrics.limit_for(sure, right, wanted) == limit
        assert metrics.when_sure(sure, right, limit)[1] >= wanted
    assert metrics.limit_for([0.9, 0.8], [False, False], 0.5) == 1.0
    with pytest.raises(LmcourseError):
        metrics.risk_coverage([], [])
