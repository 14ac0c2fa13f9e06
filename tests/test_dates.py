"""Written dates: the truth is the truth, the splits share no day, and they repeat."""

from __future__ import annotations

import datetime
import re

import pytest

from lmcourse.corpus import split_of, written_dates
from lmcourse.corpus.dates import LANGUAGES, YEARS
from lmcourse.errors import LmcourseError

MONTHS = {"en": "November", "de": "November", "fr": "novembre", "es": "noviembre", "it": "novembre", "zh": "11月"}


def test_what_is_written_means_the_day():
    """Would notice a day and a month that change places, or a truth of another pair: all digits of the text are accounted for."""
    for written, iso in written_dates(500):
        day = datetime.date.fromisoformat(iso)
        assert YEARS[0] <= day.year < YEARS[1]
        numbers = sorted(map(int, re.findall(r"\d+", written)))
        assert numbers in (sorted((day.year, day.day)), sorted((day.year, day.month, day.day))), (written, iso)


@pytest.mark.parametrize("language", LANGUAGES)
def test_each_language_is_that_language(language):
    """Would notice a locale that falls back to English."""
    novembers = [written for written, iso in written_dates(800, languages=[language]) if iso[5:7] == "11"]
    assert any(MONTHS[language] in written for written in novembers)
    assert len(set(map(len, novembers))) > 3, "several forms"


def test_no_day_is_in_two_splits():
    """Exact match on unseen days is a figure only if the days are unseen, in every language and form."""
    days = {split: {iso for _, iso in written_dates(2000, split, seed=3)} for split in ("train", "valid", "test")}
    assert not days["train"] & days["test"] and not days["train"] & days["valid"] and not days["valid"] & days["test"]
    assert all(split_of(iso) == split for split, isos in days.items() for iso in isos)


def test_dates_repeat_with_the_seed():
    """A lesson's figures rest on it; and a longer list begins with the shorter one."""
    assert written_dates(20, seed=1) == written_dates(50, seed=1)[:20] != written_dates(20, seed=2)
    assert written_dates(0) == []


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ({"split": "dev"}, "choose one of: train, valid, test"),
        ({"languages": []}, "at least one language"),
        ({"count": -1}, "0 or more"),
        ({"languages": ["klingon"]}, "babel knows no language 'klingon'"),
        ({"languages": ["no-such thing"]}, "babel knows no language"),
    ],
)
def test_wrong_wishes_get_a_sentence(wrong, words):
    """In place of babel's own error from deep inside."""
    with pytest.raises(LmcourseError, match=words):
        written_dates(**{"count": 5, **wrong})
