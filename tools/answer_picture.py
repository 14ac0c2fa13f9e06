"""Draw the README's other picture: a cell with a wrong answer to an exercise, and what its check says of it.

    python tools/answer_picture.py           writes book/answer.svg

The cell is really run: what the picture says is what the engine says, and a test holds the stored file to it. Like
``pipeline_picture.py`` it brings its own background along, so that it stands on a light and on a dark page.
"""

from __future__ import annotations

import ast
import contextlib
import io
import os
import re
from html import escape
from pathlib import Path

import torch

import lmcourse as lm

PICTURE = Path(__file__).resolve().parent.parent / "book" / "answer.svg"
PAPER, INK, GREY, KEYWORD, REASON = "#f6f8fa", "#1f2328", "#59636e", "#8250df", "#a40e26"

CELL = """\
def gru_step(x, h, W, U, b):
    (r, z, n), (r_h, z_h, n_h) = (x @ W.T + b).chunk(3, 1), (h @ U.T).chunk(3, 1)
    r, z = torch.sigmoid(r + r_h), torch.sigmoid(z + z_h)
    n = torch.tanh(n + r * n_h)
    return (1 - z) * h + z * n

lm.check.gru_step(gru_step)"""

SIZE, LINE, LETTER, MARGIN, LEFT = 13, 19, 8.0, 14, 58  # LETTER: as wide as the widest of the usual fixed-width fonts


def said() -> list[str]:
    """What running the cell prints, and then the points that it shows."""
    *body, last = ast.parse(CELL).body
    space, printed = {"torch": torch, "lm": lm}, io.StringIO()
    kept = os.environ.get("LMCOURSE_PROGRESS")
    os.environ["LMCOURSE_PROGRESS"] = "off"
    try:
        with contextlib.redirect_stdout(printed):
            exec(compile(ast.Module(body, []), "<cell>", "exec"), space)
            points = eval(compile(ast.Expression(last.value), "<cell>", "eval"), space)
    finally:
        os.environ.pop("LMCOURSE_PROGRESS")
        if kept is not None:
            os.environ["LMCOURSE_PROGRESS"] = kept
    return [*printed.getvalue().splitlines(), points._repr_html_()]


def svg() -> str:
    """The picture as SVG text."""
    code, message = CELL.splitlines(), said()
    width = round(LEFT + max(map(len, [*code, *message])) * LETTER + MARGIN)
    under = MARGIN + len(code) * LINE + 2 * MARGIN  # where the answer begins
    height = under + len(message) * LINE + MARGIN
    reason = next(at for at, line in enumerate(message) if line.startswith("As if"))
    lines = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" width="{width}" height="{height}"',
        f' role="img" font-family="monospace" font-size="{SIZE}" fill="{INK}">',
        "<title>A wrong answer to an exercise, and what it is told</title>",
        f'<rect x="1" y="1" width="{width - 2}" height="{height - 2}" rx="8" fill="{PAPER}" stroke="{GREY}"/>',
        f'<path d="M{LEFT - 10} {MARGIN}V{under - 2 * MARGIN + 6}" stroke="{KEYWORD}" stroke-width="3"/>',
        _line("[1]:", 10, MARGIN, GREY),
    ]
    lines += [_line(line, LEFT, MARGIN + at * LINE) for at, line in enumerate(code)]
    for at, line in enumerate(message):
        points = at == len(message) - 1
        colour = GREY if points else REASON if at >= reason else INK
        lines.append(_line(line, LEFT, under + at * LINE, colour))
    return "\n".join([*lines, "</svg>"]) + "\n"


def _line(words: str, left: int, top: int, colour: str = INK) -> str:
    """A line of text; in code, the keywords stand out. Its spaces are such as no browser takes away."""
    inside = escape(words, quote=False).replace(" ", "\N{NO-BREAK SPACE}")
    if colour == INK:
        inside = re.sub(r"^(\s*)(def|return)\b", rf'\1<tspan fill="{KEYWORD}">\2</tspan>', inside)
    fill = "" if colour == INK else f' fill="{colour}"'
    return f'<text x="{left}" y="{top + SIZE}"{fill}>{inside}</text>'


if __name__ == "__main__":
    PICTURE.write_text(svg(), encoding="utf-8")
