"""An encoder-decoder 编码器-解码器: read a sentence in one language, write it in another.

An **encoder** LSTM reads the source. A **bridge** turns its last states into first states for the **decoder**, an LSTM
that writes the target token by token, given what stands there so far (Sutskever, Vinyals & Le 2014). **Attention**
注意力 lets it look back at every place of the source while it writes (Bahdanau, Cho & Bengio 2015): here in the form
of Luong, Pham & Manning 2015, dot products *after* the decoder's LSTM, so that in training, when the whole target is
known, a sentence takes one fused LSTM call and two matrix products, and no loop. A **residual path** carries the words
themselves past both LSTMs, so that the error finds a short way back to the embeddings (in another place than between
the layers, as in GNMT: Wu et al. 2016).

There is one table of embeddings for the tokens of both languages; its first rows, those of the language that is
written, are the output layer too: **tied** (Press & Wolf 2017). The decoder may also be given a **context** beside the previous token: a ``"summary"`` of the source, or what
attention saw one step before (``"feeding"``), which can help and forbids computing all steps at once.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import torch
from jaxtyping import Bool, Float, Int
from torch import Tensor, nn
from torch.nn.utils.rnn import pack_padded_sequence, pad_packed_sequence

from lmcourse.batching import mask_of
from lmcourse.errors import LmcourseError
from lmcourse.nn.lstm import Counted, fresh_lstm

CONTEXTS = ("none", "summary", "feeding")


@dataclass(frozen=True)
class Seq2SeqConfig:
    """The sizes of a :class:`Seq2Seq`.

    As they stand, the course's own: 128 numbers for a word, 256 in each LSTM, 128 again into the tied output. The listing
    of lesson 3, corrected: ``layers=3, bidirectional=False, decoder_size=128, context="summary"``.
    """

    vocab_size: int
    outputs: int | None = None  # the first so many tokens can be written; None: all
    embedding_size: int = 128
    encoder_size: int = 256  # of both directions together
    decoder_size: int = 256
    layers: int = 1
    bidirectional: bool = True
    attention: bool = True
    context: str = "none"  # beside the previous token: none, summary, feeding
    residual: bool = True
    dropout: float = 0.0

    def __post_init__(self) -> None:
        for name in ("vocab_size", "embedding_size", "encoder_size", "decoder_size", "layers"):
            if not isinstance(value := getattr(self, name), int) or value < 1:
                raise LmcourseError(f"{name} must be a whole number of at least 1, not {value!r}.")
        if self.outputs is not None and not 1 <= self.outputs <= self.vocab_size:
            raise LmcourseError(f"outputs is how many of the {self.vocab_size} tokens can be written, not {self.outputs!r}.")
        if self.bidirectional and self.encoder_size % 2:
            raise LmcourseError(f"Two directions share encoder_size, so it must be even, not {self.encoder_size}.")
        if self.context not in CONTEXTS:
            raise LmcourseError(f"There is no context {self.context!r}; choose one of: {', '.join(CONTEXTS)}.")
        if self.context == "feeding" and not self.attention:
            raise LmcourseError("Input feeding feeds what attention saw; give attention=True, or another context.")
        if not 0 <= self.dropout < 1:
            raise LmcourseError(f"dropout is the share of values to drop, from 0 up to but not including 1, not {self.dropout!r}.")


class Memory(NamedTuple):
    """What the encoder leaves to the decoder: its outputs, the same ready for dot products, and which are padding."""

    outputs: Float[Tensor, "batch source encoder"]
    keys: Float[Tensor, "batch decoder source"]
    padding: Bool[Tensor, "batch 1 source"] | None

    def rows(self, index: Int[Tensor, " rows"]) -> Memory:
        """The memory of the sentences ``index``, in that order; one may come several times (a beam)."""
        return Memory(*(part if part is None else part.index_select(0, index) for part in self))


class State(NamedTuple):
    """Where the decoder stands: hidden state and cell of each layer, and the context for its next input."""

    hidden: Float[Tensor, "layers batch decoder"]
    cell: Float[Tensor, "layers batch decoder"]
    context: Float[Tensor, "batch embedding"] | None

    def rows(self, index: Int[Tensor, " rows"]) -> State:
        """The states of the sentences ``index``, in that order."""
        context = None if self.context is None else self.context.index_select(0, index)
        return State(self.hidden.index_select(1, index), self.cell.index_select(1, index), context)


class Seq2Seq(Counted):
    """Encoder → bridge → decoder with attention → one score per token of the vocabulary, for the token that comes next."""

    def __init__(self, config: Seq2SeqConfig) -> None:
        super().__init__()
        self.config = config
        embedding, encoder, decoder = config.embedding_size, config.encoder_size, config.decoder_size
        between = config.dropout if config.layers > 1 else 0.0  # nn.LSTM drops between its layers only
        wide = embedding if config.context == "none" else 2 * embedding
        self.embedding = nn.Embedding(config.vocab_size, embedding)
        self.encoder = nn.LSTM(
            embedding, encoder // (1 + config.bidirectional), config.layers,
            batch_first=True, dropout=between, bidirectional=config.bidirectional,
        )  # fmt: skip
        self.bridge_hidden, self.bridge_cell = nn.Linear(encoder, decoder), nn.Linear(encoder, decoder)
        self.decoder = nn.LSTM(wide, decoder, config.layers, batch_first=True, dropout=between)
        if config.context != "none":
            self.to_context = nn.Linear(encoder, embedding)
        if config.attention:
            self.to_key = nn.Linear(encoder, decoder, bias=False)
        if config.residual:
            self.past_encoder = nn.Linear(embedding, encoder, bias=False)
            self.past_decoder = nn.Identity() if embedding == decoder else nn.Linear(embedding, decoder, bias=False)
        self.combine = nn.Linear(decoder + encoder if config.attention else decoder, embedding)
        self.bias = nn.Parameter(torch.zeros(config.outputs or config.vocab_size))
        self.dropout = nn.Dropout(config.dropout)
        nn.init.normal_(self.embedding.weight, std=0.1)  # it is also the output layer: large would be confident and wrong
        fresh_lstm(self.encoder)
        fresh_lstm(self.decoder)

    @torch.no_grad()
    def expect(self, counts: Int[Tensor, " outputs"]) -> None:
        """Start the output's bias at the logarithms of the tokens' frequencies: which are rare need not be learnt first."""
        share = counts.double() + 0.1  # what never occurred is rare, not impossible
        self.bias.copy_((share / share.sum()).log())

    def encode(
        self, source: Int[Tensor, "batch source"], lengths: Int[Tensor, " batch"] | None = None
    ) -> tuple[Memory, State]:
        """Read the source. ``lengths`` are needed where rows are padded on the right: the rest is neither read nor seen."""
        x = self.dropout(self.embedding(source))
        if lengths is None:
            outputs, last = self.encoder(x)
            padding = None
        else:  # packed, so that a backward direction begins at the last word, and the last state is that of the last word
            packed = pack_padded_sequence(x, lengths.cpu(), batch_first=True, enforce_sorted=False)
            outputs, last = self.encoder(packed)
            outputs, _ = pad_packed_sequence(outputs, batch_first=True, total_length=source.shape[1])
            padding = ~mask_of(lengths, source.shape[1])[:, None]
        hidden, cell = (self._joined(part) for part in last)  # layers batch encoder
        context = self.to_context(hidden[-1]) if self.config.context != "none" else None
        state = State(torch.tanh(self.bridge_hidden(hidden)), self.bridge_cell(cell), context)
        if self.config.residual:
            outputs = outputs + self.past_encoder(x)
        keys = self.to_key(outputs) * self.config.decoder_size**-0.5 if self.config.attention else outputs[..., :0]
        return Memory(outputs, keys.transpose(1, 2), padding), state

    def decode(
        self, ids: Int[Tensor, "batch time"], memory: Memory, state: State
    ) -> tuple[Float[Tensor, "batch time embedding"], State]:
        """Go on from ``state`` over the target's tokens ``ids``: for each place, features from which :meth:`logits`
        makes scores, and the state after the last. A target read in one go or in several gives the same."""
        features, state, _ = self._read(ids, memory, state)
        return features, state

    def logits(self, features: Float[Tensor, "*place embedding"]) -> Float[Tensor, "*place outputs"]:
        """A score for each token that can come next: how well its embedding fits, and how frequent it is."""
        return nn.functional.linear(features, self.embedding.weight[: len(self.bias)], self.bias)

    def forward(
        self,
        source: Int[Tensor, "batch source"],
        inputs: Int[Tensor, "batch time"],
        lengths: Int[Tensor, " batch"] | None = None,
    ) -> Float[Tensor, "batch time outputs"]:
        """Scores at every place of a known target: ``inputs`` begin with ``<bos>`` (teacher forcing)."""
        return self.logits(self.decode(inputs, *self.encode(source, lengths))[0])

    def alignment(
        self, source: Int[Tensor, "batch source"], inputs: Int[Tensor, "batch time"]
    ) -> Float[Tensor, "batch time source"]:
        """How much each place of the target looks at each place of the source; every row adds up to 1."""
        if not self.config.attention:
            raise LmcourseError("A model without attention aligns nothing; build it with attention=True.")
        return self._read(inputs, *self.encode(source))[2]

    def _read(
        self, ids: Int[Tensor, "batch time"], memory: Memory, state: State
    ) -> tuple[Float[Tensor, "batch time embedding"], State, Float[Tensor, "batch time source"] | None]:
        x = self.dropout(self.embedding(ids))
        if self.config.context != "feeding":
            return self._steps(x, memory, state)
        parts = []  # each input needs the output before it: here, and only here, time is a loop in Python
        for place in range(ids.shape[1]):
            *part, state, weights = self._steps(x[:, place : place + 1], memory, state)
            parts.append((*part, weights))
        features, weights = (torch.cat(part, dim=1) for part in zip(*parts, strict=True))
        return features, state, weights

    def _steps(
        self, x: Float[Tensor, "batch time embedding"], memory: Memory, state: State
    ) -> tuple[Float[Tensor, "batch time embedding"], State, Float[Tensor, "batch time source"] | None]:
        """The decoder over several places at once: LSTM, then attention, then both into the width of an embedding."""
        hidden, cell, context = state
        given = x if context is None else torch.cat([x, context[:, None].expand(-1, x.shape[1], -1)], dim=-1)
        h, (hidden, cell) = self.decoder(given, (hidden.contiguous(), cell.contiguous()))
        if self.config.residual:
            h = h + self.past_decoder(x)
        weights = None
        if self.config.attention:
            scores = h @ memory.keys  # batch time source: every place of the target with every place of the source
            if memory.padding is not None:
                scores = scores.masked_fill(memory.padding, -torch.inf)
            weights = scores.softmax(-1)
            seen = weights @ memory.outputs
            if self.config.context == "feeding":
                context = self.to_context(seen[:, -1])
            h = torch.cat([h, seen], dim=-1)
        return self.dropout(torch.tanh(self.combine(h))), State(hidden, cell, context), weights

    def _joined(self, states: Float[Tensor, "layers_directions batch part"]) -> Float[Tensor, "layers batch encoder"]:
        """The states of both directions side by side."""
        _, batch, part = states.shape
        return states.view(self.config.layers, -1, batch, part).transpose(1, 2).reshape(self.config.layers, batch, -1)
