"""What is right and what is missing in the work of each sort of cleaning step, counted against planted truth.

What is counted depends on the step:

=========== ================ ======================================================================================
step        unit             made and right / to do and done
=========== ================ ======================================================================================
repair      words            words that the step made, and those among them that stand in the clean text / words that
                             a wrong decoding broke, and those that stand mended in the text that leaves "normalise"
html        runs of 4 words  runs in the extracted text, and those that are in the page's main text / the other way
                             (as Scrapinghub's extraction benchmark 2020 counts)
normalise   words            as for repair / words with or beside an invisible character or odd space
personal    strings          strings masked, and those that were planted / planted ones in the text, and the masked
boilerplate lines            lines taken out, and those not of the clean text / planted ones in the text, and those out
length      pages            pages removed, and those that are thin / thin pages, and the removed
language    pages            pages removed, and those in another language / pages in another language, and the removed
quality     pages            pages removed, and those that are spam or thin / such pages, and the removed
exact       pages            pages removed, and those whose text repeats that of an earlier page / pages with the very
                             text of an earlier page, and the removed
near        pages            the same for pages whose text is like that of an earlier page
=========== ================ ======================================================================================

A step is judged by what reached it: a page that an earlier step removed is no longer to do. A page that has to go for
another reason (spam removed as foreign) counts neither way.
"""

from __future__ import annotations

import html
import re
import string
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from lmcourse.cleaning.report import Trace
from lmcourse.cleaning.text import normalise
from lmcourse.corpus.dirt import Dirty, PageTruth, word_overlap

SHOWN = 5  # mistakes of each sort that a score keeps
LIKE = 0.5  # word overlap from which two clean texts count as near duplicates though nobody planted them


@dataclass
class Score:
    """One step's counts, and examples of what it did wrongly (``wrong``) and failed to do (``missed``)."""

    step: str
    unit: str
    made: int = 0
    right: int = 0
    todo: int = 0
    done: int = 0
    wrong: list[tuple[str, str]] = field(default_factory=list)  # page id, what
    missed: list[tuple[str, str]] = field(default_factory=list)

    @property
    def precision(self) -> float | None:
        """Right by made; None if nothing was done."""
        return self.right / self.made if self.made else None

    @property
    def recall(self) -> float | None:
        """Done by to do; None if there was nothing to do."""
        return self.done / self.todo if self.todo else None

    @property
    def f1(self) -> float | None:
        """Harmonic mean of precision and recall; None if either is."""
        precision, recall = self.precision, self.recall
        if precision is None or recall is None:
            return None
        return 2 * precision * recall / (precision + recall) if precision + recall else 0.0

    def act(self, page: str, what: str, right: bool, times: int = 1) -> None:
        """Count something that was done."""
        self.made += times
        self.right += times if right else 0
        if not right and len(self.wrong) < SHOWN:
            self.wrong.append((page, what))

    def need(self, page: str, what: str, done: bool, times: int = 1) -> None:
        """Count something that was to do."""
        self.todo += times
        self.done += times if done else 0
        if not done and len(self.missed) < SHOWN:
            self.missed.append((page, what))

    def __str__(self) -> str:
        lines = [
            f"{self.step}: precision {figure(self.precision)} ({self.right:,} of {self.made:,} {self.unit}), "
            f"recall {figure(self.recall)} ({self.done:,} of {self.todo:,})"
        ]
        lines += [f"  wrong  {page}: {what!r}" for page, what in self.wrong]
        lines += [f"  missed {page}: {what!r}" for page, what in self.missed]
        return "\n".join(lines)

    __repr__ = __str__


def figure(value: float | None) -> str:
    """Three places, or a dash for what is not defined."""
    return "–" if value is None else f"{value:.3f}"


@dataclass
class Stage:
    """The texts before and after one step, by page id; ``trace`` says what was removed and why."""

    before: dict[str, str]
    after: dict[str, str]
    trace: Trace


def _words(text: str) -> Counter[str]:
    """Words between blanks and tags, without the punctuation around them and with entities read."""
    pieces = (html.unescape(html.unescape(piece)) for piece in re.findall(r"[^ \t\r\n<>]+", text))
    return Counter(filter(None, (piece.strip(string.punctuation) for piece in pieces)))


def _mending(kind: str) -> Callable[[Score, Dirty, Stage, Stage], None]:
    """The judge of steps that mend words: ``kind`` is the field of the truth that lists what is to mend."""

    def judge(row: Score, dirty: Dirty, stage: Stage, final: Stage) -> None:
        for id, before in stage.before.items():
            truth = dirty.labels[id]
            clean = _words(normalise(truth.plain))
            after = stage.after[id]
            if kind == "mojibake":  # invisible characters that come out of a right decoding are no fault of repair
                before, after = normalise(before), normalise(after)
            if before != after:
                made = _words(after) - _words(before)
                for word, times in made.items():
                    right = min(times, clean[word])
                    row.act(id, word, True, right)
                    row.act(id, word, False, times - right) if times > right else None
            mends = Counter(word for mend in getattr(truth, kind) for word in _words(normalise(mend.right)).elements())
            if not mends or id not in final.after:
                continue
            there = _words(normalise(final.after[id]))
            for word, times in mends.items():
                lost = min(times, max(0, clean[word] - there[word]))
                row.need(id, word, True, times - lost)
                row.need(id, word, False, lost) if lost else None

    return judge


def _runs(text: str, n: int = 4) -> Counter[tuple[str, ...]]:
    # ASCII characters only, so that mojibake, which changes all others, is not held against the extractor.
    words = re.findall(r"[a-z0-9]+", re.sub(r"[^\x00-\x7f]", "", normalise(text)).lower())
    return Counter(zip(*(words[i:] for i in range(n)), strict=False))


def _html(row: Score, dirty: Dirty, stage: Stage, final: Stage) -> None:
    titles = {page.id: str(page.meta.get("title", "")) for page in dirty.pages}
    for id, text in stage.after.items():
        truth = dirty.labels[id]
        if truth.source_id is None:
            continue
        if not truth.body.startswith(titles[id]):
            text = text.removeprefix(titles[id])  # the title above the text may stay or go
        out, clean = _runs(text), _runs(truth.body)
        for run, times in out.items():
            right = min(times, clean[run])
            row.act(id, " ".join(run), True, right)
            row.act(id, " ".join(run), False, times - right) if times > right else None
        for run, times in clean.items():
            kept = min(times, out[run])
            row.need(id, " ".join(run), True, kept)
            row.need(id, " ".join(run), False, times - kept) if times > kept else None


def _personal(row: Score, dirty: Dirty, stage: Stage, final: Stage) -> None:
    for id, before in stage.before.items():
        truth = dirty.labels[id]
        planted = [datum.value for datum in truth.personal]
        masked = stage.trace.found.get(id, [])
        for what in masked:
            row.act(id, what, any(value in what and len(what) <= len(value) + 3 for value in planted))
        for value in planted:
            if value in before:
                row.need(id, value, any(value in what for what in masked))


def _boilerplate(row: Score, dirty: Dirty, stage: Stage, final: Stage) -> None:
    for id, before in stage.before.items():
        truth = dirty.labels[id]
        if truth.source_id is None:
            continue
        clean = " ".join(truth.text.split())
        gone = Counter(before.split("\n")) - Counter(stage.after[id].split("\n"))
        for line in gone:
            if words := " ".join(line.split()):
                row.act(id, line, words in truth.boilerplate or words not in clean)
        there = {" ".join(line.split()) for line in before.split("\n")}
        for line in truth.boilerplate:
            if line in there:
                row.need(id, line, line not in stage.after[id])


def _pages(wanted: Callable[[PageTruth], bool]) -> Callable[[Score, Dirty, Stage, Stage], None]:
    """The judge of steps that remove pages of one sort; strangers of another sort count neither way."""

    def judge(row: Score, dirty: Dirty, stage: Stage, final: Stage) -> None:
        for id, text in stage.before.items():
            truth, gone = dirty.labels[id], id not in stage.after
            if wanted(truth):
                row.need(id, text[:60], gone)
            if gone and (wanted(truth) or truth.source_id is not None):
                row.act(id, f"{stage.trace.removed[id]}: {text[:60]}", wanted(truth))

    return judge


def _copies(exact: bool) -> Callable[[Score, Dirty, Stage, Stage], None]:
    """The judge of deduplication: a page should go if an earlier one came from the same clean document."""

    def judge(row: Score, dirty: Dirty, stage: Stage, final: Stage) -> None:
        known: set[Any] = set()
        for id in stage.before:
            truth, gone = dirty.labels[id], id not in stage.after
            if truth.source_id is None:
                continue
            key = (truth.source_id, truth.variant) if exact else truth.source_id
            again = key in known
            known.add(key)
            twin = stage.trace.twins.get(id, "")
            if again:
                row.need(id, f"{twin or 'copy'} of {truth.source_id}, overlap {truth.jaccard}", gone)
            if gone:
                like = (
                    again
                    or twin in dirty.labels
                    and (word_overlap(truth.text, dirty.labels[twin].text) >= (1.0 if exact else LIKE))
                )
                row.act(id, f"{truth.source_id} taken for {twin}", like)

    return judge


JUDGES: dict[str, tuple[str, Callable[[Score, Dirty, Stage, Stage], None]]] = {
    "repair": ("words", _mending("mojibake")),
    "html": ("runs of 4 words", _html),
    "normalise": ("words", _mending("invisible")),
    "personal": ("strings", _personal),
    "boilerplate": ("lines", _boilerplate),
    "length": ("pages", _pages(lambda truth: truth.is_thin)),
    "language": ("pages", _pages(lambda truth: truth.language != "en")),
    "quality": ("pages", _pages(lambda truth: truth.is_spam or truth.is_thin)),
    "exact": ("pages", _copies(True)),
    "near": ("pages", _copies(False)),
}
