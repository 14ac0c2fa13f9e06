"""Draw the README's picture: the way of the course, from raw text to a metric, with the lessons under the stages.

    python tools/pipeline_picture.py         writes book/pipeline.svg

The background is transparent, so the picture stands on a light and on a dark page: all text lies on coloured boxes, and
what lies on the page itself, the arrows, is a grey that shows on both. The colours are Okabe and Ito's (2008): people
with any kind of colour vision tell them apart. A test computes the contrasts and compares
the stored file with this script.
"""

from __future__ import annotations

from pathlib import Path

PICTURE = Path(__file__).resolve().parent.parent / "book" / "pipeline.svg"
PAGES = {"light": "#ffffff", "dark": "#0d1117"}  # what the picture may stand on
GREY = "#7d8590"
INK = "#111111"

# stage, its colour, the lessons that are about it
STAGES = (
    ("corpus", "#56B4E9", "1"),
    ("cleaning", "#56B4E9", "1"),
    ("tokenizer", "#E69F00", "1"),
    ("batches", "#E69F00", "1, 5"),
    ("model", "#F0E442", "2, 3, 8, 9"),
    ("fit", "#009E73", "4, 5, 6, 10, 11"),
    ("checkpoint", "#009E73", "5"),
    ("task", "#CC79A7", "7, 12"),
    ("metric", "#CC79A7", "7, 13"),
)
WIDTH, HEIGHT, GAP, MARGIN = 94, 56, 18, 4


def svg() -> str:
    """The picture as SVG text."""
    total, height = 2 * MARGIN + len(STAGES) * WIDTH + (len(STAGES) - 1) * GAP, HEIGHT + 2 * MARGIN
    words = "; ".join(
        f"{name}: {'lesson' if lessons.isdecimal() else 'lessons'} {lessons}" for name, _, lessons in STAGES
    )
    lines = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {total} {height}" width="{total}" height="{height}"',
        ' role="img" font-family="Helvetica, Arial, sans-serif" text-anchor="middle">',
        "<title>From raw text to a measured model</title>",
        f"<desc>Nine stages in a row, each feeding the next. {words}.</desc>",
    ]
    for number, (name, colour, lessons) in enumerate(STAGES):
        left = MARGIN + number * (WIDTH + GAP)
        middle = left + WIDTH // 2
        lines += [
            f'<rect x="{left}" y="{MARGIN}" width="{WIDTH}" height="{HEIGHT}" rx="8" fill="{colour}" stroke="{GREY}"/>',
            f'<text x="{middle}" y="28" font-size="15" font-weight="bold" fill="{INK}">{name}</text>',
            f'<text x="{middle}" y="48" font-size="13" fill="{INK}">{lessons}</text>',
        ]
        if number:
            start, tip, y = left - GAP + 2, left - 3, MARGIN + HEIGHT // 2
            lines.append(f'<path d="M{start} {y}H{tip}m-5 -5l5 5l-5 5" fill="none" stroke="{GREY}" stroke-width="2"/>')
    return "\n".join([*lines, "</svg>"]) + "\n"


def contrast(one: str, other: str) -> float:
    """How well two colours tell apart, from 1 to 21 (WCAG 2.2; 4.5 is asked of text, 3 of lines)."""
    low, high = sorted((_luminance(one), _luminance(other)))
    return (high + 0.05) / (low + 0.05)


def _luminance(colour: str) -> float:
    channels = [int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5)]
    linear = [value / 12.92 if value <= 0.04045 else ((value + 0.055) / 1.055) ** 2.4 for value in channels]
    return sum(weight * value for weight, value in zip((0.2126, 0.7152, 0.0722), linear, strict=True))


if __name__ == "__main__":
    PICTURE.write_text(svg(), encoding="utf-8")
