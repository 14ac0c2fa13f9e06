"""The course's encoder-decoder beside the widespread attention tutorial's, on the same pairs, on one CPU thread.

    OMP_NUM_THREADS=1 python bench/seq2seq.py [--seconds 480] [--seeds 1] [--bfloat16] [--words]

The tutorial's architecture and settings: embedding 256, a bidirectional GRU of 2 × 512, additive attention (Bahdanau, Cho
& Bengio 2015) computed step by step, its context fed to a GRU of 512 and to the output layer, dropout 0.5, teacher
forcing in half of the batches' steps, random batches of 128, weights drawn from N(0, 0.01), Adam at 1e-3, clip 1. Beside
it the course's model at the same widths and at its own size, both with the recipe of ``lmcourse.tasks.translate``.

All read the same ids (English word pieces, Chinese characters) of Willow Bay's training pairs and translate its test
pairs greedily; in bfloat16, and batches three times as large, ours gains where the processor computes in it. Time is the
process's own CPU time of training alone: what else runs on the machine hardly matters.
"""

from __future__ import annotations

import argparse
import os
import time
from collections.abc import Iterator, Sequence
from dataclasses import replace
from functools import partial

os.environ.setdefault("OMP_NUM_THREADS", "1")

import torch
from jaxtyping import Bool, Float, Int
from torch import Tensor, nn
from torch.nn import functional

from lmcourse import corpus
from lmcourse.batching import Pairs, mask_of, pad
from lmcourse.checkpoint import random_numbers
from lmcourse.metrics import bleu, chrf
from lmcourse.tasks.baselines import NearestTranslation
from lmcourse.tasks.pairs import read_pair_texts
from lmcourse.tasks.translate import TranslatorRecipe, encoded, translate
from lmcourse.tokenizers import PairTokenizer
from lmcourse.training import next_target

Ids = list[tuple[list[int], list[int]]]
OWN = TranslatorRecipe()
EQUAL = replace(OWN, embedding_size=256, encoder_size=1024, decoder_size=512)
MODELS = {
    "tutorial": None,
    "ours, the same widths": EQUAL,
    "ours, the same widths, bfloat16": replace(EQUAL, precision="bfloat16", batch_tokens=1500),
    "ours, its own size": OWN,
    "ours, its own size, bfloat16": replace(OWN, precision="bfloat16", batch_tokens=1500),
}


class Tutorial(nn.Module):
    """The tutorial's network, one step of the target at a time."""

    def __init__(self, sources: int, targets: int, width: int = 256, hidden: int = 512, dropout: float = 0.5) -> None:
        super().__init__()
        self.source, self.target = nn.Embedding(sources, width), nn.Embedding(targets, width)
        self.encoder = nn.GRU(width, hidden, bidirectional=True, batch_first=True)
        self.bridge = nn.Linear(2 * hidden, hidden)
        self.energy, self.weight = nn.Linear(3 * hidden, hidden), nn.Linear(hidden, 1, bias=False)
        self.cell = nn.GRU(width + 2 * hidden, hidden, batch_first=True)
        self.output = nn.Linear(width + 3 * hidden, targets)
        self.dropout = nn.Dropout(dropout)
        for name, parameter in self.named_parameters():
            nn.init.normal_(parameter, std=0.01) if "weight" in name else nn.init.zeros_(parameter)

    def encode(
        self, source: Int[Tensor, "batch source"], lengths: Sequence[int]
    ) -> tuple[Float[Tensor, "batch source both"], Float[Tensor, "batch hidden"], Bool[Tensor, "batch source"]]:
        packed = nn.utils.rnn.pack_padded_sequence(
            self.dropout(self.source(source)), torch.tensor(lengths), batch_first=True, enforce_sorted=False
        )
        outputs, last = self.encoder(packed)
        outputs, _ = nn.utils.rnn.pad_packed_sequence(outputs, batch_first=True, total_length=source.shape[1])
        return outputs, torch.tanh(self.bridge(torch.cat([last[0], last[1]], -1))), mask_of(lengths, source.shape[1])

    def step(
        self, ids: Int[Tensor, " batch"], hidden: Float[Tensor, "batch hidden"],
        outputs: Float[Tensor, "batch source both"], real: Bool[Tensor, "batch source"],
    ) -> tuple[Float[Tensor, "batch targets"], Float[Tensor, "batch hidden"]]:  # fmt: skip
        x = self.dropout(self.target(ids))
        query = hidden[:, None].expand(-1, outputs.shape[1], -1)
        energy = self.weight(torch.tanh(self.energy(torch.cat([query, outputs], -1))))[..., 0]
        context = (energy.masked_fill(~real, -1e10).softmax(-1)[:, None] @ outputs)[:, 0]
        _, after = self.cell(torch.cat([x, context], -1)[:, None], hidden[None])
        return self.output(torch.cat([after[0], context, x], -1)), after[0]


def tutorial(data: Ids, tokens: PairTokenizer, seconds: float) -> tuple[Tutorial, int, float]:
    """Train it for so many CPU-seconds; the model, the targets it met, and the seconds it took."""
    model = Tutorial(tokens.vocab_size, tokens.targets)
    optimizer = torch.optim.Adam(model.parameters(), 1e-3)
    count, start = 0, time.process_time()
    for batch in random_batches(data, 128):
        source, target = pad([one for one, _ in batch]), pad([other for _, other in batch], value=-100)
        outputs, hidden, real = model.encode(source, [len(one) for one, _ in batch])
        ids, logits = target[:, 0], []
        for place in range(1, target.shape[1]):
            scores, hidden = model.step(ids, hidden, outputs, real)
            logits.append(scores)
            forced = torch.rand(()) < 0.5
            ids = target[:, place].clamp(min=0) if forced else scores.argmax(-1)
        loss = functional.cross_entropy(torch.stack(logits, 1).flatten(0, 1), target[:, 1:].flatten(), ignore_index=-100)
        optimizer.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()
        count += int((target[:, 1:] >= 0).sum())
        if (spent := time.process_time() - start) >= seconds:
            break
    return model.eval(), count, spent


def random_batches(data: Ids, size: int) -> Iterator[Ids]:
    while True:
        order = torch.randperm(len(data)).tolist()
        yield from ([data[index] for index in order[i : i + size]] for i in range(0, len(order), size))


@torch.no_grad()
def written(model: Tutorial, tokens: PairTokenizer, texts: Sequence[str], longest: int = 60) -> list[str]:
    """Its greedy translations."""
    found = []
    for text in texts:
        source = tokens.encode_source(text)
        outputs, hidden, real = model.encode(torch.tensor([source]), [len(source)])
        ids, last = [], torch.tensor([tokens.bos])
        for _ in range(longest):
            scores, hidden = model.step(last, hidden, outputs, real)
            last = scores.index_fill(-1, torch.tensor(tokens.unwritable), -torch.inf).argmax(-1)
            if int(last) == tokens.eos:
                break
            ids.append(int(last))
        found.append(tokens.decode(ids))
    return found


def ours(data: Ids, tokens: PairTokenizer, seconds: float, recipe: TranslatorRecipe, seed: int) -> tuple[nn.Module, int, float]:
    """The course's model with its recipe; the rate falls with the time that is left."""
    half = recipe.precision == "bfloat16"
    model = recipe.build(tokens, seed)
    model.expect(torch.bincount(torch.tensor([id for _, target in data for id in target[1:]]), minlength=tokens.targets))
    optimizer = torch.optim.Adam(model.parameters(), recipe.learning_rate, betas=(0.9, 0.98), fused=True)
    batches, objective = Pairs(data, recipe.batch_tokens, seed), partial(next_target, smoothing=recipe.smoothing)
    model.train()
    step = count = 0
    start = time.process_time()
    while (spent := time.process_time() - start) < seconds:
        for group in optimizer.param_groups:
            group["lr"] = recipe.learning_rate * min(1, (step + 1) / 200) * (1 - spent / seconds)
        with torch.autocast("cpu", torch.bfloat16, enabled=half):
            loss, targets, _ = objective(model, batches(step), None)
        loss.backward()
        nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()
        optimizer.zero_grad()
        step, count = step + 1, count + targets
    return model.eval(), count, spent


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--seconds", type=float, default=480.0, help="CPU-seconds of training for each")
    parser.add_argument("--seeds", type=int, default=1, help="of ours at its own size; the others are trained once")
    parser.add_argument("--bfloat16", action="store_true", help="ours in half precision as well")
    parser.add_argument("--words", action="store_true", help="words as tokens on both sides, at most 10,000")
    options = parser.parse_args()
    torch.set_num_threads(1)
    texts, test = read_pair_texts("willow_bay/parallel"), corpus.load("willow_bay/parallel", split="test")
    whole = {"source_tokens": "word", "target_tokens": "word", "vocab_size": 10_000} if options.words else {}
    recipe = replace(OWN, **whole).sized(texts)
    tokens = PairTokenizer.train(texts.train, recipe.vocab_size, kinds=(recipe.source_tokens, recipe.target_tokens))
    data, (sources, wanted) = encoded(texts.train, tokens), zip(*((pair.en, pair.zh) for pair in test), strict=True)
    near = NearestTranslation().fit(*zip(*texts.train, strict=True)).predict(sources)
    print(f"{tokens.targets:,} target tokens, {tokens.vocab_size - tokens.targets:,} of the source.")
    print(f"Nearest known sentence: BLEU {bleu(near, wanted, 'zh'):.1f}, chrF {chrf(near, wanted):.1f}.")
    print("\n| model | seed | parameters | target tokens a CPU-second | against the tutorial | BLEU | chrF |\n|---|---|---|---|---|---|---|")
    first = None
    runs = [(name, 0) for name in MODELS if options.bfloat16 or "bfloat16" not in name]
    for name, seed in [*runs, *(("ours, its own size", seed) for seed in range(1, options.seeds))]:
        sizes = MODELS[name]
        with random_numbers(seed):
            if sizes is None:
                model, count, spent = tutorial(data, tokens, options.seconds)
                found = written(model, tokens, sources)
            else:
                model, count, spent = ours(data, tokens, options.seconds, sizes, seed)
                found = translate((model, tokens), sources)
        rate = count / spent
        first = first or rate
        size = sum(parameter.numel() for parameter in model.parameters())
        print(
            f"| {name} | {seed} | {size / 1e6:.1f} M | {rate:,.0f} | {rate / first:.1f} × "
            f"| {bleu(found, wanted, 'zh'):.1f} | {chrf(found, wanted):.1f} |", flush=True,
        )  # fmt: skip


if __name__ == "__main__":
    main()
