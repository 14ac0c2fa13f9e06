"""Charts of numbers: lines, bars, groups of bars, stacked bars, histograms.

What is drawn is named where it is drawn, at the end of its line or beside its bar, so that the eye need not travel to a
legend and back (Tufte, *The Visual Display of Quantitative Information*, 1983).
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from itertools import pairwise
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.container import BarContainer
from matplotlib.ticker import FuncFormatter, LogLocator, MaxNLocator, NullFormatter, NullLocator

from lmcourse.errors import LmcourseError
from lmcourse.plots.look import COLOURS, canvas, ink, ink_on, label, legible, names_in_corner

Numbers = Sequence[Any] | np.ndarray  # any sequence of real numbers: a list, a range, an array

PLAIN = FuncFormatter(lambda value, _: f"{value:,.10g}")  # 10,000 and 0.5: no powers, no offsets


def lines(
    series: Mapping[str, Any],
    x: Numbers | None = None,
    *,
    title: str = "",
    xlabel: str = "",
    ylabel: str = "",
    spread: Mapping[str, Numbers] | None = None,
    log_x: bool = False,
    log_y: bool = False,
    markers: bool = False,
    ticks: Numbers | None = None,
    colours: Mapping[str, int] | None = None,
    ax: Axes | None = None,
) -> None:
    """Draw one line for each name, named at its end.

    ``series``: name → its values; or name → (x values, y values) where the lines do not share theirs. ``x``: the shared
    x values (default 0, 1, 2 …). ``spread``: name → ± one number for each point, drawn as a band. ``ticks``: where the x axis
    has its numbers. ``colours``: name → its place in ``COLOURS``, for what is to look the same in several pictures; without it
    colours follow the order of the lines.
    """
    _some(series)
    drawn = {str(name): _points(name, values, x) for name, values in series.items()}
    places = {name: number if colours is None else colours.get(name, number) for number, name in enumerate(drawn)}
    with canvas(ax) as panel:
        for name, (xs, ys) in drawn.items():
            colour = COLOURS[places[name] % len(COLOURS)]
            dashes = "-" if places[name] < len(COLOURS) else "--"
            panel.plot(xs, ys, dashes, color=colour, marker="o" if markers else "")
            if spread and name in spread:
                around = np.asarray(spread[name], dtype=float)
                if around.shape != ys.shape:
                    raise LmcourseError(
                        f"The spread of “{name}” has {around.size} numbers for {ys.size} points; give one each."
                    )
                panel.fill_between(xs, ys - around, ys + around, color=colour, alpha=0.2, linewidth=0)
        _ticks(panel, log_x, log_y)
        if not log_x and all((xs == np.round(xs)).all() for xs, _ in drawn.values()):
            panel.xaxis.set_major_locator(MaxNLocator(integer=True))  # there is no step 2.5
        if ticks is not None:
            panel.set_xticks(np.asarray(ticks, dtype=float))
            panel.xaxis.set_minor_locator(NullLocator())
        label(panel, "lines: " + ", ".join(drawn), title, xlabel, ylabel)
        _name_ends(panel, drawn, places)


def bars(
    values: Mapping[str, Any],
    *,
    title: str = "",
    xlabel: str = "",
    spread: Mapping[str, Any] | None = None,
    form: str = "{:,.4g}",
    highlight: str | Sequence[str] = (),
    ax: Axes | None = None,
) -> None:
    """Draw one bar for each name, from the top down, with its value written at its end in the format ``form``.

    ``spread``: name → ± this much, drawn as a whisker. ``highlight``: the names that stand out; the others are grey.
    """
    _some(values)
    lit = {highlight} if isinstance(highlight, str) else set(highlight)
    _known(lit, values)
    colours = [COLOURS[0] if not lit or name in lit else "#B5B5B5" for name in values]
    with canvas(ax, height=1.3 + 0.48 * len(values)) as panel:
        _bars(panel, range(len(values)), list(values), list(values.values()), colours, spread or {}, form)
        panel.set_ylim(len(values) - 0.4, -0.6)
        label(panel, "bars: " + ", ".join(map(str, values)), title, xlabel)


def grouped(
    groups: Mapping[str, Mapping[str, Any]],
    *,
    title: str = "",
    xlabel: str = "",
    spread: Mapping[str, Mapping[str, Any]] | None = None,
    form: str = "{:,.4g}",
    ax: Axes | None = None,
) -> None:
    """Draw a group of bars under each group's name; a bar's name and colour are the same in every group.

    ``groups``: group → (bar → value). ``spread``: the same shape, ± this much for each bar, drawn as whiskers.
    """
    _some(groups)
    names = list(dict.fromkeys(name for group in groups.values() for name in group))
    height = 1.3 + sum(0.55 + 0.4 * len(group) for group in groups.values())
    with canvas(ax, height=height) as panel:
        place, ticks = 0.0, []
        for group, values in groups.items():
            panel.text(0.0, place, legible(group), transform=panel.get_yaxis_transform(), weight="bold", va="center")
            places = [place + 1.0 + 0.85 * number for number in range(len(values))]
            colours = [COLOURS[names.index(name) % len(COLOURS)] for name in values]
            _bars(panel, places, list(values), list(values.values()), colours, (spread or {}).get(group, {}), form)
            ticks += list(zip(places, values, strict=True))
            place = (places or [place])[-1] + 1.35
        panel.set_yticks([at for at, _ in ticks], [legible(name) for _, name in ticks])
        panel.set_ylim(place - 0.75, -0.6)
        told = ", ".join(f"{group} ({', '.join(map(str, values))})" for group, values in groups.items())
        label(panel, "groups of bars: " + told, title, xlabel)


def stacked(
    rows: Mapping[str, Mapping[str, Any]],
    *,
    title: str = "",
    xlabel: str = "",
    form: str = "{:,.4g}",
    ax: Axes | None = None,
) -> None:
    """Draw one bar for each row, made of its parts end to end; the parts are named above the first row that has them.

    ``rows``: row → (part → size); sizes are not negative.
    """
    _some(rows)
    parts = list(dict.fromkeys(part for row in rows.values() for part in row))
    longest = max((sum(float(size) for size in row.values()) for row in rows.values()), default=0.0) or 1.0
    with canvas(ax, height=1.7 + 0.55 * len(rows)) as panel:
        for line, row in enumerate(rows.values()):
            start = 0.0
            for part, size in row.items():
                size = float(size)
                if not size >= 0:
                    raise LmcourseError(f"The part “{part}” has the size {size}; parts of a stacked bar are 0 or more.")
                colour = COLOURS[parts.index(part) % len(COLOURS)]
                panel.barh(line, size, left=start, color=colour, height=0.62, edgecolor="white", linewidth=1.5)
                text = form.format(size)
                if size / longest > 0.017 * (len(text) + 1):  # written only where it fits
                    panel.text(start + size / 2, line, text, color=ink_on(colour), ha="center", va="center")
                start += size
        panel.set_yticks(range(len(rows)), [legible(name) for name in rows])
        panel.set_ylim(len(rows) - 0.45, -0.55)
        panel.set_xlim(0, longest * 1.02)
        panel.xaxis.set_major_formatter(PLAIN)
        panel.grid(visible=False, axis="y")
        handles = [BarContainer([panel.barh(0, 0, color=COLOURS[n % len(COLOURS)])[0]]) for n in range(len(parts))]
        panel.legend(
            handles,
            [legible(part) for part in parts],
            loc="lower left",
            bbox_to_anchor=(0, 1),
            ncols=min(len(parts), 5),
            frameon=False,
            borderaxespad=0.2,
            handlelength=0.9,
            handletextpad=0.4,
            columnspacing=1.2,
        )
        label(
            panel,
            "stacked bars: " + ", ".join(map(str, rows)) + "; parts: " + ", ".join(map(str, parts)),
            title,
            xlabel,
            pad=34,
        )


def histogram(
    samples: Mapping[str, Numbers],
    *,
    bins: int = 30,
    title: str = "",
    xlabel: str = "",
    ylabel: str = "how many",
    log_x: bool = False,
    ax: Axes | None = None,
) -> None:
    """Draw how the numbers of each sample spread: one outline for each name, over the same bins.

    With ``log_x`` the bins are equally wide on a logarithmic axis, and every number must be above 0.
    """
    _some(samples)
    drawn = {str(name): np.asarray(numbers, dtype=float) for name, numbers in samples.items()}
    everything = np.concatenate(list(drawn.values()))
    if everything.size == 0 or not np.isfinite(everything).all():
        raise LmcourseError(
            "A histogram needs at least one number, and no infinities or NaNs; filter the samples first."
        )
    if log_x and everything.min() <= 0:
        raise LmcourseError("A logarithmic axis has no place for 0 or less; leave those numbers out or drop log_x.")
    inner = np.log10(everything) if log_x else everything
    edges = np.histogram_bin_edges(inner, bins=bins)
    edges = 10**edges if log_x else edges
    with canvas(ax) as panel:
        tops = {}
        for number, (name, values) in enumerate(drawn.items()):
            counts, _ = np.histogram(np.clip(values, edges[0], edges[-1]), bins=edges)
            colour = COLOURS[number % len(COLOURS)]
            panel.stairs(counts, edges, color=colour, fill=len(drawn) == 1, linewidth=2.5)
            tops[name] = (edges[int(counts.argmax())], float(counts.max()), colour)
        _ticks(panel, log_x)
        panel.set_ylim(0, max(top for _, top, _ in tops.values()) * (1.12 + 0.09 * len(tops)))
        if len(tops) > 1:
            names_in_corner(panel, {name: colour for name, (_, _, colour) in tops.items()})
        label(panel, "histogram: " + ", ".join(drawn), title, xlabel, ylabel)


def _bars(
    panel: Axes,
    places: Sequence[float] | range,
    names: list[Any],
    values: list[Any],
    colours: list[str],
    spread: Mapping[str, Any],
    form: str,
) -> None:
    _known(set(spread), names)
    numbers = [float(value) for value in values]
    whiskers = [float(spread.get(name, math.nan)) for name in names]
    error = whiskers if spread else None
    container = panel.barh(
        places,
        numbers,
        xerr=error,
        color=colours,
        height=0.72,
        error_kw={"elinewidth": 2, "capsize": 5, "ecolor": "#333333"},
    )
    panel.bar_label(container, [form.format(value) for value in values], padding=5, fontsize=12)
    panel.set_yticks(list(places), [legible(name) for name in names])
    panel.grid(visible=False, axis="y")
    panel.tick_params(axis="y", length=0)
    panel.xaxis.set_major_formatter(PLAIN)
    panel.margins(x=0.14)  # room for the numbers at the bars' ends


def _points(name: object, values: Any, x: Numbers | None) -> tuple[np.ndarray, np.ndarray]:
    pair = isinstance(values, tuple) and len(values) == 2 and np.ndim(values[0]) == 1
    xs, ys = values if pair else (x, values)
    ys = np.asarray(ys, dtype=float)
    xs = np.arange(ys.size, dtype=float) if xs is None else np.asarray(xs, dtype=float)
    if ys.ndim != 1 or ys.size == 0 or xs.shape != ys.shape:
        raise LmcourseError(
            f"The line “{name}” has {xs.size} x values for {ys.size} values; give one for each, at least one."
        )
    return xs, ys


def _name_ends(panel: Axes, drawn: Mapping[str, tuple[np.ndarray, np.ndarray]], places: Mapping[str, int]) -> None:
    """Write each line's name at its right end in its colour, pushed apart where two would overlap."""
    if len(drawn) == 1:
        return  # the title and the axis name it
    panel.autoscale_view()
    transform, inverse = panel.transData, panel.transAxes.inverted()
    ends = []
    for name, (xs, ys) in drawn.items():
        seen = np.flatnonzero(np.isfinite(ys))
        last = seen[-1] if seen.size else 0
        at = inverse.transform(transform.transform((xs[last], ys[last])))
        ends.append([float(at[1]) if math.isfinite(at[1]) else 0.5, name, COLOURS[places[name] % len(COLOURS)]])
    ends.sort(key=lambda end: end[0])
    gap = min(0.075, 1.0 / len(ends))
    for below, above in pairwise(ends):
        above[0] = max(above[0], below[0] + gap)
    if ends[-1][0] > 1.0:  # pushed out at the top: push back down from there
        ends[-1][0] = 1.0
        for above, below in pairwise(ends[::-1]):
            below[0] = min(below[0], above[0] - gap)
    for height, name, colour in ends:
        panel.text(
            1.015, height, legible(name), color=ink(colour), weight="bold", va="center", transform=panel.transAxes
        )


def _ticks(panel: Axes, log_x: bool = False, log_y: bool = False) -> None:
    """Plain numbers on both axes; on a logarithmic one also 2 and 5, where powers of ten alone would be too few."""
    for axis, log in ((panel.xaxis, log_x), (panel.yaxis, log_y)):
        if log:
            getattr(panel, f"set_{axis.axis_name}scale")("log")
            low, high = axis.get_view_interval()
            if high / low < 50:
                axis.set_major_locator(LogLocator(subs=(1, 2, 5) if high / low > 8 else range(1, 10)))
            axis.set_minor_formatter(NullFormatter())
        axis.set_major_formatter(PLAIN)


def _some(things: Mapping[str, Any]) -> None:
    if not things:
        raise LmcourseError("There is nothing to draw; give at least one named value.")


def _known(names: set[str], values: Iterable[str]) -> None:
    if names - set(values):
        raise LmcourseError(
            f"Nothing here is named {', '.join(sorted(names - set(values)))}; the names are {', '.join(values)}."
        )
