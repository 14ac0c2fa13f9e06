"""Word vectors: look-up, gradients, pairs, counts, neighbours and scores; each against its plain definition."""

from __future__ import annotations

import itertools
import math
import random
from collections import Counter

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

import lmcourse as lm
from lmcourse.errors import LmcourseError
from lmcourse.nn import embedding, pretrained

WORDS = st.lists(st.lists(st.sampled_from("abcdefg"), max_size=9), min_size=2, max_size=5)


def toy(seed: int = 0, sentences: int = 600) -> list[list[str]]:
    """Two worlds whose words never meet: whatever learns from company must tell them apart."""
    draw = random.Random(seed)
    worlds = [[f"a{n}" for n in range(8)], [f"b{n}" for n in range(8)]]
    return [draw.choices(draw.choice(worlds), k=8) for _ in range(sentences)]


def test_one_hot_is_a_look_up() -> None:
    """Would notice a row or column mixed up."""
    table = torch.randn(7, 3)
    ids = torch.tensor([[6, 0], [3, 3]])
    assert torch.equal(lm.nn.one_hot(ids, 7) @ table, table[ids])
    with pytest.raises(LmcourseError, match="0 to 6"):
        lm.nn.one_hot(torch.tensor([7]), 7)


@given(st.integers(0, 10_000))
def test_the_gradients_are_those_of_the_loss(seed: int) -> None:
    """Would notice a wrong sign, a forgotten weight, or a mask that only the loss knows."""
    torch.manual_seed(seed)
    words, near, noise = (torch.randn(*shape, requires_grad=True) for shape in ((2, 4, 3), (2, 6, 3), (5, 3)))
    pairs = (torch.rand(2, 4, 6) < 0.4).float()
    embedding.loss(words, near, pairs, noise, 5).backward()
    for parameter, ours in zip(
        (words, near, noise), embedding.gradients(words, near, pairs, noise, 5), strict=True
    ):
        assert torch.allclose(parameter.grad, ours, atol=1e-5)


@given(WORDS, st.integers(1, 4), st.integers(1, 40))
def test_every_pair_is_met_once(texts: list[list[str]], window: int, batch: int) -> None:
    """Would notice a pair lost at the edge of a block, one across two texts, or a word as its own neighbour."""
    ids, text_of = embedding.numbered(texts, "abcdefg")
    if not len(ids):
        return
    model = lm.SkipGram(window=window)
    # With the widest window drawn for every word, the pairs are all those within it.
    found: Counter[tuple[int, int]] = Counter()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(torch, "randint", lambda low, high, shape, generator: torch.full(shape, high - 1))
        for near, mask in model._steps(ids, text_of, batch, torch.Generator()):
            for block, row, column in mask.nonzero().tolist():
                found[int(near[block, window + row]), int(near[block, column])] += 1
    wanted: Counter[tuple[int, int]] = Counter()
    for text in texts:
        numbers = ["abcdefg".index(word) for word in text]
        wanted.update(
            (numbers[i], numbers[j])
            for i, j in itertools.permutations(range(len(numbers)), 2)
            if abs(i - j) <= window
        )
    assert found == wanted


def test_training_tells_two_worlds_apart_and_repeats() -> None:
    """Would notice training that does nothing, whatever the loss says, and a seed that is not used."""
    groups = {side: [f"{side}{n}" for n in range(8)] for side in "ab"}
    model = lm.SkipGram(size=16, epochs=8, rate=0.05, min_count=1).fit(toy())
    assert lm.metrics.group_score(model.vectors, groups) > 0.95
    assert model.losses[-1] < model.losses[0] < 6 * math.log(2) + 0.01
    shuffled = [word for text in toy() for word in text]
    random.Random(1).shuffle(shuffled)
    control = lm.SkipGram(size=16, epochs=8, rate=0.05, min_count=1).fit([shuffled[i : i + 8] for i in range(0, len(shuffled), 8)])
    assert lm.metrics.group_score(control.vectors, groups) < 0.75
    again = lm.SkipGram(size=16, epochs=8, rate=0.05, min_count=1).fit(toy())
    other = lm.SkipGram(size=16, epochs=8, rate=0.05, min_count=1).fit(toy(), seed=1)
    assert torch.equal(model.vectors.matrix, again.vectors.matrix)
    assert not torch.equal(model.vectors.matrix, other.vectors.matrix)


def test_vectors_that_explode_are_no_result() -> None:
    """Would notice NaNs handed on as vectors."""
    with pytest.raises(LmcourseError, match="smaller batch"):
        lm.SkipGram(size=8, epochs=30, rate=50.0, batch=4096, min_count=1).fit(toy())


@pytest.mark.parametrize("wrong", [{"size": 0}, {"window": 0}, {"rate": 0.0}, {"batch": 0}, {"shared": 0}])
def test_settings_that_make_no_sense(wrong: dict) -> None:
    """Would notice a division by zero far from its cause."""
    with pytest.raises(LmcourseError, match="at least 1|above 0"):
        lm.SkipGram(**wrong)


def test_too_little_text_is_said() -> None:
    """Would notice an empty vocabulary, and a text given as one string, whose words would be its letters."""
    with pytest.raises(LmcourseError, match="more text"):
        lm.SkipGram().fit([["once", "only"]])
    with pytest.raises(LmcourseError, match="plain_words"):
        lm.nn.vocabulary("a text")


@given(WORDS, st.integers(1, 4))
def test_counts_are_those_of_the_definition(texts: list[list[str]], window: int) -> None:
    """Would notice a window that reaches into the next text, or a distance weighed wrongly."""
    if len({word for text in texts for word in text}) < 2:
        return
    words, table = lm.nn.cooccurrences(texts, window, min_count=1)
    wanted = np.zeros((len(words), len(words)))
    place = {word: number for number, word in enumerate(words)}
    for text in texts:
        for i, j in itertools.permutations(range(len(text)), 2):
            if abs(i - j) <= window:
                wanted[place[text[i]], place[text[j]]] += (window + 1 - abs(i - j)) / window
    assert np.allclose(table.toarray(), wanted)


def test_ppmi_is_zero_for_chance_and_its_definition_otherwise() -> None:
    """Would notice a negative entry, or rows and columns mixed up."""
    words, table = lm.nn.cooccurrences(toy(), 3, min_count=1)
    dense, kept = table.toarray(), lm.nn.ppmi(table, smoothing=1.0).toarray()
    chance = np.outer(dense.sum(1), dense.sum(0)) / dense.sum()
    with np.errstate(divide="ignore"):
        assert np.allclose(kept, np.maximum(np.log(dense / chance), 0))
    vectors = lm.nn.svd_vectors(words, lm.nn.ppmi(table), 4)
    assert lm.metrics.group_score(vectors, {side: [f"{side}{n}" for n in range(8)] for side in "ab"}) > 0.95
    with pytest.raises(LmcourseError, match="directions"):
        lm.nn.svd_vectors(words, table, 1000)
    with pytest.raises(LmcourseError, match="at least 1"):
        lm.nn.cooccurrences(toy(), 0)


def square() -> lm.WordVectors:
    """king − man + woman is queen here, exactly."""
    rows = {"man": [1.0, 0, 0], "woman": [0, 1, 0], "king": [1, 0, 1], "queen": [0, 1, 1], "boat": [-1, -1, 0]}
    return lm.WordVectors(list(rows), torch.tensor(list(rows.values())), {word: 10 for word in rows})


def test_neighbours_and_analogies() -> None:
    """Would notice a word among its own neighbours, or a question's word among the answers."""
    vectors = square()
    assert len(vectors) == 5 and "king" in vectors and "ferry" not in vectors
    assert vectors.nearest("man", 1) == [("king", pytest.approx(math.sqrt(0.5)))]
    assert [word for word, _ in vectors.nearest("man", 10)][-1] == "boat" and len(vectors.nearest("man", 10)) == 4
    assert vectors.analogy("man", "king", "woman") == ["queen"]
    assert vectors.similarity("king", "king") == pytest.approx(1)
    with pytest.raises(LmcourseError, match="there is queen"):
        vectors.similarity("quen", "king")
    with pytest.raises(LmcourseError, match="different words"):
        lm.WordVectors(["a", "a"], torch.zeros(2, 3))


def test_sentences_are_weighted_means() -> None:
    """Would notice a weight on the wrong word, or a division by zero where no word is known."""
    vectors = lm.WordVectors(["the", "boat"], torch.eye(2), {"the": 900, "boat": 100})
    plain, weighted = vectors.sentences([["the", "boat"]], None)[0], vectors.sentences([["the", "boat"]], 0.1)[0]
    assert torch.allclose(plain, torch.tensor([0.5, 0.5]).sqrt())
    assert float(weighted[1] / weighted[0]) == pytest.approx((0.1 / 0.2) / (0.1 / 1.0))
    assert vectors.sentences([["nothing", "known"]]).tolist() == [[0, 0]]
    with pytest.raises(LmcourseError, match="smoothing=None"):
        lm.WordVectors(["a"], torch.eye(1)).sentences([["a"]])


def test_scores_have_their_chance_levels() -> None:
    """Would notice a score that is high for noise, or below 1 for perfection."""
    groups = {"a": [f"a{n}" for n in range(20)], "b": [f"b{n}" for n in range(20)]}
    words = [word for members in groups.values() for word in members]
    noise = lm.WordVectors(words, torch.randn(40, 50, generator=torch.Generator().manual_seed(0)))
    assert abs(lm.metrics.group_score(noise, groups) - 0.5) < 0.05
    perfect = lm.WordVectors(words, torch.eye(2).repeat_interleave(20, 0))
    assert lm.metrics.group_scores(perfect, groups) == {"a": 1.0, "b": 1.0}
    constant = lm.WordVectors(words, torch.ones(40, 2))
    assert lm.metrics.group_score(constant, groups) == 0.5
    with pytest.raises(LmcourseError, match="group c"):
        lm.metrics.group_score(noise, {**groups, "c": ["a1"]})
    assert lm.metrics.rank_correlation([1, 2, 3, 4], [10, 20, 30, 50]) == pytest.approx(1)
    with pytest.raises(LmcourseError, match="at least 3"):
        lm.metrics.rank_correlation([1, 2], [1, 2])


def test_ratings_and_analogies_are_scored_on_known_words() -> None:
    """Would notice unknown words counted as wrong."""
    vectors = square()
    pairs = [("man", "king", 9.0), ("man", "woman", 5.0), ("man", "boat", 1.0), ("man", "ferry", 3.0)]
    ratings = [lm.Document(f"r{n}", f"{a}\t{b}", {"rating": r}) for n, (a, b, r) in enumerate(pairs)]
    assert lm.metrics.rating_score(vectors, ratings) == (pytest.approx(1), 3)
    asked = [lm.Document(f"q{n}", text, {"kind": "family"}) for n, text in enumerate(
        ["man\tking\twoman\tqueen", "man\tking\twoman\tboat", "man\tking\twoman\tduchess"]
    )]
    assert lm.metrics.analogy_scores(vectors, asked) == {"family": (1, 2)}


def test_the_people_s_ratings_are_there() -> None:
    """Would notice a package whose files moved or changed."""
    assert [len(lm.corpus.load(name)) for name in ("wordsim-353", "simlex-999", "analogies")] == [353, 999, 19544]
    assert lm.corpus.load("wordsim-353")[1].text == "tiger\tcat"
    assert {len(question.text.split("\t")) for question in lm.corpus.load("analogies")} == {4}


def test_pretrained_vectors_agree_with_people(monkeypatch: pytest.MonkeyPatch) -> None:
    """Would notice rows that belong to other tokens: the figures are those that were published with the files."""
    ratings = lm.corpus.load("wordsim-353")
    vectors = lm.nn.pretrained_vectors(word for pair in ratings for word in pair.text.lower().split("\t"))
    assert lm.metrics.rating_score(vectors, ratings) == (pytest.approx(0.592, abs=0.005), 353)
    monkeypatch.setattr(pretrained.util, "find_spec", lambda name: None)
    pretrained._loaded.cache_clear()  # as in a new process
    with pytest.raises(LmcourseError, match="pip install wordllama"):
        lm.nn.pretrained_vectors(["boat"])


def test_plain_words_are_words() -> None:
    """Would notice signs, figures or empty joins among the words."""
    assert lm.tokenizers.plain_words("Don’t, Anna-Marie! 4 boats; x1.") == ["don't", "anna", "marie", "boats"]
    assert lm.tokenizers.plain_words("渡船七点出发。", language="zh")[0] == "渡船"
