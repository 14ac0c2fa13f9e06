"""Decoding 解码: from the model's scores to the next token, and so on, token by token.

The scores (**logits**) say how likely each token is; a rule picks one. **Greedy** takes the likeliest. **Sampling** draws
by the probabilities, and three filters change what it draws from: the **temperature** 温度 flattens or sharpens them,
**top-k** keeps the k likeliest (Fan, Lewis & Dauphin 2018), **top-p** or nucleus sampling the fewest that reach the
probability p together (Holtzman et al. 2020). The filters are plain functions from logits to logits: what is ruled out
gets minus infinity.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator, Sequence

import torch
from jaxtyping import Float, Int
from torch import Tensor, nn

from lmcourse.checkpoint import checked_seed
from lmcourse.errors import LmcourseError
from lmcourse.nn.stepper import stepper
from lmcourse.tokenizers.base import Tokenizer


def greedy(logits: Float[Tensor, "*batch vocab"]) -> Int[Tensor, "*batch"]:
    """The likeliest token; of equals, the one with the lowest id."""
    return logits.argmax(-1)  # the first of several equal maxima


def temperature(logits: Float[Tensor, "*batch vocab"], value: float) -> Float[Tensor, "*batch vocab"]:
    """Logits divided by ``value``: below 1 the likely gets likelier, above 1 the unlikely does; 0 leaves the likeliest."""
    if not 0 <= value < math.inf:
        raise LmcourseError(f"The temperature is a number from 0 (always the likeliest token) up, usually below 2, not {value}.")
    if value == 0:
        return top_k(logits, 1)
    # The largest logit is moved to 0 first, so that a very small temperature cannot make infinity out of it.
    return (logits - logits.amax(-1, keepdim=True)) / max(value, 1e-30)


def top_k(logits: Float[Tensor, "*batch vocab"], k: int) -> Float[Tensor, "*batch vocab"]:
    """Keep the ``k`` likeliest tokens; of equals at the border, those with the lower ids, so that exactly k remain."""
    if k < 1:
        raise LmcourseError(f"top_k is the number of tokens to choose from, at least 1, not {k}.")
    order = logits.argsort(dim=-1, descending=True, stable=True)
    return logits.scatter(-1, order[..., k:], -torch.inf)


def top_p(logits: Float[Tensor, "*batch vocab"], p: float) -> Float[Tensor, "*batch vocab"]:
    """Keep the smallest set of likeliest tokens whose probabilities add up to at least ``p``; never fewer than one."""
    if not 0 <= p <= 1:
        raise LmcourseError(f"top_p is a share of the probability, from 0 to 1, not {p}.")
    order = logits.argsort(dim=-1, descending=True, stable=True)
    # In double precision: the sum of many small probabilities decides.
    probabilities = logits.gather(-1, order).double().softmax(-1)
    before = probabilities.cumsum(-1) - probabilities  # what the likelier ones have together
    drop = (before >= p).scatter(-1, order[..., :1].new_zeros(order[..., :1].shape), False)
    return logits.masked_fill(torch.zeros_like(drop).scatter(-1, order, drop), -torch.inf)


def adjusted(
    logits: Float[Tensor, "*batch vocab"], heat: float = 1.0, k: int | None = None, p: float | None = None
) -> Float[Tensor, "*batch vocab"]:
    """Temperature ``heat``, then top-k, then top-p, the usual order; None leaves a filter out."""
    logits = temperature(logits, heat)
    logits = logits if k is None else top_k(logits, k)
    return logits if p is None else top_p(logits, p)


def draw(logits: Float[Tensor, "*batch vocab"], generator: torch.Generator | None = None) -> Int[Tensor, "*batch"]:
    """A token drawn by its probability, with PyTorch's random numbers or those of ``generator``."""
    # One random number u between 0 and 1, and the first token at which the running sum of probabilities exceeds it.
    sums = logits.double().softmax(-1).cumsum(-1)
    u = torch.rand(logits.shape[:-1], generator=generator, dtype=torch.float64, device=logits.device)
    return (sums <= u.unsqueeze(-1) * sums[..., -1:]).sum(-1)


def start_id(tokenizer: Tokenizer) -> int:
    """The token that stands before a text: ``<bos>`` or ``<eos>`` where the tokenizer has one, else a line break.

    So an empty prompt continues a line break, and the first token of a text is predicted like any other. Where the
    vocabulary has no line break, a space stands in, and where it has none either, the unknown or first token.
    """
    for name in ("<bos>", "<eos>"):
        if name in tokenizer.special_tokens:
            return tokenizer.special_tokens[name]
    for text in ("\n", " "):
        if not tokenizer.unknown(text) and (ids := tokenizer.encode(text)):
            return ids[-1]
    return tokenizer.unk_id or 0


def sample(
    model: nn.Module,
    prompt: Sequence[int],
    tokens: int,
    *,
    heat: float = 1.0,
    k: int | None = None,
    p: float | None = None,
    seed: int | None = None,
    forbidden: Iterable[int] = (),
    stop: int | None = None,
) -> Iterator[int]:
    """Yield up to ``tokens`` ids that continue ``prompt`` (at least one id), each as soon as it is chosen.

    The model reads the prompt once; then only each new token, with the state carried along (:mod:`lmcourse.nn.stepper`;
    so it must not be trained between two ids). ``forbidden`` ids are never chosen; temperature ``heat``, top-``k`` and
    top-``p`` as in :func:`adjusted`, and ``heat=0`` is greedy. A ``seed`` makes the ids repeatable and leaves other random
    numbers alone. The id ``stop`` ends the text and is not yielded.
    """
    if not prompt:
        raise LmcourseError("A model continues something; give a prompt of at least one token.")
    if tokens < 0:
        raise LmcourseError(f"The number of tokens to write must be 0 or more, not {tokens}.")
    device = next(model.parameters()).device
    adjusted(torch.zeros(1, 2), heat, k, p)  # complain about a setting now, not when the first token is asked for
    ruled_out = torch.tensor(sorted(forbidden), dtype=torch.long, device=device)
    generator = None if seed is None else torch.Generator(device).manual_seed(checked_seed(seed))

    def choose(logits: Float[Tensor, " vocab"]) -> int:
        logits = logits.float().index_fill(-1, ruled_out, -torch.inf) if len(ruled_out) else logits.float()
        return int(greedy(logits) if heat == 0 else draw(adjusted(logits, heat, k, p), generator))

    @torch.no_grad()
    def read() -> tuple[Float[Tensor, " vocab"], Callable[[int], Float[Tensor, " vocab"]]]:
        logits, state = model(torch.tensor([[*prompt]], device=device), None)
        return logits[0, -1], stepper(model, state)

    def ids() -> Iterator[int]:
        if not tokens:
            return
        was_training = model.training
        model.eval()
        try:
            logits, step = read()
            for left in reversed(range(tokens)):
                chosen = choose(logits)
                if chosen == stop:
                    return
                yield chosen
                if left:
                    logits = step(chosen)
        finally:
            model.train(was_training)

    return ids()


def as_text(ids: Iterable[int], tokenizer: Tokenizer, before: Sequence[int] = ()) -> Iterator[str]:
    """Turn ids into text as they come; ``before`` are the ids of the text already shown.

    The pieces, joined, are what ``tokenizer.decode`` makes of all the ids after ``before``. Two things need care: a token
    of bytes may end in the middle of a character, which is held back until it is whole, and whether a space
    stands before a word depends on the word before it.
    """
    window = list(before[-1:])  # ids of text that is shown, the last of them, and of text that is not
    shown = len(tokenizer.decode(window))
    for id in ids:
        window.append(id)
        text = tokenizer.decode(window)
        # An unfinished character decodes to one replacement character at the end.
        whole = text.removesuffix("\N{REPLACEMENT CHARACTER}")
        if len(whole) > shown:
            yield whole[shown:]
            shown = len(whole)
        if whole == text:
            window = [id]
            shown = len(tokenizer.decode(window))
    if rest := tokenizer.decode(window)[shown:]:
        yield rest
