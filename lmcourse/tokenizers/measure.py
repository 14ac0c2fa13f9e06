"""How much a tokenizer shortens a text: the figure by which vocabularies are compared."""

from __future__ import annotations

from typing import NamedTuple

from lmcourse.errors import LmcourseError
from lmcourse.tokenizers.base import Tokenizer


class Compression(NamedTuple):
    """A text's length three ways; fewer tokens for the same text means a shorter sequence for the model."""

    tokens: int
    characters: int
    bytes: int

    @property
    def characters_per_token(self) -> float:
        return self.characters / self.tokens

    @property
    def bytes_per_token(self) -> float:
        return self.bytes / self.tokens


def compression(tokenizer: Tokenizer, text: str) -> Compression:
    """Tokens, characters and bytes of ``text``; ``compression(bpe, text).bytes_per_token`` is 3 to 5 for English."""
    if not text:
        raise LmcourseError("An empty text has no length to compare; give some text.")
    return Compression(len(tokenizer.encode(text)), len(text), len(text.encode()))
