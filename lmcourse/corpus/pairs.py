"""Translation pairs from a file of one's own: two columns of a table, each bad line named.

A file of pairs is a tsv or csv with a header that names its columns (``en``, ``de``), or two columns without one: the
source, then its translation. :mod:`lmcourse.corpus.lines` says what becomes of bad lines.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

from lmcourse.corpus.documents import Pair
from lmcourse.corpus.lines import NO_TEXT, BadLines, forgiving_encoding, records_file, table_lines
from lmcourse.corpus.readers import TABLES
from lmcourse.errors import LmcourseError

LONGEST = 2000  # characters of a sentence; what is longer is a document, or a quotation mark that was never closed
_NAMES = ("source", "target", "src", "tgt", "trg", "english", "chinese")  # that columns have, beside codes of languages


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
    wanted = "pairs as tsv or csv, the source and its translation on each line"
    path = records_file(path, TABLES | {".txt"}, wanted)
    file, place = PairFile(), None
    for number, row in table_lines(path, forgiving_encoding(path, encoding)):
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
        if NO_TEXT.search(cell):
            return f"has bytes in its {side} that are no text"
    return None
