"""Keeping documents: one JSON object per line (jsonl), the form in which a corpus is most easily read again."""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from lmcourse.corpus.documents import Document
from lmcourse.errors import LmcourseError
from lmcourse.files import replacing


def write_documents(path: str | Path, documents: Iterable[Document]) -> int:
    """Write ``documents`` to a jsonl file, id and text first, then what ``meta`` holds; return how many there were.

    ``lm.corpus.load(path)`` reads them back. They are written one by one as they come; the file appears when all
    are there, and if anything fails, what it held before stays.
    """
    count = 0
    with replacing(path) as temporary, open(temporary, "w", encoding="utf-8", newline="\n") as file:
        for document in documents:
            # What a document is comes before what is said about it, even where ``meta`` uses the same names.
            own = {"id": document.id, "text": document.text}
            record = {**own, **document.meta, **own}
            try:
                file.write(json.dumps(record, ensure_ascii=False, default=_plain) + "\n")
            except (UnicodeEncodeError, TypeError, ValueError) as error:
                raise LmcourseError(f"Document {document.id!r} is no valid JSON ({error}); repair it.") from error
            count += 1
    return count


def _plain(value: Any) -> Any:
    if isinstance(value, set | frozenset):
        return sorted(value)
    raise TypeError(f"a {type(value).__name__} in its meta")
