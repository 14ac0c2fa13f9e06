"""Pictures of a classifier's answers: what was taken for what, and whether its confidence can be believed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from matplotlib.axes import Axes

from lmcourse.errors import LmcourseError
from lmcourse.plots.look import COLOURS, GREY, canvas, ink, label, legible

MANY = 25  # labels or more: no numbers are written into the squares


def confusion(
    labels: Sequence[str], matrix: Sequence[Sequence[Any]] | np.ndarray, *, title: str = "", ax: Axes | None = None
) -> None:
    """Draw a confusion matrix: a row for what is true, a column for what was answered, darker the larger the row's share.

    ``labels`` are the columns' names and ``matrix`` the counts, as :func:`lmcourse.metrics.confusion` gives them.
    """
    counts = np.asarray(matrix, dtype=float)
    if counts.ndim != 2 or not len(counts) or len(labels) != counts.shape[1] or counts.shape[0] > counts.shape[1]:
        raise LmcourseError(f"{len(labels)} labels do not fit a matrix of {counts.shape}; give one for each column.")
    high, wide = counts.shape
    shares = counts / np.maximum(counts.sum(axis=1, keepdims=True), 1)
    size = 0.5 if wide < MANY else 0.12
    with canvas(ax, width=min(12.0, 3.2 + size * wide), height=min(11.0, 2.2 + size * high)) as panel:
        panel.imshow(shares, cmap="Blues", vmin=0, vmax=1, aspect="auto")
        if wide < MANY:
            for (row, column), count in np.ndenumerate(counts):
                if count:
                    colour = "white" if shares[row, column] > 0.6 else "black"
                    panel.text(column, row, f"{count:g}", ha="center", va="center", color=colour, fontsize=11)
            panel.set_xticks(range(wide), [legible(name) for name in labels], rotation=45, ha="right", rotation_mode="anchor")
            panel.set_yticks(range(high), [legible(name) for name in labels[:high]])
        panel.grid(visible=False)
        panel.tick_params(length=0)
        right = sum(counts[place, place] for place in range(high)) / max(1.0, counts.sum())
        label(panel, f"confusion matrix of {high} labels: {right:.1%} on the diagonal", title, "answered", "true")


def reliability(bins: Mapping[str, Sequence[Any]] | Sequence[Any], *, title: str = "", ax: Axes | None = None) -> None:
    """Draw a reliability diagram: how often an answer is right against how sure it is; on the dashed line it can be believed.

    ``bins``: what :func:`lmcourse.metrics.reliability` gives, or a name for each of several. A larger dot stands for more answers.
    """
    named = bins if isinstance(bins, Mapping) else {"": bins}
    if not named or not all(named.values()):
        raise LmcourseError("A reliability diagram needs at least one answer; give the bins of some.")
    with canvas(ax, width=6.0, height=5.2) as panel:
        panel.plot([0, 1], [0, 1], "--", color=GREY, linewidth=1.5)
        for number, (name, found) in enumerate(named.items()):
            colour, total = COLOURS[number % len(COLOURS)], sum(one.count for one in found)
            sure, right = [one.confidence for one in found], [one.accuracy for one in found]
            panel.plot(sure, right, color=colour)
            panel.scatter(sure, right, s=[20 + 400 * one.count / total for one in found], color=colour, zorder=3)
            panel.text(0.03, 0.95 - 0.08 * number, legible(name), color=ink(colour), weight="bold", transform=panel.transAxes)
        panel.set_xlim(0, 1.02)
        panel.set_ylim(0, 1.04)
        told = "reliability diagram" + ("" if "" in named else ": " + ", ".join(map(str, named)))
        label(panel, told, title, "confidence", "share that is right")
