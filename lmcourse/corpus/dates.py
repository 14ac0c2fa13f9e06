"""Dates as people write them, in several languages, and what they mean: translation with a truth that is known.

``mercredi 25 novembre 2026`` and ``2026年11月25日星期三`` both mean ``2026-11-25``. Whether a model has understood can be
checked to the last character, and there is as much text as one likes. The task is the usual first one for encoder-decoders
with attention; how dates are written in each language is in the Unicode CLDR (since 2003), read through ``babel``.
"""

from __future__ import annotations

import datetime
import random
from collections.abc import Sequence
from functools import cache
from typing import Any

from lmcourse.corpus.documents import split_of
from lmcourse.errors import LmcourseError

LANGUAGES = ("en", "de", "fr", "es", "it", "zh")
LENGTHS = ("full", "long", "medium")  # with the weekday; with the month's name; as short as can be told apart
YEARS = (1900, 2100)  # from, and up to but not including
SPLITS = ("train", "valid", "test")


def written_dates(
    count: int, split: str = "train", seed: int = 0, languages: Sequence[str] = LANGUAGES
) -> list[tuple[str, str]]:
    """``count`` pairs of a date as it is written somewhere and the same as year-month-day, drawn at random.

    Which days belong to a ``split`` follows from the day alone, so a day of the test split is in no language and in no form
    among the pairs for training. Language and length of the form are drawn anew for each pair.
    """
    if split not in SPLITS:
        raise LmcourseError(f"There is no split {split!r}; choose one of: {', '.join(SPLITS)}.")
    if count < 0 or not languages:
        raise LmcourseError("Dates need a count of 0 or more and at least one language.")
    draw = random.Random(f"dates {split} {seed}")
    first, last = (datetime.date(year, 1, 1).toordinal() for year in YEARS)
    pairs: list[tuple[str, str]] = []
    while len(pairs) < count:
        day = datetime.date.fromordinal(draw.randrange(first, last))
        language, length = draw.choice(languages), draw.choice(LENGTHS)
        if split_of(day.isoformat()) == split:
            pairs.append((_written(day, language, length), day.isoformat()))
    return pairs


def _written(day: datetime.date, language: str, length: str) -> str:
    from babel.dates import format_date

    return format_date(day, length, locale=_locale(language))


@cache
def _locale(language: str) -> Any:
    from babel import Locale, UnknownLocaleError

    try:
        return Locale.parse(language)
    except (UnknownLocaleError, ValueError) as error:
        raise LmcourseError(
            f"babel knows no language {language!r}; give codes such as {', '.join(LANGUAGES)}."
        ) from error
