"""Words in pieces: a reader points at words, and a language model has read tokens; which of them belong to which word?

Each word is cut into tokens by itself, with the space before it, as byte-pair encoding cuts words anyway. So it is known
with which token a word ends, whatever the language model's tokens are.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, ClassVar

from lmcourse.errors import LmcourseError
from lmcourse.tokenizers.base import Tokenizer
from lmcourse.tokenizers.bpe import BPETokenizer
from lmcourse.tokenizers.char import CharTokenizer
from lmcourse.tokenizers.placed import PlacedTokenizer, placed_words
from lmcourse.tokenizers.word import WordTokenizer

INNER: dict[str, type[Tokenizer]] = {cls.kind: cls for cls in (CharTokenizer, WordTokenizer, BPETokenizer)}


class PiecedTokenizer(PlacedTokenizer):
    """A :class:`PlacedTokenizer` that also knows the tokens of a language model, ``inner``; ``start``: the id before a text's first."""

    kind: ClassVar[str] = "pieced"

    def __init__(self, words: Sequence[str], inner: Tokenizer, start: int) -> None:
        super().__init__(words)
        if not 0 <= start < inner.vocab_size:
            raise LmcourseError(f"The token {start} is none of the language model's {inner.vocab_size}; give another start.")
        self.inner, self.start = inner, start
        self._cut: dict[str, list[int]] = {}

    def pieces(self, text: str) -> tuple[list[int], list[int]]:
        """The tokens of a text, ``start`` before them; and for each of its words the place of its last token."""
        tokens, ends, before = [self.start], [], 0
        for word in placed_words(text):
            stretch, before = text[before : word.end], word.end
            if stretch not in self._cut:
                self._cut[stretch] = self.inner.encode(stretch)
            tokens += self._cut[stretch]
            ends.append(len(tokens) - 1)
        return tokens, ends

    def _state(self) -> dict[str, Any]:
        return {**super()._state(), "inner": self.inner.to_dict(), "start": self.start}

    @classmethod
    def _from_state(cls, state: dict[str, Any]) -> PiecedTokenizer:
        plain = PlacedTokenizer._from_state(state)
        return cls(plain.words, INNER[state["inner"]["kind"]].from_dict(state["inner"]), state["start"])
