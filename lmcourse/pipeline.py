"""Steps in a row: documents in at one end, clean ones out at the other, and a report of what happened between.

The order is part of the recipe (lesson 1 shows what happens when copies are looked for first):

1. repair first: mojibake is partly made of odd spaces and control characters that normalising would throw away;
2. everything that changes text before everything that judges it, so that the same text is judged the same twice and
   cleaning what is clean changes nothing;
3. lines that a site repeats before duplicates, for they hide that two pages hold the same article.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence, Sized
from dataclasses import replace
from functools import partial
from typing import Any

from lmcourse.cleaning.filters import LIMITS, MIN_WORDS, language_fault, length_fault, quality_fault
from lmcourse.cleaning.html import html_to_text
from lmcourse.cleaning.personal import mask_personal
from lmcourse.cleaning.report import Report, Result, StepReport, Trace
from lmcourse.cleaning.step import Step
from lmcourse.cleaning.text import repair, settle
from lmcourse.cleaning.wikitext import strip_wikitext
from lmcourse.corpus.documents import Document
from lmcourse.dedup import drop_boilerplate, drop_exact, drop_near
from lmcourse.errors import LmcourseError

__all__ = ["Pipeline", "Report", "Result", "Step", "StepReport", "Stream", "standard", "wikitext"]


class Stream(Iterator[Document]):
    """Clean documents, one after another; ``report`` is complete when the last has been taken."""

    def __init__(self, documents: Iterator[Document], report: Report):
        self.documents, self.report = documents, report

    def __next__(self) -> Document:
        return next(self.documents)


class Pipeline:
    """Named steps, run one after another. Holds no text, only the ``report`` of its last run: it can be used again."""

    def __init__(self, steps: Iterable[Step]):
        self.steps = list(steps)
        self.report = Report([])
        names = [step.name for step in self.steps]
        if not names or len(set(names)) < len(names):
            raise LmcourseError(
                f"A pipeline needs steps with different names, not {names}; name each with Step(name, …)."
            )

    def stream(self, documents: Iterable[Any], progress: bool | None = None, trace: bool = False) -> Stream:
        """Clean documents as they are asked for. Memory does not grow with the text, but for what steps remember.

        ``progress`` shows a bar on stderr: yes, no, or (None) if stderr is a terminal. ``trace`` makes each step keep
        all it did, which :func:`lmcourse.cleaning.score` needs and which does grow with the text.
        """
        self.report = report = Report(
            StepReport(step.name, step.what, trace=Trace() if trace else None) for step in self.steps
        )
        flow = _documents(_with_bar(documents, progress))
        for step, step_report in zip(self.steps, report, strict=True):
            flow = step(flow, step_report)
        return Stream(iter(flow), report)

    def run(self, documents: Iterable[Any], progress: bool | None = None, trace: bool = False) -> Result:
        """Clean all documents; returns ``Result(documents, report)``. Options as for :meth:`stream`."""
        stream = self.stream(documents, progress, trace)
        return Result(list(stream), stream.report)

    def without(self, *names: str) -> Pipeline:
        """The same pipeline without the named steps: what is each of them good for?"""
        for name in names:
            self[name]
        return Pipeline(step for step in self.steps if step.name not in names)

    def replacing(self, name: str, step: Step) -> Pipeline:
        """The same pipeline with another step in the place of ``name``."""
        self[name]
        return Pipeline(step if old.name == name else old for old in self.steps)

    def __getitem__(self, name: str) -> Step:
        for step in self.steps:
            if step.name == name:
                return step
        raise LmcourseError(f"There is no step {name!r}; the steps are {', '.join(step.name for step in self.steps)}.")

    def __str__(self) -> str:
        width = max(len(step.name) for step in self.steps)
        return "\n".join(f"{number}. {step.name:<{width}}  {step.what}" for number, step in enumerate(self.steps, 1))

    __repr__ = __str__


def _documents(records: Iterable[Any]) -> Iterator[Document]:
    for record in records:
        if not isinstance(record, Document):
            raise LmcourseError(
                f"Cleaning works on documents, not on {type(record).__name__}; make each a Document(id, text) first."
            )
        yield record


def _with_bar(documents: Iterable[Any], progress: bool | None) -> Iterable[Any]:
    from tqdm import tqdm

    total = len(documents) if isinstance(documents, Sized) else None
    # disable=None is tqdm's word for "not unless stderr is a terminal".
    return tqdm(
        documents, "cleaning", total, unit=" documents", disable=None if progress is None else not progress, leave=False
    )


# -- steps ----------------------------------------------------------------------------------------------------------
def html_step() -> Step:
    """Pages to their main text, once: it is marked ``meta["format"] = "text"`` and never read as HTML again."""
    return _markup_step("html", html_to_text, "main text of web pages (trafilatura)")


def wikitext_step() -> Step:
    """Wiki mark-up to running text, once, marked as :func:`html_step` does."""
    return _markup_step("wikitext", strip_wikitext, "running text of wiki articles (mwparserfromhell)")


def _markup_step(name: str, plain: Callable[[str], str], what: str) -> Step:
    def work(documents: Iterable[Document], report: StepReport) -> Iterator[Document]:
        for document in documents:
            text = document.text if document.meta.get("format") == "text" else plain(document.text)
            report.change(document.id, document.text, text)
            yield replace(document, text=text, meta={**document.meta, "format": "text"})

    return Step(name, work, what)


def standard(language: str = "en", words: int = MIN_WORDS, threshold: float = 0.5) -> Pipeline:
    """The course's recipe for web pages (plain text passes the first steps unchanged).

    ``language``: ISO 639-1 code of what is kept. ``words``: least length. ``threshold``: Jaccard similarity from which
    two documents are one.
    """
    return Pipeline(
        [
            Step.change("repair", repair, "undo wrong decodings (ftfy)"),
            html_step(),
            Step.change("normalise", settle, "one way to write what looks the same"),
            Step.mask("personal", mask_personal, "mask e-mail, card and network addresses and telephone numbers"),
            Step("boilerplate", drop_boilerplate, "lines that a site repeats"),
            *_judging(language, words, threshold),
        ]
    )


def wikitext(language: str = "en", words: int = MIN_WORDS, threshold: float = 0.5) -> Pipeline:
    """The recipe for raw wiki articles."""
    return Pipeline(
        [
            Step.change("repair", repair, "undo wrong decodings (ftfy)"),
            wikitext_step(),
            Step.change("normalise", settle, "one way to write what looks the same"),
            Step.mask("personal", mask_personal, "mask e-mail, card and network addresses and telephone numbers"),
            *_judging(language, words, threshold),
        ]
    )


def _judging(language: str, words: int, threshold: float) -> Sequence[Step]:
    return [
        Step.drop("length", partial(length_fault, words=words), f"at least {words} words"),
        Step.drop("language", partial(language_fault, language=language), f"pages in {language} (py3langid)"),
        Step.drop("quality", partial(quality_fault, limits=limits_for(language)), "signals after Gopher"),
        Step("exact", drop_exact, "of equal texts the first"),
        Step(
            "near",
            partial(drop_near, threshold=threshold),
            f"of texts with Jaccard ≥ {threshold:g} the first (MinHash)",
        ),
    ]


def limits_for(language: str) -> dict[str, tuple[float, float]]:
    """The limits of quality that make sense for a language: stop words are English, and not all scripts part words."""
    if language == "en":
        return dict(LIMITS)
    unfit = {"stop words"}
    if language in ("zh", "ja", "th", "ko"):
        unfit |= {"mean word length", "commonest 2-gram", "commonest 3-gram", "commonest 4-gram", "repeated 5-grams"}
    return {name: limits for name, limits in LIMITS.items() if name not in unfit}
