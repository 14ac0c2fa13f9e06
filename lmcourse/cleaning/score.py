"""How well did each cleaning step do? Precision and recall against the planted truth of :mod:`lmcourse.corpus.dirt`.

Precision: of what a step did, how much was right. Recall: of what it should have done, how much it did. Both, for a
step that removes everything has a perfect recall, and one that does nothing is never wrong. (The two come
from document retrieval: Cleverdon 1967.) What is counted for which step stands in :mod:`lmcourse.cleaning.judges`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from typing import Any

from lmcourse.cleaning.judges import JUDGES, Score, Stage, figure
from lmcourse.cleaning.report import Result, StepReport, Trace, table
from lmcourse.cleaning.step import Step
from lmcourse.corpus.dirt import Dirty, PageTruth
from lmcourse.corpus.documents import Document
from lmcourse.errors import LmcourseError


class Scores(Sequence[Score]):
    """The scores of a pipeline's steps; prints as a table, ``scores["near"]`` is one of them."""

    def __init__(self, scores: Iterable[Score]):
        self.scores = list(scores)

    def __len__(self) -> int:
        return len(self.scores)

    def __iter__(self) -> Iterator[Score]:
        return iter(self.scores)

    def __getitem__(self, key: Any) -> Any:
        if not isinstance(key, str):
            return self.scores[key]
        for one in self.scores:
            if one.step == key:
                return one
        raise LmcourseError(f"No step {key!r} was scored; there are {', '.join(one.step for one in self.scores)}.")

    def __str__(self) -> str:
        return table(
            ["step", "unit", "precision", "recall", "F1", "made", "to do"],
            [[s.step, s.unit, *map(figure, (s.precision, s.recall, s.f1)), s.made, s.todo] for s in self.scores],
        )

    __repr__ = __str__

    def to_dict(self) -> dict[str, Any]:
        """The figures as plain JSON data."""
        return {
            s.step: {"precision": s.precision, "recall": s.recall, "f1": s.f1, "made": s.made, "todo": s.todo}
            for s in self.scores
        }


def score(dirty: Dirty, result: Result) -> Scores:
    """Precision and recall of every step of a run over ``dirty.pages`` (see the table above for what is counted).

    The run must have kept its trace: ``result = pipeline.run(dirty.pages, trace=True)``. Steps that the table does
    not know are left out.
    """
    stages: dict[str, Stage] = {}
    texts = {page.id: page.text for page in dirty.pages}
    for step in result.report:
        if step.trace is None:
            raise LmcourseError("This run kept no trace to score; run the pipeline with run(dirty.pages, trace=True).")
        stages[step.name] = _stage(step.trace, texts)
        texts = stages[step.name].after
    return Scores(
        _judge(dirty, name, stage, stages.get("normalise", stage)) for name, stage in stages.items() if name in JUDGES
    )


def score_step(dirty: Dirty, step: Step | Callable[[str], Any], kind: str) -> Score:
    """One step, or one function on text, judged on its own: it gets what perfect earlier steps would hand on.

    ``kind`` is a step's name from the table above. A function returns a text; for "personal" a text and what it found
    (as :func:`mask_personal` does); for "length", "language" and "quality" a reason to drop the text, or None. For
    "boilerplate", "exact" and "near" a Step is needed.

    >>> score_step(dirty, strip_tags_naively, "html")  # doctest: +SKIP
    """
    if kind not in JUDGES:
        raise LmcourseError(f"There is no way to score {kind!r}; choose from {', '.join(JUDGES)}.")
    if not isinstance(step, Step):
        function = step
        make = {"personal": Step.mask, "length": Step.drop, "language": Step.drop, "quality": Step.drop}
        step = make.get(kind, Step.change)(kind, function)
    report = StepReport(kind, trace=Trace())
    documents = [replace(page, text=_ideal(page, dirty.labels[page.id], kind)) for page in dirty.pages]
    for _ in step(documents, report):
        pass
    stage = _stage(report.trace, {document.id: document.text for document in documents})
    return _judge(dirty, kind, stage, stage)


def _ideal(page: Document, truth: PageTruth, kind: str) -> str:
    """The text of a page as perfect steps before ``kind`` would leave it."""
    stages = {
        "html": page.text,
        "repair": truth.body,
        "normalise": truth.strewn,
        "personal": truth.plain,
        "boilerplate": truth.plain,
    }
    return stages.get(kind, truth.text or truth.plain)


def _stage(trace: Trace | None, texts: dict[str, str]) -> Stage:
    trace = trace or Trace()
    before, after = {}, {}
    for id in trace.seen:
        if id not in texts:
            raise LmcourseError(f"The run read {id!r}, which is no page of this Dirty; score it with its own labels.")
        before[id], text = trace.changed.get(id, (texts[id], texts[id]))
        if id not in trace.removed:
            after[id] = text
    return Stage(before, after, trace)


def _judge(dirty: Dirty, name: str, stage: Stage, final: Stage) -> Score:
    unit, judge = JUDGES[name]
    row = Score(name, unit)
    judge(row, dirty, stage, final)
    return row
