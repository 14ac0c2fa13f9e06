"""What a reader is told about a passage and a question before it has learnt anything.

For each word of the passage: does it stand in the question, as it is or with another ending, and how rare is it (exact
match; Chen et al. 2017, "Reading Wikipedia to Answer Open-Domain Questions"); how near does its vector come to a word of
the question; how much of the question do its neighbours and its whole sentence have, by the same word and by a similar one (sentence
scores by aligned words; Yadav, Bethard & Surdeanu 2019); and what sort of word it is: a name, a number, a time, a
sign. With some thousand questions to learn from, these few numbers carry a reader further than its weights do.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np
import torch
from jaxtyping import Float, Int
from torch import Tensor, nn

from lmcourse.batching import pad
from lmcourse.nn.pretrained import SIZE, pretrained_rows
from lmcourse.tokenizers.english import COMMON, NUMBER, PLACE, TIME, stem
from lmcourse.tokenizers.pieced import PiecedTokenizer
from lmcourse.tokenizers.placed import Place, PlacedTokenizer, placed_words, sentence_numbers

SORTS = ("name", "first", "digits", "sign", "number", "time", "place", "common", "quoted", "capital", "position")  # what a word is
MEETS = 14  # numbers on how it meets the question
FEATURES = MEETS + len(SORTS)  # for each word of a passage
KINDS = ("who", "whose", "whom", "when", "where", "why", "how many", "how much", "how long", "how", "which", "what")
_KIND = re.compile(rf"\b({'|'.join(KINDS)})\b")
NEAR = np.exp(-np.abs(np.arange(-6, 7)) / 2.5)  # how much a neighbour counts, by its distance


def kind_of(question: str) -> int:
    """The question word's place in :data:`KINDS` plus one; 0: none."""
    found = _KIND.search(question.lower())
    return KINDS.index(found[1]) + 1 if found else 0


def counted_rarity(texts: Iterable[str], words: Sequence[str]) -> Float[Tensor, " words"]:
    """How rare each of ``words`` is, 0 to 1, by the share of the ``texts`` that have its stem; in front the value of unknown ones, 1."""
    counts, number = Counter[str](), 0
    for text in texts:
        number += 1
        counts.update({stem(place.word) for place in placed_words(text)})
    most = np.log(1 + number)
    return torch.tensor([1.0, *(float(np.log((1 + number) / (1 + counts[stem(word)])) / most) for word in words)])


@dataclass
class Words:
    """A text cut into words, and what is known of each."""

    text: str
    spans: list[tuple[int, int]]
    lower: list[str]
    stems: list[str]
    ids: list[int]
    places: list[int]  # of the words' vectors in a table
    sentence: list[int]  # the number of each word's sentence
    sorts: Float[np.ndarray, "words sorts"]
    tokens: list[int]  # as a language model reads the text, and where among them each word ends; empty where there is none
    ends: list[int]
    states: Float[Tensor, "words size"] | None = None  # what a language model that no longer learns holds at each word


class Library:
    """Texts and questions, each cut and looked up once, to be read in batches many times over.

    ``passages`` and ``questions`` may be the same text many times: it is prepared once.
    """

    def __init__(self, tokenizer: PlacedTokenizer, rarity: Float[Tensor, " words"], texts: Iterable[str]) -> None:
        self.tokenizer, self.rarity = tokenizer, rarity.double().numpy()
        cut = {text: placed_words(text) for text in texts}
        different = {word: place for place, word in enumerate(sorted({place.word.lower() for words in cut.values() for place in words}), 1)}
        rows = torch.nn.functional.normalize(pretrained_rows(list(different)), dim=1)
        self.table = torch.cat([torch.zeros(1, SIZE), rows])  # row 0: no word at all
        self._vectors = self.table.numpy()
        self._words = {text: self._known(text, words, different) for text, words in cut.items()}

    def __getitem__(self, text: str) -> Words:
        return self._words[text]

    def _known(self, text: str, words: Sequence[Place], different: Mapping[str, int]) -> Words:
        lower = [place.word.lower() for place in words]
        sentence, quoted, inside = sentence_numbers(text, words), False, []
        for word in words:
            quoted ^= word.word in "\"“”"
            inside.append(quoted)
        sorts = [
            (
                word.word[0].isupper() and place > 0 and sentence[place] == sentence[place - 1],
                place == 0 or sentence[place] != sentence[place - 1],
                any(map(str.isdigit, word.word)),
                not word.word[0].isalnum(),
                low in NUMBER,
                low in TIME,
                low in PLACE,
                low in COMMON,
                inside[place],
                word.word[0].isupper(),
                place / max(1, len(words)),
            )
            for place, (word, low) in enumerate(zip(words, lower, strict=True))
        ]
        return Words(
            text, [(place.start, place.end) for place in words], lower, [stem(word) for word in lower], self.tokenizer.encode(text),
            [different[word] for word in lower], sentence,
            np.array(sorts, dtype=np.float32).reshape(len(words), len(SORTS)),
            *(self.tokenizer.pieces(text) if isinstance(self.tokenizer, PiecedTokenizer) else ([], [])),
        )  # fmt: skip

    def met(self, passage: Words, question: Words) -> Float[np.ndarray, "words features"]:
        """The features of each word of the passage, as the module's page says them."""
        known = enumerate(zip(question.lower, question.stems, strict=True))
        asked = [place for place, (word, root) in known if word[0].isalnum() and root not in COMMON]
        if not asked or not passage.ids:
            return np.concatenate([np.zeros((len(passage.ids), MEETS), np.float32), passage.sorts], axis=1)
        weight = self.rarity[[question.ids[place] for place in asked]] + 0.1
        weight = weight / weight.sum()
        lower, stems = np.array(passage.lower), np.array(passage.stems)
        same = lower[:, None] == np.array([question.lower[place] for place in asked])
        akin = stems[:, None] == np.array([question.stems[place] for place in asked])
        near = self._vectors[passage.places] @ self._vectors[[question.places[place] for place in asked]].T
        near = np.where(akin, 1.0, np.clip((near - 0.2) / 0.8, 0, 1))
        sign, common = (passage.sorts[:, SORTS.index(name)] > 0 for name in ("sign", "common"))
        near[sign] = 0
        near *= ~common[:, None] | akin
        at = np.array(passage.sentence)
        starts = np.flatnonzero(np.diff(at, prepend=-1))
        hard, soft = (np.maximum.reduceat(part, starts, axis=0) @ weight for part in (akin.astype(float), near))
        rare, reach = weight * len(weight), len(NEAR) // 2
        hits, softly = (akin * rare).max(1), (near * rare).max(1)
        around, softly_around = ((np.convolve(part, NEAR)[reach:-reach] - part) / 3 for part in (hits, softly))  # of the words beside it
        beside = np.pad(soft, 1)
        columns = [
            same.any(1), hits, near.max(1), softly, around, softly_around,  # the word itself and its neighbours
            hard[at], soft[at], hard[at] - hard.max(), soft[at] - soft.max(), hard[at] >= hard.max(), soft[at] >= soft.max(),  # its sentence
            beside[at], beside[at + 2],  # the sentence before and the one after
        ]  # fmt: skip
        return np.concatenate([np.stack(columns, axis=1).astype(np.float32), passage.sorts], axis=1)


class Reading(NamedTuple):
    """Passages and questions as a reader takes them, padded to the longest of each; ``table`` holds the words' vectors.

    ``tokens`` and ``ends`` are the passages as a language model reads them, and the places there at which their words end;
    ``states`` what it holds at each word, where that is known.
    """

    ids: Int[Tensor, "batch time"]
    places: Int[Tensor, "batch time"]
    features: Float[Tensor, "batch time features"]
    sentence: Int[Tensor, "batch time"]
    lengths: Int[Tensor, " batch"]
    asked: Int[Tensor, "batch asked"]
    asked_places: Int[Tensor, "batch asked"]
    asked_lengths: Int[Tensor, " batch"]
    kind: Int[Tensor, " batch"]
    table: Float[Tensor, "words size"]
    tokens: Int[Tensor, "batch tokens"] | None = None
    ends: Int[Tensor, "batch time"] | None = None
    states: Float[Tensor, "batch time states"] | None = None


@dataclass
class Asked:
    """Pairs of a passage and a question, ready to be read in batches."""

    library: Library
    pairs: Sequence[tuple[str, str]]
    ids: list[list[int]] = field(init=False)  # of the passages: whoever makes batches looks at their lengths
    _met: dict[int, np.ndarray] = field(init=False, default_factory=dict)

    def __post_init__(self) -> None:
        self.ids = [self.library[passage].ids for passage, _ in self.pairs]

    def __len__(self) -> int:
        return len(self.pairs)

    def of(self, numbers: Sequence[int]) -> Reading:
        """The pairs with these numbers."""
        chosen = [self.pairs[number] for number in numbers]
        passages, questions = ([self.library[texts[side]] for texts in chosen] for side in (0, 1))
        features = torch.zeros(len(numbers), max(1, max(len(passage.ids) for passage in passages)), FEATURES)
        for row, (number, passage, question) in enumerate(zip(numbers, passages, questions, strict=True)):
            if number not in self._met:
                self._met[number] = self.library.met(passage, question)
            features[row, : len(passage.ids)] = torch.from_numpy(self._met[number])
        return Reading(
            pad([passage.ids for passage in passages]), pad([passage.places for passage in passages]), features,
            pad([passage.sentence for passage in passages], -1), torch.tensor([len(passage.ids) for passage in passages]),
            pad([question.ids for question in questions]), pad([question.places for question in questions]),
            torch.tensor([len(question.ids) for question in questions]),
            torch.tensor([kind_of(question.text) for question in questions]), self.library.table, *self._read(passages),
        )  # fmt: skip

    def _read(self, passages: Sequence[Words]) -> tuple[Tensor | None, Tensor | None, Tensor | None]:
        """What a language model needs of the passages, or what it made of them."""
        if all(passage.states is not None for passage in passages):
            return None, None, nn.utils.rnn.pad_sequence([passage.states for passage in passages], batch_first=True)
        if not all(passage.tokens for passage in passages):
            return None, None, None
        return pad([passage.tokens for passage in passages]), pad([passage.ends for passage in passages]), None
