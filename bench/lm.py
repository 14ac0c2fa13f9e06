"""The course's LSTM language model beside a well-known small Transformer recipe, on one CPU thread.

    OMP_NUM_THREADS=1 python bench/lm.py [--seeds 3] [--transformer-seeds 1]

Both learn one million characters of English prose (Wikipedia articles that come with gensim, mark-up stripped) character
by character, and are measured on the same 100,000 characters of other articles. The Transformer follows the recipe that
nanoGPT (Karpathy 2022) gives for a CPU: 4 layers, 4 heads, 128 wide, context 64, batches of 12, 2,000 steps, AdamW from
1e-3 down to 1e-4 with 100 steps of warm-up, beta2 0.99, no dropout. Its attention is PyTorch's fused one.

Time is the process's own CPU time of training alone, without evaluation, so that other programs on the machine do not
matter. The Transformer is measured with windows that overlap by three quarters, so that no character (but the first ones)
has less than 48 before it; the LSTM carries its state through the text.
"""

from __future__ import annotations

import argparse
import math
import os
import time
from collections.abc import Callable
from dataclasses import dataclass

os.environ.setdefault("OMP_NUM_THREADS", "1")

import torch
from jaxtyping import Float, Int
from torch import Tensor, nn
from torch.nn import functional

from lmcourse import corpus
from lmcourse.batching import Streams
from lmcourse.cleaning import strip_wikitext
from lmcourse.decoding import start_id
from lmcourse.metrics import Score, evaluate
from lmcourse.tasks.recipe import Recipe, build
from lmcourse.tokenizers import CharTokenizer
from lmcourse.training import fit

LSTM_STEPS = (700, 1400)
CONTEXT, BATCH, STEPS = 64, 12, 2000


class Block(nn.Module):
    """Attention to what came before, then a layer for each place by itself; both add to the stream (pre-norm)."""

    def __init__(self, width: int, heads: int) -> None:
        super().__init__()
        self.heads = heads
        self.norm1, self.norm2 = nn.LayerNorm(width, bias=False), nn.LayerNorm(width, bias=False)
        self.qkv, self.out = nn.Linear(width, 3 * width, bias=False), nn.Linear(width, width, bias=False)
        self.up, self.down = nn.Linear(width, 4 * width, bias=False), nn.Linear(4 * width, width, bias=False)

    def forward(self, x: Float[Tensor, "batch time width"]) -> Float[Tensor, "batch time width"]:
        batch, time, width = x.shape
        q, k, v = self.qkv(self.norm1(x)).view(batch, time, 3, self.heads, -1).permute(2, 0, 3, 1, 4)
        mixed = functional.scaled_dot_product_attention(q, k, v, is_causal=True)  # batch heads time width/heads
        x = x + self.out(mixed.transpose(1, 2).reshape(batch, time, width))
        return x + self.down(functional.gelu(self.up(self.norm2(x))))


class Transformer(nn.Module):
    """The recipe's model: learnt positions, output tied to the embedding, small initial weights."""

    def __init__(self, vocab_size: int, width: int = 128, heads: int = 4, layers: int = 4) -> None:
        super().__init__()
        self.embedding, self.position = nn.Embedding(vocab_size, width), nn.Embedding(CONTEXT, width)
        self.blocks = nn.ModuleList(Block(width, heads) for _ in range(layers))
        self.norm = nn.LayerNorm(width, bias=False)
        for name, parameter in self.named_parameters():
            if parameter.dim() == 2:
                residual = name.endswith(("out.weight", "down.weight"))
                nn.init.normal_(parameter, std=0.02 / math.sqrt(2 * layers) if residual else 0.02)

    def forward(self, ids: Int[Tensor, "batch time"]) -> Float[Tensor, "batch time vocab"]:
        x = self.embedding(ids) + self.position.weight[: ids.shape[1]]
        for block in self.blocks:
            x = block(x)
        return functional.linear(self.norm(x), self.embedding.weight)


@dataclass
class Row:
    """One line of the table."""

    name: str
    seed: int
    model: nn.Module
    tokens: int
    seconds: float
    score: Score


def train_transformer(ids: Int[Tensor, " time"], vocab_size: int, seed: int) -> tuple[nn.Module, int]:
    """The recipe's training, as lean as a loop can be: windows from random places, no evaluation on the way."""
    torch.manual_seed(seed)
    model = Transformer(vocab_size)
    matrices = [p for p in model.parameters() if p.dim() >= 2]
    others = [p for p in model.parameters() if p.dim() < 2]
    groups = [{"params": matrices, "weight_decay": 0.1}, {"params": others, "weight_decay": 0.0}]
    optimizer = torch.optim.AdamW(groups, lr=1e-3, betas=(0.9, 0.99), fused=True)
    places = ids.unfold(0, CONTEXT + 1, 1)
    for step in range(STEPS):
        falling = 1e-4 + 9e-4 * (1 + math.cos(math.pi * (step - 100) / (STEPS - 100))) / 2
        rate = 1e-3 * (step + 1) / 101 if step < 100 else falling
        for group in optimizer.param_groups:
            group["lr"] = rate
        chosen = places[torch.randint(len(places), (BATCH,))]
        logits = model(chosen[:, :-1])
        functional.cross_entropy(logits.flatten(0, 1), chosen[:, 1:].flatten()).backward()
        nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()
        optimizer.zero_grad()
    return model, STEPS * BATCH * CONTEXT


@torch.no_grad()
def transformer_score(model: nn.Module, tokenizer: CharTokenizer, text: str, stride: int = CONTEXT // 4) -> Score:
    """Every character once: a window advances by ``stride`` and scores what is new in it."""
    ids = torch.tensor([start_id(tokenizer), *tokenizer.encode(text)])
    windows = ids.unfold(0, CONTEXT + 1, stride)
    nats = 0.0
    for number, some in enumerate(windows.split(256)):
        losses = functional.cross_entropy(model(some[:, :-1]).transpose(1, 2), some[:, 1:], reduction="none").double()
        nats += losses[:, -stride:].sum().item()
        if number == 0:
            nats += losses[0, :-stride].sum().item()
    rest = (len(ids) - 1) - (CONTEXT + stride * (len(windows) - 1))  # characters behind the last window
    if rest:
        last = ids[-CONTEXT - 1 :][None]
        nats += functional.cross_entropy(model(last[:, :-1])[0, -rest:], last[0, -rest:], reduction="sum").item()
    # How many bytes there are, and how many of them the vocabulary lacks, is the text's affair, not the model's.
    return Score(nats, len(ids) - 1, len(text.encode()), sum(len(c.encode()) for c in text if tokenizer.unknown(c)))


def train_lstm(ids: Int[Tensor, " time"], tokenizer: CharTokenizer, seed: int, steps: int) -> tuple[nn.Module, int]:
    """The package's own model, recipe and loop."""
    recipe = Recipe().sized(len(ids), steps)
    model = build(recipe, tokenizer, seed)
    streams = Streams(ids, recipe.batch_size, recipe.window, seed)
    history = fit(model, streams, steps=steps, learning_rate=recipe.learning_rate, every=steps, seed=seed, progress=False)
    return model, history.tokens


def texts() -> tuple[str, str]:
    """One million characters for training and 100,000 of other articles for validation."""
    articles = corpus.load("wikipedia-sample")

    def prose(part: str, characters: int) -> str:
        taken, size = [], 0
        for article in articles.split(part, valid=0.2, test=0.0):
            text = strip_wikitext(article.text).strip() + "\n\n"
            taken.append(text)
            size += len(text)
            if size >= characters:
                return "".join(taken)[:characters]
        raise SystemExit(f"The {part} split has only {size} characters.")

    return prose("train", 1_000_000), prose("valid", 100_000)


def timed(train: Callable[[], tuple[nn.Module, int]]) -> tuple[nn.Module, int, float]:
    """What ``train`` returns, and the CPU seconds it took."""
    start = time.process_time()
    model, tokens = train()
    return model.eval(), tokens, time.process_time() - start


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--seeds", type=int, default=3, help="runs of the LSTM for each number of steps")
    parser.add_argument("--transformer-seeds", type=int, default=1, help="runs of the Transformer")
    options = parser.parse_args()
    torch.set_num_threads(1)
    train, valid = texts()
    tokenizer = CharTokenizer.train([train])
    ids = torch.tensor(tokenizer.encode(train))
    rows = []
    train_lstm(ids, tokenizer, 0, 3)  # what is loaded and allocated at the very first step belongs to nobody
    for seed in range(options.transformer_seeds):
        model, tokens, seconds = timed(lambda seed=seed: train_transformer(ids, tokenizer.vocab_size, seed))
        rows.append(Row("Transformer recipe", seed, model, tokens, seconds, transformer_score(model, tokenizer, valid)))
    for steps in LSTM_STEPS:
        for seed in range(options.seeds):
            model, tokens, seconds = timed(lambda seed=seed, steps=steps: train_lstm(ids, tokenizer, seed, steps))
            rows.append(Row(f"LSTM, {steps} steps", seed, model, tokens, seconds, evaluate(model, tokenizer, valid)))
    print(f"{len(train):,} + {len(valid):,} characters, {tokenizer.vocab_size} in the vocabulary, one thread\n")
    print("| model | seed | parameters | tokens seen | CPU s | of the recipe's | tokens/s | val. loss | bits/byte |")
    print("|---|---|---|---|---|---|---|---|---|")
    whole = sum(row.seconds for row in rows[: options.transformer_seeds]) / options.transformer_seeds
    for row in rows:
        size = sum(parameter.numel() for parameter in row.model.parameters())
        print(
            f"| {row.name} | {row.seed} | {size:,} | {row.tokens:,} | {row.seconds:.1f} | 1/{whole / row.seconds:.1f} | "
            f"{row.tokens / row.seconds:,.0f} | {row.score.loss:.4f} | {row.score.bits_per_byte:.4f} |"
        )


if __name__ == "__main__":
    main()
