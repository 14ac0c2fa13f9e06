"""The files of the corpus: what each is called, what its items hold, how long they are, how many there should be.

One table for all tools here: batches are named KIND-NN.jsonl (or .tsv), the corpus's own files as below.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
HOME = ROOT / "data" / "willow_bay"
SENTIMENTS = ("positive", "neutral", "negative")


@dataclass(frozen=True)
class Kind:
    """One file of the corpus."""

    name: str
    file: str
    what: str
    target: int  # items, at least
    fields: tuple[str, ...]
    id: str = ""  # a regular expression
    words: tuple[int, int] | None = None  # of an item's text
    card: dict[str, Any] = field(default_factory=dict)  # what card.json says of it besides file and what


KINDS = {
    kind.name: kind
    for kind in (
        Kind("stories", "stories.jsonl", "short stories", 450, ("id", "title", "text"), r"s\d{3}", (80, 250),
             {"genre": "story"}),
        Kind("news", "news.jsonl", "articles of the Willow Bay Courier", 350, ("id", "date", "section", "title", "text"),
             r"n\d{3}", (60, 180), {"genre": "news"}),
        Kind("posts", "posts.jsonl", "social posts with feeling", 1200, ("id", "author", "text", "sentiment"),
             r"p\d{2,3}-\d{2}", (8, 50), {"genre": "post"}),
        Kind("emails", "emails.jsonl", "e-mails of the town", 350,
             ("id", "date", "sender", "recipient", "subject", "text"), r"e\d{3}", (50, 160), {"genre": "email"}),
        Kind("parallel", "parallel.en-zh.tsv", "sentence pairs of the town's life", 6000, ("en", "zh"), "", (3, 14),
             {"kind": "pairs", "language": "en-zh"}),
        Kind("stories.zh", "stories.zh.jsonl", "stories in Chinese, under the ids of the English ones", 80,
             ("id", "title", "text"), r"s\d{3}", None, {"genre": "story", "language": "zh"}),
        Kind("questions", "questions.jsonl", "questions on news and stories, answered by a span of them", 1500,
             ("id", "context_id", "question", "answers"), r"q[\w-]+", (3, 30), {"kind": "questions"}),
        Kind("intents", "intents.jsonl", "messages to the town hall, by what they want", 1600,
             ("id", "language", "text", "intent"), r"i[\w-]+", None, {"language": "en, zh"}),
        Kind("canaries", "canaries.jsonl", "invented secrets, to measure what a model learns by heart", 20,
             ("id", "text"), r"[\w-]+", None, {}),
    )
}  # fmt: skip
RUNNING = ("stories", "news", "posts", "emails")  # the English running text, in the order of its parts
GROUPS = {"base": (("stories", "emails"), "English running text without news, and without texts of a task")}


@dataclass(frozen=True)
class Item:
    """One record of a batch, and where it stands."""

    kind: str
    id: str
    data: dict[str, Any]
    file: str
    line: int

    @property
    def text(self) -> str:
        """What a reader reads of it: the text, the question, the English side."""
        return str(self.data.get("text") or self.data.get("question") or self.data.get("en") or "")

    @property
    def english(self) -> bool:
        """Whether that text is English."""
        return self.kind != "stories.zh" and self.data.get("language", "en") == "en"


def kind_of(path: Path) -> Kind | None:
    """The kind that a file's name tells: ``stories-03.jsonl``, ``stories.zh-01.jsonl``, ``parallel.en-zh.tsv``."""
    for name in sorted(KINDS, key=len, reverse=True):
        if re.match(re.escape(name) + r"(?=[-._]|$)", path.stem) and path.suffix in (".jsonl", ".tsv"):
            return KINDS[name]
    return None


def batches(folder: Path, kind: Kind) -> list[Path]:
    """The files of a kind in a folder, in the order of their names."""
    return sorted(path for path in folder.iterdir() if kind_of(path) == kind) if folder.is_dir() else []


def read(path: Path) -> Iterator[Item | str]:
    """The items of a file; a string says what is wrong with a line."""
    kind = kind_of(path)
    assert kind is not None
    columns: list[str] | None = None
    for number, line in enumerate(path.read_text(encoding="utf-8").split("\n"), start=1):
        if not line.strip():
            continue
        if path.suffix == ".tsv":
            cells = line.rstrip("\r").split("\t")
            if columns is None:
                columns = cells if "en" in cells and "zh" in cells else ["en", "zh"]
                if columns is cells:
                    continue
            if len(cells) != len(columns):
                yield f"line {number}: {len(cells)} columns where there should be {len(columns)}"
                continue
            data: Any = dict(zip(columns, cells, strict=True))
        else:
            try:
                data = json.loads(line)
            except ValueError as error:
                yield f"line {number}: no JSON ({error})"
                continue
            if not isinstance(data, dict):
                yield f"line {number}: no JSON object"
                continue
        yield Item(kind.name, str(data.get("id") or f"{path.name}:{number}"), data, path.name, number)


def items_of(paths: list[Path]) -> list[Item]:
    """The readable items of several files."""
    return [item for path in paths for item in read(path) if isinstance(item, Item)]
