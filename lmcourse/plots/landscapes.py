"""Landscapes of a loss and the paths that descend on them: over one parameter as a curve, over two as contour lines.

A contour line joins places of equal height, as on a hiker's map (Edmond Halley drew such lines in 1701). The gradient stands
at right angles to it, and where lines crowd the ground is steep.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
from matplotlib.axes import Axes

from lmcourse.errors import LmcourseError
from lmcourse.plots.look import COLOURS, GREY, applied, canvas, ink, label, legible, names_in_corner, new_figure, show

Number = int | float


def descent_1d(
    function: Callable[[Any], Any],
    paths: Mapping[str, Any],
    *,
    span: tuple[Number, Number] | None = None,
    title: str = "",
    xlabel: str = "θ",
) -> None:
    """Draw one valley for each path, side by side, with the path's points on it; the ring is where it starts.

    ``function``: the height, of an array of places. ``paths``: name → the places, one number for each step. ``span``: from
    where to where the valley is drawn (default: 1.6 times as far as the starts). A path that leaves it says at which step.
    """
    drawn = {str(name): _checked(name, places, 1) for name, places in _some(paths).items()}
    far = 1.6 * max(abs(float(places[0])) for places in drawn.values()) or 1.0
    low, high = span or (-far, far)
    ground = np.linspace(low, high, 300)
    heights = np.asarray(function(ground), dtype=float)
    room = heights.max() - heights.min() or 1.0
    with applied():
        figure, axes = new_figure(min(11.9, 0.6 + 2.85 * len(drawn)), 3.3 + 0.35 * bool(title), 1, len(drawn))
        for number, (ax, (name, places)) in enumerate(zip(axes, drawn.items(), strict=True)):
            colour = COLOURS[number % len(COLOURS)]
            ax.plot(ground, heights, color="#B5B5B5")
            inside = (places >= low) & (places <= high)
            gone = len(places) if inside.all() else int(np.argmin(inside))
            seen = places[:gone]
            ax.plot(seen, function(seen), "o-", color=colour, markersize=5, linewidth=1.3)
            ax.plot(seen[:1], function(seen[:1]), "o", color="white", markeredgecolor=colour, markersize=10, zorder=3)
            if gone < len(places):
                ax.text(0.5, 0.93, f"gone at step {gone}", color=ink(colour), ha="center", transform=ax.transAxes)
            ax.set_ylim(heights.min() - 0.06 * room, heights.max() + 0.06 * room)
            ax.set_title(legible(name), color=ink(colour))
            ax.set_xlabel(legible(xlabel))
            end = f"gone at step {gone}" if gone < len(places) else f"ends at {_short(places[-1])}"
            ax.set_label(f"a path of {len(places) - 1} steps from {_short(places[0])}, {end}")
        figure.suptitle(legible(title), weight="bold", x=0.01, ha="left")
        show(figure)


def contours(
    function: Callable[[Any, Any], Any],
    paths: Mapping[str, Any] | None = None,
    *,
    x: tuple[Number, Number] = (-5, 5),
    y: tuple[Number, Number] = (-2, 2),
    title: str = "",
    xlabel: str = "θ₁",
    ylabel: str = "θ₂",
    markers: bool = True,
    ax: Axes | None = None,
) -> None:
    """Draw the contour lines of ``function(x, y)`` and over them the paths, named in their colours; the ring is the start.

    ``paths``: name → places of shape (steps + 1, 2). A path is drawn as far as it stays near the picture.
    """
    drawn = {str(name): _checked(name, places, 2) for name, places in (paths or {}).items()}
    across, up = np.meshgrid(np.linspace(*x, 160), np.linspace(*y, 160))
    heights = np.asarray(function(across, up), dtype=float)
    levels = heights.min() + (heights.max() - heights.min()) * np.linspace(0.03, 1, 13) ** 2
    with canvas(ax) as panel:
        panel.grid(visible=False)
        panel.contour(across, up, heights, levels=levels, colors="#B5B5B5", linewidths=1.0)
        colours = {name: COLOURS[number % len(COLOURS)] for number, name in enumerate(drawn)}
        for name, places in drawn.items():
            near = (np.abs(places - [np.mean(x), np.mean(y)]) < 3 * np.array([np.ptp(x), np.ptp(y)])).all(axis=1)
            seen = places if near.all() else places[: int(np.argmin(near))]
            panel.plot(*seen.T, "o-" if markers else "-", color=colours[name], markersize=4, linewidth=1.6)
            panel.plot(*seen[:1].T, "o", color="white", markeredgecolor=colours[name], markersize=9, zorder=3)
        names_in_corner(panel, colours)
        panel.set_xlim(*x)
        panel.set_ylim(*y)
        ends = [f"{name} (ends at {', '.join(map(_short, places[-1]))})" for name, places in drawn.items()]
        label(panel, "contour lines" + ("; paths: " + ", ".join(ends) if ends else ""), title, xlabel, ylabel)


def arrow(ax: Axes, start: tuple[Number, Number], end: tuple[Number, Number], colour: str = GREY) -> None:
    """An arrow on a panel, such as a gradient at a place."""
    ax.annotate("", end, start, arrowprops={"arrowstyle": "-|>", "color": colour, "linewidth": 2.2, "mutation_scale": 16})


def _some(paths: Mapping[str, Any]) -> Mapping[str, Any]:
    if not paths:
        raise LmcourseError("There is nothing to draw; give at least one named path.")
    return paths


def _checked(name: object, places: Any, dimensions: int) -> np.ndarray:
    array = np.asarray(places, dtype=float)
    wanted = "(steps + 1,)" if dimensions == 1 else "(steps + 1, 2)"
    if array.ndim != dimensions or not len(array) or (dimensions == 2 and array.shape[1] != 2):
        raise LmcourseError(f"The path “{name}” has the shape {array.shape}; this picture needs {wanted}.")
    return array


def _short(value: Any) -> str:
    # Coarse on purpose: these words are compared, and the last digits of a long path are the machine's.
    return "far away" if not abs(value) < 1e3 else f"{value + 0.0:.1f}".replace("-0.0", "0.0")
