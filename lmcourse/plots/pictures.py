"""Pictures of the course itself: the map of the pipeline, and text cut into tokens."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from matplotlib.patches import FancyArrowPatch, FancyBboxPatch

from lmcourse.errors import LmcourseError
from lmcourse.plots.look import COLOURS, GREY, applied, can_draw, legible, new_figure, show

# The stages a text goes through on its way to a language model: name, Chinese term, and the lessons that teach it.
STAGES = (
    ("data", "数据", "1"),
    ("tokens", "词元", "1"),
    ("network", "网络", "2, 3"),
    ("training", "训练", "4, 5"),
    ("pretraining and fine-tuning", "预训练与微调", "6"),
    ("applications", "应用", "7"),
    ("limits", "局限", "7"),
)


def pipeline(lit: str | Sequence[str] = (), *, title: str = "") -> None:
    """Draw the way from data to applications and their limits, with the stages ``lit`` of this lesson in colour.

    The Chinese terms stand below where an installed font can draw them.
    """
    names = [name for name, _, _ in STAGES]
    chosen = [lit] if isinstance(lit, str) else list(lit)
    for name in chosen:
        if name not in names:
            raise LmcourseError(f"The pipeline has no stage “{name}”; its stages are: {', '.join(names)}.")
    with applied():
        figure, (ax,) = new_figure(11.0, 1.75 + 0.35 * bool(title))
        ax.set_axis_off()
        for number, (name, chinese, lessons) in enumerate(STAGES):
            on = name in chosen
            face, ink, edge = (COLOURS[0], "white", COLOURS[0]) if on else ("#F3F3F3", "#333333", "#B5B5B5")
            left = 1.32 * number
            ax.add_patch(
                FancyBboxPatch(
                    (left, 0.0),
                    1.0,
                    0.8,
                    boxstyle="round,pad=0.06,rounding_size=0.12",
                    facecolor=face,
                    edgecolor=edge,
                    linewidth=1.5,
                )
            )
            words = name.replace("pretraining and fine-tuning", "pretraining,\nfine-tuning")
            chinese = chinese if can_draw(chinese) else ""
            ax.text(
                left + 0.5,
                0.52 if chinese else 0.4,
                words,
                color=ink,
                ha="center",
                va="center",
                fontsize=12.5,
                weight="bold" if on else "normal",
                linespacing=1.0,
            )
            ax.text(left + 0.5, 0.12, chinese, color=ink, ha="center", va="center", fontsize=11.5)
            ax.text(
                left + 0.5,
                -0.26,
                ("lessons " if "," in lessons else "lesson ") + lessons,
                color=COLOURS[0] if on else GREY,
                ha="center",
                va="center",
                fontsize=11,
            )
            if number:
                ax.add_patch(
                    FancyArrowPatch(
                        (left - 0.26, 0.4),
                        (left - 0.06, 0.4),
                        arrowstyle="-|>",
                        mutation_scale=14,
                        color=GREY,
                        linewidth=1.5,
                        shrinkA=0,
                        shrinkB=0,
                    )
                )
        ax.set_xlim(-0.1, 1.32 * len(STAGES) - 0.2)
        ax.set_ylim(-0.42, 0.92)
        ax.set_title(legible(title))
        ax.set_label("pipeline: " + " → ".join(f"[{name}]" if name in chosen else name for name in names))
        show(figure)


def tokens(rows: Mapping[str, Sequence[Any]], *, title: str = "", width: int = 64) -> None:
    """Draw each row's tokens as coloured boxes side by side, so that one text can be seen cut in several ways.

    ``rows``: a name, such as the tokenizer's → its tokens (anything that prints). A row longer than ``width``
    characters goes on in the next line. Spaces and line ends in a token are drawn as · and ¶.
    """
    if not rows or width < 8:
        raise LmcourseError(
            "There is nothing to draw; give at least one named row of tokens, and a width of 8 or more."
        )
    laid = {str(name): _laid_out([_shown(token) for token in row], width) for name, row in rows.items()}
    count = sum(len(boxes) and 1 + boxes[-1][1] for boxes in laid.values())
    with applied():
        figure, (ax,) = new_figure(11.0, 0.55 + 0.42 * count + 0.4 * len(laid) + 0.35 * bool(title))
        ax.set_axis_off()
        top = 0.0
        for name, boxes in laid.items():
            ax.text(0, top + 0.45, f"{legible(name)}: {len(boxes)} tokens", weight="bold", va="center")
            for number, (left, line, size, text) in enumerate(boxes):
                colour = COLOURS[(0, 1, 2, 3)[number % 4]]
                ax.add_patch(
                    FancyBboxPatch(
                        (left + 0.12, top + 1.0 + line),
                        size - 0.24,
                        0.78,
                        boxstyle="round,pad=0,rounding_size=0.2",
                        facecolor=colour + "26",
                        edgecolor=colour,
                        linewidth=1.2,
                    )
                )
                ax.text(
                    left + size / 2,
                    top + 1.39 + line,
                    text,
                    ha="center",
                    va="center",
                    fontsize=11,
                    family=["DejaVu Sans Mono", *_families()],
                )
            top += 1.0 + (1 + boxes[-1][1] if boxes else 0) + 0.15
        ax.set_xlim(0, width * 1.0 + 1)
        ax.set_ylim(top, 0)
        ax.set_title(legible(title))
        ax.set_label("tokens: " + ", ".join(f"{name} ({len(boxes)})" for name, boxes in laid.items()))
        show(figure)


def grid(
    cells: Sequence[Sequence[Any]],
    *,
    rows: Sequence[str] = (),
    columns: Sequence[str] = (),
    title: str = "",
    marked: Sequence[tuple[int, int]] = (),
) -> None:
    """Draw a small table of values as a model's tensor is pictured: one square for each entry, some of them ``marked``.

    ``cells``: rows of equal length, of anything that prints; ``marked``: (row, column) pairs.
    """
    if not cells or not all(len(row) == len(cells[0]) > 0 for row in cells):
        raise LmcourseError("A grid needs rows of equal length with at least one entry each; pad the short ones.")
    high, wide, lit = len(cells), len(cells[0]), set(marked)
    size = max(0.62, 0.13 + 0.115 * max(len(str(cell)) for row in cells for cell in row))
    with applied():
        width = min(12.0, 1.6 * bool(rows) + size * wide + 0.4)
        figure, (ax,) = new_figure(max(4.0, width), 0.45 * high + 0.4 + 0.4 * bool(columns) + 0.4 * bool(title))
        for row, entries in enumerate(cells):
            for column, entry in enumerate(entries):
                on = (row, column) in lit
                ax.add_patch(
                    FancyBboxPatch(
                        (column + 0.04, row + 0.06),
                        0.92,
                        0.88,
                        boxstyle="round,pad=0,rounding_size=0.1",
                        facecolor=COLOURS[0] if on else "#F3F3F3",
                        edgecolor="#B5B5B5",
                    )
                )
                ax.text(
                    column + 0.5,
                    row + 0.5,
                    _shown(entry),
                    ha="center",
                    va="center",
                    fontsize=11.5,
                    color="white" if on else "#333333",
                )
        ax.set_xlim(0, wide)
        ax.set_ylim(high, 0)
        ax.grid(visible=False)
        ax.spines[:].set_visible(False)
        ax.tick_params(length=0)
        ax.xaxis.tick_top()
        ax.set_xticks([at + 0.5 for at in range(len(columns))], [legible(name) for name in columns])
        ax.set_yticks([at + 0.5 for at in range(len(rows))], [legible(name) for name in rows])
        ax.set_title(legible(title))
        ax.set_label(f"grid: {high} rows, {wide} columns")
        show(figure)


def _shown(token: Any) -> str:
    return legible(str(token).replace(" ", "·").replace("\n", "¶").replace("\t", "→"))


def _cells(text: str) -> float:
    # Chinese characters are twice as wide as Latin ones, in print as on a terminal.
    return sum(2.0 if ord(char) >= 0x2E80 else 1.0 for char in text)


def _laid_out(texts: list[str], width: int) -> list[tuple[float, int, float, str]]:
    """For each token: where its box starts, its line, its width and its text."""
    boxes, left, line = [], 0.0, 0
    for text in texts:
        size = _cells(text) * 1.02 + 0.75
        if left and left + size > width:
            left, line = 0.0, line + 1
        boxes.append((left, line, size, text))
        left += size
    return boxes


def _families() -> list[str]:
    import matplotlib as mpl

    return list(mpl.rcParams["font.family"])
