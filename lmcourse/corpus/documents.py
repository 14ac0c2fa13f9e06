"""What a corpus is made of: records with an id, a stable split, and long texts cut into pieces.

A split decides which text a model may learn from (train), which text we look at while we choose settings (valid),
and which text is kept for one last, honest figure (test). Here the split of a record follows from a hash of its id
and from nothing else: it does not change when the order changes, when other records come or go, or with a seed.
Hashing for sampling and splitting is old practice (bucket hashing; Duffield & Grossglauser 2001, "Trajectory
Sampling", select by a hash of what is observed, so that every observer selects the same).
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, SupportsIndex

from lmcourse.corpus.cutting import PIECE, cut
from lmcourse.errors import LmcourseError

SPLITS = ("train", "valid", "test")


@dataclass(frozen=True, slots=True)
class Document:
    """One text. ``meta`` holds what is known about it: title, source, url, language, labels …"""

    id: str
    text: str
    meta: dict[str, Any] = field(default_factory=dict, hash=False)


@dataclass(frozen=True, slots=True)
class Pair:
    """A translation pair: the same thing said in English and in Chinese."""

    id: str
    en: str
    zh: str
    meta: dict[str, Any] = field(default_factory=dict, hash=False)


@dataclass(frozen=True, slots=True)
class Word:
    """A word and how it is pronounced: ``pronunciation`` is a sequence of phonemes, for example ("K", "AE1", "T")."""

    id: str
    word: str
    pronunciation: tuple[str, ...]
    meta: dict[str, Any] = field(default_factory=dict, hash=False)


@dataclass(frozen=True, slots=True)
class Question:
    """A question on a text, in the fields of SQuAD 2.0 (Rajpurkar, Jia & Liang 2018, "Know What You Don't Know").

    ``answers`` holds spans of the text whose id is ``context_id``: {"text": [...], "answer_start": [...]}, the
    starts counted in characters. Both lists are empty where the text has no answer (``is_impossible``); a span that
    looks like one then stands in ``meta["plausible_answers"]``.
    """

    id: str
    question: str
    context_id: str
    answers: dict[str, Any] = field(hash=False)
    is_impossible: bool = False
    meta: dict[str, Any] = field(default_factory=dict, hash=False)


@dataclass(frozen=True, slots=True)
class Card:
    """What one should know about a corpus before using it.

    ``kind`` is "documents", "pairs", "questions" or "words"; ``how_to_get`` is empty for a corpus that is ready to load.
    """

    name: str
    what: str = ""
    language: str = ""
    licence: str = ""
    source: str = ""
    kind: str = "documents"
    size: str = ""
    version: str = ""
    available: bool = True
    how_to_get: str = ""


@dataclass(frozen=True)
class Source:
    """Where a known corpus comes from: ``card()`` is cheap, ``records(**options)`` yields the records one by one."""

    card: Callable[[], Card]
    records: Callable[..., Iterator[Any]]


def split_of(id: str, valid: float = 0.1, test: float = 0.1) -> str:
    """The split of a record: "train", "valid" or "test", decided by a hash of ``id`` alone.

    ``valid`` and ``test`` are the shares of all ids, between 0 and 1. The test set comes first on the scale from
    0 to 1, so that changing ``valid`` moves no record into or out of it.
    """
    if not (0 <= valid <= 1 and 0 <= test <= 1 and valid + test <= 1):
        raise LmcourseError(f"The shares valid={valid} and test={test} must be at least 0, and at most 1 together.")
    # surrogatepass: a file name that is not UTF-8 still has a hash.
    digest = hashlib.blake2b(id.encode("utf-8", "surrogatepass"), digest_size=8).digest()
    position = int.from_bytes(digest, "big") / 2**64
    if position < test:
        return "test"
    return "valid" if position < test + valid else "train"


class Corpus(Sequence[Any]):
    """Records in a fixed order, each with an id of its own, and the card that describes them.

    Indexing gives a record, slicing a corpus. Two records with the same id are refused: a split could not tell
    them apart.
    """

    def __init__(self, records: Iterable[Any], name: str = "corpus", card: Card | None = None):
        self.records: tuple[Any, ...] = tuple(records)
        self.name = name
        self.card = card if card is not None else Card(name)
        seen: set[str] = set()
        for record in self.records:
            if record.id in seen:
                raise LmcourseError(
                    f"Two records of {name} have the id {record.id!r}; give every record an id of its own, "
                    "or none at all so that they are numbered."
                )
            seen.add(record.id)

    def __len__(self) -> int:
        return len(self.records)

    def __iter__(self) -> Iterator[Any]:
        return iter(self.records)

    def __getitem__(self, index: SupportsIndex | slice) -> Any:
        if isinstance(index, slice):
            return type(self)(self.records[index], self.name, self.card)
        return self.records[index]

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Corpus) and self.records == other.records

    __hash__ = None  # records may be large and hold dictionaries

    def __repr__(self) -> str:
        return f"<Corpus {self.name}: {len(self):,} {self.card.kind}>"

    def split(self, which: str, valid: float = 0.1, test: float = 0.1) -> Corpus:
        """The records whose :func:`split_of` is ``which``: "train", "valid" or "test".

        A record whose ``meta`` has a ``split_id`` follows that id instead of its own: a question stays with its
        context, two translations of one sentence stay together.
        The rule is never bent to fill a split, because then adding a record would move others. So a corpus of one
        or a few long documents is cut first: ``corpus.pieces().split("valid")``. A split that comes out empty is
        an error that says so and names a size of piece that works.
        """
        if which not in SPLITS:
            raise LmcourseError(f"There is no split {which!r}; choose train, valid or test.")
        part = [record for record in self.records if split_of(_split_id(record), valid, test) == which]
        if not part:
            raise LmcourseError(self._why_empty(which, valid, test))
        return type(self)(part, self.name, self.card)

    def _why_empty(self, which: str, valid: float, test: float) -> str:
        shares = {"train": 1 - valid - test, "valid": valid, "test": test}
        if not shares[which] > 0:
            return f"The split {which} is empty because its share is {max(shares[which], 0):g}; give it a larger share."
        if not self.records:
            return f"{self.name} has no records, so it has no {which} split; load a corpus that has some."
        count = "1 record" if len(self) == 1 else f"{len(self):,} records"
        empty = f"The {which} split of {self.name} is empty, because it has only {count}"
        if all(isinstance(record, Document) for record in self.records):
            wanted = {split for split, share in shares.items() if share > 0}
            characters = PIECE
            while characters >= 50:
                found = {split_of(_split_id(piece), valid, test) for piece in self.pieces(characters)}
                if wanted <= found:
                    size = "" if characters == PIECE else str(characters)
                    return f"{empty}; cut them into pieces first: corpus.pieces({size}).split({which!r})."
                characters //= 2
        return f"{empty}; add more text."

    def text(self, separator: str = "\n\n") -> str:
        """All documents as one string."""
        for record in self.records:
            if not isinstance(record, Document):
                side = {Pair: "en", Question: "question"}.get(type(record), "word")
                raise LmcourseError(
                    f"{self.name} holds {self.card.kind}, not documents; join the field you mean, "
                    f"for example '\\n'.join(record.{side} for record in corpus)."
                )
        return separator.join(document.text for document in self.records)

    def pieces(self, characters: int = PIECE) -> Corpus:
        """Cut every document into pieces of at most ``characters`` characters, with ids ``id#0000``, ``id#0001`` …

        Concatenating the texts of a document's pieces gives the document back exactly. A document that fits is one
        piece; an empty one has none.
        """
        for record in self.records:
            if not isinstance(record, Document):
                raise LmcourseError(f"{self.name} holds {self.card.kind}, which are short; only documents are cut.")
        found = (piece for document in self.records for piece in pieces_of(document, [document.text], characters))
        return type(self)(found, self.name, self.card)


def _split_id(record: Any) -> str:
    return record.meta.get("split_id", record.id)


def pieces_of(document: Document, chunks: Iterable[str], characters: int = PIECE) -> Iterator[Document]:
    """The pieces of a text that arrives in chunks of any size, each as a Document with its place in ``meta``.

    ``document`` lends its id and meta (its text is not looked at), so a file too large for memory can be cut, too.
    """
    start = 0
    for number, text in enumerate(cut(chunks, characters)):
        meta = {**document.meta, "piece_of": document.id, "start": start}
        yield replace(document, id=f"{document.id}#{number:04d}", text=text, meta=meta)
        start += len(text)
