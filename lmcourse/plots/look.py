"""One look for every picture, and how a picture reaches the page.

Colours are Okabe and Ito's ("Color Universal Design", 2008), told apart by readers with any kind of colour vision; the
yellow of the set comes last, for it is too light for lines. Type and lines are sized for a
projector. A picture is made as a PNG of a fixed size, without going through a window system, so that it is the same
wherever the lesson runs; beside it stand its words (title, axes, what is shown), for readers who cannot see it.
"""

from __future__ import annotations

import base64
import io
import sys
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from functools import lru_cache
from typing import Any

import matplotlib as mpl
from matplotlib import font_manager
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from lmcourse.errors import LmcourseError

# Ordered so that the first five are as far apart as can be for red-blind and green-blind eyes (a test measures it).
COLOURS = ("#0072B2", "#D55E00", "#009E73", "#56B4E9", "#000000", "#CC79A7", "#E69F00", "#F0E442")
GREY = "#767676"  # the lightest grey that is still legible as text on white (contrast 4.5 to 1)
DPI = 144  # pixels for each inch: sharp on a dense screen, and no larger than a page needs

# Fonts with Chinese characters, by system: Linux, Windows, macOS. The first one installed is used.
CHINESE_FONTS = (
    "Noto Sans CJK SC",
    "Noto Sans SC",
    "Source Han Sans SC",
    "WenQuanYi Micro Hei",
    "WenQuanYi Zen Hei",
    "Microsoft YaHei",
    "SimHei",
    "PingFang SC",
    "Hiragino Sans GB",
    "Heiti SC",
    "Arial Unicode MS",
    "Noto Sans CJK JP",
    "Droid Sans Fallback",
)

STYLE: dict[str, Any] = {
    "figure.facecolor": "white",
    "axes.facecolor": "white",
    "savefig.facecolor": "white",
    "figure.constrained_layout.w_pad": 0.1,
    "figure.constrained_layout.h_pad": 0.08,
    "font.size": 13,
    "axes.titlesize": 15,
    "axes.labelsize": 13,
    "xtick.labelsize": 12,
    "ytick.labelsize": 12,
    "axes.titlelocation": "left",
    "axes.titleweight": "bold",
    "axes.titlepad": 12,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.edgecolor": GREY,
    "axes.linewidth": 1.0,
    "axes.grid": True,
    "grid.color": "#DDDDDD",
    "grid.linewidth": 0.8,
    "axes.axisbelow": True,
    "xtick.color": "#333333",
    "ytick.color": "#333333",
    "axes.labelcolor": "#333333",
    "lines.linewidth": 2.5,
    "lines.markersize": 7,
    "lines.solid_capstyle": "round",
    "axes.prop_cycle": mpl.cycler(color=COLOURS),
    "axes.unicode_minus": False,
    "text.parse_math": False,  # a dollar sign in a token is a dollar sign
}


def style() -> None:
    """Use the course's look for pictures of one's own as well: a lesson's functions apply it by themselves."""
    mpl.rcParams.update({**STYLE, "font.family": list(_fonts())})


def applied() -> Any:
    """The course's look as a context manager, leaving the caller's own settings alone."""
    return mpl.rc_context({**STYLE, "font.family": list(_fonts())})


@lru_cache(maxsize=1)
def _fonts() -> tuple[str, ...]:
    installed = {font.name for font in font_manager.fontManager.ttflist}
    return ("DejaVu Sans", *[name for name in CHINESE_FONTS if name in installed][:1])


@lru_cache(maxsize=1)
def _drawable() -> frozenset[int]:
    files = [font_manager.findfont(name, fallback_to_default=False) for name in _fonts()]
    return frozenset().union(*(font_manager.get_font(file).get_charmap() for file in files))


def legible(text: object) -> str:
    """``text`` with every character that no installed font can draw as □: a picture warns nobody and hides nothing."""
    known = _drawable()
    return "".join(char if ord(char) in known or char == "\n" else "□" for char in str(text))


def can_draw(text: str) -> bool:
    """Whether the fonts of this machine hold every character of ``text``."""
    return legible(text) == text


def luminance(colour: str) -> float:
    """How bright ``#rrggbb`` is to the eye, from 0 (black) to 1 (white): relative luminance as WCAG 2 defines it."""
    channels = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    red, green, blue = (c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def ink(colour: str) -> str:
    """``colour``, darkened as far as text in it needs to be read on white (a contrast of 4.5 to 1)."""
    while 1.05 / (luminance(colour) + 0.05) < 4.5:
        colour = "#" + "".join(f"{int(int(colour[at : at + 2], 16) * 0.94):02X}" for at in (1, 3, 5))
    return colour


def ink_on(colour: str) -> str:
    """Black or white, whichever is easier to read on ``colour``."""
    return "black" if luminance(colour) > 0.179 else "white"


def new_figure(width: int | float, height: int | float, rows: int = 1, columns: int = 1) -> tuple[Figure, list[Axes]]:
    """A figure of ``width`` × ``height`` inches and its panels, row by row."""
    whole = [round(DPI * inches + 1e-6) / DPI + 1e-9 for inches in (width, height)]  # a whole number of pixels
    figure = Figure(figsize=whole, dpi=DPI, layout="constrained")
    return figure, list(figure.subplots(rows, columns, squeeze=False).flat)


@contextmanager
def canvas(ax: Axes | None, width: int | float = 8.0, height: int | float = 4.2) -> Iterator[Axes]:
    """The panel to draw on: the caller's, or that of a new picture, which is shown at the end."""
    with applied():
        if ax is not None:
            yield ax
        else:
            figure, (new,) = new_figure(width, height)
            yield new
            show(figure)


@contextmanager
def panels(columns: int, rows: int = 1, *, width: int | float = 10, height: int | float = 4.2) -> Iterator[list[Axes]]:
    """A picture of several panels, row by row, shown when the block ends.

    >>> with panels(2) as (left, right):
    ...     lines({"train": [3, 2, 1]}, ax=left)
    ...     bars({"before": 3, "after": 1}, ax=right)
    """
    if columns < 1 or rows < 1:
        raise LmcourseError("A picture has at least one panel; give 1 or more columns and rows.")
    with applied():
        figure, axes = new_figure(width, height, rows, columns)
    yield axes
    with applied():
        show(figure)


def label(
    panel: Axes, shown: str, title: object = "", xlabel: object = "", ylabel: object = "", pad: int | float | None = None
) -> None:
    """Write a panel's title (``pad`` points above it) and the names of its axes; ``shown`` tells what is drawn, in words."""
    panel.set_label(shown)
    panel.set_title(legible(title), pad=pad)
    panel.set_xlabel(legible(xlabel))
    panel.set_ylabel(legible(ylabel))


def names_in_corner(panel: Axes, colours: Mapping[str, str]) -> None:
    """Write names in the upper right corner, one below the other, each in the colour of what it names."""
    for number, (name, colour) in enumerate(colours.items()):
        panel.text(
            0.99,
            0.97 - 0.085 * number,
            legible(name),
            color=ink(colour),
            ha="right",
            va="top",
            weight="bold",
            transform=panel.transAxes,
            bbox={"facecolor": "white", "edgecolor": "none", "alpha": 0.8, "pad": 1.5},
        )


def show(figure: Figure) -> None:
    """Show ``figure``: in a notebook as a PNG with its words; elsewhere as a file, whose name is printed."""
    ipython = sys.modules.get("IPython")
    shell = ipython.get_ipython() if ipython else None
    if shell is None:
        with tempfile.NamedTemporaryFile(prefix="lmcourse-", suffix=".png", delete=False) as file:
            file.write(png(figure))
        print(f"{words(figure)}\nThe picture is in {file.name}")
        return
    width, height = (round(96 * inches) for inches in figure.get_size_inches())  # a page counts 96 pixels to the inch
    shell.display_pub.publish(
        {"image/png": base64.b64encode(png(figure)).decode("ascii"), "text/plain": words(figure)},
        metadata={"image/png": {"width": width, "height": height}},
    )


def png(figure: Figure) -> bytes:
    """The picture's PNG bytes, of the same size in pixels everywhere and without a note of the software's version."""
    buffer = io.BytesIO()
    with applied():
        figure.savefig(buffer, format="png", dpi=DPI, metadata={"Software": None})
    return buffer.getvalue()


def words(figure: Figure) -> str:
    """The picture in words: for each panel its title, its axes and what it shows."""
    told = []
    for ax in figure.axes:
        axes = [f"{name}: {text}" for name, text in (("across", ax.get_xlabel()), ("up", ax.get_ylabel())) if text]
        parts = [ax.get_title(loc="left"), *axes, ax.get_label()]
        told.append("; ".join(part for part in parts if part))
    return "Figure. " + " | ".join(part for part in told if part)
