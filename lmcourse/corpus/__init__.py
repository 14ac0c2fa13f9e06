"""Finding, loading and describing text: the course's own, what installed packages bring, downloads, your files.

A **corpus** 语料库 is a body of text. Here it is a sequence of records (documents, translation pairs, words) with
ids, a split that follows from the ids, and a card that says where it comes from and what one may do with it.
"""

from __future__ import annotations

import importlib
from typing import Any

from lmcourse.corpus.catalogue import describe, load, stream
from lmcourse.corpus.catalogue import list_corpora as list
from lmcourse.corpus.dates import written_dates
from lmcourse.corpus.description import show
from lmcourse.corpus.documents import Card, Corpus, Document, Pair, Question, Word, split_of
from lmcourse.corpus.download import fetch
from lmcourse.corpus.writing import write_documents

_LATER = {"dirty": "dirt", "Dirty": "dirt", "PageTruth": "dirt"}

__all__ = [
    "Card",
    "Corpus",
    "Dirty",
    "Document",
    "PageTruth",
    "Pair",
    "Question",
    "Word",
    "describe",
    "dirty",
    "fetch",
    "list",
    "load",
    "show",
    "split_of",
    "stream",
    "write_documents",
    "written_dates",
]  # fmt: skip


def __getattr__(name: str) -> Any:
    if name in _LATER:
        value = getattr(importlib.import_module("lmcourse.corpus." + _LATER[name]), name)
        globals()[name] = value
        return value
    raise AttributeError(f"lmcourse.corpus has no name {name!r}.")
