"""Vectors that somebody else has trained on far more text, read from an installed package; no code of it runs.

WordLlama (Miller 2024, MIT) kept the token embedding of large language models, 32,000 tokens of 256 numbers, and trained
it further to tell which sentences mean the same. A word is one token or several; its vector is their mean.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from importlib import util
from pathlib import Path

import torch

from lmcourse.errors import LmcourseError
from lmcourse.nn.vectors import WordVectors

WEIGHTS, TOKENIZER = "weights/l2_supercat_256.safetensors", "tokenizers/l2_supercat_tokenizer_config.json"


def pretrained_vectors(words: Iterable[str], counts: Mapping[str, int] | None = None) -> WordVectors:
    """WordLlama's vectors of these words; ``counts`` says how often they occur, for weighted sentences."""
    from safetensors.torch import load_file
    from tokenizers import Tokenizer

    folder = _folder()
    (table,) = load_file(folder / WEIGHTS).values()
    tokenizer = Tokenizer.from_file(str(folder / TOKENIZER))
    tokenizer.no_padding()
    different = list(dict.fromkeys(words))
    cut = tokenizer.encode_batch(different, add_special_tokens=False)
    rows = torch.stack([table[one.ids].float().mean(0) for one in cut])
    return WordVectors(different, rows, counts)


def _folder() -> Path:
    spec = util.find_spec("wordllama")  # finding it imports nothing
    for place in (spec.submodule_search_locations or []) if spec else []:
        if (Path(place) / WEIGHTS).is_file() and (Path(place) / TOKENIZER).is_file():
            return Path(place)
    raise LmcourseError(
        "The pretrained vectors come with the package wordllama, which is not here (or lacks its weights); get it with: "
        "pip install wordllama"
    )
