"""The course's own corpora: every folder ``data/NAME/`` with a ``card.json`` (data/README.md describes it).

The card names the parts of the corpus, each a jsonl or tsv file, and which of its fields hold what. So a corpus is
added by adding files, and no code. Known as ``NAME/PART``; ``NAME`` alone is the parts that the card lists as
``default``, and ``NAME/GROUP`` those of a group that the card names.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any

from lmcourse.corpus.documents import Card, Document, Pair, Question, Source
from lmcourse.corpus.encoding import encoding_of
from lmcourse.corpus.readers import LINES, TABLES, json_records, table_records
from lmcourse.errors import LmcourseError

# For each kind of part, its fields of text and what its records are.
KINDS = {
    "documents": (("text",), Document),
    "pairs": (("en", "zh"), Pair),
    "questions": (("question", "context_id"), Question),
}


def data_folder() -> Path:
    """Where the course's corpora lie: ``data/`` beside the package, or what LMCOURSE_DATA names."""
    return Path(os.environ.get("LMCOURSE_DATA") or Path(__file__).resolve().parents[2] / "data")


def sources() -> dict[str, Source]:
    """Every corpus of the data folder and every part of one, by name; none where there is no such folder."""
    found: dict[str, Source] = {}
    for path in sorted(data_folder().glob("*/card.json")):
        data = _read_card(path)
        parts = data["parts"]
        whole = {path.parent.name: {"what": data.get("what", ""), "parts": data.get("default", [])}}
        groups = {f"{path.parent.name}/{group}": entry for group, entry in data.get("groups", {}).items()}
        for name, entry in (whole | groups).items():
            if entry["parts"]:
                card = _card(name, data, entry, [parts[part] for part in entry["parts"]], path.parent)
                found[name] = Source(partial(_same, card), partial(_join, path.parent, entry["parts"], parts))
        for part, entry in parts.items():
            card = _card(f"{path.parent.name}/{part}", data, entry, [entry], path.parent)
            found[card.name] = Source(partial(_same, card), partial(_records, path.parent, part, entry))
    return found


def _same(card: Card) -> Card:
    return card


def _read_card(path: Path) -> dict[str, Any]:
    """A card, checked: whoever writes one learns what is wrong with it at once."""
    try:
        data = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise LmcourseError(f"{path} cannot be read as JSON ({error}); correct it.") from error
    parts = data.get("parts") if isinstance(data, dict) else None
    if not isinstance(parts, dict) or not parts:
        raise LmcourseError(f"{path} names no parts; give it parts: {{NAME: {{file: …}}}}.")
    for name, part in parts.items():
        file = part.get("file") if isinstance(part, dict) else None
        # A card names files of its own folder: it must not be able to read others.
        if not isinstance(file, str) or Path(file).name != file:
            raise LmcourseError(f"The part {name!r} of {path} names no file of its folder; give it file: NAME.jsonl.")
        if Path(file).suffix not in LINES | TABLES:
            raise LmcourseError(f"The part {name!r} of {path} is in {file}; the course's files are jsonl, csv or tsv.")
        if part.get("kind", "documents") not in KINDS:
            raise LmcourseError(
                f"The part {name!r} of {path} is of kind {part['kind']!r}; choose documents, pairs or questions."
            )
        if part.get("kind") == "questions" and Path(file).suffix in TABLES:
            raise LmcourseError(f"The part {name!r} of {path} holds questions, which need lists; save it as jsonl.")
    for name in data.get("default", []):
        if name not in parts:
            raise LmcourseError(f"{path} lists {name!r} as default, which is none of its parts; correct it.")
    for group, entry in data.get("groups", {}).items():
        members = entry.get("parts") if isinstance(entry, dict) else None
        if group in parts or not isinstance(members, list) or not members or not {*members} <= parts.keys():
            raise LmcourseError(f"The group {group!r} of {path} needs a name of its own and parts: [NAME, …] of the card.")
    return data


def _card(name: str, data: dict[str, Any], entry: dict[str, Any], parts: list[dict[str, Any]], folder: Path) -> Card:
    """What the part says of itself, else what the whole corpus says."""
    said = {**data, **entry}
    files = [folder / part["file"] for part in parts]
    there = all(file.is_file() for file in files)
    return Card(
        name,
        **{key: str(said.get(key, "")) for key in ("what", "language", "licence", "source", "version")},
        kind=parts[0].get("kind", "documents"),
        size=f"{sum(file.stat().st_size for file in files) / 1e6:.1f} MB" if there else "",
        available=there,
        how_to_get="" if there else "restore the folder data/ of the course",
    )


def _join(folder: Path, names: list[str], parts: dict[str, dict[str, Any]]) -> Iterator[Any]:
    for name in names:
        yield from _records(folder, name, parts[name])


def _records(folder: Path, part: str, entry: dict[str, Any]) -> Iterator[Any]:
    path = folder / entry["file"]
    if not path.is_file():
        raise LmcourseError(f"{path} is missing; restore the folder data/ of the course (git checkout data).")
    encoding = encoding_of(path)
    if encoding is None:
        raise LmcourseError(f"{path} holds nothing but white space; restore the folder data/ of the course.")
    kind = entry.get("kind", "documents")
    needed, build = KINDS[kind]
    fields = {field: entry.get("fields", {}).get(field, field) for field in needed}
    for number, record in (json_records if path.suffix in LINES else table_records)(path, encoding):
        texts = {field: record.pop(column, None) for field, column in fields.items()}
        for field, column in fields.items():
            if not isinstance(texts[field], str):
                raise LmcourseError(f"Line {number} of {path} has no text in its field {column!r}; correct that line.")
        id = str(record.pop("id", "") or text_id(part, *texts.values()))
        if kind == "questions":
            texts.update(_answers(record, f"Line {number} of {path}"))
        meta = {"source": f"{folder.name}/{part}", **record}
        if "genre" in entry:
            meta["genre"] = entry["genre"]
        if "split_by" in entry:
            meta["split_id"] = str(record.get(entry["split_by"], id))
        elif kind == "questions":
            # A question about a text that is learnt from must not be in the test.
            meta["split_id"] = texts["context_id"]
        yield build(id, **texts, meta=meta)


def _answers(record: dict[str, Any], where: str) -> dict[str, Any]:
    """Take the answers out of a question's record: as many starts as texts, and none where there is no answer."""
    answers, impossible = record.pop("answers", None), record.pop("is_impossible", False)
    texts, starts = (answers.get(name) if isinstance(answers, dict) else None for name in ("text", "answer_start"))
    if not (isinstance(texts, list) and isinstance(starts, list) and len(texts) == len(starts)):
        raise LmcourseError(f"{where} has no answers {{text: […], answer_start: […]}} of equal length; correct it.")
    if impossible is not (not texts):
        raise LmcourseError(f"{where} must be is_impossible exactly if its list of answers is empty; correct it.")
    return {"answers": answers, "is_impossible": impossible}


def text_id(part: str, *texts: str) -> str:
    """The id of a record that brings none: it follows from the text, so that a line added above changes nothing."""
    return f"{part}:{hashlib.blake2b(chr(0).join(texts).encode(), digest_size=6).hexdigest()}"
