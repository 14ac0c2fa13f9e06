"""Sentence pairs for training and for validation, from whatever somebody has: a corpus by name, a file, a list.

A known corpus is split as ``Corpus.split`` does it, and its test split stays unread. In a file of one's own a hash of the
source decides, so that a sentence that stands there twice, with two translations, is not on both sides.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

from lmcourse import corpus
from lmcourse.corpus import Corpus, Pair, split_of
from lmcourse.corpus.catalogue import sources
from lmcourse.corpus.pairs import read_pairs, sides
from lmcourse.errors import LmcourseError

FEWEST = 20  # pairs
VALID = 500  # pairs are enough to measure a translator on
# Scripts that put no spaces between words, where characters are good tokens.
_UNSPACED = re.compile("[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff\U00020000-\U0003ffff]")

Source = str | Path | Corpus | Iterable[Pair | tuple[str, str]]


@dataclass(frozen=True)
class PairTexts:
    """Pairs of a source and its translation. ``bad``: what was wrong with the lines that were left out."""

    train: list[tuple[str, str]]
    valid: list[tuple[str, str]]
    name: str
    bad: list[str] = field(default_factory=list)

    @property
    def digest(self) -> str:
        """The same for the same pairs in the same order."""
        text = "\n".join("\t".join(pair) for pair in (*self.train, *self.valid))
        return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


def read_pair_texts(
    given: Source, source: str | None = None, target: str | None = None, encoding: str | None = None, skip_bad: bool = False
) -> PairTexts:
    """Read and split ``given``; ``source`` and ``target`` are en or zh in the course's corpora, columns in a file."""
    bad, known = [], isinstance(given, Corpus) or (isinstance(given, str) and given in sources())
    if known:
        records = given if isinstance(given, Corpus) else corpus.load(given)
        name = records.name
        if not all(isinstance(record, Pair) for record in records):
            raise LmcourseError(f"{name} holds no pairs of sentences; lmcourse data list shows which corpora do.")
        other = {"en": "zh", "zh": "en"}
        source = source or other.get(target, "en")
        target = target or other.get(source, "zh")
        if source == target:
            raise LmcourseError(f"Source and target are both {source}; name two languages.")
        train, valid = (sides(records.split(split), source, target) for split in ("train", "valid"))
    else:
        if isinstance(given, str | Path):
            if isinstance(given, str) and not Path(given).suffix and not Path(given).exists():
                corpus.load(given)  # no path, and no corpus: this says which names there are
            file, name = read_pairs(given, source, target, encoding, skip_bad), str(given)
            pairs, bad = file.pairs, file.bad
        else:
            pairs, name = [(pair.en, pair.zh) if isinstance(pair, Pair) else pair for pair in given], "the list"
        share = min(0.1, VALID / max(1, len(pairs)))
        parts = {"train": [], "valid": []}
        for pair in pairs:
            parts[split_of(pair[0], share, 0.0)].append(pair)
        train, valid = parts["train"], parts["valid"]
        if len(pairs) >= FEWEST and not valid:  # few pairs, and none fell on this side
            one = train[-1][0]
            valid, train = [pair for pair in train if pair[0] == one], [pair for pair in train if pair[0] != one]
    if len(train) + len(valid) < FEWEST or not train:
        raise LmcourseError(
            f"{name} has {len(train) + len(valid)} different pairs, too few to learn from; give at least {FEWEST}, better some thousands."
        )
    return PairTexts(train, valid, name, bad)


def unspaced(texts: Iterable[str]) -> bool:
    """Whether most letters of the texts are of a script that puts no spaces between words."""
    letters = [letter for text in texts for letter in text if letter.isalpha()]
    return sum(map(bool, map(_UNSPACED.match, letters))) > len(letters) / 2
