"""Which documents stay: language, length, and a few signals of quality.

The signals follow those of Gopher's corpus (Rae et al. 2021, appendix A): simple shares that are odd in pages nobody
would read. Each is one number that can be looked at and argued with; a document is dropped
for the first that leaves its range, and the reason says which.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any

# Signal: lowest and highest value that pass, after Gopher, but more lenient where short pages would suffer: mean word
# length (Gopher from 3), words with letters (from 0.8), repeated 5-grams (Gopher counts their characters, up to 0.15).
# Of stop words it asks that two of eight occur, which any long page passes; we ask for a share, as jusText (Pomikálek
# 2011) does. The last three are ours, for shops and shouts.
LIMITS: dict[str, tuple[float, float]] = {
    "mean word length": (2.5, 10.0),
    "symbols": (0.0, 0.1),
    "words with letters": (0.6, 1.0),
    "stop words": (0.15, 1.0),
    "bullet lines": (0.0, 0.9),
    "ellipsis lines": (0.0, 0.3),
    "repeated lines": (0.0, 0.3),
    "commonest 2-gram": (0.0, 0.2),
    "commonest 3-gram": (0.0, 0.18),
    "commonest 4-gram": (0.0, 0.16),
    "repeated 5-grams": (0.0, 0.4),
    "capitals": (0.0, 0.35),
    "exclamations": (0.0, 0.03),
    "links": (0.0, 0.04),
}
STOP_WORDS = frozenset(
    "the of and to a in is it that for on as are with be was by this or an at from not which but have has had its "
    "their they his her he she we you i will can if all one there what when so no more".split()
)
MIN_WORDS = 50  # Gopher's

_WORD = re.compile(r"\w+(?:['’-]\w+)*")
_LINK = re.compile(r"https?://|www\.", re.IGNORECASE)


@lru_cache(maxsize=1)
def _identifier() -> Any:
    from py3langid.langid import MODEL_FILE, LanguageIdentifier

    return LanguageIdentifier.from_model_file(MODEL_FILE, norm_probs=True)


def language_of(text: str) -> tuple[str, float]:
    """The language's ISO 639-1 code and how probable it is, from 0 to 1, by py3langid (Lui & Baldwin 2012).

    A few words are not enough to tell: then the probability is low. Text without letters gives ("und", 0.0).
    """
    if not any(map(str.isalpha, text)):
        return "und", 0.0
    code, probability = _identifier().classify(text[:20_000])
    return str(code), float(probability)


def language_fault(text: str, language: str = "en", sure: float = 0.5) -> str | None:
    """Why ``text`` is not in ``language``: another one is at least ``sure``. Short texts get the benefit of doubt."""
    code, probability = language_of(text)
    return f"language {code}" if code not in (language, "und") and probability >= sure else None


def length_fault(text: str, words: int = MIN_WORDS) -> str | None:
    """Why ``text`` is too short: fewer than ``words`` words (Chinese, Japanese, Korean: as many characters)."""
    count = word_count(text)
    return None if count >= words else "empty" if count == 0 else f"fewer than {words} words"


_CJK = re.compile("[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7a3]")


def word_count(text: str) -> int:
    """Number of words; where words are not separated by blanks (Chinese, Japanese), each character counts."""
    return len(_WORD.findall(_CJK.sub(" ", text))) + len(_CJK.findall(text))


def quality(text: str) -> dict[str, float]:
    """The signals of :data:`LIMITS` for one text, each rounded to three places; 0 where the text has no words.

    ``symbols``: # and … per word. ``words with letters``: share of blank-separated words. ``stop words``: share of
    words. ``bullet``, ``ellipsis`` and ``repeated lines``: share of lines. ``commonest n-gram``: its share of the
    characters of all words. ``repeated 5-grams``: share of 5-grams that occurred before. ``capitals``: share of
    letters. ``exclamations`` and ``links``: per word.
    """
    tokens = text.split()
    words = [word.lower() for word in _WORD.findall(text)]
    lines = [line.strip() for line in text.split("\n") if line.strip()]
    letters = [character for character in text if character.isalpha()]
    count = len(words) or 1
    signals = {
        "mean word length": sum(map(len, words)) / count,
        "symbols": (text.count("#") + text.count("…") + text.count("...")) / count,
        "words with letters": sum(any(map(str.isalpha, token)) for token in tokens) / (len(tokens) or 1),
        "stop words": _share(word in STOP_WORDS for word in words),
        "bullet lines": _share(line.startswith(("- ", "* ", "• ")) for line in lines),
        "ellipsis lines": _share(line.endswith(("…", "...")) for line in lines),
        "repeated lines": 1 - len(set(lines)) / len(lines) if lines else 0.0,
        **{f"commonest {n}-gram": _commonest(words, n) for n in (2, 3, 4)},
        "repeated 5-grams": _repeated(words, 5),
        "capitals": _share(character.isupper() for character in letters),
        "exclamations": text.count("!") / count,
        "links": len(_LINK.findall(text)) / count,
    }
    return {name: round(float(value), 3) for name, value in signals.items()}


def quality_fault(text: str, limits: Mapping[str, tuple[float, float]] | None = None) -> str | None:
    """The first signal of ``text`` that leaves its range, as a reason ("links above 0.04"), or None."""
    for name, value in quality(text).items():
        low, high = (LIMITS if limits is None else limits).get(name, (float("-inf"), float("inf")))
        if not low <= value <= high:
            return f"{name} {'below' if value < low else 'above'} {low if value < low else high:g}"
    return None


def _share(flags: Any) -> float:
    flags = list(flags)
    return sum(flags) / len(flags) if flags else 0.0


def _grams(words: Sequence[str], n: int) -> list[tuple[str, ...]]:
    return list(zip(*(words[i:] for i in range(n)), strict=False))


def _commonest(words: Sequence[str], n: int) -> float:
    """Characters in the commonest n-gram, all its occurrences together, by characters of all words."""
    grams = Counter(_grams(words, n))
    if not grams:
        return 0.0
    gram, times = max(grams.items(), key=lambda item: (item[1], sum(map(len, item[0]))))
    return times * sum(map(len, gram)) / sum(map(len, words)) if times > 1 else 0.0


def _repeated(words: Sequence[str], n: int) -> float:
    grams = _grams(words, n)
    return 1 - len(set(grams)) / len(grams) if grams else 0.0
