"""Words, sentences and rates of prose: what the checks of a batch and the measures of the corpus count alike."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Sequence

WORD = re.compile(r"[^\W_]+(?:['’\-][^\W_]+)*")
NUMBERS = frozenset(
    "two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen eighteen "
    "nineteen twenty thirty forty fifty sixty seventy eighty ninety hundred thousand dozen".split()
)
NEGATIONS = frozenset("not no never nothing nobody none neither nor nowhere cannot without".split())

_ABBREVIATION = re.compile(r"\b(Dr|Mr|Mrs|Ms|St|No|e\.g|i\.e|a\.m|p\.m)\.$")
_END = re.compile(r"[.!?…]+[\"'”’)\]]*(?=\s|$)")
_INSIDE = re.compile(r"\s+[a-z]")  # after the end of a quotation, the sentence goes on: “Why?” she asked.

_STRAIGHT = str.maketrans({"“": '"', "”": '"', "‘": "'", "’": "'", "\u00a0": " "})


def tidy(text: str, english: bool = True) -> str:
    """One spelling of the same signs: composed accents, no blanks at the edges; in English straight quotation marks."""
    text = unicodedata.normalize("NFC", text).strip()
    return text.translate(_STRAIGHT) if english else text


def words(text: str) -> list[str]:
    """The words of a text, with their apostrophes and hyphens, in lower case."""
    return [word.lower().replace("’", "'") for word in WORD.findall(text)]


def sentences(text: str) -> list[str]:
    """The sentences of a text. A line ends one; a quotation's end does not if the sentence goes on in lower case."""
    found = []
    for line in text.split("\n"):
        start = 0
        for end in _END.finditer(line):
            piece = line[start : end.end()]
            goes_on = end[0] != "." and _INSIDE.match(line, end.end())
            if _ABBREVIATION.search(piece) or goes_on:
                continue
            found.append(piece.strip())
            start = end.end()
        found.append(line[start:].strip())
    return [sentence for sentence in found if WORD.search(sentence)]


def is_number(word: str) -> bool:
    """Whether a word is a spelt number from two on, "twenty-five" included; "one" is mostly none."""
    return any(part in NUMBERS for part in word.split("-"))


def is_negation(word: str) -> bool:
    """Whether a word denies: not, never, nobody, don't …"""
    return word in NEGATIONS or word.endswith("n't")


def ngrams(tokens: Sequence[str], n: int) -> list[tuple[str, ...]]:
    """All runs of ``n`` tokens."""
    return [tuple(tokens[start : start + n]) for start in range(len(tokens) - n + 1)]


def shared(one: str, other: str) -> float:
    """The Jaccard similarity of two texts' sets of words."""
    left, right = set(words(one)), set(words(other))
    return len(left & right) / max(1, len(left | right))


def closing(text: str, email: bool = False) -> str:
    """The last sentence that says something: an e-mail's greeting and name at the end are passed over."""
    found = sentences(text)
    while email and len(found) > 1 and len(words(found[-1])) <= 4:
        found.pop()
    return found[-1] if found else ""


def repeated(texts: Iterable[tuple[str, Iterable[tuple[str, ...]]]], most: int) -> list[tuple[str, list[str]]]:
    """The runs that stand in more than ``most`` different texts: (run, ids), the commonest first."""
    where: dict[tuple[str, ...], dict[str, None]] = {}
    for id, runs in texts:
        for run in runs:
            where.setdefault(run, {})[id] = None
    found = [(" ".join(run), list(ids)) for run, ids in where.items() if len(ids) > most]
    return sorted(found, key=lambda pair: (-len(pair[1]), pair[0]))


def per_thousand(tokens: Sequence[str], which: object) -> float:
    """How many of a thousand words are of a kind."""
    assert callable(which)
    return 1000 * sum(1 for token in tokens if which(token)) / max(1, len(tokens))


def types(texts: Iterable[str]) -> Counter[str]:
    """The different words and how often each stands there."""
    count: Counter[str] = Counter()
    for text in texts:
        count.update(words(text))
    return count
