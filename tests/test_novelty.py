"""Writing or reciting: runs shared with the training text, against a slow count; repetition and variety, against sums by hand."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lmcourse.errors import LmcourseError
from lmcourse.metrics.novelty import TrainingText, distinct, repetition, words

TEXT = st.lists(st.sampled_from("abc"), min_size=1, max_size=30).map(" ".join)


def slowly(text: list[str], known: list[list[str]]) -> list[int]:
    def stands(run: list[str]) -> bool:
        return any(run == one[at : at + len(run)] for one in known for at in range(len(one)))

    return [
        max([size for size in range(1, len(text) - at + 1) if stands(text[at : at + size])], default=0)
        for at in range(len(text))
    ]


@given(TEXT, st.lists(TEXT, min_size=1, max_size=4))
def test_the_runs_are_those_that_looking_everywhere_finds(text, known):
    """A wrong order of suffixes, or a look at the wrong neighbour, misses the longest run."""
    assert TrainingText(known).overlaps(text) == slowly(text.split(), [one.split() for one in known])


def test_no_run_goes_from_one_text_into_the_next():
    """Two texts that happen to stand side by side are no sentence that anybody wrote."""
    known = TrainingText(["the boat is late", "again it rains"])
    assert known.longest("the boat is late again it rains").words == 4
    found = known.longest("so is late again")
    assert (found.words, found.start, found.text) == (2, 1, "is late")
    assert known.longest("").words == 0


def test_a_long_copy_is_found_whole():
    """Sorting by the first few words only would find a shorter run elsewhere."""
    base = [f"w{number % 7}" for number in range(300)]
    known = TrainingText([" ".join([*base, "x"]), " ".join([*base[:150], "y"])])
    assert (
        known.longest(" ".join([*base[:150], "y"])).words == 151 and known.longest(" ".join([*base, "x"])).words == 301
    )


def test_copied_counts_words_in_long_runs_once():
    """Overlapping runs must not count a word twice, and short ones, which all texts share, not at all."""
    known = TrainingText(["a b c d e f"])
    assert known.copied("x a b c d y", least=4) == 4 / 6 and known.copied("x a b c d y", least=5) == 0.0
    assert known.copied("") == 0.0


def test_variety_and_repetition_by_hand():
    """The shares must be of all runs, over all texts for the one, within each text for the other."""
    assert distinct(["a b a b", "a b"], 2) == 2 / 4
    assert repetition(["a b a b a", "c d e f g"], 2) == (0.5 + 0) / 2
    assert distinct([""]) == 0.0 and repetition(["too short"]) == 0.0
    with pytest.raises(LmcourseError, match="at least one word"):
        distinct(["a"], 0)


def test_words_of_two_languages():
    """Chinese has no spaces: each character is a word; a number with a point in it is one."""
    assert words("Don't pay 4.50, 船晚点了。") == ["Don't", "pay", "4.50", ",", "船", "晚", "点", "了", "。"]


def test_nothing_to_look_in_is_refused():
    """An index of nothing would say of every text that nothing was copied."""
    with pytest.raises(LmcourseError, match="at least one text"):
        TrainingText(["", "  "])
