"""Characters as tokens: the smallest vocabulary, the longest sequences, nothing to learn but which characters occur."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Any, ClassVar

from lmcourse.errors import LmcourseError
from lmcourse.tokenizers.base import UNKNOWN, Tokenizer, as_texts, checked_size, checked_special_tokens, printable


class CharTokenizer(Tokenizer):
    """Each Unicode character is a token. Ids: 0 is ``<unk>``, then the special tokens, then the characters.

    A character outside the vocabulary becomes ``<unk>`` and decodes to U+FFFD, the replacement character;
    every other text comes back exactly.
    """

    kind: ClassVar[str] = "char"
    unk_id: ClassVar[int | None] = 0

    def __init__(self, characters: str, special_tokens: Sequence[str] = ()) -> None:
        if len(set(characters)) < len(characters):
            raise LmcourseError("The characters of a vocabulary must differ from each other; remove the repeated ones.")
        self.characters = characters
        special = checked_special_tokens(special_tokens)
        self._special = {token: id for id, token in enumerate(special, start=1)}
        self._tokens = [UNKNOWN, *special, *characters]
        self._ids = {character: id for id, character in enumerate(characters, start=1 + len(special))}

    @classmethod
    def train(
        cls, texts: Iterable[str], vocab_size: int | None = None, special_tokens: Sequence[str] = ()
    ) -> CharTokenizer:
        """All characters of ``texts``, or the most frequent that fit; by frequency, of equals the lower code point."""
        special = checked_special_tokens(special_tokens)
        count: Counter[str] = Counter()
        for text in as_texts(texts):
            count.update(text)
        ordered = sorted(count, key=lambda character: (-count[character], character))
        if vocab_size is not None:
            room = checked_size(vocab_size, 2 + len(special), "<unk>, the special tokens and one character")
            ordered = ordered[: room - 1 - len(special)]
        return cls("".join(ordered), special)

    @property
    def vocab_size(self) -> int:
        return len(self._tokens)

    @property
    def special_tokens(self) -> dict[str, int]:
        return dict(self._special)

    def _encode(self, text: str) -> list[int]:
        ids = self._ids
        return [ids.get(character, 0) for character in text]

    def _decode(self, ids: list[int]) -> str:
        return "".join([self._tokens[id] for id in ids])

    def token(self, id: int) -> str:
        (id,) = self._in_range([id])
        return "<unk>" if id == 0 else printable(self._tokens[id])

    def unknown(self, text: str) -> list[str]:
        return [character for character in dict.fromkeys(text) if character not in self._ids]

    def _state(self) -> dict[str, Any]:
        return {"special_tokens": list(self._special), "characters": self.characters}

    @classmethod
    def _from_state(cls, state: dict[str, Any]) -> CharTokenizer:
        if not isinstance(state["characters"], str) or not isinstance(state["special_tokens"], list):
            raise TypeError("characters must be a string and special_tokens a list")
        return cls(state["characters"], checked_special_tokens(state["special_tokens"]))
