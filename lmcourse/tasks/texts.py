"""Text for training and text for validation, from whatever somebody has: a corpus by name, a file, a folder.

Validation text must be text that the model has not been trained on. A corpus of many documents is split by documents,
as ``Corpus.split`` does it, and its test split stays unread. A file of one's own is one long document: it is cut into
pieces (:meth:`Corpus.pieces`), and a hash of each piece's id decides where it goes: so validation text comes from all
over the file, and no sentence is in both. (Neighbouring pieces still share names and topics: a figure for text by the
same author about the same things.)

Documents that all have a genre (``meta["genre"]``) are **conditioned** on it: each begins with a special token that names
it, ``<news>``, and ends with ``<eos>``; so a model learns what belongs to which genre, and can be asked for one (control
codes; Keskar et al. 2019, "CTRL").
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path

from torch import nn

from lmcourse import corpus
from lmcourse.corpus import Corpus, Document, split_of
from lmcourse.corpus.documents import pieces_of
from lmcourse.errors import LmcourseError
from lmcourse.tokenizers import PairTokenizer
from lmcourse.tokenizers.base import Tokenizer

SHORTEST = 1000  # characters
LONGEST = 50_000_000  # characters of a larger corpus are read
MANY = 50  # documents are enough to split by documents
VALID_CHARACTERS = 200_000  # are plenty to measure a loss on
GENRES = 20  # different ones at most: a field with more says something else
END = "<eos>"


@dataclass(frozen=True)
class Texts:
    """Training text in pieces (joined, they are the text), and validation text. ``cut_off``: there was more than was read.

    ``special``: the special tokens that stand in both, none where the documents have no genres.
    """

    train: list[str]
    valid: str
    source: str
    cut_off: bool = False
    special: tuple[str, ...] = ()


def read_texts(
    source: str | Path | Corpus | Iterable[Document],
    known: bool = False,
    longest: int = LONGEST,
    reading: dict[str, str] | None = None,
    genres: bool = True,
) -> Texts:
    """Read and split ``source``; ``known`` corpora leave their test split aside. ``reading``: options of corpus.stream.

    Without ``genres`` no text is marked with its own: the model writes on, whatever comes.
    """
    records = corpus.stream(source, **(reading or {})) if isinstance(source, str | Path) else iter(source)
    name = str(source) if isinstance(source, str | Path) else getattr(source, "name", "the documents")
    documents, total = [], 0
    for record in records:
        if not isinstance(record, Document):
            raise LmcourseError(f"{name} holds no documents to train a language model on; lmcourse data list shows those that do.")
        if total + len(record.text) > longest:
            documents.append(_shortened(record, longest - total))
            total = longest + 1
            break
        documents.append(record)
        total += len(record.text)
    if total < SHORTEST:
        raise LmcourseError(
            f"{name} is too short to learn from ({total:,} characters); give at least {SHORTEST:,}, better 100,000 or more."
        )
    share = min(0.1, VALID_CHARACTERS / total)
    shares = (0.1, 0.1) if known else (share, 0.0)
    special = special_tokens(documents) if genres and len(documents) >= MANY else ()
    if len(documents) < MANY:
        size = max(200, min(2000, total // 100))
        documents = [piece for document in documents for piece in pieces_of(document, [document.text], size)]
    parts = {"train": [], "valid": [], "test": []}
    for document in documents:
        parts[split_of(document.meta.get("split_id", document.id), *shares)].append(document)
    if not parts["valid"]:  # few pieces, and none fell on this side
        parts["valid"].append(parts["train"].pop())
    train, valid = (marked(parts[part], special) if special else _in_line(parts[part]) for part in ("train", "valid"))
    return Texts(list(train), "".join(valid), name, total > longest, special)


def part_of(texts: Corpus, share: float | int, seed: int = 0) -> Corpus:
    """``texts`` with only a ``share`` of the training text, by characters; validation and test text stay as they are.

    The seed decides which documents. A smaller part is contained in a larger one of the same seed.
    """
    if not 0 < share <= 1:
        raise LmcourseError(f"A part is a share of more than 0 and at most 1 of the training text, not {share}.")
    train = sorted(texts.split("train"), key=lambda document: hashlib.sha256(f"{seed} {document.id}".encode()).digest())
    room, kept = share * sum(len(document.text) for document in train), set()
    for document in train:
        if room <= 0:
            break
        kept.add(document.id)
        room -= len(document.text)
    left_out = {document.id for document in train} - kept
    return Corpus([document for document in texts if document.id not in left_out], texts.name, texts.card)


def special_tokens(documents: Iterable[Document]) -> tuple[str, ...]:
    """``<eos>`` and a token for each genre if all of the documents have one, else none."""
    genres = {document.meta.get("genre") for document in documents}
    if not genres or None in genres or len(genres) > GENRES:
        return ()
    return (END, *sorted(f"<{genre}>" for genre in genres))


def genre_ids(tokenizer: Tokenizer) -> dict[str, int]:
    """The genres that a tokenizer has tokens for, and their ids: none unless its texts were :func:`marked`."""
    special = tokenizer.special_tokens
    return {name[1:-1]: id for name, id in special.items() if name != END} if END in special else {}


def marked(documents: Iterable[Document], special: Iterable[str]) -> Iterator[str]:
    """The texts, each between the token of its genre and ``<eos>``: ``<post>The boat is late.<eos>``.

    A text that has one of the ``special`` tokens in it, its own genre's or another, is refused.
    """
    for document in documents:
        text = document.text.strip()
        for token in special:
            if token in text:
                raise LmcourseError(f"The text {document.id} has {token} in it, which marks genres and ends; take it out.")
        yield f"<{document.meta['genre']}>{text}{END}"


def _shortened(document: Document, characters: int) -> Document:
    return Document(document.id, document.text[:characters], document.meta)


def _in_line(documents: list[Document]) -> Iterator[str]:
    """The texts one after the other; behind the last piece of each document comes an empty line."""
    for _, group in groupby(documents, key=lambda document: document.meta.get("piece_of", document.id)):
        *first, last = (document.text for document in group)
        yield from first
        yield last.rstrip("\n") + "\n\n"


def checked_writer(model: nn.Module, tokenizer: Tokenizer) -> None:
    """Complain about a model that does something else than going on with a text."""
    for other, does, command in (
        (isinstance(tokenizer, PairTokenizer), "translates", "translate"),
        (hasattr(getattr(model, "config", None), "labels"), "labels texts", "classify"),
    ):
        if other:
            raise LmcourseError(f"This model {does} and does not go on writing; use lmcourse {command}.")


def text_for(tokenizer: Tokenizer, texts: Corpus) -> tuple[str, tuple[str, ...]]:
    """The documents as one text for a model with this tokenizer, and the special tokens in it: :func:`marked` if it
    knows their genres, else with empty lines between them."""
    special = special_tokens(record for record in texts if isinstance(record, Document))
    if special and set(special) <= set(tokenizer.special_tokens):
        return "".join(marked(texts, special)), special
    return texts.text(), ()
