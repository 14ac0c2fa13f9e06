"""Writing with the LSTM language model, token by token: the library's steps beside stepping ``nn.LSTM``, one thread, batch 1.

    OMP_NUM_THREADS=1 python bench/decoding.py [--tokens 4000] [--turns 5]

Two models of 256 numbers, as ``train_lm`` makes them, after two hundred steps on Willow Bay's stories, so that what they
write is text: characters, and byte-pair encoding (2,048 tokens) with a tied output. Both programs write the same greedy
continuation, with the state carried along. The plain loop is the one that everybody writes: the model on the last token,
the likeliest of its scores, again, in PyTorch's inference mode; the other is ``lmcourse.decoding.sample``, and under
"drawn" the same with temperature 0.8 and top-p 0.95, where the filters cost more than the step.

Time is the process's own CPU time; of several turns, one after the other, the median counts. The ids must be the same.
"""

from __future__ import annotations

import argparse
import os
import statistics
import time
from collections.abc import Iterable, Iterator

os.environ.setdefault("OMP_NUM_THREADS", "1")

import torch

from lmcourse.decoding import adjusted, draw, sample, start_id
from lmcourse.nn import LSTMLanguageModel
from lmcourse.tasks.lm import train_lm

DRAWN = {"heat": 0.8, "p": 0.95}


@torch.inference_mode()
def plain(model: LSTMLanguageModel, start: int, tokens: int, seed: int | None = None) -> Iterator[int]:
    """The usual loop; with a ``seed`` it draws as ``sample`` does."""
    generator = None if seed is None else torch.Generator().manual_seed(seed)
    last, state = torch.tensor([[start]]), None
    for _ in range(tokens):
        logits, state = model(last, state)
        scores = logits[0, -1]
        last = (scores.argmax(-1) if generator is None else draw(adjusted(scores, **DRAWN), generator)).view(1, 1)
        yield int(last)


def timed(ids: Iterable[int]) -> tuple[list[int], float]:
    """The ids, and how many a CPU-second."""
    start = time.process_time()
    ids = list(ids)
    return ids, len(ids) / (time.process_time() - start)


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--tokens", type=int, default=4000)
    parser.add_argument("--turns", type=int, default=5)
    options = parser.parse_args()
    torch.set_num_threads(1)
    print("| model | way | nn.LSTM stepped, tokens a CPU-second | lmcourse | times (least, most) | same ids |")
    print("|---|---|---|---|---|---|")
    for kind, settings in (("char", {}), ("bpe", {"vocab_size": 2048})):
        trained = train_lm(corpus="willow_bay/stories", steps=200, tokenizer=kind, hidden_size=256, seed=0, progress=False, **settings)
        model, start = trained.model, start_id(trained.tokenizer)
        for way, seed in (("greedy", None), ("drawn", 0)):
            chosen = {"heat": 0.0} if seed is None else {**DRAWN, "seed": seed}
            rows, same = [], True
            for _ in range(options.turns):
                one, rate = timed(plain(model, start, options.tokens, seed))
                other, ours = timed(sample(model, [start], options.tokens, **chosen))
                rows.append((rate, ours))
                same &= one == other
            ratios = sorted(ours / rate for rate, ours in rows)
            medians = [statistics.median(column) for column in zip(*rows, strict=True)]
            print(
                f"| {kind}, {model.config.vocab_size:,} tokens | {way} | {medians[0]:,.0f} | {medians[1]:,.0f} "
                f"| {statistics.median(ratios):.1f} ({ratios[0]:.1f}, {ratios[-1]:.1f}) | {'yes' if same else 'NO'} |", flush=True,
            )  # fmt: skip


if __name__ == "__main__":
    main()
