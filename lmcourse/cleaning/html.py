"""The main text of a web page, without menus, adverts, notices and scripts.

Finding it is a research field of its own (boilerplate removal: Kohlschütter et al. 2010; CleanEval, Baroni et al.
2008). We use trafilatura (Barbaresi 2021), which walks the tree with rules for where text usually stands and judges
each block by its share of links, and write its tree out as plain text: one blank line between blocks, code as it was.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from html import unescape as unescape_entities
from typing import Any

from lmcourse.cleaning.text import normalise, unescape

_START = re.compile(r"(?:\s|<!--.*?-->|<\?xml[^>]*>)*<(?:!doctype\s+html|html|head|body)\b", re.IGNORECASE | re.DOTALL)
_BLOCKS = {"p", "head", "code", "quote", "list", "table", "item", "row", "cell", "div"}


def looks_like_html(text: str) -> bool:
    """True for a whole page, one that opens with a doctype or with html, head or body; not for text about mark-up."""
    return _START.match(normalise(text[:2000])) is not None


def html_to_text(html: str) -> str:
    """The main text of a page; text that is no HTML comes back as it is. Empty if the page holds no main text.

    Blocks are separated by a blank line, items of a list begin with "- ", cells of a table are separated by " | ".
    """
    if not looks_like_html(html):
        return html
    from trafilatura import bare_extraction

    found = bare_extraction(html, include_comments=False, fast=True)
    if found is None:
        return ""
    _drop_title(found.body, html)
    return unescape("\n\n".join(_blocks(found.body)))


def _drop_title(body: Any, html: str) -> None:
    """Take out the first heading if it says what <title> says: it stands in meta, and only some layouts repeat it."""
    match = re.search(r"<title[^>]*>(.*?)</title", html, re.IGNORECASE | re.DOTALL)
    heading = next(body.iter("head"), None)
    if match and heading is not None and _heading(heading) in " ".join(unescape_entities(match[1]).split()):
        heading.text = ""
        for child in list(heading):
            heading.remove(child)


def _heading(element: Any) -> str:
    """The words of a heading, without the paragraph sign that manuals hang on it as a link to itself."""
    return " ".join("".join(element.itertext()).split()).rstrip("¶ ")


def _blocks(element: Any) -> Iterator[str]:
    """The blocks of text below ``element`` of trafilatura's tree, where mark-up is reduced to a handful of tags."""
    lines, line = [], element.text or ""
    for child in element:
        if child.tag in _BLOCKS:
            yield from _paragraph([*lines, line])
            lines, line = [], ""
            yield from _block(child)
        elif child.tag == "lb":
            lines, line = [*lines, line], ""
        else:
            line += "".join(child.itertext())
        line += child.tail or ""
    yield from _paragraph([*lines, line])


def _paragraph(lines: list[str]) -> Iterator[str]:
    """One block of the given lines, their blanks squeezed; no block if there is nothing in them."""
    text = "\n".join(filter(None, (" ".join(line.split()) for line in lines)))
    if text:
        yield text


def _block(element: Any) -> Iterator[str]:
    text = "".join(element.itertext()).strip("\n")
    if element.tag == "code" or element.tag == "quote" and "\n" in text.strip():  # <pre> becomes either
        yield text
    elif element.tag == "list":
        yield from _paragraph(
            [f"- {text}" for item in element.iter("item") if (text := "".join(item.itertext()).strip())]
        )
    elif element.tag == "head":
        yield from _paragraph([_heading(element)])
    elif element.tag == "table":
        yield from _table(element)
    else:
        yield from _blocks(element)


def _table(element: Any) -> Iterator[str]:
    """A table of data as lines of cells; of a table that holds the page's layout, the cells with the text."""
    cells = list(element.iter("cell"))
    if not any(child.tag in _BLOCKS for cell in cells for child in cell):
        rows = (
            [" ".join("".join(cell.itertext()).split()) for cell in row.iter("cell")] for row in element.iter("row")
        )
        yield from _paragraph([" | ".join(filter(None, row)) for row in rows])
        return
    sizes = [sum(map(len, cell.itertext())) for cell in cells]
    for cell, size in zip(cells, sizes, strict=True):
        if 5 * size >= max(sizes):  # a menu or a footer is short beside the cell that holds the article
            yield from _blocks(cell)
