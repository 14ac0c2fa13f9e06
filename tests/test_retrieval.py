"""Search: BM25 as its authors wrote it, vectors for other words, both together, and how often the right text is found."""

from __future__ import annotations

import math

import numpy as np
import pytest

from lmcourse.corpus import Document
from lmcourse.errors import LmcourseError
from lmcourse.metrics import recall_at_k
from lmcourse.nn import pretrained_vectors
from lmcourse.retrieval import BM25, Fused, VectorSearch, terms

TEXTS = {"a": "The ferry left. The ferry was late.", "b": "A ferry and a bakery.", "c": "Bread, bread and more bread from the bakery on Lime Square."}


def test_bm25_by_hand():
    """Would notice any slip in the formula: rarity, repetition, length. Lengths are 4 (ferry left ferry late), 2 and 7."""
    assert [len(terms(text)) for text in TEXTS.values()] == [4, 2, 7]
    search, mean = BM25(TEXTS, k1=1.2, b=0.75), 13 / 3
    rarity = math.log(1 + (3 - 2 + 0.5) / (2 + 0.5))  # ferry stands in two of three texts

    def worth(times: int, length: int) -> float:
        return rarity * times * 2.2 / (times + 1.2 * (0.25 + 0.75 * length / mean))

    np.testing.assert_allclose(search.scores("Ferries? A ferry!"), [worth(2, 4), worth(1, 2), 0])
    assert [hit.id for hit in search.search("ferry", k=2)] == ["a", "b"]


@pytest.mark.parametrize(("k1", "b"), [(0.0, 0.75), (1.2, 0.0)])
def test_what_the_two_numbers_do(k1, b):
    """k1 = 0: saying it twice counts no more than once; b = 0: length does not count."""
    search = BM25(["sea", "sea sea", "sea and a great many other words beside it", "land"], k1, b)
    once, twice, long, none = search.scores("sea")
    assert none == 0 and once > 0
    assert bool(twice == once) is (k1 == 0) and long == pytest.approx(once)


def test_rare_words_count_more():
    texts = ["boat boat", "boat net", "boat rope", "boat anchor"]
    assert BM25(texts).search("the boat with the anchor", 1)[0].text == "boat anchor"


def test_words_that_differ():
    """Would notice vectors that are only another way to count the same words."""
    texts = {"boat": "The ship sank in the storm.", "bread": "He baked a loaf of bread.", "school": "The pupils wrote an exam."}
    questions = ("Which vessel went down?", "Who made pastry?", "What did the teacher give the class?")
    assert all(BM25(texts).scores(question).max() == 0 for question in questions)
    search = VectorSearch(texts)
    assert [search.search(question, 1)[0].id for question in questions] == ["boat", "bread", "school"]
    own = VectorSearch(texts, pretrained_vectors("ship sank storm bread loaf vessel".split()))
    assert own.search("vessel", 1)[0].id == "boat"


def test_both_together():
    """The sum of what each says; a weight of 0 leaves the first alone; searches of different texts are refused."""
    words, vectors = BM25(TEXTS), VectorSearch(TEXTS)
    both = Fused([words, vectors], weight=0.5)
    first, second = (score - score.mean() for score in (words.scores("late boat"), vectors.scores("late boat")))
    np.testing.assert_allclose(both.scores("late boat"), first / first.std() + 0.5 * second / second.std(), rtol=1e-6)
    order = [hit.id for hit in words.search("bakery", 3)]
    assert [hit.id for hit in Fused([words, vectors], weight=0.0).search("bakery", 3)] == order
    with pytest.raises(LmcourseError, match="same texts"):
        Fused([words, BM25(["x"])])


def test_what_is_searched():
    """Ids from documents, from a mapping, or numbers; blank and unknown queries; equals in their order."""
    documents = [Document("n1", "the sea"), Document("n2", "the land")]
    for search in (BM25(documents), VectorSearch(documents), Fused([BM25(documents), VectorSearch(documents)])):
        assert search.search("land", 1)[0].id == "n2" and search.search("land", 1)[0].text == "the land"
        assert [hit.id for hit in search.search("…", 5)] == ["n1", "n2"]
        assert np.isfinite(search.scores("")).all()
    assert BM25(["x", "sea"]).search("sea")[0].id == "1"
    for given in ("one text", []):
        with pytest.raises(LmcourseError, match="text"):
            BM25(given)
    with pytest.raises(LmcourseError, match="At least one"):
        BM25(documents).search("sea", 0)


def test_recall_at_k():
    """How often the wanted id is among the first k."""
    found = [["a", "b", "c"], ["b", "a", "c"], ["c", "b", "a"], ["b", "c", "d"]]
    assert [recall_at_k(found, ["a"] * 4, k) for k in (1, 2, 3)] == [0.25, 0.5, 0.75]
    for wanted, k in ((["a"], 1), (["a"] * 4, 0)):
        with pytest.raises(LmcourseError, match="each"):
            recall_at_k(found, wanted, k)
