"""Lines that a site puts on many of its pages: counted in a first pass, taken out in a second."""

from __future__ import annotations

import re
import tempfile
from collections import defaultdict
from collections.abc import Iterable, Iterator
from contextlib import ExitStack
from dataclasses import replace
from urllib.parse import urlsplit

from lmcourse.cleaning.report import StepReport
from lmcourse.cleaning.text import tidy
from lmcourse.corpus.documents import Document
from lmcourse.dedup.exact import spool, stable_hash

MIN_PAGES = 4
LONGEST = 200  # characters; a longer line is a paragraph

_CHANGING = re.compile(
    r"\d+|\b(?:jan|febr)uary\b|\b(?:march|april|may|june|july|august)\b|\b(?:septem|octo|novem|decem)ber\b"
)
_MARKS = re.compile(r"[\W_]+")


def line_pattern(line: str) -> str:
    """What makes lines "the same": lower case, words alone, one sign for every number and month.

    >>> line_pattern("  Last updated: 3 May 2021. ")
    'last updated 0 0 0'
    """
    return _MARKS.sub(" ", _CHANGING.sub("0", line.lower())).strip()


def site_of(document: Document) -> str | None:
    """The host of the document's ``meta["url"]``, or None if it has none."""
    return urlsplit(str(document.meta.get("url") or "")).hostname


class LineCounts:
    """Counts, for each site, on how many of its pages a short line stands.

    Copies of a page count once: pages are told apart by their longest line if that is a paragraph, else by all of
    the text. Memory holds a few numbers for each distinct short line, no text but that of the lines found repeated.
    """

    def __init__(self, min_pages: int = MIN_PAGES):
        self.min_pages = min_pages
        self.pages: dict[int, set[int]] = {}  # hash of site and line -> hashes of the pages it stands on
        self.found: dict[str, dict[str, int]] = defaultdict(dict)  # site -> pattern -> number of pages

    def add(self, document: Document) -> None:
        """Count the lines of one page; a page without a site is left alone."""
        site = site_of(document)
        if site is None:
            return
        lines = [line.rstrip() for line in document.text.split("\n")]
        longest = max(lines, key=len)
        page = stable_hash(longest if len(longest) > LONGEST else document.text)
        for pattern in sorted({line_pattern(line) for line in lines if len(line) <= LONGEST}):
            if pattern.count(" ") < 2:  # fewer than three words: a heading or a piece of code
                continue
            pages = self.pages.setdefault(stable_hash(f"{site} {pattern}"), set())
            pages.add(page)
            if len(pages) >= self.min_pages:
                self.found[site][pattern] = len(pages)

    def without(self, document: Document) -> str:
        """The text of a page without the repeated lines of its site.

        If hardly anything would be left (a fifth), the page repeats others as a whole; that is for the search for
        duplicates to judge, and the page stays as it is.
        """
        repeated = self.found.get(site_of(document) or "")
        if not repeated:
            return document.text
        lines = document.text.split("\n")
        kept = [line for line in lines if len(line.rstrip()) > LONGEST or line_pattern(line) not in repeated]
        if len(kept) == len(lines) or 5 * sum(map(len, kept)) < sum(map(len, lines)):
            return document.text
        return tidy("\n".join(kept))


def boilerplate_lines(documents: Iterable[Document], min_pages: int = MIN_PAGES) -> dict[str, dict[str, int]]:
    """For each site, the patterns of short lines that stand on at least ``min_pages`` of its pages, commonest first."""
    counts = LineCounts(min_pages)
    for document in documents:
        counts.add(document)
    return {
        site: dict(sorted(lines.items(), key=lambda item: (-item[1], item[0]))) for site, lines in counts.found.items()
    }


def drop_boilerplate(
    documents: Iterable[Document], report: StepReport, min_pages: int = MIN_PAGES
) -> Iterator[Document]:
    """Work of a step: take the lines that a site repeats out of its pages, again and again until nothing changes.

    (A page that was kept whole, because nothing else would have been left of it, may lose a line once the others have
    lost theirs; nearly always the second round finds nothing.) All pages must be read before the first can be handed
    on. The texts wait in a temporary file, ids and meta in memory.
    """
    shells = []
    with ExitStack() as files:
        original = files.enter_context(_Waiting())
        for document in documents:
            shells.append(replace(document, text=""))
            original.add(document.text)
        before = original
        while True:
            counts, after, changed = LineCounts(min_pages), files.enter_context(_Waiting()), False
            for shell, text in zip(shells, before, strict=True):
                counts.add(replace(shell, text=text))
            for shell, text in zip(shells, before, strict=True):
                after.add(left := counts.without(replace(shell, text=text)))
                changed |= left != text
            if not changed:
                break
            before = after
        for shell, text, left in zip(shells, original, before, strict=True):
            report.change(shell.id, text, left)
            yield replace(shell, text=left)


class _Waiting:
    """Texts in a temporary file, in order."""

    def __init__(self) -> None:
        self.file = tempfile.TemporaryFile()  # noqa: SIM115 - closed by __exit__
        self.sizes: list[int] = []

    def add(self, text: str) -> None:
        # surrogatepass: half a surrogate pair must come back as it was.
        data = text.encode("utf-8", "surrogatepass")
        spool(self.file, data)
        self.sizes.append(len(data))

    def __iter__(self) -> Iterator[str]:
        start = 0
        for size in self.sizes:
            self.file.seek(start)  # two may read by turns
            start += size
            yield self.file.read(size).decode("utf-8", "surrogatepass")

    def __enter__(self) -> _Waiting:
        return self

    def __exit__(self, *error: object) -> None:
        self.file.close()
