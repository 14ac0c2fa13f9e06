"""Vectors that somebody else has trained on far more text, read from an installed package; no code of it runs.

WordLlama (Miller 2024, MIT) kept the token embedding of large language models, 32,000 tokens of 256 numbers, and trained
it further to tell which sentences mean the same. A word is one token or several; its vector is their mean.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from importlib import util
from pathlib import Path
from typing import Any

import torch
from jaxtyping import Float
from torch import Tensor

from lmcourse.errors import LmcourseError
from lmcourse.nn.vectors import WordVectors

WEIGHTS, TOKENIZER = "weights/l2_supercat_256.safetensors", "tokenizers/l2_supercat_tokenizer_config.json"
SIZE = 256  # numbers in a vector


def pretrained_vectors(words: Iterable[str], counts: Mapping[str, int] | None = None) -> WordVectors:
    """WordLlama's vectors of these words; ``counts`` says how often they occur, for weighted sentences."""
    different = list(dict.fromkeys(words))
    return WordVectors(different, pretrained_rows(different), counts)


def pretrained_rows(words: Sequence[str]) -> Float[Tensor, "words size"]:
    """One row for each of ``words``: the mean of the vectors of its tokens."""
    table, tokenizer = _loaded()
    cut = tokenizer.encode_batch(list(words), add_special_tokens=False)
    rows = [table[one.ids].float().mean(0) if one.ids else table.new_zeros(SIZE).float() for one in cut]
    return torch.stack(rows) if rows else torch.zeros(0, SIZE)


@cache
def _loaded() -> tuple[Float[Tensor, "tokens size"], Any]:
    from safetensors.torch import load_file
    from tokenizers import Tokenizer

    folder = _folder()
    (table,) = load_file(folder / WEIGHTS).values()
    tokenizer = Tokenizer.from_file(str(folder / TOKENIZER))
    tokenizer.no_padding()
    return table, tokenizer


def _folder() -> Path:
    spec = util.find_spec("wordllama")  # finding it imports nothing
    for place in (spec.submodule_search_locations or []) if spec else []:
        if (Path(place) / WEIGHTS).is_file() and (Path(place) / TOKENIZER).is_file():
            return Path(place)
    raise LmcourseError(
        "The pretrained vectors come with the package wordllama, which is not here (or lacks its weights); get it with: "
        "pip install wordllama"
    )
