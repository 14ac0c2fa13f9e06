"""The course's pictures: one style, a few kinds of chart, and the map of where a lesson stands.

Each function shows its picture and returns nothing, so a cell that ends with one has no stray text output. With
``ax=`` it draws into a panel of :func:`panels` instead of showing a picture of its own.
"""

from __future__ import annotations

from lmcourse.plots.answers import confusion, reliability
from lmcourse.plots.charts import bars, grouped, histogram, lines, stacked
from lmcourse.plots.graphs import graph
from lmcourse.plots.heat import heatmap
from lmcourse.plots.landscapes import contours, descent_1d
from lmcourse.plots.look import COLOURS, GREY, panels, show, style
from lmcourse.plots.overview import course
from lmcourse.plots.pictures import STAGES, grid, pipeline, tokens
from lmcourse.plots.points import points
from lmcourse.plots.spread import seeds

__all__ = [
    "COLOURS",
    "GREY",
    "STAGES",
    "bars",
    "confusion",
    "contours",
    "course",
    "descent_1d",
    "graph",
    "grid",
    "grouped",
    "heatmap",
    "histogram",
    "lines",
    "panels",
    "pipeline",
    "points",
    "reliability",
    "seeds",
    "show",
    "stacked",
    "style",
    "tokens",
]
