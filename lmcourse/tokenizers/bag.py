"""Words as a classifier reads them: small letters, no spaces, of the signs only ! and ?, and what is lost stays lost.

In scripts that put no spaces between words every character is a word by itself; two neighbours then make a pair, which
tells more, and no dictionary is needed. Which pairs count is part of the vocabulary, so that a model has weights alone.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from itertools import pairwise
from typing import Any, ClassVar

from lmcourse.errors import LmcourseError
from lmcourse.tokenizers.base import Tokenizer, as_texts, checked_special_tokens, printable

# Words with their apostrophes, single characters of scripts without spaces, and the two marks that carry feeling.
TOKEN = r"[\u0e00-\u0e7f\u3040-\u30ff\u3400-\u9fff]|[^\W_\u0e00-\u0e7f\u3040-\u30ff\u3400-\u9fff]+(?:['’][^\W_]+)?|[!?]"
bag_words = re.compile(TOKEN).findall


class BagTokenizer(Tokenizer):
    """Each word is a token; id 0 is every word that is not in the vocabulary. ``decode`` gives the words, with spaces.

    ``pairs``: neighbours that are counted, too, each as the ids of its two words; :meth:`features` finds them.
    """

    kind: ClassVar[str] = "bag"
    unk_id: ClassVar[int | None] = 0

    def __init__(self, words: Sequence[str], pairs: Iterable[Sequence[int]] = ()) -> None:
        self.words, self.pairs = list(words), [(first, second) for first, second in pairs]
        if len(set(self.words)) < len(self.words) or len(set(self.pairs)) < len(self.pairs):
            raise LmcourseError("The words of a vocabulary must differ, and so must its pairs; remove the others.")
        self._ids = {word: id for id, word in enumerate(self.words, start=1)}
        self._pairs = {pair: id for id, pair in enumerate(self.pairs, start=self.vocab_size)}
        if not all(0 < id < self.vocab_size for pair in self.pairs for id in pair):
            raise LmcourseError(f"Pairs are of ids from 1 to {self.vocab_size - 1}; correct them.")

    @classmethod
    def train(cls, texts: Iterable[str], vocab_size: int = 2**31, special_tokens: Sequence[str] = ()) -> BagTokenizer:
        """All words of the texts in alphabetical order, as far as ``vocab_size`` has room for them."""
        if checked_special_tokens(special_tokens):
            raise LmcourseError("A bag of words has no special tokens; leave them out.")
        return cls(sorted({word for text in as_texts(texts) for word in bag_words(text.lower())})[: vocab_size - 1])

    @property
    def vocab_size(self) -> int:
        return 1 + len(self.words)

    @property
    def special_tokens(self) -> dict[str, int]:
        return {}

    @property
    def features_size(self) -> int:
        """How many features there are: the unknown word, the words, the pairs."""
        return self.vocab_size + len(self.pairs)

    def features(self, text: str) -> list[int]:
        """The known words by their ids, then the known pairs of neighbours, numbered on from the last word."""
        ids = self._encode(text)
        pairs = (self._pairs.get(pair, 0) for pair in pairwise(ids))
        return [id for id in (*ids, *pairs) if id]

    def _encode(self, text: str) -> list[int]:
        return [self._ids.get(word, 0) for word in bag_words(text.lower())]

    def _decode(self, ids: list[int]) -> str:
        return " ".join(self.token(id) for id in ids)

    def token(self, id: int) -> str:
        (id,) = self._in_range([id])
        return printable(self.words[id - 1]) if id else "<unk>"

    def unknown(self, text: str) -> list[str]:
        return [word for word in dict.fromkeys(bag_words(text.lower())) if word not in self._ids]

    def _state(self) -> dict[str, Any]:
        return {"words": self.words, "pairs": [list(pair) for pair in self.pairs]}

    @classmethod
    def _from_state(cls, state: dict[str, Any]) -> BagTokenizer:
        words, pairs = state["words"], state.get("pairs", [])
        if not isinstance(words, list) or not all(isinstance(word, str) for word in words):
            raise TypeError("words must be a list of strings")
        if not isinstance(pairs, list) or not all(isinstance(id, int) for pair in pairs for id in pair):
            raise TypeError("pairs must be a list of pairs of ids")
        return cls(words, pairs)
