"""Byte-pair encoding: start from the 256 bytes, and again and again join the pair of neighbours seen most often.

The idea is a compression scheme (Gage 1994), brought to words by Sennrich, Haddow and Birch (2016) and to bytes,
so that no text is ever unknown, by Radford et al. (2019). ``bpe_plain.py`` says what is learnt, ``bpe_learn.py`` learns
it fast; this file encodes, by replaying the merges in the order in which they were learnt, each word only once.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from heapq import heapify, heappop, heappush
from itertools import chain, islice
from operator import add, index
from typing import Any, ClassVar

from lmcourse.errors import LmcourseError
from lmcourse.tokenizers.base import Tokenizer, as_texts, checked_size, checked_special_tokens, printable
from lmcourse.tokenizers.bpe_learn import learn_merges
from lmcourse.tokenizers.bpe_plain import Merge
from lmcourse.tokenizers.split import PATTERN, splitter

CACHED_WORDS = 100_000  # a tokenizer that knows the ids of so many words forgets them before the next text
EVERYWHERE = 100  # so many of the first merges are made in all new words at once


class BPETokenizer(Tokenizer):
    """Byte-level BPE. Ids: 0–255 are the bytes, then the merges in the order learnt, then the special tokens.

    (Imported vocabularies may order bytes and special tokens otherwise: ``byte_ids[b]`` is the id of byte b,
    ``special_tokens`` maps names to ids, and the merges take the remaining ids in ascending order.)
    ``vocab[id]`` is the bytes a token stands for, ``merges`` what was learnt, with counts. ``pattern`` is the regular
    expression that makes the pre-tokens (``split.py``).
    """

    kind: ClassVar[str] = "bpe"

    def __init__(
        self,
        merges: Iterable[Merge],
        special_tokens: Mapping[str, int] | None = None,
        pattern: str = PATTERN,
        byte_ids: Sequence[int] = range(256),
    ) -> None:
        self.merges = list(merges)
        self.pattern = pattern
        self.byte_ids = list(byte_ids)
        self._special = dict(special_tokens or {})
        checked_special_tokens(list(self._special))
        size = 256 + len(self.merges) + len(self._special)
        taken = {*self.byte_ids, *self._special.values()}
        if len(self.byte_ids) != 256 or len(taken) != 256 + len(self._special) or not taken <= set(range(size)):
            raise LmcourseError("The ids of bytes and special tokens must differ and leave no gaps; number them anew.")
        self._merge_ids = [id for id in range(size) if id not in taken]
        vocab = {id: bytes([byte]) for byte, id in enumerate(self.byte_ids)}
        for (left, right, _), id in zip(self.merges, self._merge_ids, strict=True):
            if left not in vocab or right not in vocab:
                raise LmcourseError(f"Merge {left} + {right} comes before one of its parts; put the merges in order.")
            vocab[id] = vocab[left] + vocab[right]
        vocab |= {id: token.encode() for token, id in self._special.items()}
        self.vocab = [vocab[id] for id in range(size)]
        self._split = splitter(pattern)
        # As in bpe_learn.py, chr(id) stands for a token, and a pair of tokens is a string of two characters.
        self._bytes = [chr(id) for id in self.byte_ids]
        self._joined = {chr(m.left) + chr(m.right): chr(id) for m, id in zip(self.merges, self._merge_ids, strict=True)}
        self._pair = {new: pair for pair, new in self._joined.items()}
        self._known: dict[str, tuple[int, ...]] = {}  # pre-token → ids

    @classmethod
    def train(
        cls,
        texts: Iterable[str],
        vocab_size: int,
        special_tokens: Sequence[str] = (),
        min_count: int = 2,
        pattern: str = PATTERN,
    ) -> BPETokenizer:
        """Learn merges until there are ``vocab_size`` tokens or no pair occurs ``min_count`` times."""
        special = checked_special_tokens(special_tokens)
        least = 256 + len(special)
        number = checked_size(vocab_size, least, "the 256 bytes and the special tokens") - least
        words: Counter[str] = Counter()
        for text in as_texts(texts):
            words.update(splitter(pattern)(text))
        merges = learn_merges({_to_bytes(word): count for word, count in words.items()}, number, min_count)
        return cls(merges, {token: id for id, token in enumerate(special, 256 + len(merges))}, pattern)

    def truncated(self, vocab_size: int) -> BPETokenizer:
        """The tokenizer that training with this smaller ``vocab_size`` would have given: the first of the merges."""
        least = 256 + len(self._special)
        kept = min(checked_size(vocab_size, least, "the 256 bytes and the special tokens") - least, len(self.merges))
        start = min(self._merge_ids, default=0)  # special tokens above the merges move down
        special = {t: id if id < start else id - len(self.merges) + kept for t, id in self._special.items()}
        return type(self)(self.merges[:kept], special, self.pattern, self.byte_ids)

    def merges_in_words(self) -> list[tuple[str, str, int]]:
        """What was learnt, for showing: ``[("␣", "t", 20130), ("h", "e", 17012), …]``."""
        return [(self.token(left), self.token(right), count) for left, right, count in self.merges]

    @property
    def vocab_size(self) -> int:
        return len(self.vocab)

    @property
    def special_tokens(self) -> dict[str, int]:
        return dict(self._special)

    def _encode(self, text: str) -> list[int]:
        words = self._split(text)
        if len(self._known) > CACHED_WORDS:
            self._known = {}
        known = self._known
        new = list(set(words) - known.keys())
        known.update(zip(new, self._merged(new), strict=True))
        return list(chain.from_iterable(map(known.__getitem__, words)))

    def _merged(self, words: list[str]) -> list[tuple[int, ...]]:
        """The ids of each word: the merges replayed in the order in which they were learnt.

        The first ones fit nearly everywhere, and are made in all words at once; after that each word looks for its own.
        """
        boundary = chr(self.vocab_size)  # no token, so no merge crosses it
        text = boundary.join(["".join(map(self._bytes.__getitem__, _to_bytes(word))) for word in words])
        for pair, new in islice(self._joined.items(), EVERYWHERE):
            text = text.replace(pair, new)
        return [tuple(map(ord, self._finished(tokens))) for tokens in text.split(boundary)] if words else []

    def _finished(self, tokens: str) -> str:
        # Of all merges that fit, the one learnt first; it can open up only later ones.
        fits = self._joined.get
        fitting = [*filter(None, map(fits, map(add, tokens, tokens[1:])))]
        heapify(fitting)
        done = ""
        while fitting:
            new = heappop(fitting)
            if new == done:  # it fitted in several places, and all are merged
                continue
            done = new
            tokens = tokens.replace(self._pair[new], new)
            at = tokens.find(new)
            while at >= 0:
                if opened := fits(tokens[at - 1 : at + 1]):
                    heappush(fitting, opened)
                if opened := fits(tokens[at : at + 2]):
                    heappush(fitting, opened)
                at = tokens.find(new, at + 1)
        return tokens

    def _decode(self, ids: list[int]) -> str:
        return self.decode_bytes(ids).decode("utf-8", "replace")

    def encode_bytes(self, data: bytes) -> list[int]:
        """Any bytes to ids; for UTF-8 the ids of :meth:`encode`."""
        return self._encode(data.decode("utf-8", "surrogateescape"))

    def decode_bytes(self, ids: Iterable[int]) -> bytes:
        """The inverse of :meth:`encode_bytes`."""
        return b"".join(map(self.vocab.__getitem__, self._in_range(ids)))

    def token(self, id: int) -> str:
        (id,) = self._in_range([id])
        return printable(self.vocab[id].decode("utf-8", "backslashreplace"))

    def to_huggingface(self) -> Any:
        """This tokenizer as a ``tokenizers.Tokenizer`` (which sees special tokens in every text)."""
        from lmcourse.tokenizers.huggingface import to_huggingface

        return to_huggingface(self)

    @staticmethod
    def from_huggingface(tokenizer: Any) -> BPETokenizer:
        """A byte-level BPE ``tokenizers.Tokenizer`` as one of ours, with equal ids."""
        from lmcourse.tokenizers.huggingface import from_huggingface

        return from_huggingface(tokenizer)

    def _state(self) -> dict[str, Any]:
        return {
            "pattern": self.pattern,
            "special_tokens": self._special,
            "byte_ids": self.byte_ids,
            "merges": [list(merge) for merge in self.merges],
        }

    @classmethod
    def _from_state(cls, state: dict[str, Any]) -> BPETokenizer:
        special, pattern = state["special_tokens"], state["pattern"]
        if not isinstance(special, dict) or not isinstance(pattern, str):
            raise TypeError("special_tokens must be an object and pattern a string")
        merges = [Merge(*map(index, merge)) for merge in state["merges"]]
        special = {token: index(id) for token, id in special.items()}
        return cls(merges, special, pattern, list(map(index, state["byte_ids"])))


def _to_bytes(word: str) -> bytes:
    try:
        return word.encode("utf-8", "surrogateescape")  # bytes that are not UTF-8 come as surrogates (PEP 383)
    except UnicodeEncodeError as error:
        message = "The text holds a lone surrogate, half a character; read it again with the right encoding."
        raise LmcourseError(message) from error
