"""BLEU, chrF, exact match and F1 against figures worked out by hand, and what they refuse."""

from __future__ import annotations

import pytest

from lmcourse.errors import LmcourseError
from lmcourse.metrics import bleu, chrf, exact_match, f1, normalised


def test_translations():
    """Guards the language's way of cutting words, and that nothing in common is 0 and all in common is 100."""
    chinese = ["渡轮七点从码头出发。", "他在面包房买了两个小圆面包。"]
    assert bleu(chinese, chinese, "zh") == pytest.approx(100) and chrf(chinese, chinese) == pytest.approx(100)
    assert bleu(["渡轮七点从码头出发。"], ["渡轮七点从码头回来。"], "zh") > 50 > bleu(["渡轮七点从码头出发。"], ["渡轮七点从码头回来。"])
    assert chrf(["abc def"], ["xyz uvw"]) == 0
    # By hand: precisions 4/5, 3/4, 2/3, 1/2, equal lengths: the fourth root of 1/5.
    assert bleu(["a b c d x"], ["a b c d e"]) == pytest.approx(100 * 0.2**0.25)


def test_the_mean_of_sentences_is_not_the_bleu_of_all():
    """Guards a figure of the set against being a mean: a short wrong one weighs little."""
    found, wanted = ["a b c d e f g h", "z"], ["a b c d e f g h", "y"]
    assert bleu(found, wanted) > (bleu(found[:1], wanted[:1]) + bleu(found[1:], wanted[1:])) / 2 + 10


@pytest.mark.parametrize(
    "arguments", [(["a"], ["a", "b"]), ([], []), ("a", ["a"]), (["a"], "a"), (["a"], ["a"], "fr")]
)  # fmt: skip
def test_what_cannot_be_compared(arguments):
    """Guards against a score of nothing, or of the wrong things side by side."""
    with pytest.raises(LmcourseError, match="give|choose|Give"):
        bleu(*arguments)


def test_answers():
    """Guards SQuAD's way: case, articles and punctuation aside, the best of several references, nothing as an answer."""
    assert normalised("The  Dry Dock's, an inn!") == "dry docks inn"
    assert exact_match("The ferry.", ["a ferry"]) == 1.0 and exact_match("ferry", ["boat"]) == 0.0
    assert f1("the old ferry", ["a ferry"]) == pytest.approx(2 / 3) and f1("ferry ferry", ["ferry"]) == pytest.approx(2 / 3)
    assert f1("boat", ["ferry", "the boat"]) == 1.0
    assert exact_match("", []) == f1("", []) == 1.0 and exact_match("boat", []) == f1("boat", []) == 0.0
    assert f1("", ["boat"]) == exact_match("", ["boat"]) == 0.0
