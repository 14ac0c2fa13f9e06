"""Spelling to pronunciation with the course's encoder-decoder, beside published figures: CMUdict, one thread, CPU-minutes.

    OMP_NUM_THREADS=1 python bench/g2p.py [--minutes 30] [--seed 0] [--width 256] [--batch 1500] …

Letters in, phonemes out, stress removed: *cat* → K AE T. Everything is the package's own: the corpus, ``PairTokenizer``,
``Pairs``, ``Seq2Seq``, ``fit``, ``beam_search``. The dictionary is split by word (a tenth for testing, a fiftieth for
choosing settings), so that no word, and none of its variants, is on both sides. Of a word with several pronunciations the
one nearest to the answer counts: phoneme errors are edits (Levenshtein 1966) over the length of the nearest one, and a
word is wrong if it has any.

Beside it stand Yao & Zweig 2015, "Sequence-to-sequence neural net models for grapheme-to-phoneme conversion": a two-layer
LSTM encoder-decoder 7.6 % phoneme and 28.6 % word errors, a bidirectional LSTM on letters and phonemes aligned beforehand
5.5 % and 23.6 %. **Comparable, not identical**: they use an older release of the dictionary, another split of about the
same size (some 107,000 words to learn from, 12,000 to test on), and many more hours of training.

The number of steps is set by a trial of CPU time at the beginning; the time of training that is printed is the process's
own, evaluation included.
"""

from __future__ import annotations

import argparse
import os
import time
from collections.abc import Sequence
from functools import partial

os.environ.setdefault("OMP_NUM_THREADS", "1")

import torch

from lmcourse import corpus
from lmcourse.batching import Pairs
from lmcourse.beam import beam_search
from lmcourse.checkpoint import random_numbers
from lmcourse.corpus import Corpus
from lmcourse.nn import Seq2Seq, Seq2SeqConfig
from lmcourse.schedules import linear
from lmcourse.tasks.translate import encoded, pair_loss
from lmcourse.tokenizers import PairTokenizer
from lmcourse.training import fit, next_target

PUBLISHED = (
    ("Yao & Zweig 2015, LSTM encoder-decoder, two layers", 7.6, 28.6),
    ("Yao & Zweig 2015, aligned bidirectional LSTM", 5.5, 23.6),
)
SHARES = {"valid": 0.02, "test": 0.1}
TOGETHER = 64  # words of one length are decoded at a time


def spelt(words: Corpus) -> list[tuple[str, str]]:
    """Words and their phonemes, a space between each two; every pronunciation once."""
    pairs = ((word.word, " ".join(sound.rstrip("012") for sound in word.pronunciation)) for word in words)
    return list(dict.fromkeys(pairs))


def build(tokens: PairTokenizer, options: argparse.Namespace) -> Seq2Seq:
    sizes = {"embedding_size": options.embedding, "encoder_size": 2 * options.width, "decoder_size": options.decoder}
    with random_numbers(options.seed):
        return Seq2Seq(Seq2SeqConfig(tokens.vocab_size, tokens.targets, layers=options.layers, dropout=options.dropout, **sizes))


def train(tokens: PairTokenizer, parts: dict[str, list[tuple[str, str]]], options: argparse.Namespace) -> tuple[Seq2Seq, str]:
    """A model trained for the minutes asked for, and what that was in figures."""
    data, valid = (encoded(parts[part], tokens) for part in ("train", "valid"))
    batches, objective = Pairs(data, options.batch, options.seed), partial(next_target, smoothing=options.smoothing)

    def trained(steps: int) -> tuple[Seq2Seq, float]:
        model = build(tokens, options)
        model.expect(torch.bincount(torch.tensor([id for _, target in data for id in target[1:]]), minlength=tokens.targets))
        optimizer = torch.optim.Adam(model.parameters(), options.rate, betas=(0.9, 0.98), fused=True)
        start = time.process_time()
        history = fit(
            model, batches, objective, steps=steps, optimizer=optimizer, schedule=partial(linear, warm=200),
            evaluate=lambda model: pair_loss(model, valid, options.smoothing), every=max(50, steps // 20),
            seed=options.seed, progress=False,
        )  # fmt: skip
        spent = time.process_time() - start
        trained.figures = f"{steps:,} steps, {steps / len(batches):.1f} passes, {history.tokens / spent:,.0f} target tokens a CPU-second"
        trained.figures += f", {spent / 60:.1f} CPU-minutes; validation loss {history.best.loss:.4f}"
        return model, spent

    trained(20)  # the first steps allocate
    steps = int(options.minutes * 60 / (trained(150)[1] / 150))
    model = trained(steps)[0]
    return model, trained.figures


def pronounced(model: Seq2Seq, tokens: PairTokenizer, words: Sequence[str], width: int) -> dict[str, list[str]]:
    """The phonemes of each word."""
    found, alike = {}, {}
    for word in words:
        alike.setdefault(len(tokens.encode_source(word)), []).append(word)
    for length, group in alike.items():
        for start in range(0, len(group), TOGETHER):
            some = group[start : start + TOGETHER]
            sources = torch.tensor([tokens.encode_source(word) for word in some])
            targets = beam_search(
                model, sources, tokens.bos, tokens.eos, width=width, longest=10 + 2 * length, forbidden=tokens.unwritable
            )  # fmt: skip
            found |= {word: tokens.decode(target).split() for word, target in zip(some, targets, strict=True)}
    return found


def edits(one: Sequence[str], other: Sequence[str]) -> int:
    """How many phonemes must be changed, put in or left out to make one of the other (Levenshtein 1966)."""
    row = list(range(len(other) + 1))
    for i, left in enumerate(one, 1):
        before, row[0] = row[0], i
        for j, right in enumerate(other, 1):
            before, row[j] = row[j], min(row[j] + 1, row[j - 1] + 1, before + (left != right))
    return row[-1]


def errors(found: dict[str, list[str]], pairs: Sequence[tuple[str, str]]) -> tuple[float, float]:
    """Phoneme and word error rate in percent, each word against the nearest of its pronunciations."""
    known: dict[str, list[list[str]]] = {}
    for word, sounds in pairs:
        known.setdefault(word, []).append(sounds.split())
    nearest = [min((edits(found[word], sounds), len(sounds)) for sounds in variants) for word, variants in known.items()]
    wrong, lengths = zip(*nearest, strict=True)
    return 100 * sum(wrong) / sum(lengths), 100 * sum(map(bool, wrong)) / len(known)


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--minutes", type=float, default=30.0, help="CPU-minutes of training")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--part", choices=("valid", "test"), default="test", help="valid while settings are chosen")
    parser.add_argument("--embedding", type=int, default=128)
    parser.add_argument("--width", type=int, default=256, help="of the encoder, in each direction")
    parser.add_argument("--decoder", type=int, default=256)
    parser.add_argument("--layers", type=int, default=1)
    parser.add_argument("--dropout", type=float, default=0.2)
    parser.add_argument("--smoothing", type=float, default=0.1)
    parser.add_argument("--batch", type=int, default=1500, help="letters in a batch")
    parser.add_argument("--rate", type=float, default=3e-3)
    options = parser.parse_args()
    torch.set_num_threads(1)
    words = corpus.load("cmudict")
    parts = {part: spelt(words.split(part, **SHARES)) for part in ("train", "valid", "test")}
    tokens = PairTokenizer.train(parts["train"], kinds=("char", "word"))
    sizes = {part: len({word for word, _ in pairs}) for part, pairs in parts.items()}
    model, figures = train(tokens, parts, options)
    count = sum(parameter.numel() for parameter in model.parameters())
    print(f"Words: {', '.join(f'{size:,} {part}' for part, size in sizes.items())}. {count / 1e6:.1f} M parameters. {figures}.\n")
    print("| model | phoneme errors, % | word errors, % |\n|---|---|---|")
    for width in (1, 5):
        start = time.process_time()
        found = pronounced(model, tokens, list(dict.fromkeys(word for word, _ in parts[options.part])), width)
        per, wer = errors(found, parts[options.part])
        way = "greedy" if width == 1 else f"a beam of {width}"
        print(f"| ours, {way}, {options.part} ({time.process_time() - start:.0f} CPU-s) | {per:.2f} | {wer:.2f} |", flush=True)
    for name, per, wer in PUBLISHED:
        print(f"| {name} (another split) | {per} | {wer} |")


if __name__ == "__main__":
    main()
