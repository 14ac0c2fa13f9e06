"""A map of named points in two dimensions: what stands near what, by group.

A point's name is written beside it, in its group's colour and kept off the others where there is room, so that the map
can be read without a legend; the groups' own names stand above it, each in its colour.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from matplotlib.axes import Axes

from lmcourse.errors import LmcourseError
from lmcourse.plots.look import COLOURS, canvas, ink, legible


def points(
    groups: Mapping[str, Mapping[str, Sequence[Any] | np.ndarray]],
    *,
    title: str = "",
    xlabel: str = "",
    ylabel: str = "",
    names: bool = True,
    ax: Axes | None = None,
) -> None:
    """Draw each group's points, ``groups``: group → (name → (x, y)), in one colour a group; ``names`` beside them."""
    if not groups or not all(groups.values()):
        raise LmcourseError("A map needs at least one group, and each group at least one point.")
    with canvas(ax, width=10.5, height=7.5) as panel:
        for number, (_, members) in enumerate(groups.items()):
            colour = COLOURS[number % len(COLOURS)]
            places = np.array([np.asarray(place, dtype=float) for place in members.values()])
            if places.shape != (len(members), 2) or not np.isfinite(places).all():
                raise LmcourseError("Every point of a map has two coordinates, x and y, both finite numbers.")
            marker = "os^D"[number // len(COLOURS) % 4]
            panel.scatter(places[:, 0], places[:, 1], s=26, color=colour, marker=marker, zorder=3)
            for name, (x, y) in zip(members, places, strict=True) if names else ():
                panel.annotate(
                    legible(name), (x, y), xytext=(4, 3), textcoords="offset points", fontsize=11, color=ink(colour)
                )
        panel.margins(0.08)
        panel.tick_params(labelbottom=False, labelleft=False, length=0)
        handles = panel.collections
        panel.legend(
            handles,
            [legible(group) for group in groups],
            loc="lower left",
            bbox_to_anchor=(-0.01, 1.0),
            ncols=min(len(groups), 5),
            frameon=False,
            borderaxespad=0.2,
            handletextpad=0.1,
            columnspacing=0.9,
        )
        lines = -(-len(groups) // 5)
        panel.set_title(legible(title), pad=12 + 22 * lines)
        panel.set_xlabel(legible(xlabel))
        panel.set_ylabel(legible(ylabel))
        panel.set_label("map: " + "; ".join(f"{group} ({len(members)})" for group, members in groups.items()))
