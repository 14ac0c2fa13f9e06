"""Byte-pair encoding against Hugging Face ``tokenizers`` (Rust): ``python bench/bpe.py`` prints one table.

Both learn 4,096 tokens from the same 1.1 MB of English with the same split pattern, and encode the same text with the
same vocabulary, cold: a fresh tokenizer with empty caches each time. One thread; CPU seconds; the two take turns, and
the ratios are medians over the turns. A slice small enough for it is also learnt by the plain definition.
"""

from __future__ import annotations

import os

os.environ["RAYON_NUM_THREADS"] = "1"  # before Hugging Face's threads could start
os.environ["TOKENIZERS_PARALLELISM"] = "false"

import argparse
import platform
import statistics
import time
from collections.abc import Callable

import tokenizers
from tokenizers import Regex, models, pre_tokenizers, trainers

import lmcourse as lm
from lmcourse.cleaning import strip_wikitext
from lmcourse.tokenizers import PATTERN, BPETokenizer, learn_merges_plainly

CHARACTERS, VOCAB_SIZE = 1_100_000, 4096
SLICE, SLICE_MERGES = 20_000, 400


def english() -> str:
    """The first 1.1 million characters of the articles in gensim's Wikipedia sample, without their markup."""
    text = ""
    for document in lm.corpus.load("wikipedia-sample"):
        text += strip_wikitext(document.text) + "\n\n"
        if len(text) >= CHARACTERS:
            return text[:CHARACTERS]
    raise SystemExit(f"The Wikipedia sample holds only {len(text):,} characters; {CHARACTERS:,} are needed.")


def seconds(work: Callable[[], object]) -> float:
    """CPU time of all threads of this process: what another program does on the machine matters little."""
    start = time.process_time()
    work()
    return time.process_time() - start


def theirs_trained(text: str) -> tokenizers.Tokenizer:
    tokenizer = tokenizers.Tokenizer(models.BPE())
    split = pre_tokenizers.Split(Regex(PATTERN), "isolated")
    to_bytes = pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False)
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence([split, to_bytes])
    alphabet = pre_tokenizers.ByteLevel.alphabet()
    options = {"min_frequency": 2, "initial_alphabet": alphabet, "show_progress": False}
    tokenizer.train_from_iterator([text], trainers.BpeTrainer(vocab_size=VOCAB_SIZE, **options))
    return tokenizer


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--repeats", type=int, default=9, help="turns that each of the two takes (default: 9)")
    repeats = parser.parse_args().repeats

    text = english()
    ours = BPETokenizer.train([text], VOCAB_SIZE)
    theirs = ours.to_huggingface()
    ids = ours.encode(text)
    same_ids = ids == theirs.encode(text).ids and ours.decode(ids) == text
    exported = theirs.to_str()

    train, encode, fastest = [], [], []
    for _ in range(repeats):
        mine = seconds(lambda: BPETokenizer.train([text], VOCAB_SIZE))
        train.append((mine, seconds(lambda: theirs_trained(text))))
        cold = [ours.truncated(VOCAB_SIZE), *(tokenizers.Tokenizer.from_str(exported) for _ in range(2))]
        mine = seconds(lambda t=cold[0]: t.encode(text))
        encode.append((mine, seconds(lambda t=cold[1]: t.encode(text).ids)))
        fastest.append((mine, seconds(lambda t=cold[2]: t.encode_batch_fast([text])[0].ids)))

    part = text[:SLICE]
    plain, quick = [], []
    plain_time = seconds(lambda: plain.extend(learn_merges_plainly([part], SLICE_MERGES)))
    quick_time = seconds(lambda: quick.extend(BPETokenizer.train([part], 256 + SLICE_MERGES).merges))

    size = f"{len(text.encode()) / 1e6:.2f} MB of English, vocabulary {ours.vocab_size:,}, {len(ids):,} tokens"
    versions = f"Python {platform.python_version()}, tokenizers {tokenizers.__version__}"
    print(f"{size}; {versions}\none thread, CPU seconds, medians of {repeats} turns\n")
    print(row("", "lmcourse", "HF", "ratio (least-most)", "goal"))
    print(row("train: our time / theirs", *compared(train, lambda mine, peer: mine / peer), "<= 1.0"))
    print(row("encode, cold: our speed / theirs", *compared(encode, lambda mine, peer: peer / mine), ">= 2.0"))
    print(row("… / their encode_batch_fast", *compared(fastest, lambda mine, peer: peer / mine), "none"))
    print(row("ids equal, text comes back", "yes" if same_ids else "NO"))
    print(row(f"{SLICE_MERGES} merges of {SLICE:,} characters", f"{quick_time:.3f}"))
    equal = "identical merges" if plain == quick else "OTHER MERGES"
    print(row("… by the plain definition", f"{plain_time:.3f}", "", f"{plain_time / quick_time:.0f} x slower", equal))


def compared(times: list[tuple[float, float]], ratio: Callable[[float, float], float]) -> tuple[str, str, str]:
    ratios = sorted(ratio(mine, peer) for mine, peer in times)
    mine, peer = map(statistics.median, zip(*times, strict=True))
    return f"{mine:.3f}", f"{peer:.3f}", f"{statistics.median(ratios):.2f} ({ratios[0]:.2f}-{ratios[-1]:.2f})"


def row(name: str, ours: str, theirs: str = "", ratio: str = "", goal: str = "") -> str:
    return f"{name:34}{ours:>9}{theirs:>9}  {ratio:20}{goal}".rstrip()


if __name__ == "__main__":
    main()
