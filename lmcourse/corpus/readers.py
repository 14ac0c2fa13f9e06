"""Reading a user's own files: txt, md and other plain text, jsonl, csv, tsv, or a folder of them.

What becomes a document, and what its id is:

- a plain text file is one document, with the file's name as id. When *streamed*, a file of more than 8 MB comes in
  pieces instead (``name#0000`` …), cut exactly as ``Corpus.pieces()`` would cut the whole;
- jsonl (one JSON object per line; jsonlines.org) and csv or tsv (RFC 4180, 2005) give one document per record. Its
  text is the field ``text``, else ``content``, else ``body``, or the one that the caller names; a table's only
  column of words will do, too. Its id is the field ``id``, else ``name:number`` with the number of the line; the
  other fields go to ``meta``;
- a folder gives its files in sorted order, subfolders included; ids begin with the path inside the folder. Hidden
  files, empty files and other kinds of files are passed over.
"""

from __future__ import annotations

import csv
import difflib
import json
import os
from collections.abc import Iterator
from itertools import chain, islice
from pathlib import Path
from typing import Any

from lmcourse.corpus.documents import Document, pieces_of
from lmcourse.corpus.encoding import CHUNK, chunks_of, encoding_of, opened
from lmcourse.errors import LmcourseError

LARGE = 8 << 20  # bytes; a larger plain text is streamed in pieces
TEXT_FIELDS = ("text", "content", "body")
PLAIN = frozenset({".txt", ".text", ".md", ".markdown", ".rst", ".tex", ".html", ".htm", ".log", ".org"})
TABBED = frozenset({".tsv", ".tab"})
TABLES = TABBED | {".csv"}
LINES = frozenset({".jsonl", ".ndjson"})
_REFUSED = {
    ".json": "is JSON, in which text has no fixed place; save it as {stem}.jsonl, one {{\"text\": \"…\"}} a line",
    ".ipynb": "is a notebook; save it as Markdown or plain text first",
    ".xlsx": "is a spreadsheet; save it as {stem}.csv first",
    ".parquet": "is a parquet file; save it as {stem}.jsonl first",
    ".pkl": "is a pickle, which may run code when loaded, so it is never read; save it as {stem}.jsonl first",
    ".pickle": "is a pickle, which may run code when loaded, so it is never read; save it as {stem}.jsonl first",
}  # fmt: skip


def read(
    path: str | Path, text: str | None = None, encoding: str | None = None, whole: bool = True
) -> Iterator[Document]:
    """The documents of a file or folder, one after the other.

    ``text`` names the field or column that holds the text; ``encoding`` says how the bytes become characters where
    that is not UTF-8; ``whole=False`` gives a large plain text in pieces, so that memory does not grow with it.
    A file that is missing, unsuited or malformed is an LmcourseError that says where and what to do.
    """
    path = Path(path).expanduser()
    if path.is_dir():
        return _read_folder(path, text, encoding, whole)
    if not path.exists():
        raise LmcourseError(missing(path))
    if not path.is_file():
        raise LmcourseError(f"{path} is neither a file nor a folder; choose one of these.")
    return _read_file(path, path.name, text, encoding, whole)


def missing(path: Path) -> str:
    """The sentence for a path that does not exist, with the names nearby that are most like it."""
    try:
        names = sorted(entry.name for entry in path.parent.iterdir() if not entry.name.startswith("."))
    except OSError:
        return f"There is no folder {path.parent}; check the path."
    near = difflib.get_close_matches(path.name, names, n=3, cutoff=0.6)
    folder = "this folder" if path.parent == Path() else str(path.parent)
    if near:
        return f"There is no {path.name} in {folder}; did you mean {' or '.join(near)}?"
    return f"There is no {path.name} in {folder}; check the path."


def _read_folder(folder: Path, text: str | None, encoding: str | None, whole: bool) -> Iterator[Document]:
    found = False
    for path in _files(folder):
        found = True
        yield from _read_file(path, path.relative_to(folder).as_posix(), text, encoding, whole, inside=True)
    if not found:
        raise LmcourseError(f"{folder} holds no text; choose a folder with txt, md, jsonl, csv or tsv files in it.")


def _files(folder: Path) -> Iterator[Path]:
    """Readable, non-empty files of known kinds, each folder's own files before those of its subfolders."""

    def refuse(error: OSError) -> None:
        raise LmcourseError(f"Cannot read {error.filename}: {error.strerror}; check who may read it.") from error

    for parent, folders, names in os.walk(folder, onerror=refuse):
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        for name in sorted(names):
            path = Path(parent, name)
            suffix = path.suffix.lower()
            if suffix not in PLAIN | TABLES | LINES or name.startswith("."):
                continue
            if path.is_file() and path.stat().st_size > 0:
                yield path


def _read_file(
    path: Path, name: str, text: str | None, encoding: str | None, whole: bool, inside: bool = False
) -> Iterator[Document]:
    """``inside``: the file was found in a folder, and its documents' ids begin with ``name``."""
    suffix = path.suffix.lower()
    if suffix in _REFUSED:
        raise LmcourseError(f"{path} {_REFUSED[suffix].format(stem=path.stem)}.")
    if text is not None and suffix not in TABLES | LINES and not inside:
        raise LmcourseError(f"{path} is read as plain text, which has no field {text!r}; leave text= out.")
    found = encoding_of(path, encoding)
    if found is None:
        if inside:
            return iter(())
        raise LmcourseError(f"{path} holds nothing but white space; choose a file that holds text.")
    if suffix in LINES | TABLES:
        records = json_records(path, found) if suffix in LINES else table_records(path, found)
        return _documents(records, path, name, text, inside)
    if not whole and path.stat().st_size > LARGE:
        return pieces_of(Document(name, "", {"source": name}), chunks_of(path, found))
    return iter([Document(name, "".join(chunks_of(path, found)), {"source": name})])


def json_records(path: Path, encoding: str) -> Iterator[tuple[int, dict[str, Any]]]:
    """The objects of a jsonl file with their line numbers, counted from 1; empty lines are passed over."""
    with opened(path, encoding) as file:
        for number, line in enumerate(file, start=1):
            if line.isspace():
                continue
            try:
                record = json.loads(line)
            except (ValueError, RecursionError) as error:
                why = f"{error.msg}, column {error.colno}" if isinstance(error, json.JSONDecodeError) else str(error)
                raise LmcourseError(
                    f"Line {number} of {path} is not valid JSON ({why}); correct or remove that line."
                ) from error
            if not isinstance(record, dict):
                raise LmcourseError(f'Line {number} of {path} is no JSON object; write {{"text": "…"}} on each line.')
            yield number, record


def table_records(path: Path, encoding: str) -> Iterator[tuple[int, dict[str, Any]]]:
    """The rows of a csv or tsv file, each as a dictionary by the names in the first line, with their line numbers."""
    # A field may be as long as a book; the module's own limit is 131,072 characters.
    csv.field_size_limit(2**31 - 1)
    with opened(path, encoding) as file:
        first = file.readline(CHUNK)
        file.seek(0)
        if path.suffix.lower() in TABBED:
            # Tab-separated values know no quoting (IANA, text/tab-separated-values): a quotation mark is text.
            rows = csv.reader(file, delimiter="\t", quoting=csv.QUOTE_NONE)
        else:
            rows = csv.reader(file, delimiter=max(",;\t", key=first.count), strict=True)
        try:
            header = next(rows)
            if len(set(header)) < len(header):
                raise LmcourseError(f"Two columns of {path} have the same name; give each a name of its own.")
            for row in rows:
                if not any(row):
                    continue
                if len(row) != len(header):
                    raise LmcourseError(
                        f"Line {rows.line_num} of {path} has {len(row)} fields, but its first line names "
                        f"{len(header)}; correct that line."
                    )
                yield rows.line_num, dict(zip(header, row, strict=True))
        except csv.Error as error:
            where = f"Line {rows.line_num} of {path}"
            raise LmcourseError(f"{where} is not valid CSV ({error}); correct that line.") from error


def _documents(
    records: Iterator[tuple[int, dict[str, Any]]], path: Path, name: str, text: str | None, inside: bool
) -> Iterator[Document]:
    first = list(islice(records, 100))
    if not first:
        raise LmcourseError(f"{path} holds no records; choose a file that holds text.")
    field = _text_field([record for _, record in first], path, text)
    for number, record in chain(first, records):
        value = record.pop(field, None)
        if not isinstance(value, str):
            what = "has no" if value is None else "does not hold a string in its"
            raise LmcourseError(f"Line {number} of {path} {what} field {field!r}; correct or remove that line.")
        if not value.isascii() and not _encodable(value):
            raise LmcourseError(
                f"Line {number} of {path} holds half of a surrogate pair, which is no character; correct or remove it."
            )
        id = record.pop("id", None)
        if id is None or id == "":
            id = f"{name}:{number}"
        elif not isinstance(id, str | int) or isinstance(id, bool):
            raise LmcourseError(f"Line {number} of {path} has an id that is no string or whole number; correct it.")
        elif inside:
            # Two files of a folder may use the same ids.
            id = f"{name}:{id}"
        yield Document(str(id), value, {"source": name, **record})


def _text_field(records: list[dict[str, Any]], path: Path, text: str | None) -> str:
    names = list(records[0])
    if text is not None:
        if text not in names:
            raise LmcourseError(f"{path} has no field {text!r}; it has {', '.join(map(repr, names))}.")
        return text
    for field in TEXT_FIELDS:
        if field in names:
            return field
    if path.suffix.lower() in TABLES:
        # A column of words is one that is not all numbers; an id may well be a word, but is not the text.
        words = [n for n in names if n != "id" and any(v[n] and not _is_number(v[n]) for v in records)]
        if len(words) == 1:
            return words[0]
    raise LmcourseError(
        f"{path} has no field named text, content or body; name the one that holds the text, with text=… (--field), "
        f"among {', '.join(map(repr, names)) or 'none'}."
    )


def _is_number(value: str) -> bool:
    try:
        float(value)
    except ValueError:
        return False
    return True


def _encodable(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True
