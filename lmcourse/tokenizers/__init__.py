"""Text to integers and back: characters, words, byte-pair encoding, behind one interface (``base.py``)."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from lmcourse.errors import LmcourseError
from lmcourse.tokenizers.bag import BagTokenizer
from lmcourse.tokenizers.base import UNKNOWN, Tokenizer, printable
from lmcourse.tokenizers.bpe import BPETokenizer
from lmcourse.tokenizers.bpe_learn import learn_merges
from lmcourse.tokenizers.bpe_plain import Merge, count_pairs, learn_merges_plainly, merge_pair
from lmcourse.tokenizers.char import CharTokenizer
from lmcourse.tokenizers.measure import Compression, compression
from lmcourse.tokenizers.pair import PairTokenizer
from lmcourse.tokenizers.pieced import PiecedTokenizer
from lmcourse.tokenizers.placed import PlacedTokenizer
from lmcourse.tokenizers.split import PATTERN, splitter
from lmcourse.tokenizers.word import WordTokenizer, join_words, plain_words, split_words

TOKENIZERS: dict[str, type[Tokenizer]] = {cls.kind: cls for cls in (CharTokenizer, WordTokenizer, BPETokenizer)}

__all__ = [
    "PATTERN", "TOKENIZERS", "UNKNOWN", "BPETokenizer", "BagTokenizer", "CharTokenizer", "Compression", "Merge",
    "PairTokenizer", "PiecedTokenizer", "PlacedTokenizer", "Tokenizer", "WordTokenizer", "compression", "count_pairs", "from_dict", "join_words", "learn_merges", "learn_merges_plainly",
    "load_tokenizer", "merge_pair", "plain_words", "printable", "split_words", "splitter",
]  # fmt: skip


def from_dict(data: dict[str, Any]) -> Tokenizer:
    """The tokenizer, of whatever kind, that ``to_dict`` described."""
    kind = data.get("kind")
    known = {**TOKENIZERS, **{cls.kind: cls for cls in (PairTokenizer, BagTokenizer, PlacedTokenizer, PiecedTokenizer)}}
    if not isinstance(kind, str) or kind not in known:
        raise LmcourseError(f"A tokenizer of kind {kind!r} is not known here; the kinds are: {', '.join(known)}.")
    return known[kind].from_dict(data)


def load_tokenizer(path: str | Path) -> Tokenizer:
    """Read a tokenizer of any kind from the JSON file that its ``save`` wrote."""
    path = Path(path)
    try:
        data = json.loads(path.read_bytes())
    except FileNotFoundError as error:
        raise LmcourseError(f"There is no file {path}; check the path, or train a tokenizer and save it.") from error
    except OSError as error:
        raise LmcourseError(f"Cannot read {path}: {error.strerror}; give what a tokenizer's save wrote.") from error
    except (ValueError, RecursionError) as error:
        raise LmcourseError(f"{path} is damaged or not JSON; give the file that a tokenizer's save wrote.") from error
    if not isinstance(data, dict):
        raise LmcourseError(f"{path} is JSON but no tokenizer; give the file that a tokenizer's save wrote.")
    try:
        return from_dict(data)
    except LmcourseError as error:
        raise LmcourseError(f"{path}: {error}") from error
