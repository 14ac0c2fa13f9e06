"""A cleaning step: takes documents one after another, hands on what is left of them, and keeps account.

Steps are generators chained like the stages of a Unix pipe (McIlroy 1964): no step holds the corpus, each document
runs through all of them before the next is read. Four sorts of work cover everything:

    Step.change("normalise", normalise)      text → text
    Step.mask("personal", mask_personal)     text → text, and what was masked in it
    Step.drop("length", too_short)           text → why it should go, or None
    Step("exact", work)                      documents → documents, where one must remember others
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace

from lmcourse.cleaning.personal import Found
from lmcourse.cleaning.report import StepReport
from lmcourse.corpus.documents import Document

Work = Callable[[Iterable[Document], StepReport], Iterator[Document]]


class Step:
    """A named piece of cleaning. ``work(documents, report)`` yields what it keeps and notes the rest in ``report``."""

    def __init__(self, name: str, work: Work, what: str = ""):
        self.name, self.work, self.what = name, work, what
        self.report = StepReport(name, what)  # of the last run

    @classmethod
    def change(cls, name: str, function: Callable[[str], str], what: str = "") -> Step:
        """A step that gives every document the text ``function(text)``."""

        def work(documents: Iterable[Document], report: StepReport) -> Iterator[Document]:
            for document in documents:
                text = function(document.text)
                report.change(document.id, document.text, text)
                yield replace(document, text=text) if text != document.text else document

        return cls(name, work, what)

    @classmethod
    def mask(cls, name: str, function: Callable[[str], tuple[str, Sequence[Found]]], what: str = "") -> Step:
        """A step whose function returns a text and what it masked in it, counted by kind."""

        def work(documents: Iterable[Document], report: StepReport) -> Iterator[Document]:
            for document in documents:
                text, found = function(document.text)
                for datum in found:
                    report.find(document.id, datum.kind, datum.value)
                report.change(document.id, document.text, text)
                yield replace(document, text=text)

        return cls(name, work, what)

    @classmethod
    def drop(cls, name: str, fault: Callable[[str], str | None], what: str = "") -> Step:
        """A step that removes every document for whose text ``fault(text)`` names a reason."""

        def work(documents: Iterable[Document], report: StepReport) -> Iterator[Document]:
            for document in documents:
                reason = fault(document.text)
                if reason is None:
                    yield document
                else:
                    report.remove(document, reason)

        return cls(name, work, what)

    def __call__(self, documents: Iterable[Document], report: StepReport | None = None) -> Iterator[Document]:
        """Yield the documents that are left, counting into ``report`` (a new one, kept as ``self.report``)."""
        self.report = report = StepReport(self.name, self.what) if report is None else report
        return _accounted(self.work, documents, report)

    def __repr__(self) -> str:
        return f"Step({self.name!r}: {self.what})" if self.what else f"Step({self.name!r})"


def _accounted(work: Work, documents: Iterable[Document], report: StepReport) -> Iterator[Document]:
    """Count what goes in and out, and the time between, less the time spent waiting for earlier steps."""

    def incoming() -> Iterator[Document]:
        source = iter(documents)
        while True:
            start = time.perf_counter()
            document = next(source, None)
            report.seconds -= time.perf_counter() - start
            if document is None:
                return
            report.documents_in += 1
            report.characters_in += len(document.text)
            if report.trace is not None:
                report.trace.seen[document.id] = None
            yield document

    output = work(incoming(), report)
    while True:
        start = time.perf_counter()
        document = next(output, None)
        report.seconds += time.perf_counter() - start
        if document is None:
            return
        report.documents_out += 1
        report.characters_out += len(document.text)
        yield document
