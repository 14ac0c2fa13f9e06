"""Cutting a long text into pieces at places where a reader would pause; joined, they are the text again.

A model reads a bounded stretch at a time, and a split needs many records: both want pieces of about equal length.
Text splitters of this kind try the coarsest boundary first: paragraph, sentence, line, word, character.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator
from itertools import pairwise

from lmcourse.errors import LmcourseError

PIECE = 2000  # characters: about a page of English, a few hundred words


def cut(chunks: Iterable[str], characters: int = PIECE) -> Iterator[str]:
    """Cut a text into strings of at most ``characters`` characters; joined, they are the text again.

    A cut falls at the end of a paragraph where one ends in the second half of the allowed length; else at the end
    of a sentence or a line, else after a space, else anywhere. All strings but a short text's only one hold at
    least a quarter of ``characters``. Where the text is cut does not depend on how it is divided into chunks.
    """
    if characters < 1:
        raise LmcourseError(f"A piece must have at least one character, not {characters}.")
    # What has not been cut yet lies in ``buffer[start:]``: dropping what was cut only when a new chunk comes keeps
    # the work proportional to the length of the text.
    buffer = ""
    for chunk in chunks:
        buffer += chunk
        start = 0
        # The tail is kept long enough that the end of the text, once known, could not have changed this cut.
        while len(buffer) - start > 2 * characters:
            end = _end_of_piece(buffer, start, characters)
            yield buffer[start:end]
            start = end
        buffer = buffer[start:]
    start = 0
    while len(buffer) - start > characters:
        end = _end_of_piece(buffer, start, characters)
        yield buffer[start:end]
        start = end
    if start < len(buffer):
        yield buffer[start:]


_SENTENCE_END = re.compile(r"""[.!?…]["'”’»)\]]*\s+|[。！？][”’」』）]*\s*|\n+""")


def sentences(text: str) -> list[str]:
    """The sentences of a text, in English or Chinese, without the spaces around them.

    A full stop with a space behind it ends one, also that of "Mr. Lund": who cares must look at the words.
    """
    ends = [0, *(match.end() for match in _SENTENCE_END.finditer(text)), len(text)]
    return [found for start, end in pairwise(ends) if (found := text[start:end].strip())]


def sentence_at(text: str, place: int) -> str:
    """The sentence of a text in which the character number ``place`` stands."""
    ends = [match.end() for match in _SENTENCE_END.finditer(text)]
    start = max((end for end in ends if end <= place), default=0)
    return text[start : min((end for end in ends if end > place), default=len(text))].strip()


def _end_of_piece(text: str, start: int, characters: int) -> int:
    low = start + (characters + 1) // 2
    # Leave at least a quarter for the last piece.
    high = min(start + characters, len(text) - characters // 4)
    end = text.rfind("\n\n", max(start, low - 2), high)
    if end >= 0:
        # rfind gives the last two newlines of a run that fits: so the run ends here, or goes on beyond ``high``.
        return end + 2
    # What ends a sentence may begin before ``low``: a full stop, a quotation mark, a space.
    ends = [match.end() for match in _SENTENCE_END.finditer(text, max(start, low - 3), high) if match.end() >= low]
    if ends:
        return ends[-1]
    space = max(text.rfind(" ", low - 1, high), text.rfind("\u3000", low - 1, high))
    if space >= 0:
        return space + 1
    # A hard cut: do not part a letter from its accents, nor \r from \n.
    end = high
    while end > low and (unicodedata.combining(text[end]) or text[end - 1 : end + 1] == "\r\n"):
        end -= 1
    return max(end, start + 1)
