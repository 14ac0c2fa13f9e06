"""Words as a classifier reads them: small letters, no spaces, of the signs only ! and ?, and what is lost stays lost.

In scripts that put no spaces between words every character is a word by itself; two neighbours then make a pair, which
tells more, and no dictionary is needed.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import Any, ClassVar

from lmcourse.errors import LmcourseError
from lmcourse.tokenizers.base import Tokenizer, as_texts, checked_special_tokens, printable

# Words with their apostrophes, single characters of scripts without spaces, and the two marks that carry feeling.
TOKEN = r"[\u0e00-\u0e7f\u3040-\u30ff\u3400-\u9fff]|[^\W_\u0e00-\u0e7f\u3040-\u30ff\u3400-\u9fff]+(?:['’][^\W_]+)?|[!?]"
bag_words = re.compile(TOKEN).findall


class BagTokenizer(Tokenizer):
    """Each word is a token; id 0 is every word that is not in the vocabulary. ``decode`` gives the words, with spaces."""

    kind: ClassVar[str] = "bag"
    unk_id: ClassVar[int | None] = 0

    def __init__(self, words: Sequence[str]) -> None:
        if len(set(words)) < len(words):
            raise LmcourseError("The words of a vocabulary must differ; remove the others.")
        self.words = list(words)
        self._ids = {word: id for id, word in enumerate(self.words, start=1)}

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
        return {"words": self.words}

    @classmethod
    def _from_state(cls, state: dict[str, Any]) -> BagTokenizer:
        words = state["words"]
        if not isinstance(words, list) or not all(isinstance(word, str) for word in words):
            raise TypeError("words must be a list of strings")
        return cls(words)
