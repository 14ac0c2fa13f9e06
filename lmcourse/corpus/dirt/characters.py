"""Spoiling the characters of a text: typographic quotes, invisible characters, wrong decodings, edits.

Each function returns the new text; those that do damage also return every stretch between blanks that they damaged,
spoilt and right, so that mending can be measured exactly.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from random import Random


@dataclass(frozen=True, slots=True)
class Mend:
    """A stretch of text between blanks as it was spoilt, and as it should be."""

    spoilt: str
    right: str


BLANKS = re.compile(r"([ \t\n\r]+)")
ZERO_WIDTH = "\u200b\u200c\u200d\u2060\ufeff\u200e"
ODD_SPACES = "\u00a0\u00a0\u00a0\u2009\u202f\u2002\u2007\u3000"
CONTROLS = "\x01\x02\x07\x08\x1a\x1f\x7f"


def typographic(text: str) -> str:
    """Curly quotes, dashes and the ellipsis sign in prose; indented code keeps its straight quotes."""
    blocks = text.split("\n\n")
    for i, block in enumerate(blocks):
        if block.startswith("    ") or block.lstrip().startswith(">>>"):
            continue
        block = re.sub(r"(?<=\w)'(?=\w)", "’", block)
        block = re.sub(r"(^|[\s(\[])'(?=\w)", r"\1‘", block)
        block = re.sub(r"(^|[\s(\[])\"(?=\w)", r"\1“", block)
        block = re.sub(r"(?<=[\w.,!?])\"", "”", block)
        block = re.sub(r"(?<=[\w.,!?])'(?=[\s.,)])", "’", block)
        blocks[i] = block.replace(" -- ", " – ").replace(" - ", " – ").replace("...", "…")
    return "\n\n".join(blocks)


def invisible(text: str, rng: Random) -> tuple[str, tuple[Mend, ...]]:
    """Strew characters that one does not see: two or three sorts of them a page, at about one word in thirty."""
    sorts = rng.sample(("zero-width", "soft hyphen", "odd space", "odd space", "control"), rng.randint(2, 3))
    mark, space, control = rng.choice(ZERO_WIDTH), rng.choice(ODD_SPACES), rng.choice(CONTROLS)
    pieces = BLANKS.split(text)  # word, blank, word, blank, …, word
    spoilt = list(pieces)
    for i, piece in enumerate(pieces):
        if not piece or rng.random() > 0.03 * len(sorts):
            continue
        sort = rng.choice(sorts)
        if sort == "odd space" and i % 2 and piece == " ":
            spoilt[i] = space
        elif i % 2 == 0 and sort == "soft hyphen" and piece.isalpha() and len(piece) > 6:
            middle = rng.randint(3, len(piece) - 3)
            spoilt[i] = piece[:middle] + "\u00ad" + piece[middle:]
        elif i % 2 == 0 and sort in ("zero-width", "control"):
            middle = rng.randint(0, len(piece))
            spoilt[i] = piece[:middle] + (mark if sort == "zero-width" else control) + piece[middle:]
    return "".join(spoilt), _mends(pieces, spoilt)


def misread(text: str, rng: Random) -> tuple[str, tuple[Mend, ...]]:
    """Read the UTF-8 bytes of ``text`` as another encoding: on the whole page or in some of its paragraphs.

    Usually Windows-1252 as browsers decode it (bytes without a character become control characters), sometimes
    Latin-1 or Mac Roman, now and then twice. ASCII is the same in all of them, so only other characters break.
    """
    codec = rng.choice(("cp1252",) * 7 + ("latin-1",) * 2 + ("mac_roman",))
    table = [_decode(byte, codec) for byte in range(256)]
    times = 2 if rng.random() < 0.12 else 1
    blocks = re.split(r"(\n\n+)", text)
    whole = rng.random() < 0.6
    pieces, spoilt = [], []
    for block in blocks:
        broken = block
        if whole or rng.random() < 0.5:
            for _ in range(times):
                broken = "".join(table[byte] for byte in broken.encode("utf-8"))
        pieces.append(block)
        spoilt.append(broken)
    mends = tuple(
        mend
        for right, wrong in zip(pieces, spoilt, strict=True)
        for mend in _mends(BLANKS.split(right), BLANKS.split(wrong))
    )
    return "".join(spoilt), mends


def _decode(byte: int, codec: str) -> str:
    try:
        return bytes([byte]).decode(codec)
    except UnicodeDecodeError:
        return chr(byte)


def _mends(pieces: list[str], spoilt: list[str]) -> tuple[Mend, ...]:
    """Compare two texts cut alike into word, blank, word …; blanks that are no longer blanks join their words."""
    mends, right, wrong = [], "", ""
    for i, (before, after) in enumerate(zip(pieces, spoilt, strict=True)):
        if i % 2 and before == after:
            if right != wrong:
                mends.append(Mend(wrong, right))
            right = wrong = ""
        else:
            right, wrong = right + before, wrong + after
    if right != wrong:
        mends.append(Mend(wrong, right))
    return tuple(mends)


def edited(text: str, rng: Random) -> str:
    """A near copy: words dropped, swapped or replaced, sentences lost, perhaps cut short, perhaps with a note."""
    share = rng.choice((0.01, 0.02, 0.03, 0.05, 0.08))
    pieces = BLANKS.split(text)
    words = [piece for piece in pieces[::2] if piece.isalpha()] or ["the"]
    for i in range(0, len(pieces), 2):
        if pieces[i].isalpha() and rng.random() < share:
            action = rng.random()
            if action < 0.4:
                pieces[i] = rng.choice(words)
            elif action < 0.7:
                pieces[i] = rng.choice(("very ", "also ", "perhaps ", "then ")) + pieces[i]
            elif action < 0.85 and i + 2 < len(pieces):
                pieces[i], pieces[i + 2] = pieces[i + 2], pieces[i]
            elif i + 1 < len(pieces):
                pieces[i] = pieces[i + 1] = ""
    text = "".join(pieces)
    if rng.random() < 0.4:
        blocks = text.split("\n\n")
        keep = rng.uniform(0.7, 0.95)
        if len(blocks) > 3:
            text = "\n\n".join(blocks[: max(2, round(keep * len(blocks)))])
        else:
            text = text[: max(1, text.rfind(" ", 0, int(keep * len(text))))] + " …"
    if rng.random() < 0.3:
        note = rng.choice(("Update: two names in this text were corrected.", "A shorter version ran last year."))
        text = f"{text}\n\n{note}"
    return text
