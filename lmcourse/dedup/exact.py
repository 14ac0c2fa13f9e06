"""Texts that are there more than once, word for word: a fingerprint of each is all one needs to remember.

It also holds what the other searches for repetition share: a stable hash, and the spool.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterable, Iterator
from hashlib import blake2b
from typing import Any

from lmcourse.cleaning.report import StepReport
from lmcourse.corpus.documents import Document
from lmcourse.errors import LmcourseError


def text_key(text: str) -> bytes:
    """Sixteen bytes that are equal for texts equal but for blanks and line ends (a chance clash: 1 in 10³⁸)."""
    return blake2b(" ".join(text.split()).encode("utf-8", "surrogatepass"), digest_size=16).digest()


def exact_duplicates(documents: Iterable[Document]) -> dict[str, str]:
    """Id of each document whose text came before, with the id of the first. Keeps 16 bytes a document, no text."""
    first: dict[bytes, str] = {}
    twins = ((document.id, first.setdefault(text_key(document.text), document.id)) for document in documents)
    return {id: twin for id, twin in twins if id != twin}


def drop_exact(documents: Iterable[Document], report: StepReport) -> Iterator[Document]:
    """Work of a step: of equal texts, hand on the first."""
    first: dict[bytes, str] = {}
    for document in documents:
        key = text_key(document.text)
        if key in first:
            report.remove(document, "exact duplicate", first[key])
        else:
            first[key] = document.id
            yield document


def stable_hash(text: str) -> int:
    """64 bits that depend on the text alone: Python's own hash() differs from run to run."""
    return int.from_bytes(blake2b(text.encode("utf-8", "surrogatepass"), digest_size=8).digest(), "big")


def spool(file: Any, data: bytes) -> None:
    """Write to a temporary file; a full disk is said in words."""
    try:
        file.write(data)
    except OSError as error:
        raise LmcourseError(
            f"Cannot write to the temporary folder {tempfile.gettempdir()} ({error.strerror}); "
            "make room there, or point TMPDIR to a disk with more."
        ) from error
