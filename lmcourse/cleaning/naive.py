"""Cleaning as one first thinks of it. Each function here does harm; the lesson measures how much. Do not use them."""

from __future__ import annotations

import re
import unicodedata

from lmcourse.cleaning.personal import Found

_PHONE = re.compile(r"\+?\(?\d[\d ().-]{5,}\d")


def strip_tags_naively(html: str) -> str:
    """Delete whatever stands between < and >. Scripts, menus and adverts stay, entities too, words run together."""
    return re.sub(r"<[^>]*>", "", html)


def fold_to_ascii(text: str) -> str:
    """Lower case without accents, and everything that is not ASCII thrown away: Chinese, Greek, curly quotes."""
    return unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode("ascii").lower()


def mask_numbers_naively(text: str) -> tuple[str, tuple[Found, ...]]:
    """Take every long number for a telephone number: dates, ISBNs, populations and cards."""
    found = tuple(Found("phone", match.group()) for match in _PHONE.finditer(text))
    return _PHONE.sub("<PHONE>", text), found


def c4_fault(text: str) -> str | None:
    """Rules of C4 (Raffel et al. 2020) as published: right for prose from the web, ruin for a programmer's manual."""
    if "{" in text:
        return "curly bracket"
    if "lorem ipsum" in text.lower():
        return "lorem ipsum"
    lines = [
        line
        for line in text.split("\n")
        if line.rstrip().endswith((".", "!", "?", '"', "”")) and len(line.split()) >= 5
    ]
    return "fewer than 3 sentences" if sum(len(re.findall(r"[.!?]+", line)) for line in lines) < 3 else None
