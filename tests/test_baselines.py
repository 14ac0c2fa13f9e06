"""The simple methods that trained models are compared with do what they say, on small made-up tasks."""

from __future__ import annotations

import random

import pytest

from lmcourse.errors import LmcourseError
from lmcourse.tasks.baselines import NearestTranslation, OverlapReader, text_classifier

PASSAGE = (
    "Market Square was full. On Saturday Maud Pettifer sold forty leeks behind the pump, because the shed leaked. "
    "Kazimir bought none of them. The council meets at 19:00 in the Hall."
)


@pytest.mark.parametrize("characters", [False, True])
def test_the_classifier_sees_words_and_characters(characters):
    """Guards the features: a mark at the end that tells the label, in English and in Chinese."""
    rng = random.Random(1)
    texts = [f"{' '.join(rng.sample('ab cd ef gh ij kl'.split(), 4))} {mark}" for mark in ("yes", "no") * 100]
    texts += [f"{number}号{word}" for number in range(20) for word in ("渡轮几点开", "图书馆开门吗")]
    labels = ["good", "bad"] * 100 + ["ferry", "hours"] * 20
    new = [place for place in range(len(texts)) if place % 8 < 2]
    model = text_classifier(10.0, longest=3, characters=characters)
    model.fit([texts[place] for place in range(len(texts)) if place not in new], [labels[n] for n in range(len(texts)) if n not in new])
    assert list(model.predict([texts[place] for place in new])) == [labels[place] for place in new]


def test_the_nearest_sentence_is_the_one_that_shares_what_is_rare():
    """Guards the look-up: a shared rare word counts more than shared common ones; of equals the first."""
    known = ["the boat is late", "the cat is old", "the heron is old", "the boat is late"]
    looked_up = NearestTranslation(longest=1).fit(known, ["船", "猫", "鹭", "别的船"])
    assert looked_up.predict(["the heron is late", "late boat"]) == ["鹭", "船"]


@pytest.mark.parametrize(
    ("question", "answer"),
    [
        ("Who sold leeks?", "Maud Pettifer"),
        ("When did Maud Pettifer sell leeks?", "Saturday"),
        ("How many leeks did Maud Pettifer sell?", "forty"),
        ("Where does the council meet at 19:00?", "in the Hall"),
        ("Why did Maud sell leeks behind the pump?", "because the shed leaked"),
    ],
)
def test_the_reader_finds_the_sentence_and_cuts_it(question, answer):
    """Guards the choice by question word: each of these stands in one sentence among others."""
    passages = [PASSAGE, "The bell rang. The ferry came.", "The fog stayed for a week."]
    found = OverlapReader(longest=4).fit(passages).answer(question, PASSAGE)
    assert answer in found and found in PASSAGE and len(found.split()) <= 4


def test_the_reader_may_have_no_answer():
    """Guards the threshold: little in common is no answer, and an empty passage has none."""
    reader = OverlapReader(least=0.6).fit([PASSAGE, "The ferry came."])
    assert reader.answer("Who painted the lighthouse on Heron Island?", PASSAGE) == ""
    assert reader.answer("Who sold leeks on Saturday?", PASSAGE) != ""
    assert OverlapReader().answer("Who?", "") == ""
    with pytest.raises(LmcourseError, match="at least one"):
        OverlapReader().fit([])
