"""Files of records that somebody has put together by hand: every bad line is named, and none brings down the rest.

Tables of sentence pairs or of labelled texts are often cut together from many places, and one line with a tab too many would
shift everything after it. So every line is looked at, *all* bad ones are listed, and only who says so (``skip_bad``)
goes on without them.
"""

from __future__ import annotations

import csv
import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from lmcourse.corpus.encoding import encoding_of, opened
from lmcourse.corpus.readers import TABBED, missing
from lmcourse.errors import LmcourseError

NO_TEXT = re.compile(r"[\ud800-\udfff\0]")  # a byte that is no UTF-8 is read as a lone surrogate


class BadLines(LmcourseError):
    """A file has lines (or entries) that are not what they should be; ``lines`` says of each its number and what is wrong."""

    def __init__(self, path: Path, lines: list[str], what: str = "line") -> None:
        self.lines = lines
        shown = "; ".join(lines[:3]) + ("; …" if len(lines) > 3 else "")
        plural = "entries" if what == "entry" else f"{what}s"
        count = f"1 bad {what}" if len(lines) == 1 else f"{len(lines):,} bad {plural}"
        super().__init__(f"{path} has {count} ({shown}); correct them, or leave them out with skip_bad=True (--skip-bad).")


def records_file(path: str | Path, kinds: frozenset[str], wanted: str) -> Path:
    """The path, if it is a file with one of the endings ``kinds``; ``wanted`` says what to give instead."""
    path = Path(path).expanduser()
    if not path.is_file():
        raise LmcourseError(missing(path) if not path.exists() else f"{path} is a folder; give {wanted}.")
    if path.suffix.lower() not in kinds:
        raise LmcourseError(f"{path} is no table that is read here; give {wanted}.")
    return path


def forgiving_encoding(path: Path, encoding: str | None = None) -> str:
    """The file's encoding as :func:`encoding_of` finds it; but a few bad bytes in UTF-8 make bad lines, not a bad file."""
    try:
        found = encoding_of(path, encoding)
    except LmcourseError:
        if encoding is not None or not _mostly_utf8(path):
            raise
        return "utf-8"
    if found is None:
        raise LmcourseError(f"{path} holds nothing but white space; choose a file that holds text.")
    return found


def _mostly_utf8(path: Path) -> bool:
    lines = bad = 0
    with opened(path) as file:
        for line in file:
            if b"\0" in line:
                return False
            lines += 1
            try:
                line.decode()
            except UnicodeDecodeError:
                bad += 1
    return 0 < bad <= 0.1 * lines


def _errors(encoding: str) -> str:
    return "surrogateescape" if encoding.startswith("utf-8") else "strict"


def table_lines(path: Path, encoding: str) -> Iterator[tuple[int, list[str]]]:
    """Each row of a csv or tsv file that is not blank, with the number of its line, counted from 1; the header too.

    Bytes that are no UTF-8 come as lone surrogates (:data:`NO_TEXT` finds them).
    """
    csv.field_size_limit(2**31 - 1)
    with open(path, encoding=encoding, errors=_errors(encoding), newline="") as file:
        first = file.readline()
        file.seek(0)
        if path.suffix.lower() in TABBED or (path.suffix.lower() == ".txt" and "\t" in first):
            # Tab-separated values know no quoting: a quotation mark is text.
            rows = csv.reader(file, delimiter="\t", quoting=csv.QUOTE_NONE)
        else:
            rows = csv.reader(file, delimiter=max(",;\t", key=first.count))
        start = 1  # a quoted field may go over several lines: the first of them is where one looks
        for row in rows:
            if any(cell.strip() for cell in row):
                yield start, row
            start = rows.line_num + 1


def json_lines(path: Path, encoding: str) -> Iterator[tuple[int, dict[str, Any] | str]]:
    """Each line of a jsonl file that is not blank, with its number: the object, or what is wrong with the line."""
    with open(path, encoding=encoding, errors=_errors(encoding)) as file:
        for number, line in enumerate(file, start=1):
            if line.isspace():
                continue
            try:
                record = json.loads(line)
            except (ValueError, RecursionError) as error:
                yield number, "is not valid JSON" + (f" ({error.msg})" if isinstance(error, json.JSONDecodeError) else "")
                continue
            yield number, record if isinstance(record, dict) else "is no JSON object"
