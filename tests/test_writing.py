"""Ways to write, compared by the same measures."""

from __future__ import annotations

import pytest

from lmcourse.errors import LmcourseError
from lmcourse.metrics import TrainingText, evaluate
from lmcourse.metrics.novelty import first_words
from lmcourse.models import load
from lmcourse.tasks.writing import compare, measured

STARTS = ["The boat", "On Friday the council"]


@pytest.fixture(scope="module")
def model():
    return load("lm-genres")


def test_the_perplexity_is_that_of_the_continuation(model):
    """If the beginning were scored, or not read, comparing ways to go on would compare beginnings."""
    known, text = TrainingText(["nothing of it"]), " was late again."
    found = measured(model, ["The ferry"], [text], known)
    whole, start = (evaluate(*model, given) for given in ("The ferry" + text, "The ferry"))
    tokens = len(model[1].encode(text))
    assert found.perplexity == pytest.approx(2.718281828 ** ((whole.nats - start.nats) / tokens), rel=1e-3)


def test_each_way_is_measured_and_repeats(model):
    """The same seed must give the same texts, and a copied text must be seen to be one."""
    known = TrainingText(["Once upon a time the boat was late again and nobody minded much at all"])
    ways = {"greedy": {"temperature": 0.0}, "sampled": {"top_p": 0.9}}
    found = compare(model, STARTS, ways, known, genre="news", tokens=20)
    again = compare(model, STARTS, ways, known, genre="news", tokens=20)
    assert found == again and set(found) == set(ways)
    assert found["greedy"].perplexity < found["sampled"].perplexity
    copy = measured(model, ["Once upon a time"], [" the boat was late again and nobody minded much"], known)
    assert copy.copied == 1.0 and copy.longest.words == 9


def test_only_equal_amounts_are_compared(model):
    """A longer text would count as less varied for its length alone."""
    assert first_words("one two, three", 2) == "one two" and first_words("one", 2) == "one"
    known = TrainingText(["x"])
    long = " word" * 40
    assert (
        measured(model, ["A"], [long], known).distinct == measured(model, ["A"], [long + " other" * 50], known).distinct
    )


def test_a_text_needs_its_beginning(model):
    """Pairs that do not match would be scored as if they did."""
    with pytest.raises(LmcourseError, match="one for each"):
        measured(model, STARTS, ["a"], TrainingText(["x"]))
