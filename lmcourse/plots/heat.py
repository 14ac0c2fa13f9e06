"""A table of numbers as shades: how much each row has to do with each column.

So Bahdanau, Cho & Bengio (2015) drew what attention looks at: the source across, the target down, dark where much is taken.
Shades of one colour where all numbers are of one sign; two colours that meet in white where they are not.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import LinearSegmentedColormap

from lmcourse.errors import LmcourseError
from lmcourse.plots.look import COLOURS, canvas, ink_on, label, legible

MOST_NAMES = 40  # along one side; more could not be read
ONE = LinearSegmentedColormap.from_list("white to blue", ["#FFFFFF", COLOURS[0]])
TWO = LinearSegmentedColormap.from_list("orange to blue", [COLOURS[1], "#FFFFFF", COLOURS[0]])


def heatmap(
    values: Any,
    *,
    rows: Sequence[str] = (),
    columns: Sequence[str] = (),
    title: str = "",
    xlabel: str = "",
    ylabel: str = "",
    form: str = "",
    top: int | float | None = None,
    ax: Axes | None = None,
) -> None:
    """Draw ``values``, one shade for each, with the names of its ``rows`` at the left and of its ``columns`` above.

    ``form`` such as ``"{:.1f}"`` writes the numbers too. ``top``: the size of number that is darkest (default: the largest
    there is), so that several pictures can be compared.
    """
    table = np.asarray(values, dtype=float)
    if table.ndim != 2 or not table.size or not np.isfinite(table).all():
        raise LmcourseError(
            f"A heat map needs a table of numbers, rows by columns, not one of shape {table.shape}, and no NaNs."
        )
    for names, size, what in ((rows, table.shape[0], "rows"), (columns, table.shape[1], "columns")):
        if len(names) not in (0, size) or len(names) > MOST_NAMES:
            raise LmcourseError(
                f"The heat map has {size} {what} and {len(names)} names for them; give one each, or none; at most {MOST_NAMES}."
            )
    high, wide = table.shape
    signed = bool((table < 0).any() and (table > 0).any())
    most = float(top if top is not None else np.abs(table).max()) or 1.0
    low, up = (-most, most) if signed else (0.0, most) if (table >= 0).all() else (-most, 0.0)
    colours = TWO if signed else ONE if low == 0 else ONE.reversed()
    size = 0.62 if rows and columns else 0.3
    with canvas(
        ax, width=min(11.9, max(5.0, 2.6 + size * wide)), height=min(9.0, max(2.2, 1.5 + 0.42 * high))
    ) as panel:
        image = panel.imshow(table, cmap=colours, vmin=low, vmax=up, aspect="auto", interpolation="nearest")
        panel.grid(visible=False)
        for edge in range(1, high):  # thin lines, so that equal neighbours can be counted
            panel.axhline(edge - 0.5, color="#EEEEEE", linewidth=0.8)
        for edge in range(1, wide):
            panel.axvline(edge - 0.5, color="#EEEEEE", linewidth=0.8)
        panel.spines[:].set_visible(False)
        panel.tick_params(length=0)
        _name(panel, rows, columns)
        if form:
            for (row, column), value in np.ndenumerate(table):
                shade = "#" + "".join(f"{int(255 * part):02X}" for part in image.to_rgba(value)[:3])
                panel.text(column, row, form.format(value), color=ink_on(shade), ha="center", va="center", fontsize=11)
        bar = panel.figure.colorbar(image, ax=panel, fraction=0.04, pad=0.02)
        bar.outline.set_visible(False)
        bar.ax.set_label("")  # it would be told in words as "<colorbar>"
        label(panel, f"heat map: {high} rows, {wide} columns", title, xlabel, ylabel)


def _name(panel: Axes, rows: Sequence[str], columns: Sequence[str]) -> None:
    if rows:
        panel.set_yticks(range(len(rows)), [legible(name) for name in rows])
    if columns:
        panel.xaxis.tick_top()
        long = max(map(len, columns)) > 4
        panel.set_xticks(range(len(columns)), [legible(name) for name in columns], rotation=45 if long else 0)
        if long:
            for text in panel.get_xticklabels():
                text.set_horizontalalignment("left")
                text.set_rotation_mode("anchor")
