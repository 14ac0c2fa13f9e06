"""Byte-level BPE to and from Hugging Face ``tokenizers``, with equal ids.

There a token is written as text: each byte is one visible character (GPT-2's table), so that a space is Ġ.
"""

from __future__ import annotations

import json
from typing import Any

import tokenizers
from tokenizers import AddedToken, Regex, decoders, models, pre_tokenizers

from lmcourse.errors import LmcourseError
from lmcourse.tokenizers.bpe import BPETokenizer
from lmcourse.tokenizers.bpe_plain import Merge

# Bytes that Latin-1 shows as a visible character stand for themselves, the other 68 are moved to U+0100 and up.
_SHOWN = [*range(0x21, 0x7F), *range(0xA1, 0xAD), *range(0xAE, 0x100)]
_MOVED = [byte for byte in range(256) if byte not in _SHOWN]
VISIBLE = [chr(byte) if byte in _SHOWN else chr(256 + _MOVED.index(byte)) for byte in range(256)]
GPT2_PATTERN = r"'(?:s|t|re|ve|m|ll|d)| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+"


def to_huggingface(bpe: BPETokenizer) -> tokenizers.Tokenizer:
    """The same vocabulary, merges and split pattern. Its ``encode`` takes every special token in a text for one:
    it equals our ``encode(text, allowed_special="all")``."""
    special = bpe.special_tokens
    names = [_visible(token) for token in bpe.vocab]
    vocab = {name: id for id, name in enumerate(names) if id not in special.values()}
    if clash := vocab.keys() & special.keys():
        raise LmcourseError(f"{min(clash)!r} is both special and ordinary, which Hugging Face cannot hold; rename it.")
    merges = [(names[merge.left], names[merge.right]) for merge in bpe.merges]
    result = tokenizers.Tokenizer(models.BPE(vocab=vocab | special, merges=merges))
    split = pre_tokenizers.Split(Regex(bpe.pattern), behavior="isolated")
    to_bytes = pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False)
    result.pre_tokenizer = pre_tokenizers.Sequence([split, to_bytes])
    result.decoder = decoders.ByteLevel()
    result.add_special_tokens([AddedToken(token, normalized=False) for token in special])
    return result


def from_huggingface(tokenizer: tokenizers.Tokenizer) -> BPETokenizer:
    """A byte-level BPE tokenizer as ours: one that we exported, one trained there, or GPT-2's and its relatives.

    The merges carry the count 0, because it is not stored there. LmcourseError says what cannot be carried over.
    """
    data = json.loads(tokenizer.to_str())
    model = data["model"]
    _demand(model["type"] == "BPE", f"its model is {model['type']}")
    _demand(data["normalizer"] is None, "it changes the text before encoding (a normalizer)")
    for option in ("dropout", "continuing_subword_prefix", "end_of_word_suffix", "byte_fallback", "ignore_merges"):
        _demand(not model.get(option), f"it uses the option {option}")
    pattern = _pattern(data["pre_tokenizer"] or {})
    for escape in (r"\w", r"\W", r"\b", r"\B"):
        _demand(escape not in pattern, f"its split pattern uses {escape}, which is read otherwise here")
    special = {token["content"]: token["id"] for token in data["added_tokens"]}
    vocab = {name: id for name, id in model["vocab"].items() if name not in special}
    _demand(all(character in vocab for character in VISIBLE), "its vocabulary lacks some of the 256 bytes")
    pairs = [merge.split(" ") if isinstance(merge, str) else merge for merge in model["merges"]]
    merges = [Merge(vocab[left], vocab[right], 0) for left, right in pairs]
    _demand(256 + len(merges) == len(vocab), "it has tokens that no merge makes")
    bpe = BPETokenizer(merges, special, pattern, [vocab[character] for character in VISIBLE])
    same = all(_visible(bpe.vocab[id]) == name for name, id in vocab.items())
    _demand(same, "its ids do not follow the order of its merges")
    return bpe


def _pattern(pre_tokenizer: dict[str, Any]) -> str:
    steps = pre_tokenizer["pretokenizers"] if pre_tokenizer.get("type") == "Sequence" else [pre_tokenizer]
    match steps:
        case [{"type": "ByteLevel", "add_prefix_space": False, "use_regex": True}]:
            return GPT2_PATTERN
        case [
            {"type": "Split", "pattern": {"Regex": pattern}, "behavior": "Isolated", "invert": False},
            {"type": "ByteLevel", "add_prefix_space": False, "use_regex": False},
        ]:
            return pattern
    raise _refusal("its pre-tokenizer is not a split by a pattern into bytes")


def _visible(data: bytes) -> str:
    return "".join(map(VISIBLE.__getitem__, data))


def _demand(holds: bool, fault: str) -> None:
    if not holds:
        raise _refusal(fault)


def _refusal(fault: str) -> LmcourseError:
    return LmcourseError(f"This tokenizer cannot be imported: {fault}; use it with Hugging Face tokenizers directly.")
