"""What several seeds gave: every one a point, their mean a bar, one standard deviation to either side a line.

With three or five runs, points say more than a box, and a mean alone says too little: two rows whose lines overlap may
well be the same (:mod:`lmcourse.studies`).
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from matplotlib.axes import Axes

from lmcourse.errors import LmcourseError
from lmcourse.plots.charts import PLAIN, Numbers
from lmcourse.plots.look import COLOURS, GREY, canvas, label, legible


def seeds(
    rows: Mapping[str, Numbers],
    *,
    base: str | None = None,
    title: str = "",
    xlabel: str = "",
    form: str = "{:,.4g}",
    log_x: bool = False,
    ax: Axes | None = None,
) -> None:
    """Draw one line of points for each row, from the top down, its mean and ± 1 standard deviation, the mean written beside.

    ``base``: the row that the others are compared with; a band of its spread goes through the whole picture.
    """
    if not rows or base not in (None, *rows):
        raise LmcourseError(f"Give rows to draw, and a base that is one of them; not {base!r}.")
    drawn = {str(row): np.asarray(values, dtype=float) for row, values in rows.items()}
    for row, values in drawn.items():
        if values.ndim != 1 or not values.size or not np.isfinite(values).all():
            raise LmcourseError(f"The row “{row}” needs at least one number, and no infinities or NaNs.")
    with canvas(ax, width=9, height=1.3 + 0.42 * len(drawn)) as panel:
        for place, (row, values) in enumerate(drawn.items()):
            mean, spread = values.mean(), values.std(ddof=1) if values.size > 1 else 0.0
            colour = COLOURS[0] if row == base else COLOURS[1]
            if row == base:
                panel.axvspan(mean - spread, mean + spread, color=COLOURS[0], alpha=0.15, linewidth=0)
                panel.axvline(mean, color=COLOURS[0], linewidth=1, alpha=0.6)
            panel.hlines(place, mean - spread, mean + spread, color=colour, linewidth=3, alpha=0.5)
            panel.plot([mean], [place], marker="|", color=colour, markersize=15, markeredgewidth=3)
            panel.scatter(values, np.full(values.size, place), s=22, color="black", zorder=3)
            panel.text(
                1.015,
                place,
                form.format(mean),
                transform=panel.get_yaxis_transform(),
                va="center",
                color=GREY,
                fontsize=12,
            )
        panel.set_yticks(range(len(drawn)), [legible(row) for row in drawn])
        panel.set_ylim(len(drawn) - 0.4, -0.6)
        if log_x:
            panel.set_xscale("log")
        panel.xaxis.set_major_formatter(PLAIN)
        panel.grid(visible=False, axis="y")
        panel.tick_params(axis="y", length=0)
        label(panel, "one point for each seed, with mean and standard deviation: " + ", ".join(drawn), title, xlabel)
