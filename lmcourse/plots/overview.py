"""The end of the course's first part in one picture: the way from text to applications, with what the learner measured on it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from matplotlib.patches import FancyArrowPatch, FancyBboxPatch

from lmcourse.errors import LmcourseError
from lmcourse.plots.look import COLOURS, GREY, applied, legible, new_figure, show

# The flow of the package, stage by stage, and the lessons that built each.
FLOW = {
    "corpus": "1",
    "cleaning": "1",
    "tokenizer": "1",
    "embedding": "2",
    "network": "3",
    "descent": "4",
    "training": "5",
    "fine-tuning": "6",
    "applications": "7",
}
ACROSS, MOST_LINES = 3, 4
WIDE, HIGH, GAP = 3.5, 1.75, 0.42


def course(figures: Mapping[str, Sequence[Any]], *, title: str = "") -> None:
    """Draw the stages of :data:`FLOW` as boxes in rows, an arrow from each to the next, and in each box its lines of ``figures``."""
    for name, told in figures.items():
        if name not in FLOW:
            raise LmcourseError(f"The course has no stage “{name}”; its stages are: {', '.join(FLOW)}.")
        if isinstance(told, str) or len(told) > MOST_LINES:
            raise LmcourseError(
                f"The stage “{name}” has room for a list of at most {MOST_LINES} lines; leave some out."
            )
    rows = -(-len(FLOW) // ACROSS)
    with applied():
        figure, (ax,) = new_figure(11.0, 1.95 * rows + 0.5 * bool(title))
        ax.set_axis_off()
        corners = [_corner(*divmod(number, ACROSS)) for number in range(len(FLOW))]
        for (name, lesson), (left, low) in zip(FLOW.items(), corners, strict=True):
            told = [str(line) for line in figures.get(name, ())]
            look = {"facecolor": "#F3F3F3", "edgecolor": COLOURS[0] if told else "#B5B5B5", "linewidth": 1.5}
            ax.add_patch(FancyBboxPatch((left, low), WIDE, HIGH, boxstyle="round,pad=0.04,rounding_size=0.12", **look))
            ax.text(left + 0.12, low + HIGH - 0.12, name, color=COLOURS[0], weight="bold", fontsize=13, va="top")
            ax.text(
                left + WIDE - 0.12, low + HIGH - 0.14, f"lesson {lesson}", color=GREY, fontsize=11, ha="right", va="top"
            )
            lines = legible("\n".join(told))
            ax.text(left + 0.12, low + HIGH - 0.55, lines, color="#333333", fontsize=11.5, va="top", linespacing=1.35)
        for number in range(1, len(FLOW)):
            ax.add_patch(_arrow(corners[number - 1], corners[number]))
        ax.set_xlim(-0.1, (WIDE + GAP) * ACROSS - GAP + 0.1)
        ax.set_ylim(-(HIGH + GAP) * (rows - 1) - 0.1, HIGH + 0.1)
        ax.set_title(legible(title))
        told = "; ".join(f"{name}: {', '.join(map(str, figures[name]))}" for name in FLOW if figures.get(name))
        ax.set_label("the course so far: " + " → ".join(FLOW) + (f" | {told}" if told else ""))
        show(figure)


def _corner(row: int, place: int) -> tuple[float, float]:
    """The lower left corner of a box: every other row runs backwards, so that each box lies beside or below the one before it."""
    column = ACROSS - 1 - place if row % 2 else place
    return (WIDE + GAP) * column, -(HIGH + GAP) * row


def _arrow(start: tuple[float, float], end: tuple[float, float]) -> FancyArrowPatch:
    """From a box to the next one, to its right, to its left or below."""
    if end[1] != start[1]:
        ends = (start[0] + WIDE / 2, start[1] - 0.06), (end[0] + WIDE / 2, end[1] + HIGH + 0.06)
    elif end[0] > start[0]:
        ends = (start[0] + WIDE + 0.06, start[1] + HIGH / 2), (end[0] - 0.06, end[1] + HIGH / 2)
    else:
        ends = (start[0] - 0.06, start[1] + HIGH / 2), (end[0] + WIDE + 0.06, end[1] + HIGH / 2)
    return FancyArrowPatch(*ends, arrowstyle="-|>", mutation_scale=15, color=GREY, linewidth=1.5, shrinkA=0, shrinkB=0)
