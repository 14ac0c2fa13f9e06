"""What cleaning did: one report per step, with counts, reasons and examples, printed as one table.

A cleaning step that does not say what it changed cannot be trusted, and one without examples cannot be mended.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from lmcourse.corpus.documents import Document
from lmcourse.errors import LmcourseError

EXAMPLES = 5  # of each sort that a report keeps
AROUND = 60  # characters shown of an example


def table(header: Sequence[str], rows: Iterable[Sequence[Any]]) -> str:
    """A table of fixed width: text to the left, numbers to the right, thousands set apart."""
    cells = [[f"{cell:,}" if isinstance(cell, int) else str(cell) for cell in row] for row in rows]
    numeric = [
        bool(cells) and all(cell[:1].isdigit() or cell in ("", "–") or cell[:1] in "+-" for cell in column)
        for column in zip(*cells, strict=True)
    ] or [False] * len(header)
    widths = [max(map(len, column)) for column in zip(header, *cells, strict=True)]

    def line(row: Sequence[str]) -> str:
        return "  ".join(
            cell.rjust(width) if right else cell.ljust(width)
            for cell, width, right in zip(row, widths, numeric, strict=True)
        ).rstrip()

    return "\n".join([line(header), line(["-" * width for width in widths]), *map(line, cells)])


def around(before: str, after: str) -> tuple[str, str]:
    """The first place where two texts differ, with a little of what stands before and after it."""
    first = next(
        (i for i, (a, b) in enumerate(zip(before, after, strict=False)) if a != b), min(len(before), len(after))
    )
    start = max(0, first - AROUND // 3)
    return before[start : start + AROUND], after[start : start + AROUND]


@dataclass
class Trace:
    """Everything a step did, document by document; kept only when asked for, because it grows with the text."""

    seen: dict[str, None] = field(default_factory=dict)  # ids in their order
    removed: dict[str, str] = field(default_factory=dict)  # id -> reason
    twins: dict[str, str] = field(default_factory=dict)  # id of a removed duplicate -> id of what it repeats
    changed: dict[str, tuple[str, str]] = field(default_factory=dict)  # id -> text before and after
    found: dict[str, list[str]] = field(default_factory=dict)  # id -> strings that were masked


@dataclass
class StepReport:
    """What one step did. Characters are Unicode code points; ``seconds`` is its own time, without earlier steps."""

    name: str
    what: str = ""
    documents_in: int = 0
    documents_out: int = 0
    characters_in: int = 0
    characters_out: int = 0
    changed: int = 0
    reasons: Counter[str] = field(default_factory=Counter)  # of removal
    found: Counter[str] = field(default_factory=Counter)  # other things worth counting, e.g. masked e-mail addresses
    removed_examples: list[tuple[str, str, str]] = field(default_factory=list)  # id, reason, start of the text
    changed_examples: list[tuple[str, str, str]] = field(default_factory=list)  # id, before, after
    seconds: float = 0.0
    trace: Trace | None = None

    @property
    def removed(self) -> int:
        """Number of documents removed."""
        return self.reasons.total()

    def remove(self, document: Document, reason: str, twin: str = "") -> None:
        """Note that ``document`` is not passed on; ``twin`` is the id of the document that it repeats."""
        self.reasons[reason] += 1
        if len(self.removed_examples) < EXAMPLES:
            detail = f"{reason} of {twin}" if twin else reason
            self.removed_examples.append((document.id, detail, document.text[:AROUND]))
        if self.trace is not None:
            self.trace.removed[document.id] = reason
            if twin:
                self.trace.twins[document.id] = twin

    def change(self, id: str, before: str, after: str) -> None:
        """Note that the text of the document ``id`` is now another; equal texts are no change."""
        if before == after:
            return
        self.changed += 1
        if len(self.changed_examples) < EXAMPLES:
            self.changed_examples.append((id, *around(before, after)))
        if self.trace is not None:
            self.trace.changed[id] = (before, after)

    def find(self, id: str, kind: str, value: str) -> None:
        """Note that something of ``kind`` was found in the document ``id`` and masked."""
        self.found[kind] += 1
        if self.trace is not None:
            self.trace.found.setdefault(id, []).append(value)

    def to_dict(self) -> dict[str, Any]:
        """The report as plain JSON data (without the trace)."""
        return {
            "name": self.name,
            "what": self.what,
            "documents_in": self.documents_in,
            "documents_out": self.documents_out,
            "characters_in": self.characters_in,
            "characters_out": self.characters_out,
            "removed": self.removed,
            "reasons": dict(self.reasons.most_common()),
            "changed": self.changed,
            "found": dict(sorted(self.found.items())),
            "removed_examples": [list(example) for example in self.removed_examples],
            "changed_examples": [list(example) for example in self.changed_examples],
            "seconds": round(self.seconds, 3),
        }

    def __str__(self) -> str:
        lines = [
            f"{self.name}: {self.what}" if self.what else self.name,
            f"  documents {self.documents_in:,} → {self.documents_out:,}, changed {self.changed:,}, "
            f"characters {self.characters_in:,} → {self.characters_out:,}",
        ]
        lines += [f"  removed {count:,}: {reason}" for reason, count in self.reasons.most_common()]
        lines += [f"  found {count:,}: {what}" for what, count in sorted(self.found.items())]
        lines += [f"  − {id}: {reason}: {text!r}" for id, reason, text in self.removed_examples]
        for id, before, after in self.changed_examples:
            lines += [f"  ~ {id}: {before!r}", f"  {' ' * len(id)}  → {after!r}"]
        return "\n".join(lines)

    __repr__ = __str__


class Report(Sequence[StepReport]):
    """The reports of a pipeline's steps in their order; ``report["near"]`` is the one with that name."""

    def __init__(self, steps: Iterable[StepReport]):
        self.steps = list(steps)

    def __len__(self) -> int:
        return len(self.steps)

    def __iter__(self) -> Iterator[StepReport]:
        return iter(self.steps)

    def __getitem__(self, key: Any) -> Any:
        if not isinstance(key, str):
            return self.steps[key]
        for step in self.steps:
            if step.name == key:
                return step
        raise LmcourseError(f"There is no step {key!r}; the steps are {', '.join(step.name for step in self.steps)}.")

    def table(self, seconds: bool = False) -> str:
        """One line a step. Times are left out by default, so that the same run prints the same table."""
        header = ["step", "documents in", "removed", "changed", "documents out", "characters in", "characters out"]
        rows = [
            [s.name, s.documents_in, s.removed, s.changed, s.documents_out, s.characters_in, s.characters_out]
            for s in self.steps
        ]
        if seconds:
            header.append("seconds")
            rows = [[*row, f"{step.seconds:.2f}"] for row, step in zip(rows, self.steps, strict=True)]
        return table(header, rows)

    def reasons(self) -> str:
        """Why documents were removed, the commonest reason of each step first."""
        return table(
            ["step", "reason", "documents"],
            [[step.name, reason, count] for step in self.steps for reason, count in step.reasons.most_common()],
        )

    def to_dict(self) -> dict[str, Any]:
        """All reports as plain JSON data."""
        return {"steps": [step.to_dict() for step in self.steps]}

    def to_json(self) -> str:
        """All reports as JSON text, to be kept beside the cleaned documents."""
        return json.dumps(self.to_dict(), ensure_ascii=False, indent=2) + "\n"

    def __str__(self) -> str:
        return self.table()

    __repr__ = __str__


@dataclass(frozen=True)
class Result:
    """What a pipeline returns: the documents that are left, and the report."""

    documents: list[Document]
    report: Report
