"""Questions with their passages and answers from a file of one's own: SQuAD JSON, jsonl, csv or tsv.

SQuAD's JSON nests them, ``data → paragraphs → context, qas → question, answers`` (version 1.1, Rajpurkar et al. 2016;
version 2, with ``is_impossible``, Rajpurkar, Jia & Liang 2018). A jsonl line or a table's row holds one question with ``context``,
``question`` and ``answer`` (a table leaves it empty where there is none); ``answer_start`` says where the answer begins,
and without it its first occurrence counts.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NamedTuple

from lmcourse.corpus.labelled import records_of
from lmcourse.corpus.lines import NO_TEXT, BadLines, forgiving_encoding, records_file
from lmcourse.corpus.readers import LINES, TABLES
from lmcourse.errors import LmcourseError

LONGEST = 100_000  # characters of a passage; what is longer is a book
_FILES = 'SQuAD\'s json, or jsonl, csv, tsv with {"context": "…", "question": "…", "answer": "…"} on each line'


class Answered(NamedTuple):
    """A passage, a question on it, and each answer with the character at which it begins; none: it has no answer."""

    passage: str
    question: str
    answers: tuple[tuple[str, int], ...]


@dataclass
class QuestionFile:
    """What a file of questions holds, and a sentence for each bad entry."""

    questions: list[Answered] = field(default_factory=list)
    bad: list[str] = field(default_factory=list)


def read_questions(path: str | Path, encoding: str | None = None, skip_bad: bool = False) -> QuestionFile:
    """The questions of a file.

    An entry is bad if it lacks its passage or its question, or has an answer that does not stand where it should; or
    if it has none and does not say (``is_impossible``, or an empty ``answer``) that there is none. All bad ones are
    named: a json file's by the number of the question and its id, others by their line.
    """
    path = records_file(path, LINES | TABLES | {".json", ".txt"}, _FILES)
    file, nested = QuestionFile(), path.suffix.lower() == ".json"
    entries = _nested(path, encoding) if nested else _flat(path, encoding)
    for where, entry in entries:
        found = entry if isinstance(entry, str) else _answered(entry)
        if isinstance(found, str):
            file.bad.append(f"{where} {found}")
        else:
            file.questions.append(found)
    if file.bad and not skip_bad:
        raise BadLines(path, file.bad, "entry" if nested else "line")
    return file


def _flat(path: Path, encoding: str | None) -> Iterator[tuple[str, dict[str, Any] | str]]:
    for number, record in records_of(path, forgiving_encoding(path, encoding)):
        yield f"line {number:,}", record


def _nested(path: Path, encoding: str | None) -> Iterator[tuple[str, dict[str, Any] | str]]:
    """The questions of a SQuAD file one by one, each with its passage."""
    try:
        data = json.loads(path.read_text(forgiving_encoding(path, encoding), errors="surrogateescape"))
    except (ValueError, RecursionError) as error:
        raise LmcourseError(f"{path} is not valid JSON ({error}); correct it, or take it from where it came from.") from error
    articles = data.get("data") if isinstance(data, dict) else None
    if not isinstance(articles, list):
        raise LmcourseError(f'{path} is JSON, but not SQuAD\'s: it has no list "data"; give {_FILES}.')
    number = 0
    for place, article in enumerate(articles, start=1):
        paragraphs = article.get("paragraphs") if isinstance(article, dict) else None
        if not isinstance(paragraphs, list):
            yield f"data {place:,}", "has no list of paragraphs"
            continue
        for row, paragraph in enumerate(paragraphs, start=1):
            asked = paragraph.get("qas") if isinstance(paragraph, dict) else None
            if not isinstance(asked, list):
                yield f"data {place:,}, paragraph {row:,}", "has no list of questions (qas)"
                continue
            for entry in asked:
                number += 1
                if not isinstance(entry, dict):
                    yield f"question {number:,}", "is no JSON object"
                    continue
                name = f" (id {entry['id']})" if entry.get("id") not in (None, "") else ""
                yield f"question {number:,}{name}", {**entry, "context": paragraph.get("context")}


def _answered(entry: dict[str, Any]) -> Answered | str:
    """The entry as it should be, or what is wrong with it."""
    passage, question = entry.get("context"), entry.get("question")
    for text, what in ((passage, "context"), (question, "question")):
        if text is None:
            return f"has no field {what!r}"
        if not isinstance(text, str) or not text.strip():
            return f"has an empty {what}" if isinstance(text, str) else f"has a {what} that is no string"
        if NO_TEXT.search(text):
            return f"has bytes in its {what} that are no text"
        if len(text) > LONGEST:
            return f"has a {what} of {len(text):,} characters, more than {LONGEST:,}"
    answers = _listed(entry)
    if isinstance(answers, str):
        return answers
    for number, (text, start) in enumerate(answers):
        if not isinstance(text, str) or not text.strip() or not isinstance(start, int) or isinstance(start, bool):
            return "has an answer without text or whole-numbered answer_start"
        if start < 0 or passage[start : start + len(text)] != text:
            place = passage.find(text)
            other = f"; it does at {place}" if place >= 0 else ", and nowhere in its context"
            return f"has the answer {text[:40]!r}, which does not stand at {start}{other}"
        lead = len(text) - len(text.lstrip())
        answers[number] = (text.strip(), start + lead)
    return Answered(passage, question.strip(), tuple(answers))


def _listed(entry: dict[str, Any]) -> list[tuple[Any, Any]] | str:
    """The answers with their starts, whichever way the entry has them."""
    given, impossible = entry.get("answers"), entry.get("is_impossible", False)
    if isinstance(given, dict):  # as columns, {"text": […], "answer_start": […]}
        texts, starts = given.get("text"), given.get("answer_start")
        if not (isinstance(texts, list) and isinstance(starts, list) and len(texts) == len(starts)):
            return "has answers without text and answer_start of equal length"
        found, said = list(zip(texts, starts, strict=True)), True
    elif isinstance(given, list):
        if not all(isinstance(one, dict) for one in given):
            return "has answers that are no JSON objects"
        found, said = [(one.get("text"), one.get("answer_start")) for one in given], False
    elif "answer" in entry and isinstance(entry["answer"], str | None):
        text, start = (entry["answer"] or "").strip(), entry.get("answer_start")
        if text and start in (None, ""):
            start = entry["context"].find(text)
            if start < 0:
                return f"has the answer {text[:40]!r}, which does not stand in its context"
        if isinstance(start, str):
            start = int(start) if start.strip().isdigit() else start
        found, said = [(text, start)] if text else [], True
    else:
        return "has no answers"
    if impossible is True and found:
        return "is_impossible and has answers; it cannot be both"
    if not found and impossible is not True and not (said and "is_impossible" not in entry):
        return "has no answers and does not say is_impossible"
    return found
