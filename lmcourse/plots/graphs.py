"""The graph of a computation: what was computed from what, with each value and, after ``backward()``, each slope.

Drawn from left to right as the values were computed; the slopes go the other way (Bauer 1974 drew rounding errors so).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping

from matplotlib.patches import FancyArrowPatch, FancyBboxPatch

from lmcourse.autodiff import Variable
from lmcourse.errors import LmcourseError
from lmcourse.plots.look import COLOURS, GREY, applied, ink, legible, new_figure, show

MOST = 24  # boxes that can be told apart on one slide


def graph(root: Variable, names: Mapping[str, Variable] | None = None, *, title: str = "") -> None:
    """Draw the computation that led to ``root``: one box for each variable, with its name or operation, value and slope.

    ``names``: the names to write, such as ``{"w": w, "L": loss}``. Of an array, its shape is written in place of the value.
    """
    nodes = root.ancestors()
    if len(nodes) > MOST:
        raise LmcourseError(f"This computation has {len(nodes)} variables; draw one with at most {MOST}.")
    called = {id(variable): name for name, variable in (names or {}).items()}
    column: dict[int, int] = {}
    for node in nodes:
        column[id(node)] = 1 + max((column[id(parent)] for parent, _ in node.parents), default=-1)
    for node in reversed(nodes):  # a leaf stands right before its first use, not at the far left
        for parent, _ in node.parents:
            if not parent.parents:
                column[id(parent)] = max(column[id(parent)], column[id(node)] - 1)
    rows = defaultdict(list)
    for node in nodes:
        rows[column[id(node)]].append(node)
    high = max(map(len, rows.values()))
    place = {
        id(node): (1.75 * at, (high - 1) / 2 + (len(row) - 1) / 2 - number)
        for at, row in rows.items()
        for number, node in enumerate(row)
    }
    with applied():
        figure, (ax,) = new_figure(min(11.9, 0.6 + 1.75 * len(rows)), 0.5 + 1.15 * high + 0.35 * bool(title))
        ax.set_axis_off()
        for node in nodes:
            x, y = place[id(node)]
            for parent, _ in node.parents:
                px, py = place[id(parent)]
                arrow = {"arrowstyle": "-|>", "mutation_scale": 13, "color": GREY, "shrinkA": 0, "shrinkB": 0}
                ax.add_patch(FancyArrowPatch((px + 0.62, py), (x - 0.62, y), **arrow))
            leaf = not node.parents
            box = {"facecolor": "white" if leaf else "#F3F3F3", "edgecolor": GREY}
            ax.add_patch(FancyBboxPatch((x - 0.55, y - 0.33), 1.1, 0.66, boxstyle="round,pad=0.05", **box))
            name = called.get(id(node), "") + (f" = {node.operation}" if called.get(id(node)) and not leaf else "")
            ax.text(x, y + 0.2, legible(name or node.operation), ha="center", va="center", weight="bold")
            ax.text(x, y - 0.02, _value(node.data), ha="center", va="center", fontsize=11.5)
            slope = {"color": ink(COLOURS[1]), "ha": "center", "va": "center", "fontsize": 11.5}
            ax.text(x, y - 0.24, f"slope {_value(node.grad)}", **slope)
        ax.set_xlim(-0.75, 1.75 * len(rows) - 1.0)
        ax.set_ylim(-0.55, high - 0.45)
        ax.set_title(legible(title))
        told = [
            f"{called.get(id(node)) or node.operation or 'a number'} ({_value(node.data)}, slope {_value(node.grad)})"
            for node in nodes
        ]
        ax.set_label("graph of a computation: " + ", ".join(told))
        show(figure)


def _value(array) -> str:
    return f"{array.item() + 0.0:.3g}" if array.size == 1 else "×".join(map(str, array.shape))
