"""A language model in the place of an encoder-decoder, so that whatever decodes the one decodes the other.

To go on writing is to translate a beginning into what follows: the **source** is the prompt but its last token, the
state after it is all that is handed over, and the decoder is the model itself (Sutskever, Vinyals & Le 2014 read it the other
way round: their decoder is a language model that begins in the encoder's state). With it, the beam of
:mod:`lmcourse.beam` writes.
"""

from __future__ import annotations

import torch
from jaxtyping import Float, Int
from torch import Tensor, nn

from lmcourse.nn.seq2seq import Memory, Seq2Seq, State


class Continuer(Seq2Seq):
    """``model``, with the methods by which an encoder-decoder is asked. It has no weights of its own."""

    def __init__(self, model: nn.Module) -> None:
        nn.Module.__init__(self)  # none of the parts of an encoder-decoder is built
        self.model, self.config = model, model.config
        self.training = model.training  # what decodes puts it back as it was, and the model with it

    def encode(
        self, source: Int[Tensor, "batch source"], lengths: Int[Tensor, " batch"] | None = None
    ) -> tuple[Memory, State]:
        """Read the source, which may be empty; rows are equally long, so ``lengths`` say nothing new."""
        some = source if source.shape[1] else source.new_zeros(len(source), 1)
        scores, (hidden, cell) = self.model(some)
        if not source.shape[1]:  # nothing was read, so the state is that before any token: zeros of the same shape
            hidden, cell = torch.zeros_like(hidden), torch.zeros_like(cell)
        nothing = scores[:, :0, :0]
        return Memory(nothing, nothing, None), State(hidden, cell, None)

    def decode(
        self, ids: Int[Tensor, "batch time"], memory: Memory, state: State
    ) -> tuple[Float[Tensor, "batch time vocab"], State]:
        """Go on over ``ids``. The features are the scores themselves."""
        scores, (hidden, cell) = self.model(ids, (state.hidden.contiguous(), state.cell.contiguous()))
        return scores, State(hidden, cell, None)

    def logits(self, features: Float[Tensor, "*place vocab"]) -> Float[Tensor, "*place vocab"]:
        """The scores."""
        return features
