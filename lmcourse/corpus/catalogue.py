"""One place to ask for a corpus: by the name of a known one, or by the path of your own file or folder."""

from __future__ import annotations

import difflib
import inspect
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any, SupportsIndex

from lmcourse.corpus import download, installed, owned
from lmcourse.corpus.description import Description, describe_records
from lmcourse.corpus.documents import Card, Corpus, Source
from lmcourse.corpus.readers import missing, read
from lmcourse.errors import LmcourseError


def sources() -> dict[str, Source]:
    """Every known corpus by name: the course's own, then what installed packages bring, then downloads."""
    return {**owned.sources(), **installed.SOURCES, **download.SOURCES}


class Listing(Sequence[Card]):
    """The cards of the known corpora. Printed, it is a table; ``listing["name"]`` is the card of one."""

    def __init__(self, cards: Iterable[Card]):
        self.cards = tuple(cards)

    def __len__(self) -> int:
        return len(self.cards)

    def __getitem__(self, index: SupportsIndex | slice | str) -> Any:
        if isinstance(index, str):
            for card in self.cards:
                if card.name == index:
                    return card
            raise LmcourseError(_unknown(index, [card.name for card in self.cards]))
        return Listing(self.cards[index]) if isinstance(index, slice) else self.cards[index]

    def __str__(self) -> str:
        rows = [("name", "what", "kind", "size", "licence", "how to get")]
        for card in self.cards:
            state = "ready" if card.available else card.how_to_get
            rows.append((card.name, card.what, card.kind, card.size, card.licence, state))
        widths = [max(_width(row[column]) for row in rows) for column in range(len(rows[0]))]
        rows.insert(1, tuple("-" * width for width in widths))
        return "\n".join(
            "  ".join(cell + " " * (width - _width(cell)) for cell, width in zip(row, widths, strict=True)).rstrip()
            for row in rows
        )

    __repr__ = __str__


def list_corpora() -> Listing:
    """What can be loaded by name, and how to get what cannot yet. Nothing is read but sizes."""
    return Listing(source.card() for source in sources().values())


def load(name_or_path: str | Path, split: str | None = None, **options: Any) -> Corpus:
    """A corpus in memory: a known one by name, or your own file or folder by path.

    A name comes before a path that is spelt the same (write ``./name`` for the path). ``split`` is "train",
    "valid" or "test". ``options`` go to the reader: for your own files ``text=`` (the field or column that holds
    the text) and ``encoding=``; for "wikipedia-sample" ``redirects=`` and ``namespaces=``.
    """
    card, records = _open(name_or_path, True, options)
    corpus = Corpus(records, card.name, card)
    return corpus if split is None else corpus.split(split)


def stream(name_or_path: str | Path, **options: Any) -> Iterator[Any]:
    """The same records one by one, in memory that does not grow; a large plain text comes in pieces.

    What is wrong with the name, the path or its encoding is said at once; what is wrong with a line, when it is
    reached. That ids are all different is not checked: this would need all of them in memory.
    """
    return _open(name_or_path, False, options)[1]


def describe(corpus: Corpus | str | Path | Iterable[Any], **options: Any) -> Description:
    """Count a corpus, given itself, by name, by path (then it is streamed), or as any documents."""
    if isinstance(corpus, str | Path):
        # Whole documents, or the longest could not be told.
        card, records = _open(corpus, True, options)
        return describe_records(records, card.name, card.kind)
    if isinstance(corpus, Corpus):
        return describe_records(corpus, corpus.name, corpus.card.kind)
    return describe_records(corpus)


def _open(name_or_path: str | Path, whole: bool, options: dict[str, Any]) -> tuple[Card, Iterator[Any]]:
    known = sources() if isinstance(name_or_path, str) else {}
    if name_or_path in known:
        source = known[str(name_or_path)]
        takes = inspect.signature(source.records).parameters
        _check_options(options, [option for option in takes if option != "whole"], str(name_or_path))
        return source.card(), source.records(**options, **({"whole": whole} if "whole" in takes else {}))
    path = Path(name_or_path).expanduser()
    if not path.exists():
        raise LmcourseError(missing(path) if _is_path(name_or_path) else _unknown(str(name_or_path), list(known)))
    _check_options(options, ["text", "encoding"], str(path))
    name = path.name or path.resolve().name
    kinds = "a folder of your own" if path.is_dir() else "a file of your own"
    return Card(name, what=kinds, source=str(path)), read(path, **options, whole=whole)


def _is_path(name: str | Path) -> bool:
    """Whether somebody who wrote ``name`` meant a path of their own, rather than a known corpus."""
    path = Path(name)
    in_folder = path.parent != Path() and path.parent.is_dir()
    return isinstance(name, Path) or bool(path.suffix) or name.startswith((".", "~", "/")) or in_folder


def _check_options(options: dict[str, Any], takes: list[str], name: str) -> None:
    for option in options:
        if option not in takes:
            offer = f"it takes {' and '.join(takes)}" if takes else "it takes none"
            raise LmcourseError(f"{name} has no option {option!r}; {offer}.")


def _unknown(name: str, known: list[str]) -> str:
    near = difflib.get_close_matches(name, known, n=2, cutoff=0.5)
    offer = f"did you mean {' or '.join(near)}?" if near else f"choose among {', '.join(known)}, or give a file's path."
    return f"There is no corpus and no file {name!r}; {offer}"


def _width(text: str) -> int:
    """Columns on a terminal: Chinese characters take two."""
    return sum(2 if unicodedata.east_asian_width(character) in "WF" else 1 for character in text)
