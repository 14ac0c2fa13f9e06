"""The first look at a corpus: how much there is of it, and what it is made of.

Everything is counted exactly and in one pass, so the figures are the same on every machine, and a corpus that is
streamed need not fit into memory (its set of different words must).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from lmcourse.corpus.documents import Document, Pair, Question, Word

# A word is a run of letters and digits, with apostrophes and hyphens inside. Chinese writes no spaces, so a run of
# Chinese characters counts as one word here; lesson 1 cuts it properly.
WORD = re.compile(r"[^\W_]+(?:['’\-][^\W_]+)*")


@dataclass(frozen=True)
class Description:
    """The figures of a corpus; printing it shows them as a table.

    ``bytes`` are those of the text in UTF-8; ``word_types`` are different words, upper and lower case counted as
    one; ``non_ascii`` is the share of characters, between 0 and 1, that are not ASCII; ``longest`` is the number
    of characters of the longest document and ``longest_id`` its id.
    """

    name: str
    kind: str
    documents: int
    characters: int
    bytes: int
    lines: int
    words: int
    word_types: int
    character_types: int
    non_ascii: float
    longest: int
    longest_id: str

    def __str__(self) -> str:
        rows = [
            ("entries" if self.kind == "words" else self.kind, f"{self.documents:,}"),
            ("characters", f"{self.characters:,}"),
            ("bytes in UTF-8", f"{self.bytes:,}"),
            ("lines", f"{self.lines:,}"),
            ("words", f"{self.words:,}"),
            ("different words", f"{self.word_types:,}"),
            ("different characters", f"{self.character_types:,}"),
            ("characters not ASCII", f"{self.non_ascii:.2%}"),
            ("longest, in characters", f"{self.longest:,}  ({self.longest_id})"),
        ]
        wide = max(len(label) for label, _ in rows)
        digits = max(len(value.partition("  ")[0]) for _, value in rows)
        lines = [self.name]
        for label, value in rows:
            number, gap, note = value.partition("  ")
            lines.append(f"  {label:<{wide}}  {number:>{digits}}{gap}{note}")
        return "\n".join(lines)

    __repr__ = __str__


def show(record: Any) -> str:
    """The text of a record: a document's text; both sides of a pair; a question and its answers; a word and its phonemes."""
    if isinstance(record, Document):
        return record.text
    if isinstance(record, Pair):
        return f"{record.en}\n{record.zh}"
    if isinstance(record, Question):
        return "\n".join([record.question, *record.answers["text"]])
    if isinstance(record, Word):
        return f"{record.word} {' '.join(record.pronunciation)}"
    return str(record)


def _blocks(text: str, size: int = 1 << 20) -> Iterator[str]:
    """The text in blocks that end with a line: the list of a whole book's words would be many times its size."""
    start = 0
    while start < len(text):
        end = text.find("\n", start + size) + 1 or len(text)
        yield text[start:end]
        start = end


def describe_records(records: Iterable[Any], name: str = "corpus", kind: str = "documents") -> Description:
    """Count everything that a :class:`Description` holds, in one pass."""
    documents = characters = size = lines = words = foreign = 0
    longest, longest_id = 0, ""
    types: set[str] = set()
    alphabet: set[str] = set()
    for record in records:
        text = show(record)
        documents += 1
        characters += len(text)
        # surrogatepass: even text that is not quite text can be counted.
        size += len(text) if text.isascii() else len(text.encode("utf-8", "surrogatepass"))
        lines += text.count("\n") + (not text.endswith("\n") and text != "")
        for block in _blocks(text):
            found = WORD.findall(block.lower())
            words += len(found)
            types.update(found)
        alphabet.update(text)
        foreign += 0 if text.isascii() else sum(character > "\x7f" for character in text)
        if len(text) > longest:
            longest, longest_id = len(text), record.id
    return Description(
        name, kind, documents, characters, size, lines, words, len(types), len(alphabet),
        foreign / characters if characters else 0.0, longest, longest_id,
    )  # fmt: skip
