"""Labels against the truth: how many are right, which are taken for which, and whether a confidence can be believed.

**Accuracy** counts every text alike; **macro-F1** every label alike, so that a rare one that is never found is noticed. A
**confusion matrix** 混淆矩阵 says what was taken for what. A classifier is **calibrated** 校准 when it is right nine times in
ten where it says 0.9: the reliability diagram (DeGroot & Fienberg 1983) sorts its answers by confidence into bins, and the
expected calibration error (Naeini, Cooper & Hauskrecht 2015; Guo et al. 2017) is the mean distance between what it
says and what is so. A **temperature** 温度 by which all scores are divided mends a confidence without changing an answer (Guo et
al. 2017). One that may **abstain** answers only where it is sure: fewer answers, more of them right (Chow 1970); the risk-coverage
curve (El-Yaniv & Wiener 2010; Geifman & El-Yaniv 2017) shows how many more for how many fewer.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from jaxtyping import Float

from lmcourse.errors import LmcourseError

LEAST = 1e-30  # a probability of 0 has no logarithm


@dataclass(frozen=True)
class Bin:
    """The answers with a confidence above ``low``, up to ``high``: how many, how sure on average, which share of them right."""

    low: float
    high: float
    count: int
    confidence: float
    accuracy: float


def accuracy(found: Sequence[str | None], wanted: Sequence[str]) -> float:
    """The share of labels that are right; an abstention (None) is not."""
    _as_many(found, wanted)
    return sum(one == other for one, other in zip(found, wanted, strict=True)) / len(wanted)


def macro_f1(found: Sequence[str | None], wanted: Sequence[str]) -> float:
    """The mean of the F1 of all labels that occur, 0 to 1 (what scikit-learn calls macro average)."""
    _as_many(found, wanted)
    hits = Counter(one for one, other in zip(found, wanted, strict=True) if one == other)
    said, true = Counter(label for label in found if label is not None), Counter(wanted)
    return sum(2 * hits[label] / (said[label] + true[label]) for label in said | true) / len(said | true)


def confusion(
    found: Sequence[str | None], wanted: Sequence[str], labels: Sequence[str] = ()
) -> tuple[list[str], np.ndarray]:
    """The labels, and how often each (a row) was taken for each (a column); a last column "none" where one abstained.

    ``labels`` gives the order; without it, all that occur, sorted.
    """
    _as_many(found, wanted)
    names = list(labels) or sorted({*wanted, *(label for label in found if label is not None)})
    place = {name: number for number, name in enumerate(names)}
    if missing := [label for label in (*wanted, *found) if label is not None and label not in place]:
        raise LmcourseError(f"The label {missing[0]!r} is not among the labels given; name all of them, or none.")
    columns = [*names, "none"] if None in found else names
    matrix = np.zeros((len(names), len(columns)), dtype=int)
    for one, other in zip(found, wanted, strict=True):
        matrix[place[other], len(names) if one is None else place[one]] += 1
    return columns, matrix


def reliability(confidences: Sequence[float], right: Sequence[bool], bins: int = 10) -> list[Bin]:
    """The bins of a reliability diagram, equally wide from 0 to 1; those without an answer are left out."""
    _as_many(confidences, right)
    if bins < 1 or not all(0 <= confidence <= 1 for confidence in confidences):
        raise LmcourseError("Confidences are probabilities from 0 to 1, sorted into at least one bin; correct them.")
    sure, hit = np.asarray(confidences, dtype=float), np.asarray(right, dtype=float)
    number = np.clip(np.ceil(sure * bins - 1e-9).astype(int) - 1, 0, bins - 1)
    found = []
    for at in np.unique(number):
        inside = number == at
        found.append(Bin(at / bins, (at + 1) / bins, int(inside.sum()), float(sure[inside].mean()), float(hit[inside].mean())))
    return found


def calibration_error(confidences: Sequence[float], right: Sequence[bool], bins: int = 10) -> float:
    """The expected calibration error: the mean distance of confidence and accuracy over the bins, weighted by their counts."""
    found = reliability(confidences, right, bins)
    return sum(one.count * abs(one.confidence - one.accuracy) for one in found) / len(confidences)


def cooled(probabilities: Sequence[Mapping[str, float]], temperature: float) -> list[dict[str, float]]:
    """The probabilities that follow when the scores (logits) behind them are divided by ``temperature``: above 1, less sure."""
    if not temperature > 0:
        raise LmcourseError(f"A temperature is more than 0, not {temperature}.")
    found = []
    for one in probabilities:
        scores = np.log(np.maximum(list(one.values()), LEAST)) / temperature
        chances = np.exp(scores - scores.max())
        found.append(dict(zip(one, (chances / chances.sum()).tolist(), strict=True)))
    return found


def temperature_for(probabilities: Sequence[Mapping[str, float]], wanted: Sequence[str]) -> float:
    """The temperature with which the right labels are likeliest, to be found on texts that nothing was learnt from.

    One number for all texts and labels: it cannot be learnt by heart. It lies between 0.05 and 20.
    """
    from scipy.optimize import minimize_scalar

    _as_many(probabilities, wanted)
    if lacking := [label for one, label in zip(probabilities, wanted, strict=True) if label not in one]:
        raise LmcourseError(f"The label {lacking[0]!r} has no probability; a temperature needs texts with known labels.")

    def surprise(log: float) -> float:
        chances = cooled(probabilities, float(np.exp(log)))
        return -sum(np.log(max(one[label], LEAST)) for one, label in zip(chances, wanted, strict=True))

    return float(np.exp(minimize_scalar(surprise, bounds=(np.log(0.05), np.log(20)), method="bounded").x))


def when_sure(confidences: Sequence[float], right: Sequence[bool], least: float) -> tuple[float, float]:
    """Which share is answered with a confidence of ``least`` or more, and which share of those is right (1 if there are none)."""
    _as_many(confidences, right)
    hits = [hit for confidence, hit in zip(confidences, right, strict=True) if confidence >= least]
    return len(hits) / len(right), sum(hits) / len(hits) if hits else 1.0


def risk_coverage(
    confidences: Sequence[float], right: Sequence[bool]
) -> tuple[Float[np.ndarray, " limits"], Float[np.ndarray, " limits"]]:
    """The risk-coverage curve: which share is answered, and which share of the answers is wrong, for every limit of confidence.

    It begins with the surest answers alone; those that are equally sure come together. ``plots.lines`` draws one or several.
    """
    _as_many(confidences, right)
    order = np.argsort(-np.asarray(confidences, dtype=float), kind="stable")
    sure, wrong = np.asarray(confidences, dtype=float)[order], ~np.asarray(right, dtype=bool)[order]
    last = np.append(sure[1:] != sure[:-1], True)  # of those that are equally sure
    answered = np.arange(1, len(sure) + 1)
    return (answered / len(sure))[last], (wrong.cumsum() / answered)[last]


def limit_for(confidences: Sequence[float], right: Sequence[bool], wanted: float) -> float:
    """The lowest limit of confidence with which the share ``wanted`` of the answers is right; 1.0 if there is none.

    To be chosen on texts that the model has not learnt from, and measured on others: a limit, too, can be fitted too well.
    """
    coverage, risk = risk_coverage(confidences, right)
    enough = np.flatnonzero(risk <= 1 - wanted + 1e-12)
    answered = round(float(coverage[enough[-1]]) * len(right)) if len(enough) else 0
    return float(sorted(confidences, reverse=True)[answered - 1]) if answered else 1.0


def _as_many(one: Sequence[object], other: Sequence[object]) -> None:
    if isinstance(one, str) or isinstance(other, str):
        raise LmcourseError("Give a list of labels found and a list of the right ones, not single strings.")
    if len(one) != len(other) or not len(one):
        raise LmcourseError(f"{len(one):,} and {len(other):,} labels cannot be compared; give one for each text, and at least one.")
