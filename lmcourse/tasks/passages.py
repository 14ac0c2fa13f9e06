"""Texts longer than anything that a translator has seen: cut into sentences, translated one by one, and joined.

An encoder-decoder that has learnt from short sentences does not slowly get worse with length: it drops what it has no room
for (Koehn & Knowles 2017). Nothing in a sentence pair says what a paragraph is, so whoever gives it one must cut.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from lmcourse.corpus.cutting import sentences
from lmcourse.tasks.pairs import unspaced
from lmcourse.tasks.translate import translate


def translate_passage(
    model: str | Path | Any, text: str | Sequence[str], beam: int = 1, penalty: float = 1.0
) -> str | list[str]:
    """The translation of a text of several sentences, or of each of several; arguments as those of :func:`translate`."""
    texts = [text] if isinstance(text, str) else list(text)
    cut = [sentences(one) for one in texts]
    found = iter(translate(model, [sentence for one in cut for sentence in one], beam, penalty))
    joined = [_joined([next(found) for _ in one]) for one in cut]
    return joined[0] if isinstance(text, str) else joined


def _joined(parts: list[str]) -> str:
    """Sentences in a row, with spaces between them where their script has spaces."""
    return ("" if unspaced(parts) else " ").join(parts)
