"""Two languages, one table of ids: what a translator reads and what it writes.

The ids of the target language come first, so that the first ``targets`` rows of an embedding are also the output layer;
those of the source language follow. Each side is cut as suits it: words, characters (scripts without spaces), or
byte-pair encoding. The source is read in lower case where asked for: in a small corpus *The* and *the* are too
precious to be learnt twice.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from itertools import groupby
from typing import Any, ClassVar

from lmcourse.errors import LmcourseError
from lmcourse.tokenizers.base import Tokenizer, printable
from lmcourse.tokenizers.bpe import BPETokenizer
from lmcourse.tokenizers.char import CharTokenizer
from lmcourse.tokenizers.word import WordTokenizer, split_words

BOS, EOS = "<bos>", "<eos>"
CHARACTERS = 8192  # different ones at most
SIDES: dict[str, type[Tokenizer]] = {cls.kind: cls for cls in (CharTokenizer, WordTokenizer, BPETokenizer)}


class PairTokenizer(Tokenizer):
    """``encode`` reads the source language, ``encode_target`` the target's; ``decode`` gives text of either."""

    kind: ClassVar[str] = "pair"

    def __init__(self, source: Tokenizer, target: Tokenizer, lower: bool = True) -> None:
        if missing := {BOS, EOS} - set(target.special_tokens):
            raise LmcourseError(f"The target's tokenizer lacks {', '.join(sorted(missing))}; train it with special_tokens=…")
        self.source, self.target, self.lower = source, target, lower
        self.bos, self.eos = target.special_tokens[BOS], target.special_tokens[EOS]
        self.unk_id = None if source.unk_id is None else self.targets + source.unk_id

    @classmethod
    def train(
        cls,
        texts: Iterable[tuple[str, str]],
        vocab_size: int = 4096,
        special_tokens: Sequence[str] = (BOS, EOS),
        kinds: tuple[str, str] = ("bpe", "bpe"),
        lower: bool = True,
    ) -> PairTokenizer:
        """Learn both sides from pairs of a source and its translation, each at most ``vocab_size`` (characters: all)."""
        pairs = list(texts)
        room = [CHARACTERS if kind == "char" else vocab_size for kind in kinds]
        for kind in kinds:
            if kind not in SIDES:
                raise LmcourseError(f"There is no tokenizer {kind!r}; choose one of: {', '.join(SIDES)}.")
        sources = [_read(source, lower, kinds[0]) for source, _ in pairs]
        source = SIDES[kinds[0]].train(sources, room[0])
        if isinstance(source, WordTokenizer):  # a word met once becomes unknown, so that it is learnt what to do with such
            count = Counter(word for text in sources for word in split_words(text))
            source = WordTokenizer([word for word in source.words if count[word] > 1])
        target = SIDES[kinds[1]].train([target for _, target in pairs], room[1], special_tokens)
        return cls(source, target, lower)

    @property
    def targets(self) -> int:
        """How many ids can be written: those below it."""
        return self.target.vocab_size

    @property
    def vocab_size(self) -> int:
        return self.targets + self.source.vocab_size

    @property
    def special_tokens(self) -> dict[str, int]:
        return self.target.special_tokens

    def _encode(self, text: str) -> list[int]:
        return [self.targets + id for id in self.source.encode(_read(text, self.lower, self.source.kind))]

    def encode_source(self, text: str) -> list[int]:
        """What the encoder reads: the sentence, and ``<eos>``."""
        return [*self._encode(text), self.eos]

    def encode_target(self, text: str) -> list[int]:
        """What the decoder is to write: ``<bos>``, the sentence, ``<eos>``."""
        return [self.bos, *self.target.encode(text), self.eos]

    @property
    def unwritable(self) -> list[int]:
        """Ids below ``targets`` that are no text, and so are never written: the unknown, ``<bos>``."""
        return sorted({self.target.unk_id, self.bos} - {None})

    def _decode(self, ids: list[int]) -> str:
        parts = []
        for written, group in groupby(ids, key=lambda id: id < self.targets):
            tokenizer, offset = (self.target, 0) if written else (self.source, self.targets)
            parts.append(tokenizer.decode([id - offset for id in group]))
        return "".join(parts)

    def token(self, id: int) -> str:
        (id,) = self._in_range([id])
        return printable(self.target.token(id) if id < self.targets else self.source.token(id - self.targets))

    def unknown(self, text: str) -> list[str]:
        return self.source.unknown(_read(text, self.lower, self.source.kind))

    def _state(self) -> dict[str, Any]:
        return {"source": self.source.to_dict(), "target": self.target.to_dict(), "lower": self.lower}

    @classmethod
    def _from_state(cls, state: dict[str, Any]) -> PairTokenizer:
        sides = [SIDES[state[name]["kind"]].from_dict(state[name]) for name in ("source", "target")]
        return cls(*sides, lower=bool(state["lower"]))


def _read(text: str, lower: bool, kind: str) -> str:
    """A source as its tokenizer gets it; with BPE after a space, or the first word would be another word."""
    text = text.lower() if lower else text
    return f" {text.strip()}" if kind == "bpe" else text
