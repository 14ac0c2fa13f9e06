"""Words as tokens: short sequences, a large vocabulary, and whatever was never seen is lost as ``<unk>``.

Text is more than its words, and a tokenizer that drops the spaces cannot give the text back. Here a space that
anybody would put (between two words, after a comma) is understood and costs nothing; every other one is a token, and
so is a *missing* space where one was due. So any text whose pieces are all in the vocabulary comes back exactly.

Chinese does not mark words at all. There ``jieba`` finds them: the most probable path through all dictionary words
in the sentence, and a hidden Markov model for words that the dictionary lacks.
"""

from __future__ import annotations

import re
import warnings
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from functools import cache
from itertools import groupby
from typing import Any, ClassVar

from lmcourse.errors import LmcourseError
from lmcourse.tokenizers.base import UNKNOWN, Tokenizer, as_texts, checked_size, checked_special_tokens, printable
from lmcourse.tokenizers.split import CJK

LANGUAGES = ("en", "zh")
JOIN = ""  # the token for a space that is missing; the other tokens for spaces are the space characters themselves

# A space character, a run of Chinese characters, a word (don't is one), or any other character by itself.
_PIECE = re.compile(rf"\s|[{CJK}]+|[^\W{CJK}]+(?:['’][^\W{CJK}]+)*|.", re.DOTALL)
_NO_SPACE_AFTER = frozenset("([{<“‘\"'`-–—/_@#$£€")
_NO_SPACE_BEFORE = frozenset(")]}>”’\"'`-–—/_.,;:!?%…")


def split_words(text: str, language: str = "en") -> list[str]:
    """Text to pieces: words, signs, and the spaces (or missing spaces) that nobody would expect.

    ``split_words("Well, no!  A1")`` is ``["Well", ",", "no", "!", " ", " ", "A1"]``.
    """
    found = _PIECE.findall(text)
    if language == "zh":
        cut = _jieba()
        found = [word for piece in found for word in (cut(piece) if _is_cjk(piece[0]) else [piece])]
    pieces: list[str] = []
    before, spaces = "", ""  # the last piece that is not a space, and the spaces since
    for piece in found:
        if piece.isspace():
            spaces += piece
            continue
        if not before or spaces != _usual_space(before, piece):
            pieces += spaces or ([JOIN] if before else [])
        pieces.append(piece)
        before, spaces = piece, ""
    return [*pieces, *spaces]


def plain_words(text: str, language: str = "en") -> list[str]:
    """The words alone, in small letters, without signs and figures: ``plain_words("Well, no! A1")`` is
    ``["well", "no"]``. What is lost does not come back; for counting words and for word vectors it is in the way."""
    pieces = (piece.replace("’", "'").lower() for piece in split_words(text, language))
    return [piece for piece in pieces if piece and all(part.isalpha() for part in piece.split("'"))]


def join_words(pieces: Iterable[str]) -> str:
    """The inverse of :func:`split_words`, for any text."""
    result: list[str] = []
    before = ""
    for piece in pieces:
        if piece == JOIN or piece.isspace():
            before = ""
        else:
            if before:
                result.append(_usual_space(before, piece))
            before = piece
        result.append(piece)
    return "".join(result)


def _usual_space(before: str, after: str) -> str:
    """What stands between two pieces when nothing is said: a space, or nothing at brackets, commas and in Chinese."""
    last, first = before[-1], after[0]
    tight = last in _NO_SPACE_AFTER or first in _NO_SPACE_BEFORE or _is_east_asian(last) or _is_east_asian(first)
    return "" if tight else " "


def _is_east_asian(character: str) -> bool:
    # From the CJK radicals upwards: Chinese characters, 、。「」, fullwidth signs. An unknown word counts as English.
    return character >= "\u2e80" and character != UNKNOWN


def _is_cjk(character: str) -> bool:
    return re.match(f"[{CJK}]", character) is not None


@cache
def _jieba() -> Callable[[str], list[str]]:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # its source has escapes that newer Pythons warn about
        import jieba
    # Our own instance, filled by hand: jieba's own start-up writes log lines and a cache into the shared temporary
    # folder, and anybody's added words would change everybody's tokens.
    segmenter = jieba.Tokenizer()
    segmenter.FREQ, segmenter.total = segmenter.gen_pfdict(segmenter.get_dict_file())
    segmenter.initialized = True
    return segmenter.lcut


class WordTokenizer(Tokenizer):
    """Each word, sign and unusual space is a token. Ids: 0 ``<unk>``, 1 ``<join>``, special tokens, then the words.

    ``decode(encode(text)) == text`` whenever ``unknown(text)`` is empty. ``language`` is ``"en"`` (words stand between
    spaces and signs) or ``"zh"`` (Chinese is segmented by jieba, everything else as in ``"en"``).
    """

    kind: ClassVar[str] = "word"
    unk_id: ClassVar[int | None] = 0

    def __init__(self, words: Sequence[str], special_tokens: Sequence[str] = (), language: str = "en") -> None:
        if language not in LANGUAGES:
            raise LmcourseError(f"There are no word rules for language {language!r}; choose {' or '.join(LANGUAGES)}.")
        if len(set(words)) < len(words) or JOIN in words:
            raise LmcourseError("The words of a vocabulary must differ and not be empty; remove the others.")
        special = checked_special_tokens(special_tokens)
        self.language = language
        self.words = list(words)
        self._special = {token: id for id, token in enumerate(special, start=2)}
        self._tokens = [UNKNOWN, JOIN, *special, *self.words]
        self._ids = {JOIN: 1} | {word: id for id, word in enumerate(self.words, start=2 + len(special))}

    @classmethod
    def train(
        cls,
        texts: Iterable[str],
        vocab_size: int | None = None,
        special_tokens: Sequence[str] = (),
        language: str = "en",
    ) -> WordTokenizer:
        """All words of ``texts``, or the most frequent that fit; by frequency, of equals the lower code points."""
        special = checked_special_tokens(special_tokens)
        cls((), special, language)  # complain about the language before the work, not after it
        count: Counter[str] = Counter()
        for text in as_texts(texts):
            count.update(split_words(text, language))
        del count[JOIN]
        ordered = sorted(count, key=lambda word: (-count[word], word))
        if vocab_size is not None:
            room = checked_size(vocab_size, 3 + len(special), "<unk>, <join>, the special tokens and one word")
            ordered = ordered[: room - 2 - len(special)]
        return cls(ordered, special, language)

    @property
    def vocab_size(self) -> int:
        return len(self._tokens)

    @property
    def special_tokens(self) -> dict[str, int]:
        return dict(self._special)

    def _encode(self, text: str) -> list[int]:
        return [self._ids.get(piece, 0) for piece in split_words(text, self.language)]

    def _decode(self, ids: list[int]) -> str:
        # A special token is no word: it stands between stretches of text, without spaces of its own.
        stretches = groupby(ids, key=lambda id: 2 <= id < 2 + len(self._special))
        tokens = [(special, [self._tokens[id] for id in group]) for special, group in stretches]
        return "".join("".join(pieces) if special else join_words(pieces) for special, pieces in tokens)

    def token(self, id: int) -> str:
        (id,) = self._in_range([id])
        return ("<unk>", "<join>")[id] if id < 2 else printable(self._tokens[id])

    def unknown(self, text: str) -> list[str]:
        return [piece for piece in dict.fromkeys(split_words(text, self.language)) if piece not in self._ids]

    def _state(self) -> dict[str, Any]:
        return {"language": self.language, "special_tokens": list(self._special), "words": self.words}

    @classmethod
    def _from_state(cls, state: dict[str, Any]) -> WordTokenizer:
        words, language = state["words"], state["language"]
        if not isinstance(words, list) or not all(isinstance(word, str) for word in words):
            raise TypeError("words must be a list of strings")
        if not isinstance(state["special_tokens"], list) or not isinstance(language, str):
            raise TypeError("special_tokens must be a list and language a string")
        return cls(words, checked_special_tokens(state["special_tokens"]), language)
