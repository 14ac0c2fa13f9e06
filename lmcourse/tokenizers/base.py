"""What every tokenizer can do: text → ids → text, special tokens, and save and load itself as JSON."""

from __future__ import annotations

import hashlib
import json
import re
from abc import ABC, abstractmethod
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any, ClassVar, TypeVar

from lmcourse.errors import LmcourseError
from lmcourse.files import write_atomic

VERSION = 1  # of the JSON that to_dict makes
T = TypeVar("T", bound="Tokenizer")
UNKNOWN = "\N{REPLACEMENT CHARACTER}"  # what a piece outside the vocabulary decodes to


class Tokenizer(ABC):
    """A reversible map between text and a list of integers below ``vocab_size``.

    Subclasses set ``kind`` and implement the abstract methods; special tokens, saving, loading and the fingerprint
    are shared. ``unk_id`` is the id of pieces outside the vocabulary, or None where there are none.
    """

    kind: ClassVar[str]
    unk_id: ClassVar[int | None] = None

    @classmethod
    @abstractmethod
    def train(cls, texts: Iterable[str], vocab_size: int, special_tokens: Sequence[str] = ()) -> Tokenizer:
        """Learn a vocabulary of at most ``vocab_size`` tokens, special tokens included, from ``texts``."""

    @property
    @abstractmethod
    def vocab_size(self) -> int:
        """Number of ids, special tokens included."""

    @property
    @abstractmethod
    def special_tokens(self) -> dict[str, int]:
        """Each special token and its id, for example ``{"<eos>": 1}``."""

    @abstractmethod
    def _encode(self, text: str) -> list[int]:
        """Plain text to ids; a special token written in it is plain text."""

    @abstractmethod
    def _decode(self, ids: list[int]) -> str:
        """Ids, each known to be in range, to text."""

    @abstractmethod
    def token(self, id: int) -> str:
        """One token as printable text, for showing."""

    @abstractmethod
    def _state(self) -> dict[str, Any]:
        """What makes this tokenizer what it is, as plain JSON data."""

    @classmethod
    @abstractmethod
    def _from_state(cls, state: dict[str, Any]) -> Tokenizer:
        """The inverse of :meth:`_state`; a KeyError, TypeError or ValueError says that the data are damaged."""

    def encode(self, text: str, allowed_special: Iterable[str] = ()) -> list[int]:
        """Text to ids.

        Special tokens written in the text are plain text, so that no text can forge one; those named in
        ``allowed_special`` (or every one: ``"all"``) become their ids instead, the longest that fits first.
        """
        special = self.special_tokens
        if isinstance(allowed_special, str):
            allowed_special = special if allowed_special == "all" else [allowed_special]
        allowed = sorted(allowed_special, key=len, reverse=True)
        if missing := [token for token in allowed if token not in special]:
            raise LmcourseError(f"{missing[0]!r} is not a special token of this tokenizer; it has: {_listed(special)}.")
        if not allowed:
            return self._encode(text)
        pieces = re.split(f"({'|'.join(map(re.escape, allowed))})", text)
        ids = self._encode(pieces[0])
        for token, plain in zip(pieces[1::2], pieces[2::2], strict=True):
            ids += [special[token], *self._encode(plain)]
        return ids

    def decode(self, ids: Iterable[int]) -> str:
        """Ids to text; a special token becomes its name."""
        return self._decode(self._in_range(ids))

    def unknown(self, text: str) -> list[str]:
        """The pieces of ``text`` that this tokenizer cannot represent, in order of appearance, each once."""
        return []

    def to_dict(self) -> dict[str, Any]:
        """Everything needed to rebuild this tokenizer, as plain JSON data."""
        return {"kind": self.kind, "version": VERSION, **self._state()}

    @classmethod
    def from_dict(cls: type[T], data: dict[str, Any]) -> T:
        """The inverse of :meth:`to_dict`."""
        if (kind := data.get("kind")) != cls.kind:
            raise LmcourseError(f"This is a {kind!r} tokenizer, not a {cls.kind!r} one; use load_tokenizer.")
        if (version := data.get("version")) != VERSION:
            raise LmcourseError(
                f"This tokenizer has format version {version!r} and this lmcourse reads version {VERSION}; "
                "update lmcourse, or train the tokenizer anew."
            )
        try:
            return cls._from_state(data)
        except (KeyError, TypeError, ValueError, LmcourseError) as error:
            why = f"it has no {error}" if isinstance(error, KeyError) else str(error).rstrip(".")
            raise LmcourseError(f"This {cls.kind} tokenizer is damaged ({why}); save it or train it anew.") from error

    def save(self, path: str | Path) -> None:
        """Write the tokenizer as one JSON file."""
        write_atomic(path, json.dumps(self.to_dict(), ensure_ascii=False).encode())

    @classmethod
    def load(cls: type[T], path: str | Path) -> T:
        """Read a tokenizer from the JSON file that :meth:`save` wrote; ``Tokenizer.load`` reads any kind."""
        from lmcourse.tokenizers import load_tokenizer

        tokenizer = load_tokenizer(path)
        if not isinstance(tokenizer, cls):
            raise LmcourseError(f"{path} holds a {tokenizer.kind} tokenizer, not a {cls.kind} one; use load_tokenizer.")
        return tokenizer

    @property
    def fingerprint(self) -> str:
        """A short hash of the vocabulary: equal fingerprints mean equal ids for every text."""
        return hashlib.sha256(json.dumps(self.to_dict(), sort_keys=True).encode()).hexdigest()[:16]

    def __len__(self) -> int:
        return self.vocab_size

    def __repr__(self) -> str:
        special = f", special tokens {_listed(self.special_tokens)}" if self.special_tokens else ""
        return f"{type(self).__name__}({self.vocab_size:,} tokens{special})"

    def _in_range(self, ids: Iterable[int]) -> list[int]:
        ids = list(ids)
        if ids and not 0 <= min(ids) <= max(ids) < self.vocab_size:
            wrong = next(id for id in ids if not 0 <= id < self.vocab_size)
            raise LmcourseError(
                f"Id {wrong} is not in this vocabulary, whose ids are 0 to {self.vocab_size - 1}; "
                "decode with the tokenizer that made the ids."
            )
        return ids


def as_texts(texts: Iterable[str]) -> Iterable[str]:
    """Texts as they are; a single string is one text, not an iterable of one-character texts."""
    return [texts] if isinstance(texts, str) else texts


def checked_special_tokens(tokens: Sequence[str]) -> tuple[str, ...]:
    """The special tokens as a tuple, or a sentence about what is wrong with them."""
    tokens = (tokens,) if isinstance(tokens, str) else tuple(tokens)
    if len(set(tokens)) < len(tokens) or not all(isinstance(token, str) and token for token in tokens):
        raise LmcourseError(f"Special tokens must differ and not be empty; change these: {_listed(tokens)}.")
    return tokens


def checked_size(vocab_size: int, least: int, what: str) -> int:
    """``vocab_size`` if it is at least ``least``, the size of ``what``."""
    if vocab_size < least:
        raise LmcourseError(f"A vocabulary of {vocab_size} is too small for {what}; choose {least} or more.")
    return vocab_size


def printable(text: str) -> str:
    """A token for showing: a space as ␣, characters that cannot be seen as escapes."""
    return "".join("␣" if c == " " else c if c.isprintable() else repr(c)[1:-1] for c in text)


def _listed(tokens: Iterable[str]) -> str:
    return ", ".join(map(repr, tokens)) or "none"
