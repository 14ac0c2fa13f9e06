"""Questions without anybody asking: a stretch of a sentence becomes the answer, and what is left of the sentence the question.

Such cloze questions cost nothing, and a reader that has first learnt to put the stretch back where it was needs fewer real ones
(Dhingra, Pruthi & Rajagopal 2018; Lewis, Denoyer & Riedel 2019, "Unsupervised Question Answering by Cloze Translation"). Rules
find stretches that answer who, when, where, how many, why and what; of the rest of the sentence some words are left out and
some replaced by a word with a similar vector, for people ask in other words than the text has.
"""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from itertools import groupby
from operator import itemgetter

from lmcourse.corpus.squad import Answered
from lmcourse.nn.vectors import WordVectors
from lmcourse.tokenizers.english import COMMON, NUMBER, PLACE, TIME, stem
from lmcourse.tokenizers.placed import Place, placed_words, sentence_numbers

_PUT = ("who", "when", "where", "how many", "why", "what")
_BEFORE_TIME = frozenset("on at in for since until after before by every last next this all".split())
_BEFORE_NAME = frozenset("mr mrs ms miss dr captain old aunt uncle".split())
_OPENS = frozenset("a an the his her their its my our your no every some one two three four five".split())
_CLOSES = COMMON | PLACE | frozenset("because if up down out off back away again still just only very when while as we i you".split()) - _OPENS


def stretches(sentence: Sequence[Place]) -> Iterator[tuple[str, int, int]]:
    """What may be asked for in a sentence: a question word, and the first and last word of the answer."""
    low = [place.word.lower() for place in sentence]
    for at, word in enumerate(low):
        before = low[at - 1] if at else ""
        if sentence[at].word[0].isupper() and word.isalpha() and len(word) > 1 and word not in TIME | COMMON | _CLOSES:
            if at and (not sentence[at - 1].word[0].isupper() or before in COMMON) and before not in PLACE and before != '"':
                end = at
                while end + 1 < len(low) and sentence[end + 1].word[0].isupper() and low[end + 1].isalpha():
                    end += 1
                yield "who", at, end
        if word in _BEFORE_TIME or word in TIME:
            near = next((end for end in range(at, min(at + 5, len(low))) if low[end] in TIME), None)
            if near is not None and before not in _BEFORE_TIME and before not in TIME and all(other[0].isalnum() for other in low[at : near + 1]):
                while near + 1 < len(low) and low[near + 1] in TIME:
                    near += 1
                yield "when", at, near
        if word in NUMBER - {"no", "one"} or word.isdigit():
            end = _noun_end(low, at)
            if end > at and not any(other in TIME for other in low[at : end + 1]):
                yield "how many", at, end
        if word in PLACE and at + 2 < len(low) and low[at + 1] in _OPENS:
            end = _noun_end(low, at + 1)
            if end > at + 1 and not any(other in TIME for other in low[at : end + 1]):
                yield "where", at, end
        if word in ("because", "to", "so") and at + 3 < len(low) and (word != "to" or low[at + 1] not in COMMON | _OPENS):
            end = next((end for end in range(at + 1, len(low)) if not low[end][0].isalnum()), len(low)) - 1
            if 2 <= end - at <= 10:
                yield "why", at + (word == "because"), end
        if word in _OPENS and before not in PLACE:
            end = _noun_end(low, at)
            if end > at:
                yield "what", at, end


def _noun_end(low: Sequence[str], start: int) -> int:
    """The last word of what begins with an article, as far as one can tell without knowing any grammar."""
    for end in range(start, min(start + 4, len(low) - 1)):
        following = low[end + 1]
        if not following[0].isalnum() or following in _CLOSES or (end > start and following.endswith("ed")):
            return end
    return min(start + 4, len(low) - 1)


class Clozes:
    """Makes questions on passages: ``kept`` is the share of a sentence's words that stay, drawn anew for each between these two."""

    def __init__(self, vectors: WordVectors, kept: tuple[float, float] = (0.2, 0.8), changed: float = 0.3, seed: int = 0) -> None:
        self.vectors, self.kept, self.changed = vectors, kept, changed
        self.rng = random.Random(f"cloze {seed}")
        self._near: dict[str, list[str]] = {}

    def of(self, passage: str, count: int) -> list[Answered]:
        """Up to ``count`` questions on a passage, of as many sorts as it has."""
        sentences = _sentences(passage)
        found = [(kind, sentence, first, last) for sentence in sentences for kind, first, last in stretches(sentence)]
        self.rng.shuffle(found)
        asked, met = [], dict.fromkeys(_PUT, 0)
        for _ in range(min(count, len(found))):
            kind, sentence, first, last = found.pop(min(range(len(found)), key=lambda place: met[found[place][0]]))
            met[kind] += 1
            question = self._question(kind, sentence, first, last, sentences)
            if question:
                start, end = sentence[first].start, sentence[last].end
                asked.append(Answered(passage, question, ((passage[start:end], start),)))
        return asked

    def _question(self, kind: str, sentence: Sequence[Place], first: int, last: int, sentences: Sequence[Sequence[Place]]) -> str:
        rest = [place.word for place in (*sentence[:first], *sentence[last + 1 :]) if place.word[0].isalnum()]
        rich = [word for word in rest if word.lower() not in COMMON]
        if len(rich) < 2:
            return ""
        share = self.rng.uniform(*self.kept)
        words = []
        for word in rest:
            if word.lower() in COMMON:
                if self.rng.random() < 0.6:
                    words.append(word.lower())
            elif self.rng.random() < share:
                words.append(word)
            elif self.rng.random() < self.changed and (other := self.near(word.lower())):
                words.append(other)
        if self.rng.random() < 0.5:  # people name who or what the text is about
            words_of_others = (place.word for other in sentences if other is not sentence for place in other)
            others = [word for word in words_of_others if word[0].isupper() and word.lower() not in COMMON | TIME]
            if others:
                words.insert(self.rng.randrange(len(words) + 1), self.rng.choice(others))
        return f"{kind.capitalize()} {self.rng.choice(('did', 'was', 'does', 'is', ''))} {' '.join(words)}?".replace("  ", " ")

    def near(self, word: str) -> str | None:
        """One of the words with the most similar vectors, but none of the same stem."""
        if word not in self._near:
            known = self.vectors.nearest(word, 8) if word in self.vectors else []
            self._near[word] = [other for other, cosine in known if cosine > 0.35 and stem(other) != stem(word)][:4]
        return self.rng.choice(self._near[word]) if self._near[word] else None


def _sentences(passage: str) -> list[list[Place]]:
    words = placed_words(passage)
    sentences = [[place for place, _ in group] for _, group in groupby(zip(words, sentence_numbers(passage, words), strict=True), key=itemgetter(1))]
    return [sentence for sentence in sentences if len(sentence) > 4]
