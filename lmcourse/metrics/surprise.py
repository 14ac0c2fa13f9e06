"""How good is a language model? Measured by how surprised it is by text that it has never seen.

The **loss** is the mean of -ln p over the tokens, p being the probability that the model gave to the token that came:
in *nats*. **Perplexity** 困惑度 is e to that power: as unsure as if it had to guess among so many equally likely tokens.
Both depend on what a token is. **Bits per byte** do not: all bits that the model needs for the text (Shannon 1948),
divided by the text's length in UTF-8 bytes, so that models with different tokenizers can stand in one table.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import torch
from jaxtyping import Float, Int
from torch import Tensor, nn

from lmcourse.decoding import start_id
from lmcourse.errors import LmcourseError
from lmcourse.tokenizers.base import Tokenizer

WARM_UP = 256  # tokens that a stream reads, unscored, before the first that it scores
ALONE = 2048  # texts up to this many tokens are read in one stream


@dataclass(frozen=True)
class Score:
    """A model's surprise at a text: ``nats`` in all, over ``tokens`` tokens and ``bytes`` bytes of UTF-8.

    ``unknown_bytes`` belong to pieces outside the vocabulary. The model predicts only *that* one comes; so that losing
    information is no advantage, each of these bytes costs 8 bits more in ``bits_per_byte``.
    """

    nats: float
    tokens: int
    bytes: int
    unknown_bytes: int = 0

    @property
    def loss(self) -> float:
        """Nats per token."""
        return self.nats / self.tokens

    @property
    def perplexity(self) -> float:
        """e to the power of the loss."""
        return math.exp(min(self.loss, 700.0))  # beyond, it is no longer a floating-point number

    @property
    def bits_per_byte(self) -> float:
        """Bits for the whole text per byte of it, whatever a token is."""
        return (self.nats / math.log(2) + 8 * self.unknown_bytes) / self.bytes

    def __str__(self) -> str:
        return (
            f"{self.bits_per_byte:.3f} bits per byte, loss {self.loss:.3f} nats per token, perplexity {self.perplexity:.2f} "
            f"({self.tokens:,} tokens, {self.bytes:,} bytes)"
        )


@torch.no_grad()
def token_losses(
    model: nn.Module,
    ids: Sequence[int] | Int[Tensor, " time"],
    start: int,
    streams: int | None = None,
    window: int = 128,
    warm_up: int = WARM_UP,
) -> Float[Tensor, " time"]:
    """The surprise at each of ``ids`` in nats; ``start`` is the token before the first.

    Every token is scored exactly once, by a model that has read what stands before it: its state is carried through the
    text. For speed a long text is read in several ``streams`` at once. The first begins at the beginning, each other
    one reads ``warm_up`` tokens before its own. One stream is exact, and slow; 256 tokens of warm-up come within 0.001
    of it. The ``window`` only bounds the memory. A model in training mode is put back into it afterwards.
    """
    ids = torch.as_tensor(ids, dtype=torch.long)
    if len(ids) == 0:
        return torch.zeros(0)
    streams = streams if streams is not None else min(32, -(-len(ids) // ALONE))
    share = -(-len(ids) // streams)
    inputs = torch.cat([torch.tensor([start]), ids[:-1]])
    was_training = model.training
    model.eval()
    losses = [_read(model, inputs[None, :share], ids[None, :share], window)[0]]
    if share < len(ids):
        warm_up = min(warm_up, share)
        # All other streams as rows of equal length; what the last one lacks is filled up and thrown away.
        filling = torch.zeros((streams - 1) * share + share - len(ids), dtype=torch.long)
        rows = [torch.cat([x, filling])[share - warm_up :].unfold(0, warm_up + share, share) for x in (inputs, ids)]
        losses.append(_read(model, *rows, window)[:, warm_up:].flatten())
    model.train(was_training)
    return torch.cat(losses)[: len(ids)]


def _read(
    model: nn.Module, inputs: Int[Tensor, "batch time"], targets: Int[Tensor, "batch time"], window: int
) -> Float[Tensor, "batch time"]:
    """The loss at every place of parallel streams, read window by window with the state carried along."""
    device = next(model.parameters()).device
    state, losses = None, []
    for i in range(0, inputs.shape[1], window):
        logits, state = model(inputs[:, i : i + window].to(device), state)
        target = targets[:, i : i + window].to(device)
        losses.append(nn.functional.cross_entropy(logits.float().transpose(1, 2), target, reduction="none").cpu())
    return torch.cat(losses, dim=1)


def evaluate(model: nn.Module, tokenizer: Tokenizer, text: str, special: Iterable[str] = ()) -> Score:
    """The score of ``model`` on all of ``text``, which begins as if after a line break (see :func:`start_id`).

    Those of the tokenizer's special tokens that are named in ``special`` are read where they stand in the text, but not
    scored: they are no text.
    """
    if not text:
        raise LmcourseError("There is no text to measure the model on; give some that is not empty.")
    ids = tokenizer.encode(text, special)
    if max(ids) >= model.config.vocab_size:
        raise LmcourseError("The tokenizer has more tokens than the model; use the tokenizer that the model was trained with.")
    return score_of(token_losses(model, ids, start_id(tokenizer)), ids, tokenizer, text)


def score_of(
    losses: Float[Tensor, " time"] | Sequence[float], ids: Sequence[int], tokenizer: Tokenizer, text: str
) -> Score:
    """The score of any model that met each of ``ids``, the tokens of ``text``, with these ``losses`` in nats."""
    special = {id: len(name.encode()) for name, id in tokenizer.special_tokens.items()}
    scored = [loss for loss, id in zip(torch.as_tensor(losses).double().tolist(), ids, strict=True) if id not in special]
    size = len(text.encode("utf-8", "surrogatepass"))
    marks = sum(special.get(id, 0) for id in ids)
    return Score(math.fsum(scored), len(scored), size - marks, _unknown_bytes(tokenizer, ids, size))


def loss(model: nn.Module, tokenizer: Tokenizer, text: str) -> float:
    """Nats per token of ``text``."""
    return evaluate(model, tokenizer, text).loss


def perplexity(model: nn.Module, tokenizer: Tokenizer, text: str) -> float:
    """e to the power of the loss on ``text``."""
    return evaluate(model, tokenizer, text).perplexity


def bits_per_byte(model: nn.Module, tokenizer: Tokenizer, text: str) -> float:
    """Bits per byte of UTF-8 that the model needs for ``text``."""
    return evaluate(model, tokenizer, text).bits_per_byte


def _unknown_bytes(tokenizer: Tokenizer, ids: Sequence[int], size: int) -> int:
    """How many of a text's ``size`` bytes are lost: those that its tokens, decoded, do not bring back."""
    unknown = 0 if tokenizer.unk_id is None else ids.count(tokenizer.unk_id)
    if not unknown:
        return 0
    known = len(tokenizer.decode(ids).encode("utf-8", "surrogatepass")) - unknown * len("\N{REPLACEMENT CHARACTER}".encode())
    return max(unknown, size - known)  # an unknown piece has at least one byte
