"""Writing a target: from an encoder-decoder's scores to a whole sentence, greedily or with a beam.

**Greedy** decoding takes the likeliest next token each time, and cannot take back a step that turns out badly. A **beam**
束搜索 keeps the ``width`` likeliest beginnings side by side (Graves 2012; Sutskever, Vinyals & Le 2014). A longer sentence
is less likely, whatever it says, so the sums of log-probabilities are divided by ((5 + length) / 6) to the power of
``penalty`` (Wu et al. 2016) before finished sentences of different lengths are compared. A beam of 1 is greedy decoding.

Sentences of equal length are worked on together; states are carried along, and nothing is computed twice.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import torch
from jaxtyping import Int
from torch import Tensor

from lmcourse.errors import LmcourseError
from lmcourse.nn.seq2seq import Seq2Seq


@torch.no_grad()
def beam_search(
    model: Seq2Seq,
    source: Int[Tensor, "batch source"],
    bos: int,
    eos: int,
    *,
    width: int = 1,
    longest: int = 100,
    penalty: float = 1.0,
    forbidden: Sequence[int] = (),
) -> list[list[int]]:
    """The best target found for each source: ids without ``bos`` and ``eos``, at most ``longest``; ``forbidden`` ones never."""
    if width < 1 or longest < 1:
        raise LmcourseError(f"A beam keeps at least one beginning of at least one token, not {width} of {longest}.")
    if penalty < 0:
        raise LmcourseError(f"The length penalty is a number from 0 (none) up, usually below 2, not {penalty}.")
    was_training = model.training
    model.eval()
    memory, state = model.encode(source)
    batch, device = len(source), source.device
    every = torch.arange(batch, device=device).repeat_interleave(width)  # row → its sentence
    memory, state = memory.rows(every), state.rows(every)
    ids = torch.full((batch * width, 1), bos, device=device)
    # At first the rows of a sentence are all the same: only one of them may have children.
    scores = torch.full((batch, width), -torch.inf, device=device)
    scores[:, 0] = 0.0
    ruled_out = torch.tensor([*forbidden], dtype=torch.long, device=device)
    best: list[tuple[float, list[int]]] = [(-math.inf, [])] * batch
    ended = [0] * batch
    for length in range(1, longest + 1):
        features, state = model.decode(ids[:, -1:], memory, state)
        steps = model.logits(features)[:, 0].float().index_fill(-1, ruled_out, -torch.inf).log_softmax(-1)
        sums = (scores.view(-1, 1) + steps).view(batch, -1)
        # Each of the width beginnings may end here once, so twice as many candidates leave width that go on.
        found, places = sums.topk(min(2 * width, sums.shape[1]), dim=1)
        rows, tokens = places // steps.shape[1], places % steps.shape[1]
        ends = tokens == eos
        for number, place in ends[:, :width].nonzero().tolist():
            score = found[number, place].item() / ((5 + length) / 6) ** penalty
            ended[number] += score > -math.inf
            if score > best[number][0]:
                best[number] = score, ids[number * width + int(rows[number, place]), 1:].tolist()
        # A sentence is done when as many of its targets have ended as the beam is wide.
        done = torch.tensor([count >= width for count in ended], device=device)
        if done.all():
            break
        found = found.masked_fill(ends | done[:, None], -torch.inf)
        scores, order = found.topk(min(width, found.shape[1]), dim=1)
        chosen = (rows.gather(1, order) + width * torch.arange(batch, device=device)[:, None]).flatten()
        ids = torch.cat([ids[chosen], tokens.gather(1, order).view(-1, 1)], dim=1)
        state = state.rows(chosen)  # the memory need not move: all rows of a sentence have the same
    model.train(was_training)
    # What found no end is cut off.
    return [found if score > -math.inf else ids[number * width, 1:].tolist() for number, (score, found) in enumerate(best)]
