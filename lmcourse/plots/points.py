"""A map of named points in two dimensions: what stands near what, by group.

A point's name is written beside it, in its group's colour; where the map is crowded it goes to the side that is free, and
where none is, it is left out: a map of names upon names says nothing. The groups stand above, each in its colour.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from matplotlib.axes import Axes

from lmcourse.errors import LmcourseError
from lmcourse.plots.look import COLOURS, canvas, ink, label, legible

SIZE = 11  # points, of a name


def points(
    groups: Mapping[str, Mapping[str, Sequence[Any] | np.ndarray]],
    *,
    title: str = "",
    xlabel: str = "",
    ylabel: str = "",
    ax: Axes | None = None,
) -> None:
    """Draw each group's points, ``groups``: group → (name → (x, y)), in one colour a group."""
    if not groups or not all(groups.values()):
        raise LmcourseError("A map needs at least one group, and each group at least one point.")
    places = {
        group: np.array([np.asarray(place, dtype=float) for place in members.values()])
        for group, members in groups.items()
    }
    for group, xy in places.items():
        if xy.shape != (len(groups[group]), 2) or not np.isfinite(xy).all():
            raise LmcourseError("Every point of a map has two coordinates, x and y, both finite numbers.")
    with canvas(ax, width=10.5, height=7.5) as panel:
        for number, xy in enumerate(places.values()):
            marker = "os^D"[number // len(COLOURS) % 4]
            panel.scatter(xy[:, 0], xy[:, 1], s=26, color=COLOURS[number % len(COLOURS)], marker=marker, zorder=3)
        panel.margins(x=0.1, y=0.06)
        panel.autoscale_view()
        panel.tick_params(labelbottom=False, labelleft=False, length=0)
        _name(panel, groups, places)
        panel.legend(
            panel.collections,
            [legible(group) for group in groups],
            loc="lower left",
            bbox_to_anchor=(-0.01, 1.0),
            ncols=min(len(groups), 7),
            frameon=False,
            borderaxespad=0.2,
            handletextpad=0.1,
            columnspacing=0.9,
        )
        told = "map: " + "; ".join(f"{group} ({len(members)})" for group, members in groups.items())
        label(panel, told, title, xlabel, ylabel, pad=12 + 24 * -(-len(groups) // 7))


def _name(panel: Axes, groups: Mapping[str, Mapping[str, Any]], places: Mapping[str, np.ndarray]) -> None:
    """Write each name on the first of eight sides where it covers neither a point nor another name."""
    scale = 72 / panel.figure.dpi
    everywhere = (panel.transData.transform(np.concatenate(list(places.values()))) * scale).tolist()
    taken = [(x - 3, y - 3, x + 3, y + 3) for x, y in everywhere]
    spots = iter(everywhere)
    for number, members in enumerate(groups.values()):
        for name, (px, py) in zip(members, spots):  # noqa: B905 - the spots of all groups stand in one row
            text = legible(name)
            wide, high = SIZE * sum(1.0 if ord(char) >= 0x2E80 else 0.56 for char in text), SIZE * 0.95
            sides = [
                (5, 1), (5, 1 - high), (-5 - wide, 1), (-5 - wide, 1 - high), (-wide / 2, 6), (-wide / 2, -5 - high),
                (5, 6), (-5 - wide, 6),
            ]  # fmt: skip
            for dx, dy in sides:
                box = (px + dx, py + dy, px + dx + wide, py + dy + high)
                if not any(_meet(box, other) for other in taken):
                    taken.append(box)
                    colour = ink(COLOURS[number % len(COLOURS)])
                    x, y = panel.transData.inverted().transform((px / scale, py / scale))
                    panel.annotate(
                        text, (x, y), (dx, dy), textcoords="offset points", fontsize=SIZE, color=colour, va="bottom"
                    )
                    break


def _meet(one: tuple[float, ...], other: tuple[float, ...]) -> bool:
    return one[0] < other[2] and other[0] < one[2] and one[1] < other[3] and other[1] < one[3]
