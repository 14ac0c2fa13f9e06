"""Words that know where they stand: a reader points at words, and its answer is cut from the text as it was written.

A word is a run of letters and digits with its apostrophes, "'s" by itself (so that "Pettifer" can be pointed at in
"Pettifer's"), any other sign, and in scripts that put no spaces between words each character.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import ClassVar, NamedTuple

from lmcourse.tokenizers.bag import BagTokenizer
from lmcourse.tokenizers.base import as_texts, checked_special_tokens

_ALONE = "\u0e00-\u0e7f\u3040-\u30ff\u3400-\u9fff"  # scripts without spaces
_WORD = re.compile(rf"[{_ALONE}]|['’]s\b|[^\W_{_ALONE}]+(?:['’](?!s\b)[^\W_{_ALONE}]+)*|\S", re.IGNORECASE)


class Place(NamedTuple):
    """A word of a text: ``text[start:end]``."""

    word: str
    start: int
    end: int


def placed_words(text: str) -> list[Place]:
    """The words and signs of a text, in their order, each with its place."""
    return [Place(found[0], found.start(), found.end()) for found in _WORD.finditer(text)]


def sentence_numbers(text: str, words: Sequence[Place]) -> list[int]:
    """For each word of the text the number of its sentence: it ends with . ! or ? (and the quotation marks behind it) before a
    capital or the end of a line."""
    numbers, number = [], 0
    for place, word in enumerate(words):
        numbers.append(number)
        if place + 1 == len(words):
            break
        between, ended = text[word.end : words[place + 1].start], word.word
        if place and ended in "\"”’'":
            ended = words[place - 1].word
        capital = words[place + 1].word[0].isupper() or words[place + 1].word in "\"“‘"
        number += "\n" in between or (ended in ".!?…" and bool(between) and capital) or ended in "。！？"
    return numbers


class PlacedTokenizer(BagTokenizer):
    """Small letters as :class:`BagTokenizer` has them, but cut by :func:`placed_words`: signs count, too."""

    kind: ClassVar[str] = "placed"

    @classmethod
    def train(cls, texts: Iterable[str], vocab_size: int = 2**31, special_tokens: Sequence[str] = ()) -> PlacedTokenizer:
        """All words and signs of the texts in alphabetical order, as far as ``vocab_size`` has room for them."""
        checked_special_tokens(special_tokens)
        return cls(sorted({place.word.lower() for text in as_texts(texts) for place in placed_words(text)})[: vocab_size - 1])

    def _encode(self, text: str) -> list[int]:
        return [self._ids.get(place.word.lower(), 0) for place in placed_words(text)]

    def unknown(self, text: str) -> list[str]:
        words = dict.fromkeys(place.word.lower() for place in placed_words(text))
        return [word for word in words if word not in self._ids]
