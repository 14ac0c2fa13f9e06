"""Labelled texts from a file of one's own: jsonl, csv or tsv with a field for the text and one for its label.

The fields are called ``text`` and ``label`` unless the caller names others; a table names its columns in its first line.
:mod:`lmcourse.corpus.lines` says what becomes of bad lines.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from lmcourse.corpus.lines import NO_TEXT, BadLines, forgiving_encoding, json_lines, records_file, table_lines
from lmcourse.corpus.readers import LINES, TABLES, TEXT_FIELDS
from lmcourse.errors import LmcourseError

LONGEST = 100_000  # characters of a text; what is longer is a book, or a quotation mark that was never closed
LONGEST_LABEL = 200
LABEL_FIELDS = ("label", "class", "category")


@dataclass
class LabelledFile:
    """What a file of labelled texts holds: (text, label) for each good line, and a sentence for each bad one."""

    examples: list[tuple[str, str]] = field(default_factory=list)
    bad: list[str] = field(default_factory=list)


def read_labelled(
    path: str | Path,
    text: str | None = None,
    label: str | None = None,
    encoding: str | None = None,
    skip_bad: bool = False,
    where: Mapping[str, str] | None = None,
) -> LabelledFile:
    """The labelled texts of a jsonl, csv or tsv file; ``text`` and ``label`` name its fields, ``where`` says which to take.

    A line is bad if it is no record of the file's kind, lacks a field, has an empty text or label, a label of several lines
    or with a tab, a text of more than 100,000 characters, or bytes that are no text. A label in JSON may be a number or
    true and false; it is then its spelling that counts.
    """
    path = records_file(path, LINES | TABLES | {".txt"}, 'jsonl, csv or tsv: {"text": "…", "label": "…"} on each line, or a table')
    file, names = LabelledFile(), None
    for number, record in records_of(path, forgiving_encoding(path, encoding)):
        if names is None and isinstance(record, dict):
            names = _fields(path, list(record), text, label)
        if isinstance(record, dict) and not has_values(record, where):
            continue
        fault = record if isinstance(record, str) else _fault(record, *names)
        if fault is not None:
            file.bad.append(f"line {number:,} {fault}")
        elif isinstance(record, dict):
            file.examples.append((record[names[0]].strip(), spelled(record[names[1]])))
    if file.bad and not skip_bad:
        raise BadLines(path, file.bad)
    return file


def spelled(label: Any) -> str:
    """A label as text: words without the spaces around them, what JSON has else as JSON spells it."""
    return label.strip() if isinstance(label, str) else json.dumps(label)


def has_values(fields: Mapping[str, Any], where: Mapping[str, str] | None) -> bool:
    """Whether a record has, spelled out, the values that ``where`` asks for."""
    return all(name in fields and spelled(fields[name]) == value for name, value in (where or {}).items())


def records_of(path: Path, encoding: str) -> Iterator[tuple[int, dict[str, Any] | str]]:
    """Each record with the number of its line, or what is wrong with that line."""
    if path.suffix.lower() in LINES:
        yield from json_lines(path, encoding)
        return
    header: list[str] | None = None
    for number, row in table_lines(path, encoding):
        if header is None:
            header = [name.strip().removeprefix("\ufeff") for name in row]
            if len(set(header)) < len(header):
                raise LmcourseError(f"Two columns of {path} have the same name; give each a name of its own.")
            _fields_of(path, header)
        elif len(row) != len(header):
            yield number, f"has {len(row)} field{'s' * (len(row) != 1)} instead of {len(header)}"
        else:
            yield number, dict(zip(header, row, strict=True))


def _fields_of(path: Path, header: list[str]) -> None:
    if len(header) < 2:
        raise LmcourseError(
            f"The first line of {path} has one field; it has to name the columns, for example text and label, "
            "with a tab (tsv) or a comma (csv) between them."
        )


def _fields(path: Path, names: list[str], text: str | None, label: str | None) -> tuple[str, str]:
    """Which fields hold the text and the label, of those that the first record has."""
    found = []
    for wanted, usual, what, option in ((text, TEXT_FIELDS, "text", "text"), (label, LABEL_FIELDS, "label", "label")):
        one = wanted if wanted is not None else next((name for name in usual if name in names), None)
        if one is None or one not in names:
            listed = ", ".join(map(repr, names[:8])) or "none"
            asked = f"no field {wanted!r}" if wanted is not None else f"no field with the {what} ({', '.join(usual)})"
            raise LmcourseError(f"{path} has {asked}; name one of {listed} with --{option}-field.")
        found.append(one)
    if found[0] == found[1]:
        raise LmcourseError(f"Text and label of {path} would both be {found[0]!r}; name two fields.")
    return found[0], found[1]


def _fault(record: dict[str, Any], text: str, label: str) -> str | None:
    """What is wrong with a record, or None."""
    for name, what, longest in ((text, "text", LONGEST), (label, "label", LONGEST_LABEL)):
        value = record.get(name)
        if value is None:
            return f"has no field {name!r}"
        if not isinstance(value, str) and (what == "text" or not isinstance(value, bool | int | float)):
            return f"has a {what} that is no string"
        value = spelled(value)
        if not value:
            return f"has an empty {what}"
        if len(value) > longest:
            return f"has a {what} of {len(value):,} characters, more than {longest:,}"
        if NO_TEXT.search(value):
            return f"has bytes in its {what} that are no text"
        if what == "label" and len(value.splitlines()) + value.count("\t") > 1:
            return "has a label with a tab or a line break"
    return None
