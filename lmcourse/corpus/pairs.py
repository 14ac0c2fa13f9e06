"""Translation pairs from a file of one's own: two columns of a table, each bad line named.

A file of pairs is a tsv or csv with a header that names its columns (``en``, ``de``), or two columns without one: the
source, then its translation. Files of pairs are often cut together from many places, and one line with a tab too many
would shift everything after it; so every line is looked at, *all* bad ones are listed, and only who says so
(``skip_bad``) goes on without them.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from lmcourse.corpus.documents import Pair
from lmcourse.corpus.encoding import encoding_of, opened
from lmcourse.corpus.readers import TABBED, TABLES, missing
from lmcourse.errors import LmcourseError

LONGEST = 2000  # characters of a sentence; what is longer is a document, or a quotation mark that was never closed
_NAMES = ("source", "target", "src", "tgt", "trg", "english", "chinese")  # that columns have, beside codes of languages


class BadLines(LmcourseError):
    """A file has lines that are no pairs; ``lines`` says of each its number and what is wrong."""

    def __init__(self, path: Path, lines: list[str]) -> None:
        self.lines = lines
        shown = "; ".join(lines[:3]) + ("; …" if len(lines) > 3 else "")
        count = "1 bad line" if len(lines) == 1 else f"{len(lines):,} bad lines"
        super().__init__(f"{path} has {count} ({shown}); correct them, or leave them out with skip_bad=True (--skip-bad).")


@dataclass
class PairFile:
    """What a file of pairs holds: (source, target) for each good line, and a sentence for each bad one."""

    pairs: list[tuple[str, str]] = field(default_factory=list)
    bad: list[str] = field(default_factory=list)
    columns: tuple[str, str] | None = None  # as the header names them


def read_pairs(
    path: str | Path, source: str | None = None, target: str | None = None, encoding: str | None = None, skip_bad: bool = False
) -> PairFile:
    """The pairs of a tsv or csv file. ``source`` and ``target`` name columns of its header, where it has one.

    Without names, the first two columns count. A line is bad if it has too few or too many fields, an empty side, a
    side of more than 2,000 characters, or bytes that are no text.
    """
    path = Path(path).expanduser()
    if not path.is_file():
        raise LmcourseError(missing(path) if not path.exists() else f"{path} is a folder; give a tsv or csv file of pairs.")
    if path.suffix.lower() not in TABLES | {".txt"}:
        raise LmcourseError(f"{path} is no table; give pairs as tsv or csv, the source and its translation on each line.")
    chosen = _encoding(path, encoding)
    file, place = PairFile(), None
    for number, row in _rows(path, chosen):
        if not any(cell.strip() for cell in row):
            continue
        if place is None:
            file.columns, place = _columns(path, row, source, target)
            width = len(row) if file.columns is not None else 2
            if file.columns is not None:
                continue
        fault = _fault(row, width, place)
        if fault is None:
            file.pairs.append((row[place[0]].strip(), row[place[1]].strip()))
        else:
            file.bad.append(f"line {number:,} {fault}")
    if file.bad and not skip_bad:
        raise BadLines(path, file.bad)
    return file


def sides(records: Iterable[Pair], source: str, target: str) -> list[tuple[str, str]]:
    """The pairs of a known corpus, in the direction asked for."""
    for name in (source, target):
        if name not in ("en", "zh"):
            raise LmcourseError(f"The course's pairs are in en and zh; there is no {name!r}.")
    return [(getattr(pair, source), getattr(pair, target)) for pair in records]


def _encoding(path: Path, encoding: str | None) -> str:
    try:
        found = encoding_of(path, encoding)
    except LmcourseError:
        # UTF-8 with faults in a few lines: those lines are bad, not the file.
        if encoding is not None or not _mostly_utf8(path):
            raise
        return "utf-8"
    if found is None:
        raise LmcourseError(f"{path} holds nothing but white space; give a file of pairs.")
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


def _rows(path: Path, encoding: str) -> Iterator[tuple[int, list[str]]]:
    """Each row with the number of its line. Bytes that are no UTF-8 come as lone surrogates."""
    csv.field_size_limit(2**31 - 1)
    errors = "surrogateescape" if encoding.startswith("utf-8") else "strict"
    with open(path, encoding=encoding, errors=errors, newline="") as file:
        first = file.readline()
        file.seek(0)
        if path.suffix.lower() in TABBED or (path.suffix.lower() == ".txt" and "\t" in first):
            # Tab-separated values know no quoting: a quotation mark is text.
            rows = csv.reader(file, delimiter="\t", quoting=csv.QUOTE_NONE)
        else:
            rows = csv.reader(file, delimiter=max(",;\t", key=first.count))
        start = 1  # a quoted field may go over several lines: the first of them is where one looks
        for row in rows:
            yield start, row
            start = rows.line_num + 1


def _columns(
    path: Path, row: list[str], source: str | None, target: str | None
) -> tuple[tuple[str, str] | None, tuple[int, int]]:
    """The names of the two columns if the first row is a header, and which they are."""
    names = [cell.strip() for cell in row]
    wanted = [name for name in (source, target) if name is not None]
    header = all(re.fullmatch(r"[A-Za-z]{2,3}([-_][A-Za-z]{2,4})?", name) or name.lower() in _NAMES for name in names[:2])
    if wanted and all(name in names for name in wanted):
        others = [name for name in names if name not in wanted]
        if len(wanted) == 1 and not others:
            raise LmcourseError(f"{path} has one column, {names[0]!r}; a file of pairs has two.")
        one, two = source or others[0], target or others[0]
        if one == two:
            raise LmcourseError(f"Source and target are both {one!r}; name two columns of {path}.")
        return (one, two), (names.index(one), names.index(two))
    if len(names) < 2:
        raise LmcourseError(
            f"The first line of {path} has one field; give a source and its translation, with a tab (tsv) or a comma (csv) between them."
        )
    if wanted and (header or len(names) > 2):
        lacking = next(name for name in wanted if name not in names)
        raise LmcourseError(f"{path} has no column {lacking!r}; its first line names {', '.join(map(repr, names[:8]))}.")
    if len(names) > 2 and not header:
        raise LmcourseError(f"{path} has {len(names)} columns; name two of a header with source=, target= (--from, --to).")
    return ((names[0], names[1]) if header else None), (0, 1)


def _fault(row: list[str], width: int, place: tuple[int, int]) -> str | None:
    """What is wrong with a row, or None."""
    if len(row) != width:
        return f"has {len(row)} field{'s' * (len(row) != 1)} instead of {width}"
    for cell, side in ((row[place[0]], "source"), (row[place[1]], "translation")):
        if not cell.strip():
            return f"has an empty {side}"
        if len(cell) > LONGEST:
            return f"has a {side} of {len(cell):,} characters, more than {LONGEST:,}"
        if re.search(r"[\ud800-\udfff\0]", cell):
            return f"has bytes in its {side} that are no text"
    return None
